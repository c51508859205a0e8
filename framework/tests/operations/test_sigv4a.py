"""Signatures for every region: by the key that AWS's own libraries derive, over what botocore canonizes."""

import re
from hashlib import sha256

import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from thestack.operations.sigv4a import SigV4AAuth, signing_key

KEYS = ("AKISORANDOMAASORANDOM", "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom")
"""Those of the test vector of AWS's libraries, with the point that they lead to."""
POINT = (
    0x15D242CEEBF8D8169FD6A8B5A746C41140414C3B07579038DA06AF89190FFFCB,
    0x0515242CEDD82E94799482E4C0514B505AFCCF2C0C98D6A553BF539F424C5EC0,
)


def test_the_key_is_the_one_that_aws_derives() -> None:
    numbers = signing_key(*KEYS).public_key().public_numbers()
    assert (numbers.x, numbers.y) == POINT


def test_a_request_is_signed_whole() -> None:
    request = AWSRequest(
        "POST", "https://example.com/a%3Ab/keys?x=1", {"If-Match": "e"}, b"{}", auth_path="/a%3Ab/keys"
    )
    signer = SigV4AAuth(Credentials(*KEYS, "session"), "cloudfront-keyvaluestore")
    signer.add_auth(request)
    header = request.headers["Authorization"]
    assert header.startswith("AWS4-ECDSA-P256-SHA256 Credential=AKISORANDOMAASORANDOM/")
    assert "/cloudfront-keyvaluestore/aws4_request, SignedHeaders=" in header
    for name in ("host", "if-match", "x-amz-date", "x-amz-region-set", "x-amz-security-token"):
        assert name in re.findall(r"SignedHeaders=([^,]+)", header)[0].split(";")
    del request.headers["Authorization"]
    told = signer.canonical_request(request)
    said = signer.string_to_sign(request, told)
    assert said.endswith(sha256(told.encode()).hexdigest())
    signature = bytes.fromhex(re.findall(r"Signature=([0-9a-f]+)", header)[0])
    signer_key = signing_key(*KEYS).public_key()
    signer_key.verify(signature, said.encode(), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        signer_key.verify(signature, said.replace("cloudfront", "other").encode(), ec.ECDSA(hashes.SHA256()))
