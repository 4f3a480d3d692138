"""How well a trailer's shots are found in its film: recall and precision by what was done to them.

Films are cut from real footage, and trailers rendered from them with known reuse (see `trailer_pairs`), among shots of
other films, other takes of the film's own set-ups, cards and black. Right is a passage that overlaps half of the
reused film frames or more and names the film frame within `OFFSET_FRAMES`, or one that shows the very same picture.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import find_annotators
from ava.annotate.run import annotate_span, collect_signals
from ava.media.bars import find_picture_area
from ava.media.colour import to_gray
from ava.media.decode import decode_frames
from ava.media.probe import probe
from ava.shots.boundaries import find_shots
from curation.moments.film_pictures import FilmPictures, sample_film
from curation.moments.trailer_match import Passage, TrailerMatch, match_trailer
from tests.bench.figures import Figure
from tests.bench.trailer_pairs import KINDS, NOT_IN_FILM, Origin, Pair, render_pair
from tests.bench.trailer_plans import REPORTED, TUNED

OFFSET_FRAMES = 4
SAME_LEVELS, SAME_PART_LEVELS = 1.2, 4.0
"""Mean difference of two frames of the film, and of its worst part, that are one picture (a held drawing, a still)."""
BLACK_LEVELS = 6.0
SHOTS_A_KIND = 2
_SIGNALS = ("signature", "motion", "exposure")


class Outcome(NamedTuple):
    """Of one pair: of each origin whether it was found right; of each passage whether it is right; seconds taken."""

    origins: tuple[tuple[str, bool], ...]
    passages: tuple[tuple[str, bool], ...]
    match: TrailerMatch
    seconds: float


def measure(data: Path | None) -> list[Figure]:
    """Tuned pairs first, then reported ones, then trailers of other films; nothing without footage."""
    if data is None:
        return []
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, plans in (("tuned", TUNED), ("reported", REPORTED)):
            pairs = [
                render_pair(plan, data=data, folder=Path(folder) / f"{name} {number}", seed=7 + number,
                            shots_a_kind=SHOTS_A_KIND)
                for number, plan in enumerate(plans)
            ]  # fmt: skip
            outcomes = [judge(pair) for pair in pairs]
            figures += summarise(outcomes, section=f"trailer match, {name} pairs")
        figures += _of_other_films(pairs)
    return figures


def judge(pair: Pair) -> Outcome:
    """Analyse both files, match, and compare with the truth."""
    info = probe(pair.film)
    film = sample_film(pair.film, info=info, area=find_picture_area(pair.film, info=info))
    match, seconds = match_file(pair.trailer, film)
    pictures = np.stack([to_gray(frame.rgb) for frame in decode_frames(pair.film, info=info, max_side_px=160)])
    pair = pair._replace(origins=tuple(without_black(origin, pictures) for origin in pair.origins))
    reused = [origin for origin in pair.origins if origin.film_frames is not None]
    return Outcome(
        tuple((each.kind, any(is_right(found, each, pictures) for found in match.passages)) for each in reused),
        tuple(judge_passage(found, pair.origins, pictures) for found in match.passages),
        match,
        seconds,
    )


def without_black(origin: Origin, pictures: NDArray[np.uint8]) -> Origin:
    """A reused shot without the frames at its ends that are black in the film: nobody can say where black is from."""
    if origin.film_frames is None:
        return origin
    shown = np.flatnonzero(pictures[origin.film_frames].std(axis=(1, 2)) > BLACK_LEVELS)
    if not len(shown):
        return Origin(origin.start, origin.end, "black", None)
    first, last = int(shown[0]), int(shown[-1]) + 1
    return Origin(origin.start + first, origin.start + last, origin.kind, origin.film_frames[first:last])


def match_file(trailer: Path, film: FilmPictures) -> tuple[TrailerMatch, float]:
    """Match a trailer by the shots that are found in it; and the seconds that the matching took."""
    info = probe(trailer)
    area = find_picture_area(trailer, info=info)
    annotators = [annotator for annotator in find_annotators() if annotator.name in _SIGNALS]
    tables = annotate_span(
        trailer, info=info, annotators=annotators, start_frame=0, end_frame=info.frame_count, area=area
    )
    signals = collect_signals(
        {name: [table] for name, table in tables.items()}, annotators=annotators, frame_count=info.frame_count
    )
    found = find_shots(signals, fps=info.fps).shots
    began = time.perf_counter()
    match = match_trailer(
        trailer, info=info, shots=[(shot.start_frame, shot.end_frame) for shot in found], film=film, area=area
    )
    return match, time.perf_counter() - began


def is_right(found: Passage, origin: Origin, pictures: NDArray[np.uint8]) -> bool:
    """Whether a passage tells where a trailer's shot is from; ``pictures`` ``uint8 (N, h, w)``: the film's frames."""
    if origin.film_frames is None:
        return False
    start, end = max(found.trailer_start, origin.start), min(found.trailer_end, origin.end)
    if 2 * (end - start) < origin.end - origin.start:
        return False
    middle = (start + end) // 2
    step = (found.film_end - found.film_start) / max(found.trailer_end - found.trailer_start, 1)
    step *= np.sign(found.speed)
    said = round(found.first_frame + step * (middle - found.trailer_start))
    true = int(origin.film_frames[middle - origin.start])
    if abs(said - true) <= OFFSET_FRAMES:
        return True
    return is_one_picture(pictures[min(max(said, 0), len(pictures) - 1)], pictures[true])


def is_one_picture(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two of the film's frames show the same, compression aside."""
    difference = np.abs(cv2.GaussianBlur(one, (0, 0), 1.5).astype(np.float32) - cv2.GaussianBlur(other, (0, 0), 1.5))
    worst = cv2.resize(difference, (10, 6), interpolation=cv2.INTER_AREA).max()
    return bool(difference.mean() < SAME_LEVELS and worst < SAME_PART_LEVELS)


