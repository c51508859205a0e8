"""The templates of single stacks whose functions run from the source: cached by what the definitions come to.

An edit of a function's code changes none of them, so that it costs no synthesis.
"""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from thestack.definition import names
from thestack.infra.synth import PACKAGE, inputs, run_app

TEMPLATES = Path(".stack/cache/templates")
"""Where they are kept, in a project."""
_KEPT = 200


def find_templates(root: Path, environment: str, fingerprints: Mapping[str, str]) -> dict[str, Path]:
    """The cached templates of these services, by name; those that must be made first are missing.

    `fingerprints` are those of the services' models; the platform's stack is the service `names.PLATFORM`.
    """
    places = _places(root, environment, fingerprints)
    return {name: path for name, path in places.items() if path.exists()}


def make_templates(root: Path, environment: str, fingerprints: Mapping[str, str]) -> None:
    """Make the templates of these services, in one run of the CDK app. Raises `SynthesisError`."""
    places = _places(root, environment, fingerprints)
    cache = root / TEMPLATES
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".new-") as scratch:
        run_app(root, environment, list(places), Path(scratch), code="source")
        for name, place in places.items():
            os.replace(Path(scratch) / f"{names.stack(environment, name)}.template.json", place)
    for path in sorted(cache.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
        path.unlink(missing_ok=True)


def _places(root: Path, environment: str, fingerprints: Mapping[str, str]) -> dict[str, Path]:
    common = hashlib.sha256(json.dumps([environment, sys.version, sys.platform]).encode())
    for path in inputs(PACKAGE / "definition", PACKAGE / "infra", PACKAGE / "router", root / "deploy"):
        common.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return {
        name: root / TEMPLATES / f"{environment}-{name}-{_key(common, root, name, fingerprint)}.json"
        for name, fingerprint in fingerprints.items()
    }


def _key(common: "hashlib._Hash", root: Path, name: str, fingerprint: str) -> str:
    digest = common.copy()
    digest.update(fingerprint.encode())
    by_hand = root / "services" / name / "infra.py"
    if by_hand.is_file():
        digest.update(by_hand.read_bytes())
    return digest.hexdigest()[:20]
