"""Opening a film file safely: local files only, known containers only, bounded picture sizes."""

from __future__ import annotations

from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

# Containers that hold one film in one file. Playlist-like formats (HLS, DASH, concat …) are absent on purpose:
# they make the demuxer open other files that the uploader names.
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "avi",
    "mpegts",
    "mpeg",
    "mxf",
    "flv",
    "asf",
    "ogg",
    "dv",
    "gxf",
)
LARGEST_SIDE_PX = 16384
LARGEST_PICTURE_PX = 8192 * 8192


class UnusableVideo(Exception):
    """A file that is no usable film; the text is one sentence for the person who brought it."""


def open_source(path: Path) -> InputContainer:
    """Open a film file for reading, without ever following it to another file or host.

    Raises UnusableVideo when the file is missing, empty or in no container that AVA reads.
    """
    if not path.is_file():
        raise UnusableVideo(f"There is no file named {path.name} here; check the path and try again.")
    if path.stat().st_size == 0:
        raise UnusableVideo(f"{path.name} is empty (0 bytes); upload it again.")
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": ",".join(CONTAINERS),
        "max_pixels": str(LARGEST_PICTURE_PX),
    }
    try:
        return av.open(f"file:{path.resolve()}", mode="r", options=options, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise UnusableVideo(
            f"{path.name} is no film that AVA can read, or it was cut off before its index; "
            f"bring an MP4, MOV, MKV, WebM, AVI, MXF, MPEG-TS or similar film file."
        ) from error


def video_stream(container: InputContainer, *, name: str) -> VideoStream:
    """The stream that holds the film's picture: the first default one that is no cover art.

    Raises UnusableVideo when the file holds sound, subtitles or pictures only.
    """
    disposition = av.stream.Disposition
    still = disposition.attached_pic | disposition.timed_thumbnails | disposition.still_image
    films = [stream for stream in container.streams.video if not stream.disposition & still]
    if not films:
        what = "a cover picture but no film" if container.streams.video else "no picture, only sound or text"
        raise UnusableVideo(f"{name} holds {what}; bring the film's picture file.")
    return next((stream for stream in films if stream.disposition & disposition.default), films[0])
