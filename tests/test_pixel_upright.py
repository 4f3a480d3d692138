"""Places of stored pictures and of upright ones agree with what the painter makes of the pictures."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from ava.media.geometry import upright_size
from ava.media.painter import Painter
from ava.media.probe import probe
from ava.media.video_info import VideoInfo
from qc.pixel.upright import to_stored, to_upright
from tests.footage import write_film

WIDTH, HEIGHT = 96, 64


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> VideoInfo:
    path: Path = write_film(tmp_path_factory.mktemp("film") / "film.mp4", frames=2, width=WIDTH, height=HEIGHT)
    return probe(path)


def turned(info: VideoInfo, *, rotation_deg: int, is_mirrored: bool, aspect: Fraction) -> VideoInfo:
    width, height = upright_size(WIDTH, HEIGHT, sample_aspect=aspect, rotation_deg=rotation_deg)
    return replace(
        info, width=width, height=height, rotation_deg=rotation_deg, is_mirrored=is_mirrored, sample_aspect=aspect
    )


@pytest.mark.parametrize("aspect", [Fraction(1), Fraction(4, 3), Fraction(8, 9)])
@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_a_lit_block_of_the_stored_picture_is_painted_where_its_place_is_said_to_be(
    plain, rotation_deg, is_mirrored, aspect
):
    info = turned(plain, rotation_deg=rotation_deg, is_mirrored=is_mirrored, aspect=aspect)
    stored = np.full((HEIGHT * 3 // 2, WIDTH), 16, dtype=np.uint8)
    stored[HEIGHT:] = 128
    stored[10:14, 70:74] = 235
    painted = Painter(info, width=info.width, height=info.height).rgb(VideoFrame.from_ndarray(stored, format="yuv420p"))
    light = painted[:, :, 1].astype(np.float64)
    light[light < 20] = 0
    down, across = np.indices(light.shape)
    seen = (light * across).sum() / light.sum(), (light * down).sum() / light.sum()
    assert to_upright(71.5, 11.5, film=info) == pytest.approx(seen, abs=0.2)


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_there_and_back_is_where_one_was(plain, rotation_deg, is_mirrored):
    info = turned(plain, rotation_deg=rotation_deg, is_mirrored=is_mirrored, aspect=Fraction(16, 11))
    for place in ((0.0, 0.0), (95.0, 63.0), (12.25, 40.5), (-0.5, 63.5)):
        assert to_stored(*to_upright(*place, film=info), film=info) == pytest.approx(place)


def test_a_plain_picture_keeps_its_places(plain):
    assert to_upright(12.5, 3.0, film=plain) == (12.5, 3.0)
