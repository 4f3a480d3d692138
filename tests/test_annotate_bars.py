"""Letterbox and pillarbox bars of drawn films with known edges, and of real ones."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.media.bar_edges import NO_BARS, Bars, find_bars, refine_bars
from ava.media.bars import PictureArea, choose_looks, find_picture_area
from ava.media.probe import probe
from tests.footage import write_film
from tests.scenes import draw_scene

Frames = NDArray[np.uint8]
WIDTH, HEIGHT, LOOKS = 240, 136, 24
LETTERBOX = Bars(top=17, bottom=17, left=0, right=0)
WITHIN_PX = 1


def views(*, width: int = WIDTH, height: int = HEIGHT, count: int = LOOKS) -> Frames:
    """One frame each of different places."""
    return np.concatenate([draw_scene(50 + number, frames=1, width=width, height=height) for number in range(count)])


def put_bars(frames: Frames, bars: Bars, *, tone: tuple[int, int, int] = (0, 0, 0)) -> Frames:
    barred = frames.copy()
    height, width = frames.shape[1:3]
    barred[:, : bars.top] = barred[:, height - bars.bottom :] = tone
    barred[:, :, : bars.left] = barred[:, :, width - bars.right :] = tone
    return barred


def dim(frames: Frames, *, rows: slice, factor: float) -> Frames:
    dimmed = frames.copy()
    dimmed[rows] = (dimmed[rows] * factor).astype(np.uint8)
    return dimmed


def write_line(frame: NDArray[np.uint8], *, y: int) -> None:
    cv2.putText(frame, "WE HAVE NO MORE TIME FOR THIS", (8, y), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 255), 1)


def assert_near(found: Bars, truth: Bars) -> None:
    assert np.abs(np.subtract(found, truth)).max() <= WITHIN_PX, f"{found} is not {truth}"


@pytest.mark.parametrize(
    "truth",
    [
        LETTERBOX,
        Bars(top=0, bottom=0, left=30, right=30),
        Bars(top=17, bottom=17, left=30, right=30),
        Bars(top=30, bottom=30, left=34, right=34),
        Bars(top=14, bottom=20, left=0, right=0),
        Bars(top=4, bottom=4, left=0, right=0),
    ],
)
def test_bars_on_any_sides_are_found(truth: Bars) -> None:
    assert_near(find_bars(put_bars(views(), truth)), truth)


def test_film_without_bars_has_none() -> None:
    assert find_bars(views()) == NO_BARS


@pytest.mark.parametrize("tone", [(16, 16, 16), (30, 30, 70), (255, 255, 255)])
def test_bars_may_have_any_constant_tone(tone: tuple[int, int, int]) -> None:
    assert_near(find_bars(put_bars(views(), LETTERBOX, tone=tone)), LETTERBOX)


def test_noisy_bars_with_soft_edges_are_found() -> None:
    soft = np.stack([cv2.GaussianBlur(frame, (0, 0), 1.2) for frame in put_bars(views(), LETTERBOX, tone=(12, 12, 12))])
    noisy = np.clip(soft + np.random.default_rng(1).normal(0, 3, soft.shape), 0, 255).astype(np.uint8)
    rough = find_bars(noisy)
    assert np.abs(np.subtract(rough, LETTERBOX)).max() <= 3
    assert_near(refine_bars(rough, looked_at=(HEIGHT, WIDTH), frames=list(noisy[:6])), LETTERBOX)


def test_a_few_lit_frames_among_dark_ones_show_the_bars() -> None:
    film = dim(put_bars(views(), LETTERBOX), rows=slice(0, 19), factor=0.03)
    assert_near(find_bars(film), LETTERBOX)


def test_fades_and_black_frames_hide_no_bars() -> None:
    film = put_bars(views(), LETTERBOX)
    for number in range(LOOKS):
        film = dim(film, rows=slice(number, number + 1), factor=(number % 6) / 5)
    assert_near(find_bars(film), LETTERBOX)


def test_subtitles_in_a_bar_and_over_its_edge_leave_it_a_bar() -> None:
    film = put_bars(views(), LETTERBOX)
    for number in range(0, LOOKS, 2):
        write_line(film[number], y=HEIGHT - 5)
        write_line(film[number], y=HEIGHT - 14)
    assert_near(find_bars(film), LETTERBOX)


def test_bars_are_those_that_the_widest_pictures_leave_when_the_aspect_changes() -> None:
    film = put_bars(views(), LETTERBOX)
    film[4::6] = put_bars(views(), Bars(8, 8, 0, 0))[4::6]
    assert_near(find_bars(film), Bars(8, 8, 0, 0))
    film[5::6] = views()[5::6]
    assert find_bars(film) == NO_BARS


def test_titles_and_credits_on_black_are_no_bars() -> None:
    film = np.zeros((LOOKS, HEIGHT, WIDTH, 3), dtype=np.uint8)
    for number in range(LOOKS):
        for y in range(40, 100, 14):
            write_line(film[number], y=y)
    assert find_bars(film) == NO_BARS


def test_black_sky_over_a_skyline_is_no_bar() -> None:
    film = views()
    columns = np.arange(WIDTH)
    for number, frame in enumerate(film):
        skyline = 40 + 18 * np.sin(columns / 23 + number) + 7 * np.sin(columns / 5)
        frame[np.arange(HEIGHT)[:, None] < skyline] = 0
    assert find_bars(film) == NO_BARS


def test_spotlight_on_a_black_stage_is_no_picture_area() -> None:
    film = views()
    for number, frame in enumerate(film):
        light = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        cv2.ellipse(light, (WIDTH // 2 + number % 5, HEIGHT // 2), (70, 50), 0, 0, 360, 1, -1)
        frame[light == 0] = 0
    assert find_bars(film) == NO_BARS


def test_even_sky_above_a_straight_sea_is_no_bar() -> None:
    film = views()
    film[:, :45] = (130, 180, 235)
    assert find_bars(film) == NO_BARS
    film[:, 100:] = (20, 60, 90)
    assert find_bars(film) == NO_BARS


def test_dark_foreground_below_a_static_view_is_no_bar_but_a_thin_dark_edge_on_one_side_is() -> None:
    film = views()
    film[:, 100:] = 0
    assert find_bars(film) == NO_BARS
    assert_near(find_bars(put_bars(views(), Bars(0, 6, 0, 0))), Bars(0, 6, 0, 0))


def test_tiny_and_short_films_are_whole(tmp_path: Path) -> None:
    for number, size in enumerate(
        ({"frames": 1}, {"frames": 2}, {"frames": 5, "width": 16, "height": 16}, {"frames": 40})
    ):
        info = probe(film := write_film(tmp_path / f"{number}.mp4", **size))
        assert find_picture_area(film, info=info).is_whole(info)


def test_night_frames_that_are_black_at_the_rim_are_no_bars_when_others_are_lit() -> None:
    film = views()
    across = np.abs(np.linspace(-1, 1, HEIGHT))[:, None, None]
    film[:20] = (film[:20] * np.clip(0.5 - across, 0, 1)).astype(np.uint8)
    assert find_bars(film) == NO_BARS


@pytest.mark.parametrize("kind", ["black", "noise", "white", "grey noise"])
@pytest.mark.parametrize("size", [(1, 1), (2, 2), (16, 16), (3, 60), (60, 3)])
def test_frames_that_show_nothing_have_no_bars(kind: str, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (6, *size, 3), dtype=np.uint8)
    frames = {
        "black": np.zeros_like(noise),
        "white": np.full_like(noise, 255),
        "noise": noise,
        "grey noise": noise[..., :1].repeat(3, axis=3),
    }[kind]
    assert find_bars(frames) == NO_BARS


def test_too_few_frames_tell_of_no_bars() -> None:
    assert find_bars(put_bars(views(count=2), LETTERBOX)) == NO_BARS


def test_edges_are_placed_to_the_pixel_at_full_size(tmp_path: Path) -> None:
    pictures = views(width=960, height=544, count=24)
    film = write_film(
        tmp_path / "letterboxed.mp4",
        frames=48,
        width=960,
        height=544,
        picture=lambda number: put_bars(pictures[number // 2][None], Bars(69, 71, 5, 0))[0],
        options={"crf": "20"},
    )
    info = probe(film)
    area = find_picture_area(film, info=info)
    assert np.abs(np.subtract(area, (5, 69, 960, 473))).max() <= 1
    assert not area.is_whole(info)


def test_looks_stay_near_their_keyframes_in_large_films_with_few(tmp_path: Path) -> None:
    info = probe(write_film(tmp_path / "one_key.mp4", frames=120, gop=500))
    looks = choose_looks(info)
    assert len(looks) == LOOKS
    assert looks[-1] > 100
    large = choose_looks(_resized(info, width=7680, height=4320))
    assert large.max() < 150_000_000 / (7680 * 4320)


def _resized(info, *, width: int, height: int):
    from dataclasses import replace

    return replace(info, coded_width=width, coded_height=height)


REAL = {
    "sintel_trailer_480p.mp4": PictureArea(0, 58, 854, 422),
    "steamboat.mp4": PictureArea(139, 0, 715, 480),
    "chaplin.mp4": PictureArea(73, 0, 568, 360),
    "googlework_short.mp4": PictureArea(0, 0, 320, 180),
    "popeye_sinbad_p1.mkv": PictureArea(0, 0, 1440, 1074),
    "popeye_sinbad_p3.mkv": PictureArea(0, 0, 1440, 1074),
    "big_buck_bunny_0_30.webm": PictureArea(0, 0, 1280, 720),
    "asl_five_people_montage.mp4": PictureArea(0, 0, 640, 480),
    "nasa_13013.mp4": PictureArea(0, 0, 320, 180),
    "fades.mp4": PictureArea(0, 0, 480, 320),
}


@pytest.mark.parametrize("name", REAL)
def test_real_films_have_the_area_seen_by_eye(shared_data: Path, name: str) -> None:
    film = shared_data / "video" / name
    found = find_picture_area(film, info=probe(film))
    assert np.abs(np.subtract(found, REAL[name])).max() <= 1, tuple(found)
