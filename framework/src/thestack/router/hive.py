"""The router on Hive Gateway's runtime, with its planner in Rust."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from thestack.ports.router import RouterSettings
from thestack.router.bundle import build


@dataclass(frozen=True, slots=True)
class HiveRouter:
    """Bundles `main.mjs` with the npm packages at `node_modules`.

    Satisfies `thestack.ports.Router`; `bundle` raises `BundleError`.
    """

    node: Path
    node_modules: Path

    @property
    def handler(self) -> str:
        return "main.handler"

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(Path(__file__).parent.glob("*.*")):
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()

    def bundle(self, supergraph: str, out: Path, architecture: Literal["arm64", "x86_64"]) -> Path:
        arch: Literal["arm64", "x64"] = "arm64" if architecture == "arm64" else "x64"
        return build(supergraph, out, arch=arch, node=self.node, node_modules=self.node_modules)

    def variables(self, settings: RouterSettings) -> dict[str, str]:
        return {
            "SUBGRAPHS": json.dumps(dict(settings.subgraphs), separators=(",", ":")),
            "PUBLIC_FIELDS": json.dumps(list(settings.public_fields)),
            "INTROSPECTION": "1" if settings.introspection else "0",
            "METRICS": settings.metrics,
            "LOG_LEVEL": "warn",  # of Hive's own libraries; the access line is ours
        }
