"""E-mail by SES, version 2 of its API."""

import asyncio
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, HTTPClientError

from thestack.ports.effects import Uncertain
from thestack.ports.mailer import Mail, MailRefused, MailThrottled

SERVER_ERROR = 500
BEFORE_SENDING = (EndpointConnectionError, ConnectTimeoutError)
"""The request never reached SES."""

REFUSALS = frozenset({"BadRequestException", "MailFromDomainNotVerifiedException", "MessageRejected"})
"""What SES says of the mail, or of who sends it, and would say again."""


THROTTLES = frozenset(
    {"LimitExceededException", "ThrottlingException", "Throttling", "TooManyRequestsException"}
)
"""What SES says of the rate and the quota of mails, and not of this one."""


class SesMailer:
    """Sends as `sender`, a verified identity, by the configuration set `configuration`, if any; `client` is
    boto3's of sesv2.

    What SES answers otherwise is raised as it is, a missing permission say: it is not this mail's fault, and
    whoever delivers again later may have better luck.
    """

    def __init__(self, client: Any, sender: str, configuration: str = "") -> None:
        self._client, self._sender, self._configuration = client, sender, configuration
        # SES has no idempotency key: a request that the client repeats after a lost answer is a second mail.
        client.meta.events.unregister("needs-retry.sesv2", unique_id="retry-config-sesv2")

    async def send(self, mail: Mail) -> str:
        body = {"Text": {"Data": mail.text, "Charset": "UTF-8"}}
        if mail.html is not None:
            body["Html"] = {"Data": mail.html, "Charset": "UTF-8"}
        simple: dict[str, Any] = {"Subject": {"Data": mail.subject, "Charset": "UTF-8"}, "Body": body}
        if mail.headers:
            simple["Headers"] = [{"Name": name, "Value": value} for name, value in mail.headers.items()]
        options: dict[str, Any] = {}
        if mail.tags:
            options["EmailTags"] = [{"Name": name, "Value": value} for name, value in mail.tags.items()]
        if self._configuration:
            options["ConfigurationSetName"] = self._configuration
        try:
            answer = await asyncio.to_thread(
                self._client.send_email,
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [mail.to]},
                Content={"Simple": simple},
                **options,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in REFUSALS:
                raise MailRefused(str(error)) from None
            if error.response["Error"]["Code"] in THROTTLES:
                raise MailThrottled(str(error)) from None
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= SERVER_ERROR:
                raise Uncertain(str(error)) from None
            raise
        except BEFORE_SENDING:
            raise
        except HTTPClientError as error:
            raise Uncertain(str(error)) from None
        return str(answer["MessageId"])
