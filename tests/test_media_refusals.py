"""What is no film is refused with a sentence that says why; what is damaged but usable comes with a warning."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from ava.media import source
from ava.media.decode import UndecodableFrame, decode_frame, decode_frames
from ava.media.probe import UnusableVideo, probe
from tests.footage import cut_off, numbered_picture, read_number, write_film, write_sound


def refusal(path: Path) -> str:
    """The sentence with which a file is refused: one, about the file by its name."""
    with pytest.raises(UnusableVideo) as caught:
        probe(path)
    sentence = str(caught.value)
    assert path.name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def stored(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "is empty" in refusal(stored(tmp_path / "film.mp4", b""))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "no file named" in refusal(tmp_path / "film.mp4")
    (tmp_path / "folder.mp4").mkdir()
    assert "no file named" in refusal(tmp_path / "folder.mp4")


def test_text_with_a_films_name_is_refused(tmp_path: Path) -> None:
    assert "text file" in refusal(stored(tmp_path / "notes.mp4", "Zwölf Boxkämpfer\n".encode() * 500))
    assert "text file" in refusal(stored(tmp_path / "short.mp4", b"no"))


@pytest.mark.parametrize("content", [bytes(5000), np.random.default_rng(4).bytes(100_000), b"\0", b"\x47" * 4000])
def test_bytes_without_sense_are_refused(content: bytes, tmp_path: Path) -> None:
    refusal(stored(tmp_path / "noise.mp4", content))


@pytest.mark.parametrize(
    ("suffix", "name"),
    [("png", "PNG"), ("jpg", "JPEG"), ("bmp", "BMP"), ("webp", "WebP"), ("tiff", "TIFF"), ("gif", "GIF")],
)
def test_pictures_with_a_films_name_are_refused(suffix: str, name: str, tmp_path: Path) -> None:
    _, content = cv2.imencode(f".{suffix}", np.zeros((64, 64, 3), dtype=np.uint8))
    assert f"{name} picture" in refusal(stored(tmp_path / "picture.mp4", bytes(content)))


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("sound.m4a", "aac"),
        ("sound.mp3", "libmp3lame"),
        ("sound.wav", "pcm_s16le"),
        ("sound.flac", "flac"),
        ("s.mka", "aac"),
    ],
)
def test_sound_alone_is_refused(name: str, codec: str, tmp_path: Path) -> None:
    assert "sound" in refusal(write_sound(tmp_path / name, codec=codec))


@pytest.mark.parametrize(("name", "codec"), [("cover.mp3", "libmp3lame"), ("cover.m4a", "aac"), ("cover.mp4", "aac")])
def test_sound_with_a_cover_picture_is_refused(name: str, codec: str, tmp_path: Path) -> None:
    path = write_sound(tmp_path / name, codec=codec, cover=numbered_picture(0, width=64, height=64))
    sentence = refusal(path)
    assert "cover picture" in sentence or "sound only" in sentence


def test_files_that_point_at_other_files_are_refused_and_not_followed(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.ts")
    lists = {
        "list.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{film}\n#EXT-X-ENDLIST\n",
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{film.name}\n#EXT-X-ENDLIST\n",
        "list.ffconcat": f"ffconcat version 1.0\nfile '{film.name}'\n",
        "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
        "list.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>',
    }
    for name, content in lists.items():
        refusal(stored(tmp_path / name, content.encode()))


def test_names_that_look_like_protocols_are_only_names(tmp_path: Path) -> None:
    film = write_film(tmp_path / "concat:a|b %05d.mp4", frames=5)
    assert probe(film).frame_count == 5


def test_an_mp4_without_its_index_is_refused(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "whole.mp4", frames=80)
    for keep in (0.05, 0.5, 0.9):
        assert "cut off before its index" in refusal(cut_off(whole, keep=keep, target=tmp_path / "cut.mp4"))


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.avi"])
def test_a_cut_off_film_is_used_as_far_as_it_goes_with_a_warning(name: str, tmp_path: Path) -> None:
    options = {"movflags": "+faststart"} if name.endswith("mp4") else {}
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    whole = write_film(tmp_path / name, frames=100, audio=True, codec=codec, container_options=options)
    cut = cut_off(whole, keep=0.5, target=tmp_path / f"cut_{name}")
    info = probe(cut)
    assert 20 < info.frame_count < 80
    assert any("are missing" in sentence for sentence in info.warnings)
    numbers = [read_number(frame.rgb) for frame in decode_frames(cut, info=info)]
    assert numbers[:-2] == list(range(len(numbers) - 2))  # pictures after the cut's last reference may be damaged
    assert probe(whole).warnings == ()


def test_a_film_of_which_hardly_anything_arrived_is_refused(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "whole.mp4", frames=500, container_options={"movflags": "+faststart"})
    size = len(whole.read_bytes())
    index_end = whole.read_bytes().index(b"mdat")
    sentence = refusal(cut_off(whole, keep=(index_end + 0.05 * (size - index_end)) / size, target=tmp_path / "cut.mp4"))
    assert "says it lasts 20 s but holds only" in sentence


def test_a_header_that_claims_a_thousand_seconds_for_ten_frames_is_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", frames=10)
    content = bytearray(path.read_bytes())
    header = content.index(b"mvhd") + 4
    scale = struct.unpack_from(">I", content, header + 12)[0]
    struct.pack_into(">I", content, header + 16, 1000 * scale)
    path.write_bytes(content)
    assert "says it lasts 1000 s but holds only 0.4 s" in refusal(path)


def test_a_matroska_header_that_claims_a_thousand_seconds_is_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", frames=10)
    content = bytearray(path.read_bytes())
    duration = content.index(b"\x44\x89\x88") + 3  # Duration, an 8-byte float of milliseconds
    struct.pack_into(">d", content, duration, 1_000_000.0)
    path.write_bytes(content)
    assert "says it lasts 1000 s" in refusal(path)


def test_counts_beyond_reason_cost_neither_time_nor_memory(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", frames=10)
    for count in (0x7FFF_FFF, 0xFFFF_FFF0):
        content = bytearray(path.read_bytes())
        struct.pack_into(">III", content, content.index(b"stsz") + 4, 0, 1, count)
        struct.pack_into(">I", content, content.index(b"stts") + 12, count)
        struct.pack_into(">I", content, content.index(b"stsc") + 16, count)
        start = time.process_time()
        refusal(stored(tmp_path / "claim.mp4", bytes(content)))
        assert time.process_time() - start < 10


def test_pictures_beyond_reason_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_film(tmp_path / "film.mp4", width=256, height=128, frames=3)
    monkeypatch.setattr("ava.media.probe.LARGEST_SIDE_PX", 200)
    assert "claims pictures of 256 × 128" in refusal(path)


def test_a_stream_that_grows_beyond_reason_while_it_is_decoded_stops_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = write_film(tmp_path / "small.ts", frames=12, width=96, height=64)
    large = write_film(tmp_path / "large.ts", frames=12, width=960, height=640)
    joined = stored(tmp_path / "joined.ts", small.read_bytes() + large.read_bytes())
    monkeypatch.setattr(source, "LARGEST_PICTURE_PX", 128 * 128)
    info = probe(joined)
    numbers = [read_number(frame.rgb) for frame in decode_frames(joined, info=info)]
    assert numbers == list(range(len(numbers)))
    assert 8 <= len(numbers) <= 12


def test_a_codec_that_cannot_be_decoded_is_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mov", frames=3)
    content = path.read_bytes().replace(b"avc1", b"icpf")
    assert "cannot decode" in refusal(stored(path, content)) or "decoded" in refusal(path)


def test_a_file_that_is_changed_under_way_never_hangs(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", frames=60)
    info = probe(path)
    cut_off(path, keep=0.3, target=path)
    with pytest.raises((UnusableVideo, UndecodableFrame)):
        decode_frame(path, info=info, frame_index=50)


def test_a_frame_that_the_film_does_not_have_is_named(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", frames=5)
    info = probe(path)
    for frame_index in (-1, 5):
        with pytest.raises(UndecodableFrame, match="has frames 0 to 4"):
            decode_frame(path, info=info, frame_index=frame_index)


@pytest.mark.parametrize("seed", range(12))
def test_random_damage_never_raises_anything_else(seed: int, tmp_path: Path) -> None:
    chance = np.random.default_rng(seed)
    name = ("film.mp4", "film.mkv", "film.ts", "film.avi", "film.mpg", "film.webm")[seed % 6]
    codec = {"avi": "mpeg4", "mpg": "mpeg2video", "webm": "libvpx-vp9"}.get(name[-3:].lstrip("."), "libx264")
    codec = "libvpx-vp9" if name.endswith("webm") else codec
    content = bytearray(write_film(tmp_path / name, frames=30, codec=codec).read_bytes())
    for place in chance.integers(0, len(content), 40):
        content[place] = chance.integers(256)
    path = stored(tmp_path / name, bytes(content))
    try:
        info = probe(path)
    except UnusableVideo:
        return
    indices = [frame.index for frame in decode_frames(path, info=info)]
    assert indices == sorted(set(indices))
    assert all(0 <= index < info.frame_count for index in indices)


def test_cover_art_beside_a_film_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as output:
        cover = output.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt, cover.disposition = 64, 64, "rgb24", 1024
        film = output.add_stream("libx264", rate=25)
        film.width, film.height, film.pix_fmt = 96, 64, "yuv420p"
        output.mux(cover.encode(VideoFrame.from_ndarray(numbered_picture(9, width=64, height=64), format="rgb24")))
        output.mux(cover.encode(None))
        for number in range(6):
            picture = VideoFrame.from_ndarray(numbered_picture(number, width=96, height=64), format="rgb24")
            output.mux(film.encode(picture))
        output.mux(film.encode(None))
    info = probe(path)
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 2
    assert info.frame_count == 6
    assert [read_number(frame.rgb) for frame in decode_frames(path, info=info)] == list(range(6))
