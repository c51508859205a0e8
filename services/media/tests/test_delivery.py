"""Addresses open what they name to whoever has them, and for a short time."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import urlopen

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.media.delivery import SHORT, WATCHED, CloudFrontDelivery, Delivery, PresignedDelivery
from services.media.tests.conftest import BUCKET
from thestack import BlobReader
from thestack.adapters.aws.blobs import SIGNING, S3Blobs
from thestack.adapters.memory.blobs import MemoryBlobs
from thestack.operations.aws import Aws
from thestack.runtime.blobs import TenantBlobs
from thestack.testing import fixed_clock, memory_secret

NOW = datetime(2026, 11, 25, 12, 7, tzinfo=UTC)
KEYS = ["renditions/1/hls/video.m3u8", "renditions/1/hls/video 00000+ü.ts"]


class Visitor(Protocol):
    """A delivery, with a bucket in which `KEYS` are, and somebody who has nothing but addresses."""

    @property
    def delivery(self) -> Delivery: ...

    @property
    def blobs(self) -> BlobReader[Any]: ...

    def opened(self, url: str) -> str | None:
        """The key of the object that the address opens, with its tenant; None where it opens nothing."""
        ...

    def lifetime(self, url: str) -> timedelta:
        """How long the address holds from now."""
        ...


class DeliveryConformance:
    """Inherit and give the fixture `visitor`, a `Visitor`."""

    async def test_an_address_opens_its_object(self, visitor: Visitor) -> None:
        for key in KEYS:
            url = await visitor.delivery.url(visitor.blobs, key)
            assert visitor.opened(url) == key.replace("renditions/", "renditions/acme/")

    async def test_it_holds_for_a_short_time(self, visitor: Visitor) -> None:
        url = await visitor.delivery.url(visitor.blobs, KEYS[0])
        assert SHORT - timedelta(seconds=5) <= visitor.lifetime(url) <= 2 * SHORT

    async def test_it_opens_nothing_else(self, visitor: Visitor) -> None:
        url = await visitor.delivery.url(visitor.blobs, KEYS[0])
        assert visitor.opened(url.replace("video.m3u8", "other.m3u8")) is None
        assert visitor.opened(url.replace("/acme/", "/other/")) is None

    async def test_it_opens_nothing_without_its_signature(self, visitor: Visitor) -> None:
        url = await visitor.delivery.url(visitor.blobs, KEYS[0])
        assert visitor.opened(url.partition("?")[0]) is None
        cut = parse_qs(urlsplit(url).query)
        (signature,) = [cut[name][0] for name in cut if name.lower().endswith("signature")]
        other = ("a" if signature[9] != "a" else "b").join((signature[:9], signature[10:]))
        assert visitor.opened(url.replace(signature, other)) is None

    async def test_the_pieces_of_a_video_are_opened_for_as_long_as_it_is_watched(
        self, visitor: Visitor
    ) -> None:
        urls = await visitor.delivery.urls(visitor.blobs, KEYS, below="renditions/1/hls/")
        expected = [key.replace("renditions/", "renditions/acme/") for key in KEYS]
        assert [visitor.opened(url) for url in urls] == expected
        for url in urls:
            assert WATCHED - timedelta(seconds=5) <= visitor.lifetime(url) <= WATCHED + SHORT

    async def test_the_pieces_of_another_are_not(self, visitor: Visitor) -> None:
        for key in ("renditions/2/hls/video.m3u8", "renditions/1/hls/"):
            with pytest.raises(ValueError, match="does not lie below"):
                await visitor.delivery.urls(visitor.blobs, [key], below="renditions/1/hls/")
        (url,) = await visitor.delivery.urls(visitor.blobs, KEYS[:1], below="renditions/1/hls/")
        assert visitor.opened(url.replace("/1/hls/", "/2/hls/")) is None
        assert visitor.opened(url.replace("/1/hls/video.m3u8", "/1/original.mp4")) is None


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class CloudFrontsRules:
    """What CloudFront's documentation says that it checks, done here with the public key."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._public = key.public_key()
        self.blobs: BlobReader[Any] = TenantBlobs(MemoryBlobs(BUCKET, fixed_clock(NOW)), "acme")
        secret = memory_secret(pem(key))
        domains = {BUCKET: "d1.example.com"}
        self.delivery = CloudFrontDelivery(domains, "K2JCJMDEHXQW5F", secret, fixed_clock(NOW))

    def opened(self, url: str) -> str | None:
        address, _, query = url.partition("?")
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if asked.get("Key-Pair-Id") != "K2JCJMDEHXQW5F":
            return None
        policy = self._policy(address, asked)
        try:
            self._public.verify(unsafe(asked["Signature"]), policy, PKCS1v15(), SHA1())  # noqa: S303 - as CloudFront does
        except InvalidSignature:
            return None
        (statement,) = json.loads(policy)["Statement"]
        start, wildcard, _ = statement["Resource"].partition("*")
        if not (address.startswith(start) if wildcard else address == start):
            return None
        assert address.startswith("https://d1.example.com/")
        return unquote(urlsplit(address).path[1:])

    def lifetime(self, url: str) -> timedelta:
        address, _, query = url.partition("?")
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        (statement,) = json.loads(self._policy(address, asked))["Statement"]
        until = statement["Condition"]["DateLessThan"]["AWS:EpochTime"]
        return datetime.fromtimestamp(until, UTC) - NOW

    def _policy(self, address: str, asked: dict[str, str]) -> bytes:
        if "Policy" in asked:
            return unsafe(asked["Policy"])
        condition = f'{{"DateLessThan":{{"AWS:EpochTime":{asked["Expires"]}}}}}'
        return f'{{"Statement":[{{"Resource":"{address}","Condition":{condition}}}]}}'.encode()


