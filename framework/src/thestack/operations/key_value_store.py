"""CloudFront's key value stores, which its functions read: what lies in one, and how it is changed."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from botocore.awsrequest import AWSRequest
from botocore.exceptions import HTTPClientError
from botocore.httpsession import URLLib3Session

from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError
from thestack.operations.sigv4a import SigV4AAuth

SERVICE = "cloudfront-keyvaluestore"
_OK = 200


@dataclass(frozen=True, slots=True)
class KeyValueStore:
    """The store of an ARN, small enough to be read at once: at most 50 keys."""

    aws: Aws
    arn: str

    def items(self) -> dict[str, str]:
        """All keys with their values. Raises `OperationError`."""
        said, _ = self._ask("GET", "/keys?MaxResults=50")
        return {each["Key"]: each["Value"] for each in said["Items"]}

    def change(self, puts: Mapping[str, str], deletes: Collection[str] = ()) -> None:
        """Put and delete keys in one step. Raises `OperationError`, also where it was changed meanwhile."""
        _, etag = self._ask("GET", "")
        content = {
            "Puts": [{"Key": key, "Value": value} for key, value in puts.items()],
            "Deletes": [{"Key": key} for key in deletes],
        }
        self._ask("POST", "/keys", content, {"If-Match": etag})

    def _ask(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[dict[str, Any], str]:
        """The answer, and its ETag."""
        place = self.aws.endpoint or f"https://{self.arn.split(':')[4]}.cloudfront-kvs.global.api.aws"
        request = AWSRequest(
            method,
            f"{place}/key-value-stores/{quote(self.arn, safe='')}{path}",
            headers={"Content-Type": "application/json", **(headers or {})},
            data=json.dumps(content).encode() if content else b"",
        )
        SigV4AAuth(self.aws.credentials(), SERVICE).add_auth(request)
        proxies: dict[str, str] | None = {} if self.aws.endpoint else None
        try:
            response = URLLib3Session(proxies=proxies, timeout=(2, 30)).send(request.prepare())
        except HTTPClientError as error:
            raise OperationError(
                f"CloudFront's key value store {self.arn} does not answer: {error}"
            ) from None
        said: dict[str, Any] = json.loads(response.content or b"{}")
        if response.status_code != _OK:
            why = said.get("Message") or said.get("message") or f"it answers {response.status_code}"
            raise OperationError(f"CloudFront's key value store {self.arn} refuses: {why}")
        return said, response.headers.get("ETag", "")
