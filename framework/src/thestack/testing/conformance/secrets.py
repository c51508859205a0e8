# ruff: noqa: S101 - a suite of tests asserts
"""What every SecretStore does."""

from typing import Protocol

import pytest

from thestack.ports import MissingSecret, SecretStore


class SecretsUnderTest(Protocol):
    """A store of secrets, and whoever keeps something there."""

    @property
    def store(self) -> SecretStore: ...

    async def keep(self, name: str, value: str) -> None:
        """Keep a value under a name, in place of the one before."""
        ...


@pytest.mark.asyncio
class SecretsConformance:
    """Inherit and give the fixture `vault`, a `SecretsUnderTest`."""

    async def test_what_is_kept_is_fetched_whole(self, vault: SecretsUnderTest) -> None:
        value = 'sk_1 {"a": "Zoë"}\nsecond line \U0001f600'
        await vault.keep("stripe-key", value)
        assert await vault.store.fetch("stripe-key") == value

    async def test_a_secret_that_was_rotated_is_fetched_as_it_is_now(self, vault: SecretsUnderTest) -> None:
        await vault.keep("bank.key", "old")
        await vault.store.fetch("bank.key")
        await vault.keep("bank.key", "new")
        assert await vault.store.fetch("bank.key") == "new"

    async def test_names_are_kept_apart(self, vault: SecretsUnderTest) -> None:
        await vault.keep("one", "1")
        await vault.keep("one-more", "2")
        assert await vault.store.fetch("one") == "1"

    async def test_one_that_is_not_there_is_missing_by_its_name(self, vault: SecretsUnderTest) -> None:
        with pytest.raises(MissingSecret, match="nobody-kept-it"):
            await vault.store.fetch("nobody-kept-it")
