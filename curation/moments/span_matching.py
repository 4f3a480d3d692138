"""One likely place of the film laid against a trailer's shot: which frames agree, along which line, and how well."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.film_pictures import FilmReader
from curation.moments.film_window import Window, cut_window, refine_window
from curation.moments.passage_check import Agreement, compare_pairs, show_detail
from curation.moments.shot_pictures import PLAIN_LEVELS, WIDTH_PX, ShotPictures
from curation.moments.time_line import SPEEDS, TimeLine, fit_line

MARGIN_FRAMES = 14
"""A film's small pictures are this far from the frame that a trailer shows, at most."""
MOST_REACH_FRAMES = 192
LEAST_AGREEMENT = 0.4
MOST_DISAGREEMENT, MORE_DISAGREEMENT = 0.12, 3.0
"""A frame belongs to a passage while it disagrees by no more than the first, or than so many times what is usual there:
where another take of the set-up follows without a visible cut, the agreement only drops."""
LEAST_REACH_FRAMES = 72
MOST_DROPPED = 2
REFINEMENTS = 2
FITS = 2
LEAST_PIXELS = 64


class Likely(NamedTuple):
    """A place to look at: the trailer's sample (a place among the shot's frames), the film's frame, and the window."""

    sample: int
    film_frame: int
    window: Window
    score: float


class Laid(NamedTuple):
    """Places ``first`` … ``end`` − 1 of a shot's pictures, the film frame of each ``int64 (n,)``, how they agree."""

    first: int
    end: int
    film_frames: NDArray[np.int64]
    line: TimeLine
    window: Window
    found: Agreement


def lay_span(
    shot: ShotPictures, span: tuple[int, int], likely: Likely, *, reader: FilmReader, natural_step: float
) -> Laid | None:
    """Lay a span of a shot's pictures (half-open places) against the film around a likely place.

    ``natural_step``: film frames a trailer frame at the film's own speed. None where nothing agrees.
    """
    trailer = shot.frames[span[0] : span[1]] - shot.frames[span[0]]
    clear = shot.spread_levels[span[0] : span[1]] >= PLAIN_LEVELS
    window, score = _settle_window(shot, likely, reader=reader)
    if score < LEAST_AGREEMENT or not clear.any():
        return None
    start, pictures = _read_around(shot, span, likely, reader=reader, natural_step=natural_step)
    own, film = _details(shot, span, window, pictures)
    if own.shape[1] < LEAST_PIXELS:
        return None
    fitted = _fit(own @ film.T, clear=clear, trailer=trailer.astype(np.float64), natural_step=natural_step)
    if fitted is None:
        return None
    first, end = fitted.run
    kept = first + np.flatnonzero(fitted.counts[first:end])
    found = compare_pairs(own[kept], film[fitted.places[kept]])
    return Laid(span[0] + first, span[0] + end, start + fitted.places[first:end], fitted.line, window, found)


class _Fitted(NamedTuple):
    """A line, the film place of every trailer frame ``int64 (n,)``, the run of those that agree (half-open), and which
    frames tell anything, ``bool (n,)``."""

    line: TimeLine
    places: NDArray[np.int64]
    run: tuple[int, int]
    counts: NDArray[np.bool_]


def _fit(
    agreement: NDArray[np.float32], *, clear: NDArray[np.bool_], trailer: NDArray[np.float64], natural_step: float
) -> _Fitted | None:
    """Fit a line to all frames, then to those alone that agree: whatever else a shot shows bends the first line."""
    first, end, fitted = 0, len(agreement), None
    for _ in range(FITS):
        chosen = np.zeros_like(clear)
        chosen[first:end] = clear[first:end]
        line = fit_line(agreement[chosen], trailer=trailer[chosen], natural_step=natural_step)
        if line is None:
            return None
        places = line.places(trailer)
        inside = (places >= 0) & (places < agreement.shape[1])
        at = np.clip(places, 0, agreement.shape[1] - 1)
        along = np.where(inside, agreement[np.arange(len(agreement)), at], -1)
        run = _longest_run(along, clear=clear)
        if run is None:
            return None
        (first, end), fitted = run, _Fitted(line, places, run, clear & inside)
    return fitted


def _read_around(
    shot: ShotPictures, span: tuple[int, int], likely: Likely, *, reader: FilmReader, natural_step: float
) -> tuple[int, NDArray[np.uint8]]:
    """The film's frames that any speed could bring up within the span, first number and pictures."""
    frames = shot.frames[span[0] : span[1]]
    own = int(shot.frames[likely.sample])
    furthest = max(own - int(frames[0]), int(frames[-1]) - own) * natural_step
    reach = round(min(furthest * max(SPEEDS), max(furthest * 1.2, MOST_REACH_FRAMES))) + MARGIN_FRAMES
    reach = max(reach, LEAST_REACH_FRAMES)
    return reader.read(likely.film_frame - reach, likely.film_frame + reach + 1)


def _settle_window(shot: ShotPictures, likely: Likely, *, reader: FilmReader) -> tuple[Window, float]:
    """The likely window, refined on the film frame nearby that agrees best with the sample, and that agreement."""
    _, pictures = reader.read(likely.film_frame - MARGIN_FRAMES, likely.film_frame + MARGIN_FRAMES + 1)
    window, settled, best = likely.window, likely.window, -1.0
    sample = shot.gray[likely.sample]
    for _ in range(REFINEMENTS + 1):
        cut, inside = cut_window(pictures, window, size_px=(sample.shape[1], sample.shape[0]))
        counts = shot.counts & inside
        if counts.sum() < LEAST_PIXELS:
            break
        scores = show_detail(cut, counts) @ show_detail(sample[None], counts)[0]
        if scores.max() <= best:
            break
        best, settled = float(scores.max()), window
        window = refine_window(pictures[int(np.argmax(scores))], sample, counts=shot.counts, start=window)
    return settled, best


def _details(
    shot: ShotPictures, span: tuple[int, int], window: Window, pictures: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height = shot.gray.shape[1]
    cut, inside = cut_window(pictures, window, size_px=(WIDTH_PX, height))
    counts = shot.counts & inside
    return show_detail(shot.gray[span[0] : span[1]], counts), show_detail(cut, counts)


def _longest_run(along: NDArray[np.float32], *, clear: NDArray[np.bool_]) -> tuple[int, int] | None:
    """The longest run of frames that agree; plain ones, as in a fade, do not break it, nor do one or two others."""
    usable = along[clear]
    upper = usable[usable >= np.median(usable)]
    least = max(LEAST_AGREEMENT, 1 - max(MOST_DISAGREEMENT, MORE_DISAGREEMENT * (1 - float(np.median(upper)))))
    agrees = (along >= least) & clear
    best, first, last, dropped = None, -1, -1, 0
    for place in range(len(along)):
        if agrees[place]:
            first = place if first < 0 else first
            last, dropped = place, 0
            if best is None or last + 1 - first > best[1] - best[0]:
                best = (first, last + 1)
        elif first >= 0 and clear[place]:
            dropped += 1
            if dropped > MOST_DROPPED:
                first, dropped = -1, 0
    return best
