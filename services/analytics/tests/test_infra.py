"""What infra.py adds: a table of Athena's, over the objects as the service writes them."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import pytest

from services.analytics.domain import archive
from thestack.definition.load import load
from thestack.infra.environment import Environment
from thestack.toolchain.tools import node_environment

ROOT = Path(__file__).parents[3]


@pytest.fixture
def table(tmp_path: Path) -> dict[str, Any]:
    """The table's properties."""
    loaded = load(ROOT / "services" / "analytics" / "service.py", ROOT)
    assert loaded.model, loaded.diagnostics
    os.environ.update(node_environment(), CDK_VALIDATION="false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the CDK's own imports
        import aws_cdk as cdk

        from services.analytics.infra import extend
        from thestack.infra.service import ServiceStack
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(b"PK\x05\x06" + bytes(18))
    app = cdk.App(outdir=str(tmp_path / "out"), analytics_reporting=False)
    environment = Environment(name="test", mail_sender="a@b.example")
    stack = ServiceStack(app, environment, loaded.model, bundle)
    extend(stack, stack.service)
    template = json.loads(json.dumps(app.synth().get_stack_by_name(stack.stack_name).template))
    (found,) = (each for each in template["Resources"].values() if each["Type"] == "AWS::Glue::Table")
    described: dict[str, Any] = found["Properties"]["TableInput"]
    return described


def test_the_table_finds_what_is_written_and_reads_its_fields(table: dict[str, Any]) -> None:
    moment = "2026-01-02T03:04:05+00:00"
    line = {"id": "1", "name": "a.b", "version": 1, "source": "s", "subject": "x", "time": moment, "data": {}}
    ((key, _),) = archive.objects([line])
    area, _, rest = key.partition("/")
    kept = f"{area}/acme/{rest}"  # as the framework places it
    *_, template = table["Parameters"]["storage.location.template"]["Fn::Join"][1]
    place = template.removeprefix("/")
    for name, value in (("tenant", "acme"), ("date", "2026-01-02"), ("type", "a.b")):
        place = place.replace(f"${{{name}}}", value)
    assert kept.startswith(place)
    assert [each["Name"] for each in table["PartitionKeys"]] == ["tenant", "date", "type"]
    columns = {each["Name"] for each in table["StorageDescriptor"]["Columns"]}
    assert columns == line.keys()
    assert kept.endswith(".gz")  # by which Athena knows how it is compressed
