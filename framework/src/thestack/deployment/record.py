"""What runs in an environment: pointers in SSM, one for each service, to contents in S3 by their hash.

Contents are written before the pointer that names them, so that a pointer never names what is not there.
"""

import getpass
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from thestack.contract.promise import World
from thestack.definition import names
from thestack.deployment.release import Release, Served, hash_of, release_of, served_of, to_text
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError


@dataclass(frozen=True, slots=True)
class Pointer:
    """The hashes of what runs of a service, and of what ran before it, if anything did."""

    current: str
    previous: str | None = None


class Record:
    """The record of one environment. Every method raises `OperationError` where AWS's answer is no record."""

    def __init__(self, aws: Aws, environment: str) -> None:
        self.aws, self.environment = aws, environment
        self._kept: dict[str, str] = {}

    @cached_property
    def bucket(self) -> str:
        """Where the contents lie."""
        return names.releases_bucket(self.environment, self.aws.account())

    def pointers(self) -> dict[str, Pointer]:
        """What the environment has, by service; the platform and the router are among them."""
        pages = self._ssm.get_paginator("get_parameters_by_path").paginate(
            Path=names.releases_parameter(self.environment)
        )
        found = [each for page in pages for each in page["Parameters"]]
        return {each["Name"].rpartition("/")[2]: Pointer(**json.loads(each["Value"])) for each in found}

    def running(self) -> dict[str, Release]:
        """The releases that run, by service; without the router."""
        pointers = self.pointers().items()
        return {name: self.release(each.current) for name, each in pointers if name != names.ROUTER}

    def release(self, hash: str) -> Release:
        """The release of this hash."""
        return release_of(self._content(hash))

    def served(self, hash: str) -> Served:
        """What the router served, by its hash."""
        return served_of(self._content(hash))

    def keep(self, made: Release | Served) -> str:
        """Write the content; answers its hash."""
        text = to_text(made)
        hash = hash_of(text)
        self._s3.put_object(Bucket=self.bucket, Key=_key(hash), Body=text.encode())
        self._kept[hash] = text
        return hash

    def keep_file(self, path: Path, folder: str) -> str:
        """Write a file's content; answers its key in the bucket, which is its hash in the folder."""
        content = path.read_bytes()
        key = f"{folder}/{hash_of(content.hex())}{path.suffix}"
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        return key

    def point(self, service: str, current: str, previous: str | None) -> None:
        """Say what runs now."""
        self._ssm.put_parameter(
            Name=names.release_parameter(self.environment, service),
            Value=json.dumps(asdict(Pointer(current, previous))),
            Type="String",
            Overwrite=True,
        )

    def forget(self, service: str) -> None:
        """Say that nothing of it runs any more."""
        try:
            self._ssm.delete_parameter(Name=names.release_parameter(self.environment, service))
        except self._ssm.exceptions.ParameterNotFound:
            return

    @cached_property
    def _ssm(self) -> Any:
        return self.aws.client("ssm")

    @cached_property
    def _s3(self) -> Any:
        return self.aws.client("s3")

    def _content(self, hash: str) -> str:
        if hash not in self._kept:
            try:
                answer = self._s3.get_object(Bucket=self.bucket, Key=_key(hash))
            except ClientError as error:
                reason = error.response["Error"].get("Message", error)
                raise OperationError(
                    f"the record of {self.environment} names {hash[:12]}, which can't be read from "
                    f"{self.bucket}: {reason}; bring it back from the bucket's versions"
                ) from None
            self._kept[hash] = answer["Body"].read().decode()
        return self._kept[hash]


def world_of(releases: Mapping[str, Release]) -> World:
    """What these releases promise, by service."""
    return {name: release.contract for name, release in releases.items()}


def now() -> str:
    """The time, as the record has it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def who() -> str:
    """Who deploys, as the record has it: the user of this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _key(hash: str) -> str:
    return f"contents/{hash}.json"
