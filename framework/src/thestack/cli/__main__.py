"""`python -m thestack`: the command, without its script."""

from thestack.cli import main

main()
