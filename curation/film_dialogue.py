"""When there is dialogue in a film, as far as its subtitles tell."""

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ava.annotate.text import Text
from ava.findings import load_detections, looked_at_frames
from ava.media.source import UnusableVideo
from ava.media.subtitles import read_embedded_cues
from ava.models import Video
from ava.storage import local_path
from ava.video_facts import video_info
from curation.people.dialogue import dialogue_share, frame_times, spans_of_burned_in, spans_of_cues
from curation.people.film_faces import FaceTrack

logger = logging.getLogger(__name__)


def dialogue_spans(video: Video) -> NDArray[np.float64] | None:
    """Seconds in which something is said, ``float64 (S, 2)``: by embedded subtitles, else by burned-in ones.

    None where neither tell.
    """
    embedded = _embedded_spans(video)
    if embedded is not None:
        return embedded
    return spans_of_burned_in(
        load_detections(video, Text.name),
        looked_at=looked_at_frames(video, Text.name),
        times_s=frame_times(video_info(video)),
    )


def dialogue_of_tracks(video: Video, tracks: Sequence[FaceTrack]) -> NDArray[np.float32]:
    """The share of each track's time with dialogue, ``float32 (T,)`` 0–1; NaN where it is not known."""
    frames = np.array([(track.start_frame, track.end_frame) for track in tracks], dtype=np.int64).reshape(-1, 2)
    times_s = frame_times(video_info(video))
    return dialogue_share(dialogue_spans(video), times_s[np.minimum(frames, video.frame_count)])


def _embedded_spans(video: Video) -> NDArray[np.float64] | None:
    if not video.subtitle_streams:
        return None
    origin_s = video.time_origin_num / video.time_origin_den
    try:
        cues = read_embedded_cues(local_path(video.file), time_origin_s=origin_s)
    except (UnusableVideo, OSError) as error:
        logger.warning("The subtitles of %s cannot be read: %s", video, error)
        return None
    return spans_of_cues(cues, duration_s=video.duration_s)
