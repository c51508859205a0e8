"""A directory of users in memory."""

from thestack.ports.identity import Profile, UnknownUser


class MemoryProfiles:
    """Knows the users that it was told of."""

    def __init__(self, *profiles: Profile) -> None:
        self._profiles = {profile.id: profile for profile in profiles}

    async def profile(self, user: str) -> Profile:
        try:
            return self._profiles[user]
        except KeyError:
            raise UnknownUser(f"there is no user {user}") from None

    def add(self, profile: Profile) -> None:
        """Make a user known, or change what is known of them."""
        self._profiles[profile.id] = profile