def judge_passage(found: Passage, origins: Sequence[Origin], pictures: NDArray[np.uint8]) -> tuple[str, bool]:
    """What kind of shot a passage lies on mostly, and whether it is right."""
    overlaps = [min(found.trailer_end, each.end) - max(found.trailer_start, each.start) for each in origins]
    origin = origins[int(np.argmax(overlaps))]
    narrowed = origin
    if origin.film_frames is not None:  # a part of a shot is right when it is right about that part
        start, end = max(found.trailer_start, origin.start), min(found.trailer_end, origin.end)
        narrowed = Origin(start, end, origin.kind, origin.film_frames[start - origin.start : end - origin.start])
    return origin.kind, is_right(found, narrowed, pictures)


def summarise(outcomes: Sequence[Outcome], *, section: str) -> list[Figure]:
    """Recall and precision over all, recall by kind, what was wrongly found by kind, and the time."""
    origins = [each for outcome in outcomes for each in outcome.origins]
    passages = [each for outcome in outcomes for each in outcome.passages]
    truth = f"{len(origins)} reused shots, {len(passages)} passages told, {len(outcomes)} rendered pairs"
    figures = [
        Figure(section, "recall of reused shots", _share(origins), "", truth),
        Figure(section, "precision of what is told", _share(passages), "", truth),
    ]
    for kind in KINDS:
        own = [each for each in origins if each[0] == kind]
        figures.append(Figure(section, f"recall, {kind}", _share(own), "", f"{len(own)} shots"))
    for kind in NOT_IN_FILM:
        wrong = sum(each[0] == kind for each in passages)
        figures.append(Figure(section, f"wrongly told of the film: {kind}", wrong, "passages", "should be none"))
    seconds = sum(outcome.seconds for outcome in outcomes)
    figures.append(Figure(section, "matching one trailer", seconds / len(outcomes), "s", "films of 1–2 minutes"))
    return figures


def _share(outcomes: Sequence[tuple[str, bool]]) -> float:
    return sum(right for _, right in outcomes) / len(outcomes) if outcomes else float("nan")


def _of_other_films(pairs: Sequence[Pair]) -> list[Figure]:
    """Each film with a trailer of another one: of the first pair's film and the second pair's trailer, and back."""
    section = "trailer match, trailers of other films"
    figures = []
    for film_pair, trailer_pair in ((pairs[0], pairs[1]), (pairs[1], pairs[0])):
        info = probe(film_pair.film)
        film = sample_film(film_pair.film, info=info, area=find_picture_area(film_pair.film, info=info))
        match, _ = match_file(trailer_pair.trailer, film)
        what = f"share of it found in another film ({film_pair.name})"
        figures.append(Figure(section, what, match.share_unit, "", "0 is right; belongs: " + str(match.belongs)))
    return figures
