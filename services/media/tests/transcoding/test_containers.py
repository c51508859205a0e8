"""What is let through to a transcoder by its first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.media.transcoding.containers import container


@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        (b"\0\0\0\x20ftypisom\0\0\2\0", "video/mp4"),
        (b"\0\0\0\x1cftypmp42", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "video/quicktime"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\1\x42\x82\x88matroska", "video/x-matroska"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\n", None),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", None),
        (b"<?xml version='1.0'?><MPD/>", None),
        (b"<SMIL><video src='http://127.0.0.1/'/></SMIL>", None),
        (b"\0\0\0\x20ftypM4A ", None),
        (b"\0\0\0\x18ftypheic", None),
        (b"RIFF\0\0\0\0AVI LIST", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"", None),
    ],
)
def test_the_bytes_decide(head: bytes, content_type: str | None) -> None:
    assert container(head) == content_type


@given(st.text(min_size=1))
def test_no_text_is_a_video(text: str) -> None:
    playlist = f"#EXTM3U\n{text}".encode()
    assert container(playlist) is None
