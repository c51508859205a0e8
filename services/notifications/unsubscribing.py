"""Links by which a user unsubscribes with one click, without signing in: signed, so that nobody makes one."""

from dataclasses import dataclass
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeSerializer

from services.notifications.records import Topic
from thestack import Id

ONE_CLICK = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
"""What RFC 8058 asks for beside the link: mailboxes may post to it when their user asks them to."""


class ForgedLink(Exception):
    """The link was not made here, or for another tenant."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a link ends: e-mails on a topic, to a user of a tenant."""

    tenant: str
    user: Id
    topic: Topic


def sign(subscription: Subscription, keys: str) -> str:
    """The token of a link. `keys` are one, or several in lines of their own; the last one signs.

    It does not expire: an old mail can be unsubscribed from as well as a new one.
    """
    said = {"t": subscription.tenant, "u": subscription.user, "s": subscription.topic.value}
    return str(_serializer(keys).dumps(said))


def verify(token: str, tenant: str, keys: str) -> Subscription:
    """What a link ends that was called for this tenant; each of the keys will do. Raises `ForgedLink`."""
    try:
        said = _serializer(keys).loads(token)
        found = Subscription(said["t"], Id(said["u"]), Topic(said["s"]))
    except (BadSignature, KeyError, TypeError, ValueError):
        raise ForgedLink("the signature is wrong") from None
    if found.tenant != tenant:
        raise ForgedLink("it is of another tenant")
    return found


def _serializer(keys: str) -> URLSafeSerializer:
    return URLSafeSerializer(keys.splitlines(), salt="unsubscribe", signer_kwargs={"digest_method": sha256})
