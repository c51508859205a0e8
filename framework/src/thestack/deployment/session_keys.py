"""The keys of the internal frontend's sessions: made here, and known to who signs and to who verifies alone.

Who signs is the sign-in function, which has them from a parameter of SSM; who verifies is CloudFront, which
has them in a key value store. At most two are good at once, so that a change of them signs nobody out.
"""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from thestack.definition import names
from thestack.deployment.destination import Destination
from thestack.infra.stored_keys import retold
from thestack.operations.key_value_store import KeyValueStore

GOOD = 2
"""How many keys are good at once: the one that signs, and the one before."""
_BYTES = 32


def see_to_keys(to: Destination, *, new: bool = False) -> bool:
    """See to it that there are keys, and that CloudFront knows them; whether one was made.

    With `new` there is a new one to sign with. CloudFront is told a key before anything is signed by it, and
    has the one before until the next change: change no oftener than sessions last, an hour, but to sign
    everybody out. Raises botocore's errors, and `OperationError`.
    """
    ssm, name = to.aws.client("ssm"), names.session_keys_parameter(to.settings.name)
    keys = _kept(ssm, name)
    is_made = new or not keys
    if is_made:
        made = {"id": secrets.token_hex(4), "secret": secrets.token_urlsafe(_BYTES)}
        keys = [made, *keys][:GOOD]
    _tell_cloudfront(to, {each["id"]: each["secret"] for each in keys})
    if is_made:
        ssm.put_parameter(Name=name, Value=json.dumps(keys), Type="SecureString", Overwrite=True)
    return is_made


def _kept(ssm: Any, name: str) -> list[dict[str, str]]:
    try:
        said = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return []
    kept: list[dict[str, str]] = json.loads(said)
    return kept


def _tell_cloudfront(to: Destination, keys: Mapping[str, str]) -> None:
    cloudfront = to.aws.client("cloudfront")
    found = cloudfront.describe_key_value_store(Name=names.session_keys(to.settings.name))
    store = KeyValueStore(to.aws, found["KeyValueStore"]["ARN"])
    there = store.items()
    if there != keys:
        store.change(keys, there.keys() - keys.keys())
    if to.settings.emulated:
        _tell_emulated(cloudfront, names.guard_function(to.settings.name), keys)


def _tell_emulated(cloudfront: Any, name: str, keys: Mapping[str, str]) -> None:
    """An emulator's functions know no store: the keys are told in the code."""
    named = {"Name": name, "Stage": "DEVELOPMENT"}
    there = cloudfront.describe_function(**named)
    code = cloudfront.get_function(**named)["FunctionCode"].read().decode()
    cloudfront.update_function(
        Name=name,
        IfMatch=there["ETag"],
        FunctionConfig=there["FunctionSummary"]["FunctionConfig"],
        FunctionCode=retold(code, keys).encode(),
    )
    cloudfront.publish_function(Name=name, IfMatch=cloudfront.describe_function(**named)["ETag"])
