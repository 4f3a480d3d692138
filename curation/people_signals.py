"""Who a film's frames show and how they look there, as signals like the measured ones, from its recognised faces."""

import numpy as np
from numpy.typing import NDArray

from ava.annotate.shot_inspection import FACES
from ava.findings import looked_at_frames
from ava.models import Video
from curation.cast import prominences
from curation.people.frame_signals import lay_out_people
from curation.people_filters import living_faces


def load_people_signals(video: Video, *, end_frame: int | None = None) -> dict[str, NDArray[np.float32]]:
    """"people.prominence" and "people.expression" of a film, each float32 (frames,): see `lay_out_people`.

    Nothing at all of a film in which no faces were followed yet. `end_frame` gives a prefix of the film.
    """
    if not video.face_tracks.exists():
        return {}
    rows = living_faces().filter(track__video=video).order_by()
    faces = list(rows.values_list("frame_index", "track__character", "expression", "y0", "y1"))
    prominence = prominences(video)
    table = np.array(
        [(prominence.get(character, np.nan), expression, y0, y1) for _, character, expression, y0, y1 in faces],
        dtype=np.float64,
    ).reshape(-1, 4)
    return lay_out_people(
        np.array([frame for frame, *_ in faces], dtype=np.int64),
        prominence=table[:, 0],
        expression=table[:, 1],
        size=(table[:, 3] - table[:, 2]) / video.height,
        looks=looked_at_frames(video, FACES),
        frame_count=video.frame_count if end_frame is None else min(end_frame, video.frame_count),
    )
