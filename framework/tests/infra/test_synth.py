"""Synthesis as the command line and the local stack use it: by content, in a process of its own."""

import json
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from thestack.contract.files import from_json
from thestack.infra.synth import SynthesisError, synthesize

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.xdist_group("bundles")


def test_an_environment_is_all_stacks_in_the_order_of_their_creation() -> None:
    assembly = synthesize(ROOT, "local")
    names = [stack.name for stack in assembly.stacks]
    assert names == ["local-platform", "local-analytics", "local-media", "local-notifications", "local-todo"]
    for stack in assembly.stacks:
        assert stack.assets
        keys = {asset.key for asset in stack.assets}
        for resource in json.loads(stack.template.read_text())["Resources"].values():
            if resource["Type"] == "AWS::Lambda::Function":
                code = resource["Properties"]["Code"]
                # The router has none until a deployment publishes a supergraph.
                assert code.get("S3Key") in keys or resource["Properties"]["FunctionName"] == "local-router"
        assert stack.contract
        assert from_json(stack.contract.read_text()).service == stack.name.removeprefix("local-")
        assert all(zipfile.is_zipfile(asset.path) for asset in stack.assets)


def test_what_was_made_before_is_not_made_again() -> None:
    first = synthesize(ROOT, "local", ["todo"])
    before = time.monotonic()
    again = synthesize(ROOT, "local", ["todo"])
    assert time.monotonic() - before < 0.5
    assert again.folder == first.folder
    assert [stack.name for stack in again.stacks] == ["local-todo"]


def test_a_copy_can_be_had(tmp_path: Path) -> None:
    assembly = synthesize(ROOT, "local", ["todo"], out=tmp_path / "out")
    assert assembly.stack("local-todo").template == tmp_path / "out/local-todo.template.json"
    with pytest.raises(KeyError, match="there are: local-todo"):
        assembly.stack("local-media")


def test_what_the_app_refuses_is_said_without_a_traceback() -> None:
    with pytest.raises(SynthesisError, match="no environment 'nowhere'") as caught:
        synthesize(ROOT, "nowhere")
    assert "Traceback" not in str(caught.value)


def test_a_service_extends_its_stack_by_hand(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    shutil.copytree(ROOT / "services/analytics", tmp_path / "services/analytics")
    for name in ("media", "notifications", "todo"):
        shutil.copytree(ROOT / "services" / name, tmp_path / "services" / name)
    (tmp_path / ".stack").mkdir()
    (tmp_path / ".stack/cache").symlink_to(ROOT / ".stack/cache")
    (tmp_path / "services/analytics/infra.py").write_text(
        "from aws_cdk import CfnOutput\n\n\n"
        "def extend(stack, service):\n"
        '    CfnOutput(stack, "TableName", value=service.table.table.table_name)\n'
    )
    assembly = synthesize(tmp_path, "local", ["analytics"], out=tmp_path / "out")
    template = json.loads(assembly.stack("local-analytics").template.read_text())
    assert "TableName" in template["Outputs"]


def test_synthesis_costs_its_caller_no_cdk() -> None:
    code = (
        "import sys, thestack.infra.synth\n"
        "print([name for name in sys.modules if name.startswith(('aws_cdk', 'jsii'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_the_cdk_refuses_is_one_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    shutil.copytree(ROOT / "services", tmp_path / "services")
    (tmp_path / ".stack").mkdir()
    (tmp_path / ".stack/cache").symlink_to(ROOT / ".stack/cache")
    source = tmp_path / "services/analytics/recording.py"
    long_name = "count_" + "very_" * 12 + "often"
    source.write_text(source.read_text().replace("async def count(", f"async def {long_name}("))
    with pytest.raises(SynthesisError, match=r"the CDK refuses the stacks: .*64 characters") as caught:
        synthesize(tmp_path, "local", ["analytics"])
    assert "Traceback" not in str(caught.value)
