"""The router's Lambda bundle."""

from collections.abc import Callable
from pathlib import Path

import pytest

from framework.tests.router.conftest import Node
from thestack.contract.composition import Supergraph
from thestack.router.binary import LAMBDAS_GLIBC, WrongBinary, check_binary, glibc_versions
from thestack.router.bundle import BundleError, build

MACHINES = {"arm64": 183, "x64": 62}  # e_machine of ELF


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("arch", ["arm64", "x64"])
def test_holds_the_planner_of_the_asked_architecture_only(
    node: Node, supergraph: Supergraph, tmp_path: Path, arch: str
) -> None:
    out = build(
        supergraph.sdl,
        tmp_path / "out",
        arch=arch,  # type: ignore[arg-type]
        node=node.executable,
        node_modules=node.packages,
    )
    (binary,) = out.rglob("*.node")
    assert int.from_bytes(binary.read_bytes()[18:20], "little") == MACHINES[arch]
    assert (out / "main.mjs").is_file()
    assert (out / "supergraph.graphql").read_text() == supergraph.sdl
    assert sum(len(content) for content in files(out).values()) < 6_000_000


def test_the_same_input_gives_the_same_bytes(node: Node, supergraph: Supergraph, tmp_path: Path) -> None:
    made = []
    for name in ("one", "two/deeper"):
        out = tmp_path / name
        build(supergraph.sdl, out, arch="arm64", node=node.executable, node_modules=node.packages)
        made.append(files(out))
    assert made[0] == made[1]
    assert str(tmp_path).encode() not in made[0]["main.mjs"]
    assert str(node.packages.parent).encode() not in made[0]["main.mjs"]


def test_a_binary_of_another_machine_is_refused(node: Node, supergraph: Supergraph, tmp_path: Path) -> None:
    packages = tmp_path / "node_modules"
    packages.mkdir()
    for entry in node.packages.iterdir():
        if entry.name != "@graphql-hive":
            (packages / entry.name).symlink_to(entry)
    (packages / "@graphql-hive").mkdir()
    for entry in (node.packages / "@graphql-hive").iterdir():
        if entry.name != "router-query-planner":
            (packages / "@graphql-hive" / entry.name).symlink_to(entry)
    planner = node.packages / "@graphql-hive" / "router-query-planner"
    copied = packages / "@graphql-hive" / "router-query-planner"
    (copied / "dist").mkdir(parents=True)
    for name in ("package.json", "dist/index.js", "dist/index.cjs"):
        (copied / name).write_bytes((planner / name).read_bytes())
    binaries = "dist/hive_router_query_planner.linux-{}-gnu.node"
    (copied / binaries.format("arm64")).write_bytes((planner / binaries.format("x64")).read_bytes())
    with pytest.raises(BundleError, match="is not made for linux-arm64"):
        build(supergraph.sdl, tmp_path / "out", arch="arm64", node=node.executable, node_modules=packages)


@pytest.fixture(scope="module")
def planner(node: Node) -> bytes:
    (found,) = (node.packages / "@graphql-hive/router-query-planner/dist").glob("*.linux-arm64-gnu.node")
    return found.read_bytes()


def test_what_is_shipped_asks_for_no_newer_glibc_than_lambda_has(planner: bytes) -> None:
    assert (2, 17) < max(glibc_versions(planner)) <= LAMBDAS_GLIBC
    check_binary(planner, "linux", "arm64")


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (
            lambda content: content.replace(b"GLIBC_2.30", b"GLIBC_2.39"),
            "needs glibc 2.39, and Lambda has 2.34",
        ),
        (lambda content: content.replace(b"GLIBC_", b"MUSLC_"), "is not linked with glibc"),
        (lambda content: b"#!/bin/sh" + content[9:], "is not made for linux-arm64"),
        (lambda content: content[:5000], "its header can't be read"),
        (lambda content: b"", "is not made for linux-arm64"),
    ],
)
def test_a_library_that_lambda_could_not_load_is_refused(
    planner: bytes, change: Callable[[bytes], bytes], wrong: str
) -> None:
    with pytest.raises(WrongBinary, match=wrong):
        check_binary(change(planner), "linux", "arm64")


def test_missing_packages_are_one_line(node: Node, supergraph: Supergraph, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"cannot bundle the router into .*esbuild") as caught:
        build(
            supergraph.sdl, tmp_path / "out", arch="x64", node=node.executable, node_modules=tmp_path / "none"
        )
    assert "\n" not in str(caught.value)
