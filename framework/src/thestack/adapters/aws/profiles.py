"""The users of a Cognito user pool."""

import asyncio
from typing import Any

from thestack.ports.identity import Profile, UnknownUser


class CognitoProfiles:
    """Reads users by id; `client` is boto3's of cognito-idp."""

    def __init__(self, client: Any, pool_id: str) -> None:
        self._client, self._pool_id = client, pool_id

    async def profile(self, user: str) -> Profile:
        try:
            answer = await asyncio.to_thread(
                self._client.admin_get_user, UserPoolId=self._pool_id, Username=user
            )
        except self._client.exceptions.UserNotFoundException:
            raise UnknownUser(f"there is no user {user} in the pool {self._pool_id}") from None
        attributes = {each["Name"]: each["Value"] for each in answer["UserAttributes"]}
        if "email" not in attributes:
            raise UnknownUser(f"the user {user} of the pool {self._pool_id} has no e-mail address")
        return Profile(attributes.get("sub", user), attributes["email"])
