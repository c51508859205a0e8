"""The command `thestack`."""


def main() -> None:
    """Run the command that the process's arguments name, and exit."""
    from thestack.cli.app import app

    app(prog_name="thestack")
