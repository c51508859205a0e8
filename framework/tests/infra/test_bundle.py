"""Bundles start with nothing but themselves on the path, weigh little, and change only with their content."""

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from thestack.definition.load import models
from thestack.definition.model import ServiceModel
from thestack.infra.archive import extend_zip, write_zip
from thestack.infra.bundle import Platform, authorizer_bundle, further_bundles, service_bundle
from thestack.infra.pruning import AWS_SERVICES

ROOT = Path(__file__).resolve().parents[3]
HERE = Platform("python3.13", "x86_64", local=True)
AWS = Platform("python3.13", "arm64")
BUDGET = 6_000_000
VARIABLES = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_METRICS_NAMESPACE": "thestack",
    "POWERTOOLS_SERVICE_NAME": "test",
    "THESTACK_ACCOUNT": "000000000000",
    "THESTACK_CLIENT_IDS": "client",
    "THESTACK_ENVIRONMENT": "test",
    "THESTACK_ISSUER": "https://issuer.example",
    "THESTACK_JWKS_URL": "https://issuer.example/jwks.json",
    "THESTACK_MAIL_SENDER": "no-reply@thestack.example",
    "THESTACK_USER_POOL": "us-east-1_test",
}
pytestmark = pytest.mark.xdist_group("bundles")  # they share a cache that takes seconds to fill


@pytest.fixture(scope="module")
def services() -> dict[str, ServiceModel]:
    return {model.name: model for model in models(ROOT)}


