"""Everything that a service's tests import, and nothing else."""

from thestack.adapters.memory.blobs import BlobRefused, MemoryBlobs
from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.adapters.memory.profiles import MemoryProfiles
from thestack.adapters.memory.secrets import MemorySecrets
from thestack.runtime.consume import Outcome
from thestack.testing.aws import said_by_aws
from thestack.testing.circumstances import ANONYMOUS, BEGIN, caller, fixed_clock, user
from thestack.testing.harness import Attempt, Harness
from thestack.testing.rows import Memory, memory, memory_collection, memory_once
from thestack.testing.running import Running
from thestack.testing.secrets import memory_secret

__all__ = [
    "ANONYMOUS",
    "BEGIN",
    "Attempt",
    "BlobRefused",
    "FixedClock",
    "Harness",
    "Memory",
    "MemoryBlobs",
    "MemoryMailer",
    "MemoryProfiles",
    "MemorySecrets",
    "Outcome",
    "Running",
    "caller",
    "fixed_clock",
    "memory",
    "memory_collection",
    "memory_once",
    "memory_secret",
    "said_by_aws",
    "user",
]
