"""Which of a film's shots are offered as moments, in which order: scores, variety and the part that is kept back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.models import Shot, Video
from curation.cast_tracks import read_tracks
from curation.moments.shot_features import FilmShots
from curation.moments.variety import ShotKin, rank_varied

if TYPE_CHECKING:
    from curation.moment_scores import FilmMoments

SCALES: tuple[str, ...] = tuple(Shot.Scale.values)
MOST_CAST = 64
"""Characters by whom shots are told apart: those in the most shots."""


class RankedShots(NamedTuple):
    """The S shots of a film as moments.

    order: int64 (A,), the allowed shots, best first after variety. allowed: bool (S,). guard_frame: the first frame
    that is kept back; the film's length where none is. characters: for each shot the numbers of those in it, the
    longest on screen first. scales: for each shot its scale, "" unknown. kin: in what the shots are alike.
    """

    order: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    guard_frame: int
    characters: tuple[tuple[int, ...], ...]
    scales: tuple[str, ...]
    kin: ShotKin


def ranked(
    moments: "FilmMoments",
    video: Video,
    *,
    variety_unit: float,
    spoiler_unit: float,
    only: NDArray[np.bool_] | None = None,
    chosen: Sequence[int] = (),
) -> RankedShots:
    """Order a film's shots by score and variety, in three queries.

    Shots whose middle lies in the last ``spoiler_unit`` of the film are left out, and such as ``only``, bool (S,),
    leaves out. ``chosen`` shots, which are taken already, are left out too, and the others differ from them.
    """
    shots = moments.shots
    characters, scales = shot_characters(video, shots), shot_scales(video, shots)
    guard_frame = first_kept_back(video, shots, spoiler_unit=spoiler_unit)
    allowed = shots.spans.sum(axis=1) < 2 * guard_frame
    if only is not None:
        allowed &= only
    kin = _kin(shots, characters=characters, scales=scales)
    order = rank_varied(moments.scores.score_unit, kin=kin, variety_unit=variety_unit, allowed=allowed, chosen=chosen)
    return RankedShots(order, allowed, guard_frame, characters, scales, kin)


def first_kept_back(video: Video, shots: FilmShots, *, spoiler_unit: float) -> int:
    """The first frame of the last ``spoiler_unit``, 0–1, of a film's time; the film's length for none."""
    if spoiler_unit <= 0 or not len(shots.spans):
        return video.frame_count
    start_s, end_s = float(shots.times_s[0, 0]), float(shots.times_s[-1, 1])
    guard_s = end_s - min(spoiler_unit, 1.0) * (end_s - start_s)
    edges_s, edges = np.append(shots.times_s[:, 0], end_s), np.append(shots.spans[:, 0], shots.spans[-1, 1])
    return int(np.ceil(np.interp(guard_s, edges_s, edges) - 1e-6))


def shot_characters(video: Video, shots: FilmShots) -> tuple[tuple[int, ...], ...]:
    """Who is in each shot, by their numbers, the longest on screen first; pictures of people do not count."""
    frames: list[dict[int, int]] = [{} for _ in range(len(shots.spans))]
    tracks = read_tracks(Video.objects.filter(pk=video.pk)).tracks
    seen = tracks.where(~tracks.is_static & (tracks.character >= 0))
    first = np.searchsorted(shots.spans[:, 1], seen.start_frame, side="right")
    after = np.searchsorted(shots.spans[:, 0], seen.end_frame, side="left")
    for track in range(len(seen.character)):
        start, end, who = int(seen.start_frame[track]), int(seen.end_frame[track]), int(seen.character[track])
        for at in range(int(first[track]), int(after[track])):
            shown = min(end, int(shots.spans[at, 1])) - max(start, int(shots.spans[at, 0]))
            frames[at][who] = frames[at].get(who, 0) + shown
    return tuple(tuple(sorted(each, key=lambda who: (-each[who], who))) for each in frames)


def shot_scales(video: Video, shots: FilmShots) -> tuple[str, ...]:
    """The scale of each shot, "" where it is not known."""
    known = dict(video.shots.values_list("start_frame", "scale"))
    return tuple(known.get(start, "") for start in shots.spans[:, 0].tolist())


def _kin(shots: FilmShots, *, characters: Sequence[Sequence[int]], scales: Sequence[str]) -> ShotKin:
    counts: dict[int, int] = {}
    for who in (who for each in characters for who in each):
        counts[who] = counts.get(who, 0) + 1
    columns = {who: at for at, who in enumerate(sorted(counts, key=lambda who: (-counts[who], who))[:MOST_CAST])}
    cast = np.zeros((len(shots.spans), len(columns)), dtype=bool)
    for row, each in enumerate(characters):
        cast[row, [columns[who] for who in each if who in columns]] = True
    scale = np.array([SCALES.index(each) if each in SCALES else -1 for each in scales], dtype=np.int64)
    middle_s = shots.times_s.mean(axis=1)
    length_s = float(shots.times_s[-1, 1]) if len(shots.spans) else 0.0
    place = np.clip(middle_s / max(length_s, 1e-9), 0, 1).astype(np.float32)
    return ShotKin(place, cast, scale, shots.vectors)
