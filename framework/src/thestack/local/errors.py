"""What can go wrong with the local stack, for whoever started it to read."""


class LocalStackError(Exception):
    """The local stack does not start or does not answer. The message says what, where, why and what to do."""
