"""A trailer laid against its film: which of its shots are in the film, exactly where, and which are not, and why."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from ava.annotate.area import Area
from ava.media.video_info import VideoInfo
from curation.moments.film_index import FilmIndex
from curation.moments.film_pictures import FilmPictures, FilmReader
from curation.moments.likely_places import Likely, choose_places, find_likely
from curation.moments.shot_pictures import DARK_LEVELS, PLAIN_LEVELS, ShotPictures, read_shots, widest_jump
from curation.moments.span_matching import Laid, lay_span
from curation.moments.trailer_passages import Gap, Passage, Reason, confidence, is_same

__all__ = ["FilmPictures", "Gap", "Passage", "Reason", "TrailerMatch", "match_trailer"]

BATCH_FRAMES = 2400
"""Frames of a trailer that are held and looked for at once."""
PLACES_AT_ANY_SPEED = 2
"""Of the likeliest places of a shot all speeds are tried; at the others the film's own."""
LESS_LIKELY = 0.15
"""A place so much less likely than one that agrees is not looked at."""
SURE_STILL, SURE_MOTION = 0.97, 0.9
"""With this much agreement no other place is looked at: drawn movement comes again in a film, nearly alike."""
LEAST_FRAMES, LEAST_PART_FRAMES = 5, 8
"""Of a passage in a whole shot, and in what other passages leave of one: a few frames of any take look alike."""
JOINED_FRAMES = 3
LEAST_SHARE = 0.1
"""Of the frames of a trailer that show pictures: when less is in the film, it is not this film's trailer."""

Progress = Callable[[int], None]


class TrailerMatch(NamedTuple):
    """What a trailer takes from a film, in the trailer's order; together they cover its shots.

    ``share_unit``: how much of the trailer's frames that are neither plain nor cards is in the film; ``belongs``:
    whether that is enough for it to be this film's trailer.
    """

    passages: tuple[Passage, ...]
    gaps: tuple[Gap, ...]
    share_unit: float
    belongs: bool


def match_trailer(
    path: Path,
    *,
    info: VideoInfo,
    shots: Sequence[tuple[int, int]],
    film: FilmPictures,
    area: Area | None = None,
    on_progress: Progress | None = None,
) -> TrailerMatch:
    """Find every shot of a trailer in a film.

    ``shots``: the trailer's, half-open spans of frames in order; ``area``: its picture without bars. Tolerated are
    grading, crop and zoom up to 1.75, mirroring, lettering over the picture, bars, other sizes, frame rates and speeds
    (0.4 to 2.5 times, backwards, frozen). ``on_progress`` is told the number of the trailer's frames that are done.
    Any trailer and film give a result, also of no shots. Raises what decoding raises.
    """
    cv2.setNumThreads(1)
    index = FilmIndex(film.tiles, times_s=film.tile_frames / film.fps, aspect=film.aspect)
    natural_step = film.fps / float(info.fps)
    matcher = _Matcher(film, FilmReader(film), natural_step=natural_step)
    passages: list[Passage] = []
    gaps: list[Gap] = []
    for batch in _batches(read_shots(path, info=info, shots=shots, area=area)):
        for shot, found in zip(batch, find_likely(batch, film=film, index=index), strict=True):
            for each in matcher.match(shot, found):
                (passages if isinstance(each, Passage) else gaps).append(each)  # type: ignore[arg-type]
            if on_progress is not None:
                on_progress(int(shot.frames[-1]) + 1)
    cuts = {start for start, _ in shots}
    joined = _join(sorted(passages), cuts=cuts)
    shown = sum(each.trailer_end - each.trailer_start for each in joined)
    missing = sum(
        each.trailer_end - each.trailer_start
        for each in gaps
        if each.reason in {Reason.NOT_FOUND, Reason.ANOTHER_TAKE, Reason.SHORT}
    )
    share = shown / (shown + missing) if shown else 0.0
    return TrailerMatch(tuple(joined), tuple(sorted(gaps)), share, share >= LEAST_SHARE)


def _batches(shots: Iterator[ShotPictures]) -> Iterator[list[ShotPictures]]:
    batch: list[ShotPictures] = []
    held = 0
    for shot in shots:
        batch.append(shot)
        held += len(shot.frames)
        if held >= BATCH_FRAMES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


