"""Shots of drawn films whose boundaries are known by construction."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from ava.annotate.base import find_annotators
from ava.annotate.run import annotate_span, collect_signals
from ava.media.probe import probe
from ava.shots.boundaries import find_shots
from ava.shots.shot_list import ShotList
from tests.footage import write_film
from tests.scenes import HEIGHT, WIDTH, Frames, draw_scene, fade, flat, join, measure, mix

FPS = Fraction(25)


def shots_of(frames: Frames) -> ShotList:
    return find_shots(measure(frames), fps=FPS)


def boundaries_of(frames: Frames) -> list[tuple[int, str]]:
    return [(shot.start_frame, shot.transition) for shot in shots_of(frames).shots[1:]]


@pytest.mark.parametrize("pair", range(5))
def test_hard_cut_is_found_at_the_first_frame_of_the_new_shot(pair: int) -> None:
    film = join(draw_scene(2 * pair, frames=40), draw_scene(2 * pair + 1, frames=40))
    assert boundaries_of(film) == [(40, "cut")]


def test_shots_cover_the_film_without_gaps() -> None:
    found = shots_of(join(*(draw_scene(number, frames=30) for number in range(4)))).shots
    assert [shot.index for shot in found] == [0, 1, 2, 3]
    assert [shot.start_frame for shot in found] == [0, 30, 60, 90]
    assert [shot.end_frame for shot in found] == [30, 60, 90, 120]
    assert found[0].transition == "start"


@pytest.mark.parametrize("pan_px", [0.0, 0.3, 3.0, -8.0])
def test_camera_that_moves_over_one_place_makes_no_boundary(pan_px: float) -> None:
    assert boundaries_of(draw_scene(7, frames=90, pan_px=pan_px)) == []


def test_cut_between_two_fast_pans_is_found() -> None:
    film = join(draw_scene(1, frames=40, pan_px=5), draw_scene(2, frames=40, pan_px=-5))
    assert boundaries_of(film) == [(40, "cut")]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_flash_is_no_cut(length: int) -> None:
    film = draw_scene(3, frames=80)
    film[40 : 40 + length] = 255 - (255 - film[40 : 40 + length]) // 6
    assert boundaries_of(film) == []


def test_caption_that_pops_up_is_no_cut() -> None:
    film = join(*(draw_scene(number, frames=80) for number in (4, 5, 6)))
    for frame in film[120:140]:
        cv2.putText(frame, "A NAME", (10, 80), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 2)
    assert boundaries_of(film) == [(80, "cut"), (160, "cut")]


def test_cartoon_drawn_on_twos_keeps_its_cuts_and_gets_no_others() -> None:
    film = join(draw_scene(5, frames=40, pan_px=2), draw_scene(6, frames=40, pan_px=2))
    held = film[np.arange(len(film)) // 2 * 2]
    assert boundaries_of(held) == [(40, "cut")]


def test_cut_between_pillarboxed_grey_pictures_is_found() -> None:
    film = join(draw_scene(8, frames=40), draw_scene(9, frames=40)).mean(axis=3, keepdims=True)
    film = np.repeat(film * 0.4 + 60, 3, axis=3).astype(np.uint8)
    film[:, :, :40], film[:, :, -40:] = 0, 0
    assert boundaries_of(film) == [(40, "cut")]


@pytest.mark.parametrize("length", [8, 16, 30, 50])
def test_dissolve_begins_its_shot_in_the_middle_of_its_span(length: int) -> None:
    first, second = draw_scene(10, frames=60 + length), draw_scene(11, frames=60 + length)
    found = shots_of(join(first[:60], mix(first[60:], second[:length]), second[length:]))
    assert [shot.transition for shot in found.shots] == ["start", "dissolve"]
    assert abs(found.shots[1].start_frame - (60 + length / 2)) <= 2
    (span,) = found.transitions
    assert abs(span.start_frame - 60) <= 3
    assert abs(span.end_frame - (60 + length)) <= 3


def test_fade_through_a_moment_of_black_is_one_boundary_at_the_new_picture() -> None:
    ramp = np.linspace(0, 1, 14)[1:-1]
    first, second = draw_scene(12, frames=52), draw_scene(13, frames=52)
    film = join(
        first[:40],
        fade(first[40:], strengths=ramp[::-1]),
        flat(6),
        fade(second[:12], strengths=ramp),
        second[12:],
    )
    found = shots_of(film)
    assert [(shot.start_frame, shot.transition) for shot in found.shots[1:]] == [(58, "fade")]
    (span,) = found.transitions
    assert (span.kind, abs(span.start_frame - 40) <= 3, abs(span.end_frame - 70) <= 3) == ("fade", True, True)


def test_fade_without_one_black_frame_is_one_boundary() -> None:
    ramp = np.linspace(0, 1, 14)[1:-1]
    first, second = draw_scene(12, frames=52), draw_scene(13, frames=52)
    film = join(
        first[:40], fade(first[40:], strengths=ramp[::-1]), fade(second[:12], strengths=ramp), second[12:]
    )
    ((frame, _),) = boundaries_of(film)
    assert abs(frame - 52) <= 1


def test_long_black_is_a_shot_of_its_own() -> None:
    ramp = np.linspace(0, 1, 14)[1:-1]
    first, second = draw_scene(14, frames=52), draw_scene(15, frames=52)
    film = join(
        first[:40],
        fade(first[40:], strengths=ramp[::-1]),
        flat(20),
        fade(second[:12], strengths=ramp),
        second[12:],
    )
    assert boundaries_of(film) == [(52, "fade"), (72, "fade")]


def test_cut_to_black_is_a_cut_and_the_fade_from_it_a_fade() -> None:
    ramp = np.linspace(0, 1, 14)[1:-1]
    second = draw_scene(17, frames=52)
    film = join(draw_scene(16, frames=40), flat(8), fade(second[:12], strengths=ramp), second[12:])
    assert boundaries_of(film) == [(40, "cut"), (48, "fade")]


def test_film_that_fades_in_from_black_and_out_again_is_one_shot() -> None:
    ramp = np.linspace(0, 1, 14)[1:-1]
    film = draw_scene(18, frames=80)
    faded = join(
        flat(4), fade(film[:12], strengths=ramp), film[12:68], fade(film[68:], strengths=ramp[::-1]), flat(4)
    )
    found = shots_of(faded)
    assert len(found.shots) == 1
    assert [span.kind for span in found.transitions] == ["fade", "fade"]


def test_dark_thing_that_crosses_the_whole_view_is_no_fade() -> None:
    film = draw_scene(19, frames=80)
    for step in range(20):
        left = int(-1.5 * WIDTH + step * 0.2 * WIDTH)
        film[30 + step, :, max(left, 0) : max(left + int(1.4 * WIDTH), 0)] = 12
    assert film[30:50].max(axis=(1, 2, 3)).min() == 12, "the thing fills the view at one moment"
    assert boundaries_of(film) == []


@pytest.mark.parametrize("end", range(36, 76, 3))
def test_prefix_of_a_film_has_no_boundary_that_the_film_has_not(end: int) -> None:
    ramp = np.linspace(0, 1, 14)[1:-1]
    first = draw_scene(20, frames=120)
    first[38] = 250  # a flash, then a fade to black and a new picture
    film = join(first[:50], fade(first[50:62], strengths=ramp[::-1]), flat(3), draw_scene(21, frames=60))
    whole = boundaries_of(film)
    assert len(whole) == 1
    assert set(boundaries_of(film[:end])) <= set(whole)


def test_stretch_that_was_not_measured_makes_no_boundary_and_hides_none_beside_it() -> None:
    signals = measure(join(draw_scene(22, frames=100), draw_scene(23, frames=40)))
    for signal in signals.values():
        signal[30:60] = np.nan
    found = find_shots(signals, fps=FPS)
    assert [(shot.start_frame, shot.end_frame) for shot in found.shots] == [(0, 100), (100, 140)]


def test_shots_cover_frames_that_are_not_measured_yet() -> None:
    signals = measure(join(draw_scene(22, frames=40), draw_scene(23, frames=40)))
    for signal in signals.values():
        signal[70:] = np.nan
    found = find_shots(signals, fps=FPS)
    assert [(shot.start_frame, shot.end_frame) for shot in found.shots] == [(0, 40), (40, 80)]


@pytest.mark.parametrize("frame_count", [0, 1, 2, 5])
def test_very_short_film_is_at_most_one_shot(frame_count: int) -> None:
    signals = {name: signal[:frame_count] for name, signal in measure(draw_scene(1, frames=6)).items()}
    assert len(find_shots(signals, fps=FPS).shots) == min(frame_count, 1)


def test_film_of_nothing_but_black_is_one_shot() -> None:
    assert boundaries_of(flat(80)) == []


def test_cut_on_chunk_seam_is_found_once(tmp_path: Path) -> None:
    pictures = join(draw_scene(24, frames=48), draw_scene(25, frames=48))
    path = write_film(
        tmp_path / "film.mp4",
        frames=96,
        width=WIDTH,
        height=HEIGHT,
        picture=lambda number: pictures[number],
        gop=24,
    )
    info = probe(path)
    annotators = [each for each in find_annotators() if each.name in ("exposure", "motion", "signature")]

    def signals(*seams: int) -> dict[str, np.ndarray]:
        spans = zip((0, *seams), (*seams, 96), strict=True)
        parts = [
            annotate_span(path, info=info, annotators=annotators, start_frame=start, end_frame=end)
            for start, end in spans
        ]
        tables = {each.name: [part[each.name] for part in parts] for each in annotators}
        return dict(collect_signals(tables, annotators=annotators, frame_count=96))

    whole = find_shots(signals(), fps=FPS)
    assert [shot.start_frame for shot in whole.shots] == [0, 48]
    assert find_shots(signals(24, 48, 72), fps=FPS) == whole
    assert find_shots(signals(47), fps=FPS) == whole


@pytest.mark.parametrize("across", [False, True])
def test_wipe_begins_its_shot_in_the_middle_of_its_span(across: bool) -> None:
    first, second = draw_scene(26, frames=84), draw_scene(27, frames=84)
    mixed = first[60:].copy()
    for step in range(24):
        edge = (step + 1) / 25
        if across:
            mixed[step, :, : round(edge * WIDTH)] = second[step, :, : round(edge * WIDTH)]
        else:
            mixed[step, : round(edge * HEIGHT)] = second[step, : round(edge * HEIGHT)]
    found = shots_of(join(first[:60], mixed, second[24:]))
    assert [shot.transition for shot in found.shots] == ["start", "dissolve"]
    assert abs(found.shots[1].start_frame - 72) <= 3
