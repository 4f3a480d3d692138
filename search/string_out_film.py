"""A film made ready for string-outs: its moments, what happens in each of its frames, and the clock they count by."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ava.film_sounds import known_sound
from ava.handoff.edit_clock import EditClock
from ava.handoff.films import describe_film
from ava.media.video_info import VideoInfo
from ava.models import Video
from ava.signals import load_signals
from ava.video_facts import video_info
from curation.moment_scores import film_moments
from curation.moments.frame_interest import frame_interest
from curation.moments.shot_windows import CutFilm, cut_film
from curation.people.dialogue import frame_times
from search.dialogue import said_within
from search.models import ReelClip
from search.reels import InvalidReel

if TYPE_CHECKING:
    from curation.moment_scores import FilmMoments

MOTION = "motion.flow_magnitude"
_UNSURE = 1e-6


@dataclass(frozen=True, slots=True)
class StringOutFilm:
    """A film with moments; lengths are counted at ``rate``."""

    video: Video
    moments: "FilmMoments"
    cut: CutFilm
    rate: Fraction

    def shot_of(self, frame: int) -> int | None:
        """The shot in which a frame lies; None of one that no shot has."""
        spans = self.moments.shots.spans
        at = int(np.searchsorted(spans[:, 0], frame, side="right")) - 1
        return at if at >= 0 and frame < spans[at, 1] else None

    def shots_of(self, clips: Iterable[ReelClip]) -> list[int]:
        """The shots of which something is in any of these clips, in the order of the film."""
        spans = self.moments.shots.spans
        shown = np.zeros(len(spans), dtype=bool)
        for clip in clips:
            if clip.video_id == self.video.pk:
                shown |= (spans[:, 0] < clip.out_frame) & (spans[:, 1] > clip.in_frame)
        return np.flatnonzero(shown).tolist()

    def cut_before(self, guard_frame: int, *, but_for: Sequence[int] = ()) -> CutFilm:
        """The film without the frames from ``guard_frame`` on, but for those of some shots."""
        shots = self.cut.shots.copy()
        shots[:, 1] = np.maximum(np.minimum(shots[:, 1], guard_frame), shots[:, 0])
        shots[list(but_for)] = self.cut.shots[list(but_for)]
        return self.cut._replace(shots=shots)


def read_string_out_film(video: Video) -> StringOutFilm:
    """Read all that is known of a film for string-outs. Raises InvalidReel for a film whose shots are not known."""
    moments = film_moments(video)
    if moments is None or not len(moments.shots.spans):
        raise InvalidReel("The shots of this film are not known yet; analyse it, and propose a string-out then.")
    info = video_info(video)
    clock = EditClock(describe_film(info, name=video.original_name))
    spans = moments.shots.spans
    happens = frame_interest(
        times_s=frame_times(info), first_frames=spans[:, 0],
        motion=load_signals(video, columns=[MOTION]).get(MOTION), sound=known_sound(video),
    )  # fmt: skip
    cut = cut_film(
        shots=spans, transitions=list(video.transitions.values_list("start_frame", "end_frame")),
        positions=frame_positions(info, clock=clock), interest=happens,
        spoken=[(start, end) for start, end, _ in said_within(video)],
    )  # fmt: skip
    return StringOutFilm(video, moments, cut, clock.rate)


def frame_positions(info: VideoInfo, *, clock: EditClock) -> NDArray[np.int64]:
    """The number of each of N frames and of the film's end at the clock's rate, int64 (N + 1,): as hand-offs count."""
    if clock.is_exact:
        return np.arange(info.frame_count + 1, dtype=np.int64)
    times_s = info.frame_pts * float(info.time_base) - float(info.time_origin_s)
    numbers = times_s * float(clock.rate) + 0.5
    whole = np.floor(numbers).astype(np.int64)
    for frame in np.flatnonzero(np.abs(numbers - np.round(numbers)) < _UNSURE).tolist():
        whole[frame] = math.floor(Fraction(info.time_s(frame)) * clock.rate + Fraction(1, 2))
    end_s = Fraction(info.time_s(0) + info.duration_s)
    last = math.floor(end_s * clock.rate + Fraction(1, 2))
    return np.append(np.minimum(whole, clock.frame_count - 1), min(last, clock.frame_count))
