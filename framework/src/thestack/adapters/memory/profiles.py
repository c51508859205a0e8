"""A directory of users in memory."""

from thestack.ports.identity import Profile, UnknownUser


class MemoryProfiles:
    """A directory in which every user has an address: `alice` has alice@example.com. `forget` removes one."""

    def __init__(self) -> None:
        self._gone: set[str] = set()

    async def profile(self, user: str) -> Profile:
        if user in self._gone:
            raise UnknownUser(f"there is no user {user}")
        return Profile(user, f"{user}@example.com")

    def forget(self, user: str) -> None:
        """Delete a user."""
        self._gone.add(user)
