"""Connections of an API Gateway WebSocket API."""

import asyncio
import json
from typing import Any

from botocore.exceptions import ClientError

from thestack.ports.sockets import Gone


class ApiGatewaySockets:
    """The connections of one stage; `client` is boto3's of apigatewaymanagementapi, at the stage's endpoint.

    API Gateway closes a connection with a code of its own choice. So that the client learns the protocol's,
    it is told before, in the payload of a ping.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    async def post(self, connection: str, text: str) -> None:
        try:
            await asyncio.to_thread(
                self._client.post_to_connection, ConnectionId=connection, Data=text.encode()
            )
        except ClientError as wrong:
            if _is_gone(wrong):
                raise Gone(connection) from None
            raise

    async def close(self, connection: str, code: int, reason: str) -> None:
        told = {"type": "ping", "payload": {"close": {"code": code, "reason": reason}}}
        try:
            await self.post(connection, json.dumps(told))
            await asyncio.to_thread(self._client.delete_connection, ConnectionId=connection)
        except Gone:
            return
        except ClientError as wrong:
            if not _is_gone(wrong):
                raise


def _is_gone(wrong: ClientError) -> bool:
    return wrong.response["Error"].get("Code") in {"GoneException", "410"}
