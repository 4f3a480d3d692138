"""Pixel errors of a film that is analysed without a database, found in the decode that measures it."""

from __future__ import annotations

from functools import partial
from typing import Any

from ava.annotate.film import BeginWatch
from ava.media.video_info import VideoInfo
from qc.pixel.film_scan import FilmFindings, begin_scan
from qc.pixel.film_told import tell_flags
from qc.pixel.model_file import SHIPPED, read_model

TOLD = ("frame_index", "x", "y", "confidence", "kind")


def watch_pixels() -> BeginWatch:
    """What scans the chunks of a film with the model that comes with AVA. Raises UnfitModel where there is none."""
    read_model(SHIPPED)
    return partial(begin_scan, SHIPPED)


def describe_pixel_flags(found: FilmFindings | None, *, info: VideoInfo) -> dict[str, Any]:
    """result.json's flags, in pixels of the upright picture; nothing at all where nobody looked."""
    if found is None:
        return {}
    return {"pixel_flags": [{name: flag[name] for name in TOLD} for flag in tell_flags(found, info=info)]}
