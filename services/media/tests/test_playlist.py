"""Every file that a playlist names gets an address; nothing else changes."""

import pytest

from services.media.playlist import addressed, named

MASTER = """\
#EXTM3U
#EXT-X-VERSION:6
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="URI",URI="audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=520384,CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=640x360
video-small.m3u8

#EXT-X-STREAM-INF:BANDWIDTH=1490464
video-large.m3u8
"""
VARIANT = """\
#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-MAP:URI="init.mp4",BYTERANGE="720@0"
#EXTINF:4.000000,
video_00000.ts
#EXTINF:1.5,a title, URI="x"
video_00001.ts
#EXTINF:1.5,
video_00000.ts
#EXT-X-ENDLIST
"""


def test_it_names_its_files_each_once() -> None:
    assert named(MASTER) == ["audio.m3u8", "video-small.m3u8", "video-large.m3u8"]
    assert named(VARIANT) == ["init.mp4", "video_00000.ts", "video_00001.ts"]
    assert named("") == []


def test_names_become_addresses_and_all_else_stays() -> None:
    found = addressed(VARIANT, {name: f"https://host/{name}?a=1&b=~" for name in named(VARIANT)})
    assert found == VARIANT.replace("init.mp4", "https://host/init.mp4?a=1&b=~").replace(
        "\nvideo_00000.ts", "\nhttps://host/video_00000.ts?a=1&b=~"
    ).replace("\nvideo_00001.ts", "\nhttps://host/video_00001.ts?a=1&b=~")


def test_windows_line_ends_are_lines() -> None:
    assert named(MASTER.replace("\n", "\r\n")) == named(MASTER)


def test_a_file_without_an_address_is_a_mistake() -> None:
    with pytest.raises(KeyError, match=r"video-small\.m3u8"):
        addressed(MASTER, {"audio.m3u8": "https://host/audio.m3u8"})
