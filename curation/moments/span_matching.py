"""One likely place of the film laid against a trailer's shot: which frames agree, along which line, and how well."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.film_pictures import FilmReader
from curation.moments.film_window import Window, cut_window
from curation.moments.likely_places import Likely
from curation.moments.passage_check import Agreement, compare_pairs, show_detail
from curation.moments.shot_pictures import PLAIN_LEVELS, WIDTH_PX, ShotPictures
from curation.moments.time_line import SPEEDS, TRIED, TimeLine, Tried, fit_line
from curation.moments.window_settling import LEAST_PIXELS, settle_window

MARGIN_FRAMES = 14
"""A film's small pictures are this far from the frame that a trailer shows, at most."""
MOST_REACH_FRAMES = 192
LEAST_AGREEMENT = 0.4
LEAST_PROMISING = 0.6
"""Where the sample agrees less with the film at this place, no other speed will make it the same."""
MOST_DISAGREEMENT, MORE_DISAGREEMENT = 0.12, 3.0
"""A frame belongs to a passage while it disagrees by no more than the first, or than so many times what is usual there:
where another take of the set-up follows without a visible cut, the agreement only drops."""
LEAST_REACH_FRAMES = 72
MOST_DROPPED = 2
FITS = 2
SURE_STILL, SURE_MOTION, SURE_STILL_ALONE = 0.9, 0.9, 0.97


class Laid(NamedTuple):
    """Places ``first`` … ``end`` − 1 of a shot's pictures, the film frame of each ``int64 (n,)``, how they agree."""

    first: int
    end: int
    film_frames: NDArray[np.int64]
    line: TimeLine
    window: Window
    found: Agreement


def lay_span(
    shot: ShotPictures,
    span: tuple[int, int],
    likely: Likely,
    *,
    reader: FilmReader,
    natural_step: float,
    any_speed: bool = True,
) -> Laid | None:
    """Lay a span of a shot's pictures (half-open places) against the film around a likely place.

    ``natural_step``: film frames a trailer frame at the film's own speed. None where nothing agrees. At first only the
    frames are read that the film's own speed needs; the others, when that does not explain the span, with ``any_speed``
    or where the sample agrees very well.
    """
    clear = shot.spread_levels[span[0] : span[1]] >= PLAIN_LEVELS
    if not clear.any():
        return None
    start, pictures = _read_near(shot, span, likely, reader=reader, natural_step=natural_step)
    around = slice(max(likely.film_frame - MARGIN_FRAMES - start, 0), likely.film_frame + MARGIN_FRAMES + 1 - start)
    window, score = settle_window(
        shot.gray[likely.sample], counts=shot.counts, pictures=pictures[around], likely=likely.window,
        score=likely.score,
    )  # fmt: skip
    if score < LEAST_AGREEMENT:
        return None
    details = _Details(shot, span, window, start=start, pictures=pictures)
    if details.own.shape[1] < LEAST_PIXELS:
        return None
    laid = _lay(shot, span, details, natural_step=natural_step, tried=())
    explained = laid is not None and laid.end - laid.first >= clear.sum() - MOST_DROPPED and is_sure(laid.found)
    if explained or score < (LEAST_PROMISING if any_speed else SURE_STILL):
        return laid
    details.widen(*_read_around(shot, span, likely, reader=reader, natural_step=natural_step))
    return _lay(shot, span, details, natural_step=natural_step, tried=TRIED)


def is_sure(found: Agreement) -> bool:
    """Whether frames agree so well that no other speed need be tried."""
    if found.motion is None:
        return found.still >= SURE_STILL_ALONE
    return found.still >= SURE_STILL and found.motion >= SURE_MOTION


class _Details:
    """Details ``float32 (n, pixels)`` of a span's pictures, ``own``, and of film frames through a window, ``film``,
    of which ``start`` is the first one's number."""

    def __init__(
        self, shot: ShotPictures, span: tuple[int, int], window: Window, *, start: int, pictures: NDArray[np.uint8]
    ) -> None:
        self.window, self.start, self._size = window, start, (WIDTH_PX, shot.gray.shape[1])
        cut, inside = cut_window(pictures, window, size_px=self._size)
        self._counts = shot.counts & inside
        self.own, self.film = show_detail(shot.gray[span[0] : span[1]], self._counts), show_detail(cut, self._counts)

    def widen(self, start: int, pictures: NDArray[np.uint8]) -> None:
        """Take more film frames, ``uint8 (N, H, W)``, among which are all that are held already."""
        before, after = pictures[: self.start - start], pictures[self.start - start + len(self.film) :]
        self.film = np.concatenate([self._of(before), self.film, self._of(after)])
        self.start = start

    def _of(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        return show_detail(cut_window(pictures, self.window, size_px=self._size)[0], self._counts)


def _lay(
    shot: ShotPictures, span: tuple[int, int], details: _Details, *, natural_step: float, tried: Tried
) -> Laid | None:
    """Lay a span against the film frames whose details are known."""
    own, film = details.own, details.film
    frames = slice(*span)
    trailer = (shot.frames[frames] - shot.frames[span[0]]).astype(np.float64)
    clear = shot.spread_levels[frames] >= PLAIN_LEVELS
    fitted = _fit(own @ film.T, clear=clear, trailer=trailer, natural_step=natural_step, tried=tried)
    if fitted is None:
        return None
    first, end = fitted.run
    kept = first + np.flatnonzero(fitted.counts[first:end])
    found = compare_pairs(own[kept], film[fitted.places[kept]])
    film_frames = details.start + fitted.places[first:end]
    return Laid(span[0] + first, span[0] + end, film_frames, fitted.line, details.window, found)


class _Fitted(NamedTuple):
    """A line, the film place of every trailer frame ``int64 (n,)``, the run of those that agree (half-open), and which
    frames tell anything, ``bool (n,)``."""

    line: TimeLine
    places: NDArray[np.int64]
    run: tuple[int, int]
    counts: NDArray[np.bool_]


def _fit(
    agreement: NDArray[np.float32],
    *,
    clear: NDArray[np.bool_],
    trailer: NDArray[np.float64],
    natural_step: float,
    tried: Tried,
) -> _Fitted | None:
    """Fit a line to all frames, then to those alone that agree: whatever else a shot shows bends the first line."""
    first, end, fitted = 0, len(agreement), None
    for _ in range(FITS):
        chosen = np.zeros_like(clear)
        chosen[first:end] = clear[first:end]
        line = fit_line(agreement[chosen], trailer=trailer[chosen], natural_step=natural_step, tried=tried)
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


def _read_near(
    shot: ShotPictures, span: tuple[int, int], likely: Likely, *, reader: FilmReader, natural_step: float
) -> tuple[int, NDArray[np.uint8]]:
    """The film's frames that its own speed brings up within the span, first number and pictures."""
    own = int(shot.frames[likely.sample])
    before, after = own - int(shot.frames[span[0]]), int(shot.frames[span[1] - 1]) - own
    first = likely.film_frame - round(max(before, 0) * natural_step) - MARGIN_FRAMES
    return reader.read(first, likely.film_frame + round(max(after, 0) * natural_step) + MARGIN_FRAMES + 1)


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
