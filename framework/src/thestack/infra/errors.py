"""What goes wrong while templates and bundles are made."""


class SynthesisError(Exception):
    """Templates or bundles can't be made. The message says what, where, and what to do."""
