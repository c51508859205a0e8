"""Secrets that a test makes up."""

from thestack.adapters.memory.secrets import MemorySecrets
from thestack.runtime.secrets import CachedSecret
from thestack.testing.circumstances import fixed_clock


def memory_secret(value: str) -> CachedSecret:
    """A secret with this value, as a handler or a provider asks for it:
    `await charge(5, key=memory_secret("sk_test"))`.
    """
    store = MemorySecrets()
    store.keep("secret", value)
    return CachedSecret("secret", "test", store, fixed_clock())
