"""What no function needs of the installed dependencies. Every entry is weight that a cold start would unpack.

The boot test imports every entry point from a bundle that was pruned by this list, and runs what is loaded
late.
"""

import gzip
import json
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

AWS_SERVICES = frozenset({"dynamodb", "events", "sqs", "sts"})
"""The services whose botocore models stay in every bundle; the others' are most of its weight."""

FOLDERS = frozenset({"__pycache__", "bin", "tests", "swagger_ui"})
SUFFIXES = (
    ".pyi",
    ".pyx",
    ".pxd",
    ".c",
    ".h",
    ".hash",
    ".typed",
    ".md",
    ".rst",
    ".txt",
    ".pth",
    ".tar.gz",
    ".html",
)
UNUSED = (
    "aiohttp/_websocket/*.so",  # the WebSocket client; aiohttp falls back to its Python one
    "aiohttp/pytest_plugin.py",
    "anyio/pytest_plugin.py",
    "aws_lambda_powertools/event_handler",  # a router of HTTP events: the definition is ours
    "aws_lambda_powertools/utilities/auth_alpha",
    "aws_lambda_powertools/utilities/circuit_breaker",
    "aws_lambda_powertools/utilities/data_masking",
    "aws_lambda_powertools/utilities/feature_flags",
    "aws_lambda_powertools/utilities/idempotency",
    "aws_lambda_powertools/utilities/kafka",
    "aws_lambda_powertools/utilities/parameters",
    "aws_lambda_powertools/utilities/streaming",
    "aws_lambda_powertools/utilities/validation",
    "boto3/data",  # the resource layer's models; clients have none
    "boto3/examples",
    "botocore/data/*/*/examples*",
    "multidict/_testcapi*.so",
    "pycparser",  # cffi needs it to compile declarations, not to load what was compiled
    "pydantic/mypy.py",
    "pydantic/v1",
)


def prune(tree: Path, services: frozenset[str] = frozenset()) -> None:
    """Remove from an installed tree what no function needs, and the symbol tables of its native modules.

    `services` are those of AWS that the functions call beside the framework.
    """
    for folder in [path for path in tree.rglob("*") if path.is_dir() and path.name in FOLDERS]:
        shutil.rmtree(folder, ignore_errors=True)
    for metadata in tree.glob("*.dist-info"):
        _shorten(metadata)
    for pattern in UNUSED:
        _remove(tree.glob(pattern))
    _remove(path for path in tree.rglob("*") if path.is_file() and path.name.endswith(SUFFIXES))
    known = tree.glob("botocore/data/*")
    _remove(path for path in known if path.is_dir() and path.name not in AWS_SERVICES | services)
    for model in tree.glob("botocore/data/*/*/service-2.json.gz"):
        model.write_bytes(without_documentation(model.read_bytes()))
    for library in tree.rglob("*.so*"):
        library.write_bytes(without_sections(library.read_bytes()))


def without_documentation(model: bytes) -> bytes:
    """A service model of botocore, gzipped, whose explanations are empty: they are most of it, and a client
    reads them whenever it is made.
    """

    def bare(part: Any) -> Any:
        if isinstance(part, dict):
            # Emptied, not removed: botocore asks for some of them. A member of this name is no text.
            return {
                name: "" if name == "documentation" and isinstance(value, str) else bare(value)
                for name, value in part.items()
            }
        return [bare(each) for each in part] if isinstance(part, list) else part

    text = json.dumps(bare(json.loads(gzip.decompress(model))), separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def without_sections(library: bytes) -> bytes:
    """A 64-bit ELF library up to the end of its last segment.

    What the loader maps. Symbols and debug data lie behind it.
    """
    if library[:5] != b"\x7fELF\x02":
        return library
    offset, entry_size, entries = (
        *struct.unpack_from("<Q", library, 32),
        *struct.unpack_from("<HH", library, 54),
    )
    end = 64
    for index in range(entries):
        start, size = struct.unpack_from("<Q16xQ", library, offset + index * entry_size + 8)
        end = max(end, start + size)
    trimmed = bytearray(library[:end])
    struct.pack_into("<Q", trimmed, 40, 0)  # no section table,
    struct.pack_into("<HHH", trimmed, 58, 0, 0, 0)  # of no entries
    return bytes(trimmed)


def _shorten(metadata: Path) -> None:
    """Leave name and version of a distribution, which some packages ask for when they are imported."""
    text = (metadata / "METADATA").read_text(encoding="utf-8")
    kept = [
        line
        for line in text.partition("\n\n")[0].splitlines()
        if line.startswith(("Metadata-", "Name:", "Version:"))
    ]
    _remove(metadata.iterdir())
    (metadata / "METADATA").write_text("\n".join(kept) + "\n", encoding="utf-8")


def _remove(paths: Iterator[Path]) -> None:
    for path in list(paths):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
