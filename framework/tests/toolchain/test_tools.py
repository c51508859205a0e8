"""What the local stack runs comes from lock files that any machine and any package index can serve."""

import json
import os
import re
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from thestack.toolchain.tools import ToolchainError, ensure_npm, find, node_environment, node_executable

PACKAGE = Path(str(files("thestack")))
LOCKS = sorted(PACKAGE.glob("*/*.lock"))


def test_nothing_is_found_where_nothing_is_installed(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_child_process_finds_that_node_first() -> None:
    environment = {**os.environ, **node_environment()}
    script = "process.stdout.write(process.execPath)"
    done = subprocess.run(["node", "-e", script], env=environment, capture_output=True, text=True, check=True)
    assert Path(done.stdout).resolve() == node_executable().resolve()
    assert environment["JSII_NODE"] == str(node_executable())


def test_packages_without_dependencies_install_and_are_not_installed_again(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    root = {"name": "nothing", "version": "1.0.0"}
    (source / "package.json").write_text(json.dumps(root))
    (source / "package-lock.json").write_text(
        json.dumps({**root, "lockfileVersion": 3, "requires": True, "packages": {"": root}})
    )
    said: list[str] = []
    assert ensure_npm(source, target, "nothing", said.append) == target / "node_modules"
    assert len(said) == 2
    ensure_npm(source, target, "nothing", said.append)
    assert len(said) == 2


def test_a_missing_lock_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    with pytest.raises(ToolchainError, match=re.escape(f"cannot read {tmp_path / 'package-lock.json'}: ")):
        ensure_npm(tmp_path, tmp_path / "target", "nothing", print)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_python_lock_pins_by_hash_and_names_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert not re.search(r"://|^\s*--(?!hash=)|^-", text, re.MULTILINE)
    requirements = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    assert requirements
    for requirement in requirements:
        assert re.match(
            r"[a-z0-9.-]+==\S+( ;[^\\]*)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\\n)?)+$", requirement
        )


def test_the_routers_lock_pins_by_hash_and_names_no_registry() -> None:
    packages = json.loads((PACKAGE / "router" / "package-lock.json").read_text())["packages"]
    for name, entry in packages.items():
        if name:
            assert "resolved" not in entry, name
            assert entry["integrity"].startswith("sha512-"), name
