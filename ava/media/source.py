"""Opening a film file safely: local files only, known containers only, bounded picture sizes."""

from __future__ import annotations

from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

# Containers that hold one film in one file. Playlist-like formats (HLS, DASH, concat …) are absent on
# purpose: they make the demuxer open other files, which whoever uploads could name.
CONTAINERS = ("mov", "matroska", "webm", "avi", "mpegts", "mpeg", "mxf", "flv", "asf", "ogg", "dv", "gxf")
LARGEST_SIDE_PX = 16_384
LARGEST_PICTURE_PX = 8192 * 8192
SLOWEST_READ_S = 60.0  # a read that takes longer than this is given up

NO_FILM = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image

# What a file is by its first bytes, where that is not a film.
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"8BPS", "a Photoshop picture"),
    (b"ID3", "sound only (MP3)"),
    (b"\xff\xfb", "sound only (MP3)"),
    (b"fLaC", "sound only (FLAC)"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"#EXTM3U", "a playlist, which only points at other files"),
)


class UnusableVideo(Exception):
    """A file that is no usable film; the text is one sentence for the person who brought it."""


def open_source(path: Path) -> InputContainer:
    """Open a film file for reading, never following it to another file or host.

    Raises UnusableVideo when the file is missing, empty or in no container that AVA reads.
    """
    if not path.is_file():
        raise UnusableVideo(f"There is no file named {path.name}; check the path and try again.")
    if path.stat().st_size == 0:
        raise UnusableVideo(f"{path.name} is empty (0 bytes); upload it again.")
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": ",".join(CONTAINERS),
        "max_pixels": str(LARGEST_PICTURE_PX),
    }
    try:
        # The "file:" prefix keeps a name such as "concat:a|b" from being read as a protocol.
        return av.open(
            f"file:{path.resolve()}",
            mode="r",
            options=options,
            metadata_errors="replace",
            timeout=SLOWEST_READ_S,
        )
    except (av.error.FFmpegError, ValueError) as error:
        raise UnusableVideo(_why_unreadable(path)) from error


def film_stream(container: InputContainer, *, name: str) -> VideoStream:
    """The stream that holds the film's picture: the first default one that is no cover art.

    Raises UnusableVideo when the file holds only sound, text or a cover, or a codec that cannot be decoded.
    """
    films = [stream for stream in container.streams.video if not stream.disposition & NO_FILM]
    if not films and container.streams.video:
        raise UnusableVideo(f"{name} holds a cover picture but no film; bring the file with the moving picture.")
    if not films:
        raise UnusableVideo(f"{name} holds no moving picture, only sound or text; bring the film itself.")
    chosen = next((stream for stream in films if stream.disposition & Disposition.default), films[0])
    if chosen.codec_context is None:
        raise UnusableVideo(f"{name} uses a codec that AVA cannot decode; export it as H.264 or ProRes.")
    return chosen


def prepare_decoder(stream: VideoStream, *, threads: int, options: dict[str, str] | None = None) -> None:
    """Set thread count (0 means one a core) and the limit on picture size before the first picture."""
    context = stream.codec_context
    context.options = {"max_pixels": str(LARGEST_PICTURE_PX), **(options or {})}
    context.thread_count = threads
    if threads != 1:
        context.thread_type = "AUTO"


def _why_unreadable(path: Path) -> str:
    """One sentence for a file in which no container is recognised, from its first bytes."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"WEBP"):
        what = "sound only (WAV)" if head[8:12] == b"WAVE" else "a WebP picture"
        return f"{path.name} is {what}, not a film; bring the film itself."
    for signature, what in SIGNATURES:
        if head.startswith(signature):
            return f"{path.name} is {what}, not a film; bring the film itself."
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return f"{path.name} was cut off before its index (moov), so no picture can be found; upload it again."
    if b"\0" not in head and _is_text(head):
        return f"{path.name} is a text file, not a film, whatever its name says; bring the film itself."
    return (
        f"{path.name} is no film that AVA can read, or it is damaged; "
        "bring an MP4, MOV, MKV, WebM, AVI, MXF or MPEG transport stream."
    )


def _is_text(head: bytes) -> bool:
    try:
        head[:-3].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
