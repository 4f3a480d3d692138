"""What every annotator in the folder must keep to."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.base import Annotator, find_annotators
from tests.scenes import draw_scene

ANNOTATORS = {annotator.name: annotator for annotator in find_annotators()}
SAMPLED = {"lettering.area", "lettering.middle_area"}
"""Columns that are measured in some frames only, and NaN in the others by their description."""


@pytest.fixture(params=ANNOTATORS, scope="module")
def annotator(request: pytest.FixtureRequest) -> Annotator:
    found = ANNOTATORS[request.param]
    found.load()
    return found


def noise(frames: int, *, height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (frames, height, width, 3), dtype=np.uint8)


def flat(frames: int, *, height: int, width: int) -> NDArray[np.uint8]:
    return np.full((frames, height, width, 3), 90, dtype=np.uint8)


def grey(frames: int, *, height: int, width: int) -> NDArray[np.uint8]:
    return noise(frames, height=height, width=width)[..., :1].repeat(3, axis=3)


def test_every_annotator_of_the_design_is_found_under_its_name() -> None:
    assert {"exposure", "lettering", "motion", "palette", "sharpness", "signature"} <= set(ANNOTATORS)
    assert list(ANNOTATORS) == sorted(ANNOTATORS)


@pytest.mark.parametrize("draw", [noise, flat, grey])
@pytest.mark.parametrize("size", [(1, 1), (2, 2), (16, 16), (3, 200), (200, 3), (90, 160)])
def test_any_picture_gives_defined_values(annotator: Annotator, draw, size: tuple[int, int]) -> None:
    frames = draw(7, height=size[0], width=size[1])
    table = annotator.annotate(frames, frame_index=np.arange(7))
    assert table.values.shape == (7, len(annotator.columns))
    assert table.values.dtype == np.float32
    np.testing.assert_array_equal(table.frame_index, np.arange(7))
    for column, values in zip(annotator.columns, table.values.T, strict=True):
        measured = ~np.isnan(values)
        if f"{annotator.name}.{column}" not in SAMPLED:
            assert measured.all(), column
        assert np.isfinite(values[measured]).all(), column


def test_values_do_not_depend_on_where_blocks_begin_and_end(annotator: Annotator) -> None:
    frames = draw_scene(1, frames=24, pan_px=1.5)
    numbers = np.arange(100, 124)
    whole = annotator.annotate(frames, frame_index=numbers).values
    for first, end in ((0, 9), (5, 16), (11, 24)):
        part = annotator.annotate(frames[first:end], frame_index=numbers[first:end]).values
        inner = slice(annotator.halo, end - first - annotator.halo)
        np.testing.assert_array_equal(part[inner], whole[first:end][inner])


def test_annotating_leaves_the_frames_as_they_were(annotator: Annotator) -> None:
    frames = draw_scene(2, frames=4)
    kept = frames.copy()
    annotator.annotate(frames, frame_index=np.arange(4))
    np.testing.assert_array_equal(frames, kept)


def test_measuring_twice_gives_the_same_bits(annotator: Annotator) -> None:
    frames = draw_scene(3, frames=8, pan_px=2)
    tables = [annotator.annotate(frames, frame_index=np.arange(8)).values.tobytes() for _ in range(2)]
    assert tables[0] == tables[1]
