"""A copy of this checkout with the programs that its set-up installed, for tests that change files or need a
project of their own.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def copy_checkout(target: Path) -> Path:
    """Copy what git knows, or would add, to the new folder `target`; answers it. Needs no network."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    said = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, said.split("\0")):
        if (ROOT / name).is_file():  # not deleted since
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    (target / ".stack").mkdir()
    for name in ("cache", "checkov", "devtools", "ffmpeg", "ministack", "node"):
        (target / ".stack" / name).symlink_to(ROOT / ".stack" / name)
    return target


def digests(root: Path) -> dict[str, str]:
    """Every file of a checkout with the digest of its content, but for what is made by running things."""
    made = {".stack", ".venv", "__pycache__"}
    files = (
        path for path in root.rglob("*") if path.is_file() and not made & {*path.relative_to(root).parts}
    )
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
