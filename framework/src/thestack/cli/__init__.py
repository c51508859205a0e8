"""The command `thestack`."""

import sys


def main() -> None:
    """Run the command that the process's arguments name, and exit."""
    try:
        from thestack.cli.app import app

        app(prog_name="thestack")
    except KeyboardInterrupt:  # while it was loading
        sys.exit(130)
