"""Bundles the supergraph router for Lambda: one JavaScript file, the planner's binary, the supergraph."""

import subprocess
import tempfile
from pathlib import Path

from thestack.router.binary import Arch, System, WrongBinary, check_binary

_BUILD = Path(__file__).with_name("build.mjs")
_TIMEOUT = 120  # seconds; a build takes about one


class BundleError(Exception):
    """The router could not be bundled; the message says what stood in the way."""


def build(
    supergraph: str,
    out: Path,
    *,
    arch: Arch,
    node: Path,
    node_modules: Path,
    system: System = "linux",
) -> Path:
    """Write the router's bundle for `supergraph` (SDL) to the folder `out`, which it replaces, and return it.

    The bundle runs on AWS's nodejs22.x and later and on any Node of `system` and `arch`; its handler is
    `main.handler`. The same input gives the same bytes.

    Raises:
        BundleError: Node, its packages or the disk stand in the way; or a library among them would not load.

    Example:
        >>> build(sdl, Path("build/router"), arch="arm64", node=node, node_modules=packages)  # doctest: +SKIP
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "supergraph.graphql"
        source.write_text(supergraph, encoding="utf-8")
        files = ["--packages", str(node_modules), "--supergraph", str(source), "--out", str(out)]
        target = ["--arch", arch, "--system", system]
        try:
            done = subprocess.run(
                [node, _BUILD, *files, *target],
                env={},
                capture_output=True,
                text=True,
                timeout=_TIMEOUT,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BundleError(f"cannot bundle the router with {node}: {error}") from None
    if done.returncode != 0:
        raise BundleError(f"cannot bundle the router into {out}: {_reason(done.stderr)}")
    for library in sorted(out.rglob("*.node")):
        try:
            check_binary(library.read_bytes(), system, arch)
        except WrongBinary as wrong:
            raise BundleError(
                f"cannot bundle the router: its planner, {library.name}, would not load: {wrong}; pin "
                f"another version of its package in {_BUILD.parent / 'package.json'}"
            ) from None
    return out


def _reason(stderr: str) -> str:
    """The line of Node's complaint that says what happened, without its stack."""
    lines = [line.strip() for line in stderr.splitlines()]
    return next((line for line in lines if "Error:" in line), lines[-1] if lines else "no reason given")
