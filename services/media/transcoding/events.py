"""The events of a job, as MediaConvert says them: for the transcoders that must say them themselves."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.media.transcoding.port import Work

SOURCE = "emulated.aws.mediaconvert"
"""Nobody but AWS may say `aws.…`, also on the emulator, whose rules take this for the same."""
DETAIL_TYPE = "MediaConvert Job State Change"


@dataclass(frozen=True, slots=True)
class Output:
    """One file that was made, or the playlist of one variant: its URI and size."""

    uri: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that was made. `duration` is in seconds."""

    mp4: Sequence[Output]
    variants: Sequence[Output]
    playlist: str
    poster: Output
    duration: float


def progressed(work: Work, job: str, percent: int) -> dict[str, Any]:
    """The detail of STATUS_UPDATE."""
    return _detail(work, job, "STATUS_UPDATE") | {"jobProgress": {"jobPercentComplete": percent}}


def completed(work: Work, job: str, result: Result) -> dict[str, Any]:
    """The detail of COMPLETE."""

    def outputs(made: Sequence[Output]) -> list[dict[str, Any]]:
        return [
            {
                "outputFilePaths": [each.uri],
                "durationInMs": round(result.duration * 1000),
                "videoDetails": {"widthInPx": each.width, "heightInPx": each.height},
            }
            for each in made
        ]

    groups: list[dict[str, Any]] = [
        {"type": "FILE_GROUP", "outputDetails": outputs(result.mp4)},
        {
            "type": "HLS_GROUP",
            "outputDetails": outputs(result.variants),
            "playlistFilePaths": [result.playlist],
        },
        {"type": "FILE_GROUP", "outputDetails": outputs([result.poster])},
    ]
    return _detail(work, job, "COMPLETE") | {"outputGroupDetails": groups}


def failed(work: Work, job: str, code: int, message: str) -> dict[str, Any]:
    """The detail of ERROR; `code` is one of MediaConvert's."""
    return _detail(work, job, "ERROR") | {"errorCode": code, "errorMessage": message}


def canceled(work: Work, job: str) -> dict[str, Any]:
    """The detail of CANCELED."""
    return _detail(work, job, "CANCELED")


def _detail(work: Work, job: str, status: str) -> dict[str, Any]:
    return {
        "timestamp": int(time.time() * 1000),
        "jobId": job,
        "status": status,
        "userMetadata": work.metadata,
    }
