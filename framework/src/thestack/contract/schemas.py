"""JSON Schemas of what a service says and takes, from the classes that declare it."""

from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def written(shape: type[Any]) -> dict[str, Any]:
    """Of the data within the CloudEvent in the form in which it is written: what has a default is there."""
    return {"$schema": DIALECT, **shape.model_json_schema(by_alias=False, mode="serialization")}


def reading(shape: type[Any]) -> dict[str, Any]:
    """Of the data in the form in which it is accepted: what has a default may be missing."""
    return {"$schema": DIALECT, **shape.model_json_schema(by_alias=False, mode="validation")}
