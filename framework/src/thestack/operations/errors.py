"""What can go wrong between a command and a stack, for whoever gave the command to read."""


class OperationError(Exception):
    """A stack does not start, answer or obey. The message says what, where, why and what to do."""