class _Matcher:
    """Looks for shots in one film."""

    def __init__(self, film: FilmPictures, reader: FilmReader, *, natural_step: float) -> None:
        self._film, self._reader, self._step = film, reader, natural_step

    def match(self, shot: ShotPictures, likely: Sequence[Likely]) -> Iterator[Passage | Gap]:
        """Match a shot: the best passage first, then what it leaves of the shot."""
        open_spans = [(0, len(shot.frames))]
        known: list[Laid] = []
        while open_spans:
            first, end = span = open_spans.pop()
            laid, reason, nearest = self._best(shot, span, likely, known=known)
            if laid is None:
                cut = widest_jump(shot, span) if reason == Reason.ANOTHER_TAKE else None
                if cut is not None:
                    open_spans += [(first, cut), (cut, end)]
                    continue
                yield Gap(int(shot.frames[first]), int(shot.frames[end - 1]) + 1, reason, nearest)
                continue
            yield self._passage(shot, laid)
            known.append(laid)
            open_spans += [rest for rest in ((first, laid.first), (laid.end, end)) if rest[0] < rest[1]]

    def _best(
        self, shot: ShotPictures, span: tuple[int, int], likely: Sequence[Likely], *, known: Sequence[Laid]
    ) -> tuple[Laid | None, Reason, int | None]:
        """The best passage within a span, or why there is none, and the film frame that comes nearest; ``known``: the
        shot's passages that are found already."""
        if reason := _plain_reason(shot, span):
            return None, reason, None
        inside = [each for each in likely if span[0] <= each.sample < span[1]]
        if span[1] - span[0] < LEAST_FRAMES and not inside:
            return None, Reason.SHORT, None
        best: Laid | None = None
        best_score = 0.0
        nearest: Laid | None = None
        places = choose_places(shot, inside, film=self._film, natural_step=self._step)
        for number, place in enumerate(places):
            if best is not None and place.score < best_score - LESS_LIKELY:
                continue
            laid = lay_span(
                shot, span, place, reader=self._reader, natural_step=self._step, any_speed=number < PLACES_AT_ANY_SPEED
            )
            if laid is None:
                continue
            nearest = laid if nearest is None or laid.found.still > nearest.found.still else nearest
            is_whole = span == (0, len(shot.frames))
            long_enough = laid.end - laid.first >= (min(LEAST_FRAMES, span[1]) if is_whole else LEAST_PART_FRAMES)
            same = is_same(laid.found, goes_on=any(_goes_on(each, laid) for each in known))
            if same and long_enough and (best is None or _worth(laid) > _worth(best)):
                best, best_score = laid, place.score
                if _is_unlike_others(laid) and laid.end - laid.first >= 0.8 * (span[1] - span[0]):
                    break
        if best is not None:
            return best, Reason.NOT_FOUND, None
        if nearest is None or not is_same(nearest.found._replace(motion=None)):
            return None, Reason.SHORT if span[1] - span[0] < LEAST_FRAMES else Reason.NOT_FOUND, None
        return None, Reason.ANOTHER_TAKE, int(nearest.film_frames[len(nearest.film_frames) // 2])

    def _passage(self, shot: ShotPictures, laid: Laid) -> Passage:
        each_side = max(round(abs(laid.line.step)), 1)
        last = self._film.info.frame_count
        return Passage(
            trailer_start=int(shot.frames[laid.first]),
            trailer_end=int(shot.frames[laid.end - 1]) + 1,
            film_start=int(np.clip(laid.film_frames.min(), 0, last - 1)),
            film_end=int(np.clip(laid.film_frames.max() + each_side, 1, last)),
            first_frame=int(np.clip(laid.film_frames[0], 0, last - 1)),
            speed=laid.line.step / self._step,
            window=laid.window,
            agreement=laid.found.still,
            motion_agreement=laid.found.motion,
            confidence=confidence(laid.found),
        )


def _goes_on(known: Laid, laid: Laid) -> bool:
    """Whether a passage lies right beside another one, and on its line."""
    before, after = (known, laid) if known.first < laid.first else (laid, known)
    step = int(after.film_frames[0]) - int(before.film_frames[-1])
    return after.first == before.end and abs(step - known.line.step) <= JOINED_FRAMES


def _is_unlike_others(laid: Laid) -> bool:
    return laid.found.still >= SURE_STILL and (laid.found.motion or 0) >= SURE_MOTION


def _worth(laid: Laid) -> float:
    """What passages of one span are compared by: agreement of what stands still and what moves, over the frames."""
    motion = laid.found.motion if laid.found.motion is not None else laid.found.still
    return (laid.found.still + motion) * float(np.sqrt(laid.end - laid.first))


def _plain_reason(shot: ShotPictures, span: tuple[int, int]) -> Reason | None:
    """Black, plain or a card, where a span shows nothing but that."""
    frames = slice(*span)
    if (shot.spread_levels[frames] >= PLAIN_LEVELS).any():
        return None
    if (shot.written_levels[frames] >= PLAIN_LEVELS).any():
        return Reason.CARD
    return Reason.BLACK if shot.light_levels[frames].max() < DARK_LEVELS else Reason.PLAIN


def _join(passages: Sequence[Passage], *, cuts: set[int]) -> list[Passage]:
    """Join passages that are one, taken in pieces: in one shot, one after the other, and on the same line."""
    joined: list[Passage] = list(passages[:1])
    for before, after in pairwise(passages):
        held = joined[-1]
        on_line = before.film_end if before.speed > 0 else before.film_start
        continues = (
            after.trailer_start == held.trailer_end
            and after.trailer_start not in cuts
            and before.window.mirrored == after.window.mirrored
            and abs(after.first_frame - on_line) <= JOINED_FRAMES
            and abs(after.speed - before.speed) <= 0.15
        )
        if not continues:
            joined.append(after)
            continue
        joined[-1] = held._replace(
            trailer_end=after.trailer_end,
            film_start=min(held.film_start, after.film_start),
            film_end=max(held.film_end, after.film_end),
            agreement=min(held.agreement, after.agreement),
            confidence=min(held.confidence, after.confidence),
        )
    return joined
