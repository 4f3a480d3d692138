"""What probing finds out survives the database and the pipe to a decoder process, so that frames stay exact."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ava.info_json import info_from_json, info_to_json
from ava.media.decode import decode_frames
from ava.media.probe import probe
from ava.media.video_info import VideoInfo
from ava.models import Video
from ava.video_facts import fields_from_info, video_info
from tests.footage import read_number, write_film

FILMS: dict[str, dict[str, Any]] = {
    "plain.mp4": {"audio": True},
    "counted.mpg": {"codec": "mpeg2video"},
    "broken_clock.avi": {},
    "turned.mov": {"rotation_deg": 90, "sample_aspect": Fraction(4, 3)},
}


def through_the_database(info: VideoInfo) -> VideoInfo:
    return video_info(Video(**fields_from_info(info)))


def through_a_pipe(info: VideoInfo) -> VideoInfo:
    return info_from_json(json.loads(json.dumps(info_to_json(info))))


@pytest.mark.parametrize("name", FILMS)
@pytest.mark.parametrize("travel", [through_the_database, through_a_pipe])
def test_probed_facts_come_back_whole(name: str, travel: Callable[[VideoInfo], VideoInfo], tmp_path: Path) -> None:
    path = write_film(tmp_path / name, frames=40, **FILMS[name])
    info = probe(path)
    back = travel(info)
    for field in fields(VideoInfo):
        before, after = getattr(info, field.name), getattr(back, field.name)
        if isinstance(before, np.ndarray):
            assert np.array_equal(before, after)
        else:
            assert before == after, field.name
    (frame,) = decode_frames(path, info=back, start_frame=30, end_frame=31)
    assert read_number(frame.rgb) == 30
