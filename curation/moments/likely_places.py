"""Places of a film that a trailer's shot may be from: looked for in the film's small pictures, the likeliest first."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.film_index import FilmIndex, Query
from curation.moments.film_pictures import FilmPictures
from curation.moments.film_window import Window, cut_window, find_window
from curation.moments.passage_check import show_detail
from curation.moments.shot_pictures import ShotPictures

PLACES_A_SAMPLE = 10
PLACES_COMPARED, PICTURES_COMPARED = 12, 3
"""Places of a shot that are compared with the film's small pictures closely, and how many pictures of each place."""
PLACES_TURNED = 4
"""Of the likeliest the other way round is compared, too: a symmetrical picture is found either way."""
PLACES_READ, PLACES_READ_IF_DOUBTFUL = 4, 2
"""Places whose frames are read from the film; the second, where even the best is not ``LIKELY``."""
LIKELY, LEAST_LIKELY = 0.75, 0.45
DETAIL_WEIGHT = 0.5
"""Of two pictures' agreement in detail beside that of their light."""
LEAST_PIXELS = 64


class Likely(NamedTuple):
    """A place to look at: the trailer's sample (a place among the shot's frames), the film's frame, and the window."""

    sample: int
    film_frame: int
    window: Window
    score: float


def find_likely(shots: Sequence[ShotPictures], *, film: FilmPictures, index: FilmIndex) -> list[list[Likely]]:
    """Likely places of every sample of every shot, in ``index``, which is of ``film``."""
    asked = [(number, sample) for number, shot in enumerate(shots) for sample in shot.samples]
    queries = [Query(shots[number].gray[sample], shots[number].counts) for number, sample in asked]
    likely: list[list[Likely]] = [[] for _ in shots]
    for (number, sample), candidates in zip(asked, index.find(queries, most=PLACES_A_SAMPLE), strict=True):
        likely[number] += [
            Likely(sample, int(film.tile_frames[each.tile]), each.window, each.score) for each in candidates
        ]
    return likely


def choose_places(
    shot: ShotPictures, likely: Sequence[Likely], *, film: FilmPictures, natural_step: float
) -> list[Likely]:
    """The few places worth reading from the film, by close comparison with its small pictures, the likeliest first.

    ``natural_step``: film frames a trailer frame at the film's own speed. Only one is of any one passage.
    """
    compared = []
    for each in _candidates(shot, likely, fps=film.fps, natural_step=natural_step):
        tile = film.tiles[int(np.searchsorted(film.tile_frames, each.film_frame))]
        sample = shot.gray[each.sample]
        window, score = find_window(tile, sample, counts=shot.counts, start=each.window)
        worth = score + DETAIL_WEIGHT * _detail_agreement(tile, sample, counts=shot.counts, window=window)
        compared.append((worth, each._replace(window=window, score=score)))
    chosen: list[Likely] = []
    for _, each in sorted(compared, key=lambda pair: -pair[0]):
        most = PLACES_READ if not chosen or chosen[0].score >= LIKELY else PLACES_READ_IF_DOUBTFUL
        if len(chosen) == most:
            break
        if each.score >= LEAST_LIKELY and not any(
            _is_one_passage(shot, each, other, fps=film.fps, step=natural_step) for other in chosen
        ):
            chosen.append(each)
    return chosen


def _detail_agreement(
    tile: NDArray[np.uint8], sample: NDArray[np.uint8], *, counts: NDArray[np.bool_], window: Window
) -> float:
    """How well a film's small picture and a trailer's picture agree in detail, 0–1: light alone tells little."""
    cut, inside = cut_window(tile[None], window, size_px=(sample.shape[1], sample.shape[0]))
    counts = counts & inside
    if counts.sum() < LEAST_PIXELS:
        return 0.0
    return max(float(show_detail(cut, counts)[0] @ show_detail(sample[None], counts)[0]), 0.0)


def _candidates(shot: ShotPictures, likely: Sequence[Likely], *, fps: float, natural_step: float) -> list[Likely]:
    """The best pictures of the best places, and the very best ones the other way round, too."""
    ranked = sorted(likely, key=lambda each: -each.score)
    places: list[list[Likely]] = []
    for each in ranked:
        own = next((held for held in places if _is_one_passage(shot, each, held[0], fps=fps, step=natural_step)), None)
        if own is None and len(places) < PLACES_COMPARED:
            places.append([each])
        elif own is not None and len(own) < PICTURES_COMPARED:
            own.append(each)
    turned = [each._replace(window=turn(each.window)) for each in ranked[:PLACES_TURNED]]
    return [each for held in places for each in held] + turned


def turn(window: Window) -> Window:
    """The same part of the picture, mirrored if it was not."""
    return window._replace(mirrored=not window.mirrored)


def _is_one_passage(shot: ShotPictures, one: Likely, other: Likely, *, fps: float, step: float) -> bool:
    """Whether two places can be parts of one passage at about the film's own speed."""
    apart = one.film_frame - other.film_frame
    expected = (int(shot.frames[one.sample]) - int(shot.frames[other.sample])) * step
    return abs(apart - expected) <= fps and one.window.mirrored == other.window.mirrored
