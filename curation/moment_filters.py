"""Which of a film's shots are asked for by who is in them, their scale, and what its trailers have already."""

import numpy as np
from numpy.typing import NDArray

from ava.models import User, Video
from ava.selectors import access_videos
from curation.moment_choices import shot_characters, shot_scales
from curation.moment_query import MomentsQuery
from curation.moments.shot_features import FilmShots
from curation.trailer_reading import Use, trailer_uses

LEAST_SHARED = 3
"""Frames that a shot and what a trailer shows share at least: found edges may be off by a frame or two."""


def chosen_shots(video: Video, shots: FilmShots, query: MomentsQuery, *, user: User) -> NDArray[np.bool_] | None:
    """Which of the S shots are asked for, bool (S,); None where all are."""
    if not query.is_narrowed:
        return None
    asked = np.ones(len(shots.spans), dtype=bool)
    if query.characters:
        wanted = set(query.characters)
        asked &= [bool(wanted.intersection(each)) for each in shot_characters(video, shots)]
    if query.scales:
        asked &= [scale in query.scales for scale in shot_scales(video, shots)]
    if query.is_unused:
        asked &= [not uses for uses in uses_of_shots(video, shots, user=user)]
    return asked


def uses_of_shots(video: Video, shots: FilmShots, *, user: User) -> list[list[Use]]:
    """What the trailers that the user may see show of each of the S shots, in the film's order."""
    uses = trailer_uses(video)
    seen = set(access_videos(user).filter(pk__in={use.trailer_id for use in uses}).values_list("pk", flat=True))
    found: list[list[Use]] = [[] for _ in range(len(shots.spans))]
    for use in uses:
        if use.trailer_id not in seen:
            continue
        first = int(np.searchsorted(shots.spans[:, 1], use.start_frame, side="right"))
        after = int(np.searchsorted(shots.spans[:, 0], use.end_frame, side="left"))
        for at in range(first, after):
            start, end = shots.spans[at].tolist()
            if min(end, use.end_frame) - max(start, use.start_frame) >= min(LEAST_SHARED, end - start):
                found[at].append(use)
    return found
