"""The folders that cold starts run from: each what Lambda would unpack, and nothing of this .venv."""

import re
import shutil
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from thestack.contract import sdl
from thestack.definition.model import ServiceModel
from thestack.infra.archive import compile_tree
from thestack.infra.bundle import LAMBDA_LOCK, service_bundle
from thestack.infra.dependencies import Platform, dependency_layer
from thestack.infra.environment import host_architecture, load_environment
from thestack.infra.pruning import prune

PEERS = Path(__file__).parent / "peers"
_NAIVE_LOCK = PEERS / "naive-requirements.lock"


def here(root: Path) -> Platform:
    """This machine with the interpreter that runs, as the local stack's functions have it."""
    return Platform(load_environment(root, "local").runtime, host_architecture(), local=True)


def generated(model: ServiceModel, root: Path, folder: Path) -> Path:
    """A service's bundle, unpacked."""
    return _unpacked(service_bundle(model, root, here(root)), folder)


def handwritten(model: ServiceModel, root: Path, folder: Path) -> Path:
    """The hand-written peer on the bundle's own dependencies, with the service's own schema."""
    tree = _unpacked(dependency_layer([LAMBDA_LOCK], here(root), _bundles(root)), folder)
    return _with_peer("handwritten", model, tree)


def naive(model: ServiceModel, root: Path, folder: Path) -> Path:
    """The tutorial's peer: the same dependencies, and the tracer's."""
    tree = _unpacked(dependency_layer([LAMBDA_LOCK, _NAIVE_LOCK], here(root), _bundles(root)), folder)
    return _with_peer("naive", model, tree)


def without_byte_code(tree: Path, folder: Path) -> Path:
    """A tree's twin of sources only, as a bundle is that one Python builds for another."""
    shutil.copytree(tree, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for name in re.findall(r"^([\w.-]+)==", LAMBDA_LOCK.read_text(encoding="utf-8"), re.MULTILINE):
        installed = distribution(name)
        for file in installed.files or ():
            if file.suffix == ".py" and ".." not in file.parts:
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(installed.locate_file(file)), target)
    prune(folder)
    return folder


def _bundles(root: Path) -> Path:
    return root / ".stack/cache/bundles"


def _unpacked(bundle: Path, folder: Path) -> Path:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder


def _with_peer(name: str, model: ServiceModel, tree: Path) -> Path:
    """A peer's module put into the tree, compiled as a bundle's sources are."""
    own = tree.with_name(f"{tree.name}-own")
    own.mkdir()
    shutil.copyfile(PEERS / f"{name}.py", own / f"{name}.py")
    compile_tree(own)
    (own / "schema.graphql").write_text(sdl.executable(model), encoding="utf-8")
    shutil.copytree(own, tree, dirs_exist_ok=True)
    return tree
