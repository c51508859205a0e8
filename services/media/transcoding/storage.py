"""Objects of S3 as the transcoders read and write them: whole files, streamed."""

from contextlib import closing
from pathlib import Path
from typing import Any

from services.media.transcoding.containers import HEAD, refuse_others
from services.media.transcoding.port import bucket_and_key

_CHUNK = 1 << 20
_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
}


class TooLarge(Exception):
    """The object has more bytes than the caller takes."""


def refuse_other_files(s3: Any, uri: str) -> None:
    """Raise `Refused` where the object's first bytes are no video's; `s3` is botocore's client."""
    bucket, key = bucket_and_key(uri)
    try:
        answer = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{HEAD - 1}")
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "InvalidRange":
            raise
        head = b""  # there is no first byte
    else:
        with closing(answer["Body"]) as body:
            head = body.read()
    refuse_others(head)


def download(s3: Any, uri: str, to: Path, most: int) -> None:
    """Write the object into a file. Raises `TooLarge` of one with more than `most` bytes."""
    bucket, key = bucket_and_key(uri)
    answer = s3.get_object(Bucket=bucket, Key=key)
    with closing(answer["Body"]) as body, to.open("wb") as file:
        if answer["ContentLength"] > most:
            raise TooLarge(f"{uri} has {answer['ContentLength']} bytes; at most {most} are taken")
        for chunk in body.iter_chunks(_CHUNK):
            file.write(chunk)


def upload(s3: Any, folder: Path, to: str) -> None:
    """Put all files below a folder to the same places below the URI `to`; playlists last, so that whatever
    they name is there already.
    """
    bucket, prefix = bucket_and_key(to)
    files = [each for each in folder.rglob("*") if each.is_file()]
    for path in sorted(files, key=lambda each: (each.suffix == ".m3u8", each)):
        with path.open("rb") as body:
            s3.put_object(
                Bucket=bucket,
                Key=prefix + path.relative_to(folder).as_posix(),
                Body=body,
                ContentType=_TYPES[path.suffix],
            )
