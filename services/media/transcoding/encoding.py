"""What ffmpeg is asked for: the same files that a job of MediaConvert makes."""

from pathlib import Path

from services.media.transcoding.probing import Probed, probe
from services.media.transcoding.programs import READING, ProgramFailed, Programs
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


def encode(source: Path, into: Path, programs: Programs) -> list[Probed]:
    """Make everything of a video file below the folder `into`; answers what the MP4 of each quality is.

    Raises `ProgramFailed`.
    """
    found = probe(source, programs)
    files = [into / f"{MP4}-{each.name}.mp4" for each in QUALITIES]
    for folder in (MP4, HLS, POSTER):
        (into / folder).parent.mkdir(parents=True, exist_ok=True)
    _to_mp4(source, found, files, programs)
    made = [probe(file, programs) for file in files]
    if made[-1].duration <= 0:
        raise ProgramFailed("there is no frame in it")
    _to_hls(files, found.audio is not None, into / HLS, programs)
    second = min(POSTER_SECOND, made[-1].duration / 2)
    poster = ("-frames:v", "1", "-q:v", "3", into / f"{POSTER}.0000000.jpg")
    programs.ffmpeg("-ss", f"{second:.3f}", "-i", files[-1], *poster)
    size = sum(each.stat().st_size for each in into.rglob("*") if each.is_file())
    if size > programs.limits.output_bytes:
        raise ProgramFailed(f"its renditions have {size} bytes")
    return made


def _to_mp4(source: Path, found: Probed, files: list[Path], programs: Programs) -> None:
    limits = programs.limits
    decoding = ("-threads", str(limits.threads), "-max_pixels", str(limits.pixels))
    outputs: list[str | Path] = []
    for quality, file in zip(QUALITIES, files, strict=True):
        outputs += [*_streams(found), *_video(quality, limits.threads), *_audio(found)]
        # What ffmpeg is to stop after is the limit: what the file says of its length is not known to be true.
        outputs += ["-t", f"{limits.duration:g}", "-map_metadata", "-1", "-map_chapters", "-1"]
        outputs += ["-movflags", "+faststart", file]
    programs.ffmpeg(*READING, *decoding, "-i", source, *outputs)


def _streams(found: Probed) -> list[str]:
    chosen = [found.video] if found.audio is None else [found.video, found.audio]
    return [part for index in chosen for part in ("-map", f"0:{index}")]


def _video(quality: Quality, threads: int) -> list[str]:
    square = "scale='trunc(iw*sar/2)*2':ih,setsar=1"
    fit = f"scale='min({quality.side},iw)':'min({quality.side},ih)'"
    even = "force_original_aspect_ratio=decrease:force_divisible_by=2"
    return [
        *("-filter:v", f"{square},{fit}:{even},setsar=1"),
        *("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p"),
        *("-crf", "23", "-maxrate", str(quality.bitrate), "-bufsize", str(2 * quality.bitrate)),
        *("-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_SECONDS})"),
        *("-threads", str(threads)),
    ]


def _audio(found: Probed) -> list[str]:
    if found.audio is None:
        return ["-an"]
    return ["-c:a", "aac", "-b:a", str(AUDIO_BITRATE), "-ar", str(AUDIO_RATE), "-ac", "2"]


def _to_hls(files: list[Path], with_audio: bool, base: Path, programs: Programs) -> None:
    """Cut what is encoded already; every segment begins with a key frame."""
    inputs = [part for file in files for part in ("-i", file)]
    maps = [part for index in range(len(files)) for part in ("-map", str(index))]
    variants = " ".join(
        f"v:{index},a:{index},name:{quality.name}" if with_audio else f"v:{index},name:{quality.name}"
        for index, quality in enumerate(QUALITIES)
    )
    programs.ffmpeg(
        *inputs,
        *maps,
        *("-c", "copy", "-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod"),
        *("-hls_flags", "independent_segments", "-hls_segment_type", "mpegts"),
        *("-hls_segment_filename", f"{base}-%v_%05d.ts"),
        *("-var_stream_map", variants, "-master_pl_name", f"{base.name}.m3u8", f"{base}-%v.m3u8"),
    )