def unsafe(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "=").replace("~", "/"))


class TestCloudFront(DeliveryConformance):
    @pytest.fixture
    def visitor(self, key: rsa.RSAPrivateKey) -> CloudFrontsRules:
        return CloudFrontsRules(key)

    async def test_browsers_find_again_what_they_kept(self, key: rsa.RSAPrivateKey) -> None:
        visitor = CloudFrontsRules(key)
        first = await visitor.delivery.url(visitor.blobs, KEYS[0])
        assert await visitor.delivery.url(visitor.blobs, KEYS[0]) == first

    async def test_a_key_of_another_kind_is_refused(self) -> None:
        secret = memory_secret(pem(ec.generate_private_key(ec.SECP256R1())))
        blobs: BlobReader[Any] = TenantBlobs(MemoryBlobs("b", fixed_clock(NOW)), "acme")
        delivery = CloudFrontDelivery({"b": "d1.example.com"}, "K1", secret, fixed_clock(NOW))
        with pytest.raises(ValueError, match="must be an RSA key"):
            await delivery.url(blobs, KEYS[0])


class S3sDoor:
    """The emulator's S3, without credentials."""

    def __init__(self, aws: Aws) -> None:
        self.delivery = PresignedDelivery()
        s3 = aws.client("s3")
        for key in KEYS:
            place = key.replace("renditions/", "renditions/acme/")
            s3.put_object(Bucket=BUCKET, Key=place, Body=place.encode())
        self.blobs: BlobReader[Any] = TenantBlobs(S3Blobs(signing(aws), BUCKET), "acme")

    def opened(self, url: str) -> str | None:
        try:
            with urlopen(url, timeout=10) as answer:
                return bytes(answer.read()).decode()
        except HTTPError:
            return None

    def lifetime(self, url: str) -> timedelta:
        return timedelta(seconds=int(parse_qs(urlsplit(url).query)["X-Amz-Expires"][0]))


def signing(aws: Aws) -> Any:
    import botocore.session

    return botocore.session.get_session().create_client(
        "s3",
        endpoint_url=aws.endpoint,
        region_name=aws.region,
        aws_access_key_id=aws.access_key,
        aws_secret_access_key=aws.secret_key,
        config=SIGNING,
    )


@pytest.mark.aws
class TestPresigned(DeliveryConformance):
    @pytest.fixture
    def visitor(self, aws: Aws) -> S3sDoor:
        return S3sDoor(aws)
