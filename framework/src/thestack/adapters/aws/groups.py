"""The place of a message in a FIFO queue of SQS."""

import re
from hashlib import sha256

from thestack.ports.envelope import Envelope

_TAKEN = re.compile(r"[A-Za-z0-9!-/:-@\[-`{-~]{1,128}")
"""What SQS takes as the id of a group."""


def group_of(envelope: Envelope) -> str:
    """The id of the group in which the envelope keeps its place: its tenant's, of its partition key."""
    group = f"{envelope.tenant}#{envelope.partition_key or ''}"
    return group if _TAKEN.fullmatch(group) else sha256(group.encode()).hexdigest()


def is_fifo(queue: str) -> bool:
    """Whether the queue of this name or URL keeps order."""
    return queue.endswith(".fifo")