def run(bundle: Path, folder: Path, code: str, **variables: str) -> str:
    """Run code in a process that has the bundle and the standard library, and nothing else."""
    if not folder.exists():
        zipfile.ZipFile(bundle).extractall(folder)
    start = f"import sys; sys.path.insert(0, {str(folder)!r})\n"
    command = [sys.executable, "-I", "-S", "-c", start + code]
    done = subprocess.run(command, env=VARIABLES | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_entry_point_starts_from_its_bundle(services: dict[str, ServiceModel], tmp_path: Path) -> None:
    for name, model in services.items():
        bundle = service_bundle(model, ROOT, HERE)
        entries = [("graphql", "")] + [("relay", "")] * model.speaks
        entries += [("consumer", consumer.name) for consumer in model.consumers]
        for entry, consumer in entries:
            code = f"import thestack.entry.{entry} as entry; print(entry.handler.__name__, entry.__file__)"
            variables = {"THESTACK_SERVICE": model.module, "THESTACK_CONSUMER": consumer}
            said = run(bundle, tmp_path / name, code, **variables)
            assert said.split()[0] == "handler"
            assert str(tmp_path) in said


def test_what_one_function_needs_is_in_its_own_bundle_alone(
    services: dict[str, ServiceModel], tmp_path: Path
) -> None:
    media = services["media"]
    further = further_bundles(media, ROOT, HERE)
    assert set(further) == {"delivery.txt", "imaging.txt"}
    bundles = {"": service_bundle(media, ROOT, HERE), **further}
    held = {name: zipfile.ZipFile(bundle).namelist() for name, bundle in bundles.items()}
    packages = {name: {each.partition("/")[0] for each in files} for name, files in held.items()}
    asked = {name: each & {"PIL", "cryptography"} for name, each in packages.items()}
    assert asked == {"": set(), "imaging.txt": {"PIL"}, "delivery.txt": {"cryptography"}}
    code = (
        "import io, pathlib, tempfile\n"
        "from PIL import Image\n"
        "from services.media.imaging import render\n"
        "file = pathlib.Path(tempfile.mkdtemp()) / 'image'\n"
        "Image.new('RGB', (300, 200)).save(file, 'JPEG')\n"
        "print([each.name for each in render(file).renditions])"
    )
    assert run(further["imaging.txt"], tmp_path / "imaging", code) == "['large', 'medium', 'thumb']\n"


def test_the_authorizer_verifies_with_what_is_in_its_bundle(tmp_path: Path) -> None:
    bundle = authorizer_bundle(ROOT, HERE)
    code = (
        "import thestack.entry.authorizer, thestack.entry.pre_token, jwt\n"
        "from cryptography.hazmat.primitives.asymmetric import rsa\n"
        "key = rsa.generate_private_key(public_exponent=65537, key_size=2048)\n"
        "print(jwt.decode(jwt.encode({'sub': 'u'}, key, 'RS256'), key.public_key(), ['RS256'])['sub'])"
    )
    assert run(bundle, tmp_path / "authorizer", code).split()[-1] == "u"


def test_a_subgraph_answers_from_its_bundle(services: dict[str, ServiceModel], tmp_path: Path) -> None:
    model = services["todo"]
    code = (
        "import thestack.entry.graphql as entry\n"
        "context = type('C', (), {'aws_request_id': '1'})\n"
        "print(entry.handler({'body': '{\"query\": \"{ _service { sdl } }\"}'}, context)['body'])"
    )
    said = run(service_bundle(model, ROOT, HERE), tmp_path / "todo", code, THESTACK_SERVICE=model.module)
    assert "type Todo" in said


def test_every_service_that_adapters_talk_to_has_its_model(
    services: dict[str, ServiceModel], tmp_path: Path
) -> None:
    code = (
        "import boto3, aiobotocore.session, asyncio\n"
        f"for name in {sorted(AWS_SERVICES)}: boto3.client(name)\n"
        "async def both():\n"
        "    session = aiobotocore.session.get_session()\n"
        "    async with session.create_client('events'), session.create_client('sqs'): pass\n"
        "asyncio.run(both())"
    )
    run(service_bundle(services["todo"], ROOT, HERE), tmp_path / "todo", code)


@pytest.mark.parametrize("service", ["todo", "media"])
def test_a_bundle_for_aws_is_within_its_budget_and_for_its_platform(
    services: dict[str, ServiceModel], service: str
) -> None:
    bundle = service_bundle(services[service], ROOT, AWS)
    libraries = [name for name in zipfile.ZipFile(bundle).namelist() if name.endswith(".so")]
    assert libraries
    assert all("aarch64" in name for name in libraries if "linux" in name), libraries
    # With byte code, where the building interpreter is the runtime's, it is about half as much again.
    if not AWS.same_interpreter:
        assert bundle.stat().st_size <= BUDGET


@pytest.mark.parametrize("platform", [HERE, AWS], ids=["here", "aws"])
def test_a_bundle_holds_what_runs_and_nothing_else(
    services: dict[str, ServiceModel], platform: Platform
) -> None:
    names = zipfile.ZipFile(service_bundle(services["todo"], ROOT, platform)).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert not tops & {
        "aws_cdk",
        "jsii",
        "constructs",
        "pip",
        "setuptools",
        "cryptography",
        "jwt",
        "tests",
        "pytest",
    }
    assert not [name for name in names if name.endswith((".pth", ".lock", ".mjs"))]
    parts = {name.split("/")[1] for name in names if name.startswith("thestack/")}
    assert not parts & {"cli", "infra", "local", "router", "testing"}
    assert {name.split("/")[1] for name in names if name.startswith("services/")} == {"todo"}
    assert not [name for name in names if name.startswith(("services/todo/tests", "services/todo/contract"))]
    assert names == list(dict.fromkeys(names)), "a file twice"


def test_byte_code_is_there_where_the_interpreter_is_the_same(services: dict[str, ServiceModel]) -> None:
    names = zipfile.ZipFile(service_bundle(services["todo"], ROOT, HERE)).namelist()
    assert "pydantic/main.pyc" in names
    assert f"thestack/entry/__pycache__/graphql.{sys.implementation.cache_tag}.pyc" in names


def test_an_edit_repacks_in_well_under_a_second(services: dict[str, ServiceModel], tmp_path: Path) -> None:
    model = services["todo"]
    service_bundle(model, ROOT, HERE)
    (tmp_path / ".stack").mkdir()
    (tmp_path / ".stack/cache").symlink_to(ROOT / ".stack/cache")
    source = tmp_path / "services/todo/service.py"
    source.parent.mkdir(parents=True)
    source.write_text("edited = 1\n")
    before = time.monotonic()
    first = service_bundle(model, tmp_path, HERE)
    try:
        assert time.monotonic() - before < 2  # 0.4 s on two quiet cores
        assert service_bundle(model, tmp_path, HERE) == first
        os.utime(source)
        assert service_bundle(model, tmp_path, HERE) == first
    finally:
        first.unlink()


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for number, mode in enumerate((0o600, 0o644)):
        tree = tmp_path / f"tree{number}"
        (tree / "package").mkdir(parents=True)
        for name in sorted(("b.py", "a.py"), reverse=bool(number)):
            (tree / "package" / name).write_text(f"name = {name!r}\n")
            (tree / "package" / name).chmod(mode)
            os.utime(tree / "package" / name, (number, number))
        write_zip(tmp_path / f"base{number}.zip", tree)
        extend_zip(tmp_path / f"more{number}.zip", tmp_path / f"base{number}.zip", tree / "package")
        made.append((tmp_path / f"more{number}.zip").read_bytes())
    assert made[0] == made[1]
