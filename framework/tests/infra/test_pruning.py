"""What is taken out of a bundle's dependencies is nothing that a function reads."""

import gzip
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from thestack.infra.pruning import without_documentation

DATA = Path(str(files("botocore"))) / "data"


def model_of(service: str) -> Path:
    return max(DATA.glob(f"{service}/*/service-2.json.gz"))


def unexplained(part: Any) -> Any:
    """The model with empty texts, by another way than what is tested: from the inside out."""

    def bare(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        texts = {name for name, value in pairs if name == "documentation" and isinstance(value, str)}
        return {name: "" if name in texts else value for name, value in pairs}

    return json.loads(json.dumps(part), object_pairs_hook=bare)


@pytest.mark.parametrize("service", ["dynamodb", "mediaconvert", "s3"])
def test_a_service_model_says_the_same_without_its_texts_and_is_much_smaller(service: str) -> None:
    whole = model_of(service).read_bytes()
    pruned = without_documentation(whole)
    assert len(pruned) < len(whole) / 3
    assert json.loads(gzip.decompress(pruned)) == unexplained(json.loads(gzip.decompress(whole)))


@pytest.mark.parametrize("service", ["dynamodb", "events", "mediaconvert", "s3", "sesv2", "sqs", "ssm"])
def test_a_client_is_made_of_a_pruned_model(service: str, tmp_path: Path) -> None:
    original = model_of(service)
    place = tmp_path / service / original.parent.name / original.name
    place.parent.mkdir(parents=True)
    for beside in original.parent.iterdir():
        (place.parent / beside.name).write_bytes(beside.read_bytes())
    place.write_bytes(without_documentation(original.read_bytes()))
    session = botocore.session.get_session()
    session.get_component("data_loader").search_paths.insert(0, str(tmp_path))
    client = session.create_client(
        service, region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    model = client.meta.service_model
    assert not model.documentation
    assert all(parameter.name for parameter in model.client_context_parameters)
    for name in model.operation_names:
        operation = model.operation_model(name)
        assert (operation.documentation, operation.name) == ("", name)


def test_a_member_that_is_called_documentation_stays() -> None:
    shape = {"type": "structure", "members": {"documentation": {"shape": "Text", "documentation": "a text"}}}
    model = {"shapes": {"Api": shape}, "documentation": "all of it"}
    pruned = json.loads(gzip.decompress(without_documentation(gzip.compress(json.dumps(model).encode()))))
    assert pruned["shapes"]["Api"]["members"] == {"documentation": {"shape": "Text", "documentation": ""}}
    assert pruned["documentation"] == ""


def test_the_same_model_gives_the_same_bytes() -> None:
    model = model_of("sqs").read_bytes()
    assert without_documentation(model) == without_documentation(model)
