"""The second half of the set-up, on the interpreter of `.venv`: what lies in `.stack`."""

import signal
import sys
from pathlib import Path

from thestack.toolchain import chromium
from thestack.toolchain.tools import ToolchainError, ensure, ensure_npm, ensure_python

ROOT = Path(__file__).resolve().parent.parent


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that children are ended, not left
    try:
        ensure(ROOT, say)
        packages = ensure_npm(
            ROOT, ROOT / ".stack" / "devtools", "the tools that are no Python packages", say
        )
        chromium.ensure(packages, ROOT / ".stack" / "chromium", say)
        ensure_python(ROOT / "requirements" / "checkov.lock", ROOT / ".stack" / "checkov", "checkov", say)
    except ToolchainError as error:
        say(str(error))
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
