"""Lambda bundles.

One zip for all functions of a service but those with requirements of their own, one for the platform's
authorizer and token trigger.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from thestack.definition.model import ServiceModel
from thestack.infra.archive import compile_tree, extend_zip
from thestack.infra.asked import called_services
from thestack.infra.dependencies import Platform, dependency_layer
from thestack.infra.pruning import FOLDERS

__all__ = ["Platform", "authorizer_bundle", "further_bundles", "service_bundle"]

PACKAGE = Path(__file__).parents[1]
LAMBDA_LOCK = PACKAGE / "infra/lambda-requirements.lock"
AUTHORIZER_LOCK = PACKAGE / "infra/authorizer-requirements.lock"
BUILD_TIME_ONLY = frozenset(
    {
        "cli",
        "costs",
        "deployment",
        "development",
        "infra",
        "local",
        "operations",
        "router",
        "testing",
        "toolchain",
    }
)
"""The framework's packages that never run in a Lambda."""
SERVICE_TIME_ONLY = frozenset({"contract", "infra.py", "requirements.txt"})


def service_bundle(
    model: ServiceModel, root: Path, platform: Platform, requirements: str | None = None
) -> Path:
    """The zip of a service, cached by content.

    It holds the framework, its locked dependencies, and the service's folder.

    A `requirements.txt` in the service's folder is installed too, below the framework's own lock; and so is
    the file `requirements` there, for the functions that say so of themselves. Raises `SynthesisError`.

    Example: `service_bundle(model, Path("."), Platform("python3.13", "arm64"))`.
    """
    folder = root.joinpath(*model.module.split(".")[:-1])
    own = [folder / "requirements.txt"] if (folder / "requirements.txt").is_file() else []
    own += [folder / requirements] if requirements else []
    left_out = SERVICE_TIME_ONLY | set(_requirements(model))

    def sources() -> Iterator[tuple[Path, Path]]:
        yield from _framework()
        for path in _python_files(folder, left_out):
            yield path, path.relative_to(root)

    name = f"{model.name}-{Path(requirements).stem}" if requirements else model.name
    return _bundle(name, (LAMBDA_LOCK, *own), sources, root, platform, called_services(model))


def further_bundles(model: ServiceModel, root: Path, platform: Platform) -> dict[str, Path]:
    """The zips of the functions with requirements of their own, by these."""
    return {each: service_bundle(model, root, platform, each) for each in _requirements(model)}


def _requirements(model: ServiceModel) -> list[str]:
    """The files with what some function alone needs, each once."""
    return sorted({each.requirements for each in model.functions if each.requirements})


def authorizer_bundle(root: Path, platform: Platform) -> Path:
    """The zip of the functions that services share: authorizer, token trigger, WebSockets.

    The framework with what verifies a signature.
    """
    locks = (LAMBDA_LOCK, AUTHORIZER_LOCK)
    called = frozenset({"apigatewaymanagementapi", "cognito-idp", "lambda", "ssm"})
    return _bundle("authorizer", locks, _framework, root, platform, called)


def _framework() -> Iterator[tuple[Path, Path]]:
    for path in _python_files(PACKAGE, BUILD_TIME_ONLY):
        yield path, path.relative_to(PACKAGE.parent)


def _python_files(folder: Path, without: frozenset[str]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and parts[0] not in without and not FOLDERS & set(parts) and path.suffix != ".pyc":
            yield path


def _bundle(
    name: str,
    requirements: Sequence[Path],
    sources: Callable[[], Iterator[tuple[Path, Path]]],
    root: Path,
    platform: Platform,
    services: frozenset[str] = frozenset(),
) -> Path:
    cache = root / ".stack/cache/bundles"
    layer = dependency_layer(requirements, platform, cache, services)
    key = hashlib.sha256(layer.name.encode())
    for path, inside in sources():
        key.update(f"{inside.as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    target = cache / f"{name}-{key.hexdigest()[:20]}.zip"
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(dir=cache, prefix=f".{name}-") as scratch:
        tree = Path(scratch) / "tree"
        for path, inside in sources():
            (tree / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, tree / inside)
        if platform.same_interpreter:
            compile_tree(tree)
        extend_zip(Path(scratch) / "bundle.zip", layer, tree)
        os.replace(Path(scratch) / "bundle.zip", target)
    return target
