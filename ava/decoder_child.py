"""The program of a decoder process: opens films and pictures for AVA, so that a crash or a hang costs only itself.

`ava.decoder_process` starts it as `python -m ava.decoder_child MEMORY_BYTES IDLE_S`. One JSON object a line comes
in on standard input; lines with progress and at last the outcome go out on standard output. It knows no settings
and no database, and it ends when its parent does or when nothing has been asked for IDLE_S seconds.
"""

import base64
import io
import json
import os
import queue
import resource
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ava.media.whole_file import write_whole

JPEG_QUALITY = 90
STILL_AT_IT = -1
"""Progress between two frames: one frame on many canvases takes longer than a process may be silent."""

Say = Callable[[dict[str, Any]], None]


def probe_film(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """Probe the film at `path`."""
    from ava.info_json import info_to_json
    from ava.media.probe import probe

    info = probe(Path(request["path"]), on_progress=lambda share: say({"progress": share}))
    return info_to_json(info)


def write_frames(request: dict[str, Any], say: Say) -> list[int]:
    """Write frames `start_frame` … `end_frame` − 1 as `folder`/NUMBER.jpg, each complete or absent."""
    from PIL import Image

    from ava.info_json import info_from_json
    from ava.media.decode import decode_frames

    folder, written = Path(request["folder"]), []
    folder.mkdir(parents=True, exist_ok=True)
    for frame in decode_frames(
        Path(request["path"]),
        info=info_from_json(request["info"]),
        start_frame=request["start_frame"],
        end_frame=request["end_frame"],
        max_side_px=request["max_side_px"],
        threads=request["threads"],
    ):
        buffer = io.BytesIO()
        Image.fromarray(frame.rgb).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        write_whole(folder / f"{frame.index}.jpg", buffer.getvalue())
        written.append(frame.index)
        say({"progress": frame.index})
    return written


def write_still(request: dict[str, Any], say: Say) -> None:
    """Write frame `frame_index` in full resolution to `target`, as a PNG or JPEG that says where it comes from."""
    from ava.info_json import info_from_json
    from ava.media.decode import decode_frame
    from ava.media.still_file import StillMetadata, encode_still

    rgb = decode_frame(Path(request["path"]), info=info_from_json(request["info"]), frame_index=request["frame_index"])
    content = encode_still(rgb, format=request["format"], metadata=StillMetadata(**request["metadata"]))
    write_whole(Path(request["target"]), content)


def write_stills(request: dict[str, Any], say: Say) -> list[int]:
    """Write several frames of one film in full resolution; return those that could be decoded.

    Each of `stills` is {frame_index, metadata, pictures, thumbnail: path or null}, each of its pictures {box: the part
    of the frame that fills `size` (width, height), both null for all of it as it is, xmp: what it says beyond the
    metadata, files: format → path}. A TIFF has 16 bits a channel where the film has more than 8. Thumbnails are JPEGs
    of `thumbnail_px` on the longer side. Progress is a frame's number when it is written, else STILL_AT_IT.
    """
    from ava.info_json import info_from_json
    from ava.media.decode import decode_deep_frame_set, decode_frame_set
    from ava.media.still_file import StillMetadata

    info = info_from_json(request["info"])
    stills = {still["frame_index"]: still for still in request["stills"]}
    pictures = [picture for still in stills.values() for picture in still["pictures"]]
    is_deep = info.bit_depth > 8 and any("tiff" in picture["files"] for picture in pictures)
    decode: Callable[..., Any] = decode_deep_frame_set if is_deep else decode_frame_set
    written = []
    for frame in decode(Path(request["path"]), info=info, frame_indices=stills):
        for picture in stills[frame.index]["pictures"]:
            metadata = StillMetadata(**stills[frame.index]["metadata"])
            _write_picture(frame.rgb, picture, metadata=metadata, deep_rgb=getattr(frame, "deep_rgb", frame.rgb))
            say({"progress": STILL_AT_IT})
        if stills[frame.index]["thumbnail"] is not None:
            _write_thumbnail(frame.rgb, Path(stills[frame.index]["thumbnail"]), side_px=request["thumbnail_px"])
        written.append(frame.index)
        say({"progress": frame.index})
    return written


def write_artwork(request: dict[str, Any], say: Say) -> None:
    """Write the picture file at `path` in full size and on canvases: what `write_stills` does for one frame."""
    from ava.media.picture_file import read_picture
    from ava.media.still_file import ArtworkMetadata

    rgb, metadata = read_picture(Path(request["path"])), ArtworkMetadata(**request["metadata"])
    for picture in request["pictures"]:
        _write_picture(rgb, picture, metadata=metadata, deep_rgb=rgb)
        say({"progress": STILL_AT_IT})
    if request["thumbnail"] is not None:
        _write_thumbnail(rgb, Path(request["thumbnail"]), side_px=request["thumbnail_px"])


def _write_picture(rgb: Any, picture: dict[str, Any], *, metadata: Any, deep_rgb: Any) -> None:
    from ava.media.canvas_picture import render_canvas
    from ava.media.still_file import encode_still

    for is_tiff in (False, True):  # one rendering for all formats of a depth
        targets = {format: path for format, path in picture["files"].items() if (format == "tiff") == is_tiff}
        if not targets:
            continue
        shown = deep_rgb if is_tiff else rgb
        if picture["box"] is not None:
            shown = render_canvas(shown, box=tuple(picture["box"]), size=tuple(picture["size"]))
        for format, target in targets.items():
            content = encode_still(shown, format=format, metadata=metadata, xmp=picture["xmp"])
            write_whole(Path(target), content)


def _write_thumbnail(rgb: Any, target: Path, *, side_px: int) -> None:
    from PIL import Image

    small, buffer = Image.fromarray(rgb), io.BytesIO()
    small.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    small.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    write_whole(target, buffer.getvalue())


def make_film_proxy(request: dict[str, Any], say: Say) -> None:
    """Make the proxy of the film at `path` at `target`."""
    from ava.info_json import info_from_json
    from ava.media.proxy import make_proxy

    make_proxy(
        Path(request["path"]),
        info=info_from_json(request["info"]),
        target=Path(request["target"]),
        on_progress=lambda share: say({"progress": share}),
    )


def measure_film_sound(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """Measure the sound of the film at `path`; `values` are its arrays, packed, in base 64."""
    from ava.info_json import info_from_json
    from ava.sound.film_sound import measure_sound
    from ava.sound.packed import pack_sound

    sound = measure_sound(
        Path(request["path"]),
        info=info_from_json(request["info"]),
        on_progress=lambda share: say({"progress": share}),
    )
    values = base64.b64encode(pack_sound(sound)).decode()
    return {"values": values, "is_heard": sound.is_heard, "notes": list(sound.notes)}


def render_spans(request: dict[str, Any], say: Say) -> dict[str, int]:
    """Write `spans` ([source, start, end]) of `sources` ({path, info}) as one film, or its `preview`, at `target`."""
    from ava.handoff.film_render import render_film
    from ava.handoff.render_plan import FULL, PREVIEW, RenderSource, RenderSpan
    from ava.info_json import info_from_json

    made = render_film(
        [RenderSource(Path(each["path"]), info_from_json(each["info"])) for each in request["sources"]],
        spans=[RenderSpan(*span) for span in request["spans"]],
        target=Path(request["target"]),
        most_bytes=request["most_bytes"],
        quality=PREVIEW if request.get("preview") else FULL,
        on_progress=lambda frames: say({"progress": frames}),
    )
    return {"frames": made.frames, "repeated": made.repeated}


def read_picture_file(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """Read the image file at `path`, called `name`, and write it as `folder`/picture.png and `folder`/preview.jpg."""
    from ava.media.picture_copies import write_copies
    from ava.media.picture_file import open_picture

    read = open_picture(Path(request["path"]), name=request["name"])
    write_copies(read.rgb, folder=Path(request["folder"]))
    height, width = read.rgb.shape[:2]
    return {"width": width, "height": height, "remarks": list(read.remarks)}


WORK: dict[str, Callable[[dict[str, Any], Say], Any]] = {
    "probe": probe_film,
    "frames": write_frames,
    "still": write_still,
    "stills": write_stills,
    "artwork": write_artwork,
    "proxy": make_film_proxy,
    "sound": measure_film_sound,
    "render": render_spans,
    "picture": read_picture_file,
}


def main(*, memory_bytes: int, idle_s: float) -> None:
    """Answer requests until there is nobody left to ask."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints must not mix with the answers

    def say(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")

    requests: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        try:
            line = requests.get(timeout=idle_s)
        except queue.Empty:
            return
        say(_answer(json.loads(line), say))


def _answer(request: dict[str, Any], say: Say) -> dict[str, Any]:
    from ava.media.decode import UndecodableFrame
    from ava.media.picture_file import UnusablePicture
    from ava.media.source import UnusableVideo

    try:
        return {"result": WORK[request["work"]](request, say)}
    except (UnusableVideo, UndecodableFrame, UnusablePicture) as error:
        return {"refused": type(error).__name__, "sentence": str(error)}
    except MemoryError:
        return {"refused": "MemoryError", "sentence": ""}
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}", "errno": getattr(error, "errno", None)}


def _listen(requests: "queue.Queue[str]") -> None:
    """Pass lines on; when the parent is gone, stop at once, whatever is being decoded."""
    for line in sys.stdin:
        requests.put(line)
    os._exit(0)


if __name__ == "__main__":
    main(memory_bytes=int(sys.argv[1]), idle_s=float(sys.argv[2]))
