import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.lettering import EVERY_FRAMES, Lettering
from ava.render.lettering import Line, TextCue, draw_cue, letters_box
from ava.render.sample_film import draw_sample_scene

WIDTH, HEIGHT = 640, 360


def measure(*frames: NDArray[np.uint8], first: int = 0) -> NDArray[np.float32]:
    index = np.arange(first, first + len(frames))
    return Lettering().annotate(np.stack(frames), frame_index=index).values


def scene(index: int = 0) -> NDArray[np.uint8]:
    return draw_sample_scene(index, width=WIDTH, height=HEIGHT).rgb.copy()


def cue(text: str, *, size_unit: float, y_unit: float, kind: str = "subtitle") -> TextCue:
    return TextCue(kind, (Line(text, size_unit),), 0, 10, y_unit=y_unit, fade_frames=0)


@pytest.mark.parametrize("size_unit", [0.035, 0.05, 0.08])
def test_letters_are_found_where_they_are(size_unit: float) -> None:
    letters = cue("Letters over a picture", size_unit=size_unit, y_unit=0.4)
    x0, y0, x1, y1 = letters_box(letters, width=WIDTH, height=HEIGHT)
    ((area, middle, _),) = measure(draw_cue(scene(), letters, frame=3))
    assert area == pytest.approx((x1 - x0) * (y1 - y0) / (WIDTH * HEIGHT), rel=0.5)
    assert middle == area


def test_subtitles_do_not_count_as_in_the_middle() -> None:
    ((area, middle, _),) = measure(
        draw_cue(scene(), cue("Down here they read it", size_unit=0.05, y_unit=0.87), frame=3)
    )
    assert area > 0.005 and middle == 0


def test_large_white_title_is_found() -> None:
    ((_, middle, _),) = measure(draw_cue(scene(4), cue("TITLE", size_unit=0.3, y_unit=0.3), frame=3))
    assert middle > 0.03


def test_dark_letters_on_light_ground_are_found() -> None:
    page = np.full((HEIGHT, WIDTH, 3), 10, np.uint8)
    dark = 255 - draw_cue(page, cue("Black on white", size_unit=0.06, y_unit=0.4, kind="title"), frame=3)
    ((area, _, plain),) = measure(dark)
    assert area > 0.01 and plain > 0.85


@pytest.mark.parametrize("index", range(6))
def test_pictures_without_letters_have_next_to_none(index: int) -> None:
    ((area, _, plain),) = measure(scene(index))
    assert area < 0.004 and plain < 0.4


def test_plain_is_the_share_of_the_commonest_tone() -> None:
    frame = np.full((100, 100, 3), 60, np.uint8)
    frame[:25] = np.random.default_rng(0).integers(100, 250, (25, 100, 1))
    assert measure(frame)[0, 2] == pytest.approx(0.75)
    assert measure(np.zeros((90, 160, 3), np.uint8))[0, 2] == 1


def test_letters_are_sampled_by_frame_number_not_by_block() -> None:
    frames = [scene()] * (2 * EVERY_FRAMES)
    sampled = ~np.isnan(measure(*frames, first=4)[:, 0])
    assert list(np.flatnonzero(sampled)) == [EVERY_FRAMES - 4, 2 * EVERY_FRAMES - 4]
    assert not np.isnan(measure(*frames, first=4)[:, 2]).any()


def test_tiny_pictures_are_measured() -> None:
    for size in ((1, 1), (2, 7), (9, 16)):
        values = measure(np.full((*size, 3), 128, np.uint8))
        assert values[0].tolist() == [0, 0, 1]
