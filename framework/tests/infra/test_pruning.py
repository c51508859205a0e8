"""What is taken out of a bundle's dependencies is nothing that a function reads."""

import gzip
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from botocore.model import ServiceModel

from thestack.infra.pruning import without_documentation

DATA = Path(str(files("botocore"))) / "data"


def model_of(service: str) -> bytes:
    return max(DATA.glob(f"{service}/*/service-2.json.gz")).read_bytes()


def explained(part: Any) -> Any:
    """The model without its texts, by another way than what is tested: as text, from the inside out."""

    def bare(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: value for name, value in pairs if name != "documentation" or not isinstance(value, str)}

    return json.loads(json.dumps(part), object_pairs_hook=bare)


@pytest.mark.parametrize("service", ["dynamodb", "mediaconvert", "s3"])
def test_a_service_model_says_the_same_without_its_texts_and_is_much_smaller(service: str) -> None:
    whole = model_of(service)
    pruned = without_documentation(whole)
    assert len(pruned) < len(whole) / 3
    assert json.loads(gzip.decompress(pruned)) == explained(json.loads(gzip.decompress(whole)))
    before = ServiceModel(json.loads(gzip.decompress(whole)), service)
    after = ServiceModel(json.loads(gzip.decompress(pruned)), service)
    assert after.operation_names == before.operation_names


def test_a_member_that_is_called_documentation_stays() -> None:
    shape = {"type": "structure", "members": {"documentation": {"shape": "Text", "documentation": "a text"}}}
    model = {"shapes": {"Api": shape}, "documentation": "all of it"}
    pruned = json.loads(gzip.decompress(without_documentation(gzip.compress(json.dumps(model).encode()))))
    assert pruned == {
        "shapes": {"Api": {"type": "structure", "members": {"documentation": {"shape": "Text"}}}}
    }


def test_the_same_model_gives_the_same_bytes() -> None:
    assert without_documentation(model_of("sqs")) == without_documentation(model_of("sqs"))
