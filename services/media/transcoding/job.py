"""What MediaConvert is asked for."""

from typing import Any

from services.media.transcoding.port import Work
from services.media.transcoding.qualities import (
    AUDIO_BITRATE,
    AUDIO_RATE,
    HLS,
    MP4,
    POSTER,
    POSTER_SECOND,
    QUALITIES,
    SEGMENT_SECONDS,
    Quality,
)

_AUDIO = "Audio Selector 1"
_GOP_SECONDS = 2
_QVBR_LEVEL = 7


def settings(work: Work) -> dict[str, Any]:
    """The `Settings` of a job: an MP4 of each quality, all of them as HLS, and a poster."""
    return {
        "TimecodeConfig": {"Source": "ZEROBASED"},
        "Inputs": [
            {
                "FileInput": work.source,
                "TimecodeSource": "ZEROBASED",
                "VideoSelector": {"Rotate": "AUTO"},
                "AudioSelectors": {_AUDIO: {"DefaultSelection": "DEFAULT"}},
            }
        ],
        "OutputGroups": [_mp4(work), _hls(work), _poster(work)],
    }


def _mp4(work: Work) -> dict[str, Any]:
    container = {"Container": "MP4", "Mp4Settings": {"MoovPlacement": "PROGRESSIVE_DOWNLOAD"}}
    return {
        "Name": "MP4",
        "OutputGroupSettings": _to_files(work, MP4),
        "Outputs": [_output(quality, container) for quality in QUALITIES],
    }


def _hls(work: Work) -> dict[str, Any]:
    group = {
        "Destination": work.destination + HLS,
        "SegmentLength": SEGMENT_SECONDS,
        "SegmentLengthControl": "GOP_MULTIPLE",
        "MinSegmentLength": 0,
        "SegmentControl": "SEGMENTED_FILES",
        "DirectoryStructure": "SINGLE_DIRECTORY",
        "ManifestDurationFormat": "FLOATING_POINT",
        "CodecSpecification": "RFC_6381",
        "StreamInfResolution": "INCLUDE",
        "ManifestCompression": "NONE",
    }
    return {
        "Name": "HLS",
        "OutputGroupSettings": {"Type": "HLS_GROUP_SETTINGS", "HlsGroupSettings": group},
        "Outputs": [_output(quality, {"Container": "M3U8", "M3u8Settings": {}}) for quality in QUALITIES],
    }


def _poster(work: Work) -> dict[str, Any]:
    # A frame each POSTER_SECOND, of which the last one taken is the poster: a shorter video has one, too.
    capture = {
        "FramerateNumerator": 1,
        "FramerateDenominator": POSTER_SECOND,
        "MaxCaptures": 2,
        "Quality": 80,
    }
    video = {
        **_within(QUALITIES[-1].side),
        "CodecSettings": {"Codec": "FRAME_CAPTURE", "FrameCaptureSettings": capture},
    }
    return {
        "Name": "Poster",
        "OutputGroupSettings": _to_files(work, POSTER),
        "Outputs": [{"ContainerSettings": {"Container": "RAW"}, "VideoDescription": video}],
    }


def _to_files(work: Work, base: str) -> dict[str, Any]:
    return {"Type": "FILE_GROUP_SETTINGS", "FileGroupSettings": {"Destination": work.destination + base}}


def _output(quality: Quality, container: dict[str, Any]) -> dict[str, Any]:
    h264 = {
        "RateControlMode": "QVBR",
        "MaxBitrate": quality.bitrate,
        "QvbrSettings": {"QvbrQualityLevel": _QVBR_LEVEL},
        "QualityTuningLevel": "SINGLE_PASS",
        "SceneChangeDetect": "ENABLED",
        "GopSizeUnits": "SECONDS",
        "GopSize": _GOP_SECONDS,
        "GopClosedCadence": 1,
        "FramerateControl": "INITIALIZE_FROM_SOURCE",
        "ParControl": "SPECIFIED",
        "ParNumerator": 1,
        "ParDenominator": 1,
    }
    aac = {"Bitrate": AUDIO_BITRATE, "CodingMode": "CODING_MODE_2_0", "SampleRate": AUDIO_RATE}
    return {
        "NameModifier": f"-{quality.name}",
        "ContainerSettings": container,
        "VideoDescription": {
            **_within(quality.side),
            "CodecSettings": {"Codec": "H_264", "H264Settings": h264},
        },
        "AudioDescriptions": [
            {"AudioSourceName": _AUDIO, "CodecSettings": {"Codec": "AAC", "AacSettings": aac}}
        ],
    }


def _within(side: int) -> dict[str, Any]:
    return {"Width": side, "Height": side, "ScalingBehavior": "FIT_NO_UPSCALE"}
