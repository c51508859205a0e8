"""Whatever was filmed becomes what browsers play; whatever is no video, or a trap, becomes a reason."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.media.tests.transcoding.videos import H264, SOUND, make, ordinary, picture
from services.media.transcoding.encoding import encode
from services.media.transcoding.probing import Probed
from services.media.transcoding.programs import Limits, ProgramFailed, Programs

pytestmark = pytest.mark.usefixtures("ffmpeg_on_the_path")


def encoded(source: Path, folder: Path, limits: Limits | None = None) -> tuple[list[Probed], Path]:
    made = folder / "made"
    made.mkdir()
    return encode(source, made, Programs(limits or Limits(threads=1), folder)), made


def streams(file: Path) -> dict[str, dict[str, Any]]:
    asked = ["-loglevel", "error", "-show_streams", "-of", "json", str(file)]
    found = json.loads(subprocess.run(["ffprobe", *asked], capture_output=True, check=True).stdout)
    return {each["codec_type"]: each for each in found["streams"]}


def decodes(file: Path) -> bool:
    asked = ["-nostdin", "-loglevel", "error", "-xerror", "-i", str(file), "-f", "null", "-"]
    done = subprocess.run(["ffmpeg", *asked], capture_output=True, check=False)
    return done.returncode == 0 and not done.stderr


def atoms(file: Path) -> list[str]:
    """The top-level boxes of an MP4, in order."""
    data, place, found = file.read_bytes(), 0, []
    while place < len(data):
        found.append(data[place + 4 : place + 8].decode())
        place += int.from_bytes(data[place : place + 4])
    return found


def test_the_renditions_are_what_every_browser_plays(tmp_path: Path) -> None:
    source = make(
        tmp_path / "source.mp4", *picture("1920x1080", rate=10), *SOUND, *H264, "-c:a", "aac", seconds=2
    )
    found, made = encoded(source, tmp_path)
    assert [(each.width, each.height) for each in found] == [(640, 360), (1280, 720)]
    for name in ("small", "large"):
        file = made / f"mp4/video-{name}.mp4"
        shown = streams(file)
        assert (shown["video"]["codec_name"], shown["video"]["pix_fmt"]) == ("h264", "yuv420p")
        assert shown["audio"]["codec_name"] == "aac"
        assert decodes(file)
        order = atoms(file)
        assert order.index("moov") < order.index("mdat"), "it does not begin at once"
    assert streams(made / "poster/poster.0000000.jpg")["video"]["codec_name"] == "mjpeg"


def test_every_segment_decodes_by_itself_and_none_is_missing(tmp_path: Path) -> None:
    _, made = encoded(ordinary(tmp_path / "source.mp4", seconds=8.5), tmp_path)
    variants = [line for line in lines(made / "hls/video.m3u8") if not line.startswith("#")]
    assert variants == ["video-small.m3u8", "video-large.m3u8"]
    for variant in variants:
        playlist = lines(made / "hls" / variant)
        segments = [line for line in playlist if not line.startswith("#")]
        assert len(segments) == 3
        assert "#EXT-X-ENDLIST" in playlist
        for segment in segments:
            assert decodes(made / "hls" / segment)
            assert set(streams(made / "hls" / segment)) == {"video", "audio"}
    assert len(list((made / "hls").glob("*.ts"))) == 6


def lines(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines() if line]


def test_a_video_without_sound_has_none(tmp_path: Path) -> None:
    found, made = encoded(make(tmp_path / "s.mp4", *picture(), *H264), tmp_path)
    assert found[-1].audio is None
    assert set(streams(made / "hls/video-large_00000.ts")) == {"video"}


@pytest.mark.parametrize(
    ("size", "expected"),
    [("321x241", (320, 240)), ("33x1501", (28, 1280)), ("2x2", (2, 2)), ("1280x16", (1280, 16))],
)
def test_odd_and_extreme_sizes_become_even_ones(size: str, expected: tuple[int, int], tmp_path: Path) -> None:
    lossless = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")
    found, _ = encoded(make(tmp_path / "s.mp4", *picture(size), *lossless, seconds=1), tmp_path)
    assert (found[-1].width, found[-1].height) == expected


def test_a_phones_video_stands_upright(tmp_path: Path) -> None:
    flat = make(tmp_path / "flat.mp4", *picture("640x360"), *H264, seconds=1)
    turned = make(
        tmp_path / "turned.mov", "-display_rotation", "90", "-i", str(flat), "-c", "copy", seconds=1
    )
    found, made = encoded(turned, tmp_path)
    assert (found[-1].width, found[-1].height) == (360, 640)
    assert "side_data_list" not in streams(made / "mp4/video-large.mp4")["video"]


def test_pixels_that_are_not_square_become_so(tmp_path: Path) -> None:
    wide = make(tmp_path / "s.mp4", *picture("320x240"), *H264, "-vf", "setsar=2", seconds=1)
    found, _ = encoded(wide, tmp_path)
    assert (found[-1].width, found[-1].height) == (640, 240)


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("vp9.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus")),
        ("mkv.mkv", (*H264, "-c:a", "libmp3lame")),
        ("hevc.mov", ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-c:a", "aac")),
        ("many.mp4", ("-c:v", "mpeg4", "-c:a", "aac", "-ac", "6")),
    ],
)
def test_what_cameras_and_browsers_record_is_taken(
    name: str, codecs: tuple[str, ...], tmp_path: Path
) -> None:
    found, made = encoded(make(tmp_path / name, *picture(), *SOUND, *codecs, seconds=1), tmp_path)
    assert abs(found[-1].duration - 1) < 0.2
    assert streams(made / "mp4/video-large.mp4")["video"]["pix_fmt"] == "yuv420p"
    assert streams(made / "mp4/video-large.mp4")["audio"]["channels"] == 2


def test_where_it_was_filmed_is_not_told(tmp_path: Path) -> None:
    told = (
        "-metadata",
        "location=+47.3769+008.5417/",
        "-metadata",
        "title=Secret",
        "-movflags",
        "use_metadata_tags",
    )
    _, made = encoded(make(tmp_path / "s.mov", *picture(), *H264, *told, seconds=1), tmp_path)
    for file in made.rglob("*.*"):
        assert b"+47.3769" not in file.read_bytes()
        assert b"Secret" not in file.read_bytes()


def playlist(folder: Path) -> Path:
    """It plays another file of the machine, where a parser of playlists is let in."""
    make(folder / "private.ts", *picture(), *H264, seconds=1)
    file = folder / "source"
    file.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nprivate.ts\n#EXT-X-ENDLIST\n")
    return file


def concatenation(folder: Path) -> Path:
    ordinary(folder / "private.mp4", seconds=1)
    file = folder / "source"
    file.write_text("ffconcat version 1.0\nfile private.mp4\n")
    return file


def remote(folder: Path) -> Path:
    file = folder / "source"
    file.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    return file


def words(folder: Path) -> Path:
    file = folder / "source"
    file.write_text("no video at all")
    return file


def sound_alone(folder: Path) -> Path:
    return make(folder / "source.mp4", *SOUND, "-c:a", "aac")


def sound_with_a_cover(folder: Path) -> Path:
    sound = make(folder / "sound.m4a", *SOUND, "-c:a", "aac")
    cover = make(folder / "cover.jpg", *picture(), "-frames:v", "1")
    arguments = ("-i", str(sound), "-i", str(cover), "-map", "0", "-map", "1", "-c", "copy")
    return make(folder / "source.mp4", *arguments, "-disposition:v:0", "attached_pic")


def cut_off(folder: Path) -> Path:
    file = ordinary(folder / "source.mp4")
    file.write_bytes(file.read_bytes()[:20_000])  # what tells where the frames are is at the end
    return file


def without_a_frame(folder: Path) -> Path:
    file = ordinary(folder / "whole.mp4")
    moov = file.read_bytes().rindex(b"moov") - 4
    source = folder / "source.mp4"
    source.write_bytes(file.read_bytes()[:40] + file.read_bytes()[moov:])
    return source


HOSTILE = [playlist, concatenation, remote, words, sound_alone, sound_with_a_cover, cut_off, without_a_frame]


@pytest.mark.parametrize("made", HOSTILE, ids=lambda made: made.__name__)
def test_what_is_no_video_or_a_trap_fails_and_makes_nothing(made: Any, tmp_path: Path) -> None:
    source = made(tmp_path)
    with pytest.raises(ProgramFailed, match=r"\w+"):
        encoded(source, tmp_path)
    assert not list((tmp_path / "made").rglob("*.ts"))


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(seconds=0.05), r"not done after"),
        (Limits(duration=1), r"3 s long; at most 1 are taken"),
        (Limits(pixels=1000), r"frames have 320 by 240 pixels"),
        (Limits(output_bytes=10_000), r"larger than what is allowed|renditions have"),
        (Limits(memory=50_000_000), r"\w+"),
    ],
    ids=["time", "duration", "pixels", "output", "memory"],
)
def test_more_than_the_limits_fails(limits: Limits, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match=reason):
        encoded(ordinary(tmp_path / "source.mp4"), tmp_path, limits)
