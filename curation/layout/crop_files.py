"""Crops of a picture as files, each in its canvas's size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ava.media.canvas_picture import encode_for_web, render_canvas
from ava.media.picture_file import read_picture
from curation.layout.canvases import Canvas


def write_crops(
    picture: Path, *, crops: Mapping[str, Sequence[float]], canvases: Sequence[Canvas], folder: Path, name: str
) -> dict[str, str]:
    """Write the crops of a picture file, boxes by canvas key, as PNG ``NAME_KEY.png`` into a folder, made when missing.

    Gives the files by canvas key. Raises UnusablePicture for what can no longer be read, OSError for the folder.
    """
    rgb = read_picture(picture)
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for canvas in canvases:
        x0, y0, x1, y1 = crops[canvas.key]
        rendered = render_canvas(rgb, box=(x0, y0, x1, y1), size=(canvas.width_px, canvas.height_px))
        path = folder / f"{name}_{canvas.key}.png"
        path.write_bytes(encode_for_web(rendered.astype("uint8", copy=False), format="png"))
        files[canvas.key] = str(path)
    return files
