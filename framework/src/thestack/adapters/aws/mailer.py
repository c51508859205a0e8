"""E-mail by SES, version 2 of its API."""

import asyncio
from typing import Any

from botocore.exceptions import ClientError

from thestack.ports.mailer import Mail, MailRefused


class SesMailer:
    """Sends as `sender`, a verified identity; `client` is boto3's of sesv2."""

    def __init__(self, client: Any, sender: str) -> None:
        self._client, self._sender = client, sender

    async def send(self, mail: Mail) -> str:
        body = {"Text": {"Data": mail.text, "Charset": "UTF-8"}}
        if mail.html is not None:
            body["Html"] = {"Data": mail.html, "Charset": "UTF-8"}
        content = {"Simple": {"Subject": {"Data": mail.subject, "Charset": "UTF-8"}, "Body": body}}
        try:
            answer = await asyncio.to_thread(
                self._client.send_email,
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [mail.to]},
                Content=content,
            )
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if 400 <= status < 500:
                raise MailRefused(str(error)) from None
            raise
        return str(answer["MessageId"])
