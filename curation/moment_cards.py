"""A film's shots as the moments page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ava.media.timecode import film_timecode
from ava.media.video_info import VideoInfo
from ava.models import Shot, Video
from curation.moment_choices import RankedShots
from curation.moment_query import MomentsQuery
from curation.moment_scores import FilmMoments
from curation.moments.scores import reasons
from curation.still_people import Person, name_people
from curation.trailer_reading import Use


@dataclass(frozen=True)
class RankedFilm:
    """A film with its shots' scores and their order; `uses` of each shot by trailers that may be seen."""

    video: Video
    info: VideoInfo
    moments: FilmMoments
    ranked: RankedShots
    uses: Sequence[Sequence[Use]]
    cast: Sequence[Person]
    cameras: Mapping[int, str]
    trailers: Mapping[int, str]

    @property
    def shot_count(self) -> int:
        return len(self.moments.shots.spans)

    @property
    def places(self) -> dict[int, int]:
        """Shot → its place in the order, from 1."""
        return {index: place for place, index in enumerate(self.ranked.order.tolist(), start=1)}


@dataclass(frozen=True, slots=True)
class MomentCard:
    """One shot; frames are half-open, seconds the player's. `place` in the order is None for one that is left out."""

    video: Video
    index: int
    place: int | None
    start_frame: int
    end_frame: int
    start_s: float
    end_s: float
    timecode: str
    score_percent: int
    reasons: tuple[str, ...]
    people: str
    scale: str
    camera: str
    trailers: tuple[str, ...]
    is_kept_back: bool
    is_picked: bool
    picked_after: str
    """The picks in an address after this one has been picked, or dropped."""

    @property
    def number(self) -> int:
        """What people call the shot: they count from 1."""
        return self.index + 1

    @property
    def key(self) -> str:
        """The span as scripts name it."""
        return f"{self.video.pk}:{self.start_frame}:{self.end_frame}"

    @property
    def poster_frame(self) -> int:
        return (self.start_frame + self.end_frame - 1) // 2

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    @property
    def play_from_s(self) -> float:
        """The middle of the first frame: at its very beginning players may still show the shot before."""
        return self.start_s + 0.5 / self.video.fps

    @property
    def fragment(self) -> str:
        """Lets a player begin at the shot, in seconds, where no script does."""
        return f"#t={self.play_from_s:.3f}"

    @property
    def labels(self) -> str:
        """Scale, camera and people in a line."""
        words = ", ".join(word for word in (self.scale, self.camera.lower()) if word).capitalize()
        return " · ".join(word for word in (words, self.people) if word)

    @property
    def short_reasons(self) -> str:
        """The reasons without by how much, in a line: "Full of action, a large face"."""
        words = ", ".join(
            reason.partition(",")[0][:1].lower() + reason.partition(",")[0][1:] for reason in self.reasons
        )
        return words[:1].upper() + words[1:]

    @property
    def alt(self) -> str:
        """The picture in words: what is known of the shot."""
        return f"Shot {self.number} at {self.timecode}{': ' if self.labels else ''}{self.labels}"


def make_cards(film: RankedFilm, indices: Sequence[int], *, query: MomentsQuery) -> list[MomentCard]:
    """The cards of shots in the order given."""
    places = film.places
    return [_card(film, index, place=places.get(index), query=query) for index in indices]


def _card(film: RankedFilm, index: int, *, place: int | None, query: MomentsQuery) -> MomentCard:
    shots, scores, ranked = film.moments.shots, film.moments.scores, film.ranked
    start, end = shots.spans[index].tolist()
    start_s, end_s = shots.times_s[index].tolist()
    scale, camera = ranked.scales[index], film.cameras.get(start, "")
    shown_by = dict.fromkeys(film.trailers[use.trailer_id] for use in film.uses[index])
    return MomentCard(
        video=film.video, index=index, place=place, start_frame=start, end_frame=end, start_s=start_s, end_s=end_s,
        timecode=film_timecode(film.info, start),
        score_percent=round(100 * float(scores.score_unit[index])),
        reasons=tuple(reasons(scores, shots, index)),
        people=name_people(film.cast, ranked.characters[index]),
        scale=str(Shot.Scale(scale).label) if scale in Shot.Scale.values else "",
        camera=str(Shot.Camera(camera).label) if camera in Shot.Camera.values else "",
        trailers=tuple(shown_by),
        is_kept_back=start + end >= 2 * ranked.guard_frame,
        is_picked=start in query.picked,
        picked_after=",".join(map(str, query.toggled(start).picked)),
    )  # fmt: skip
