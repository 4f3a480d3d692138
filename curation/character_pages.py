"""What a character's page shows: who it is, and every track of theirs as a card; as many queries for 3 as for 3,000."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isnan

from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.urls import reverse

from ava.media.timecode import film_timecode
from ava.media.video_info import VideoInfo
from ava.models import Title, User, Video
from ava.video_facts import video_info
from curation.cast import DOUBTFUL_BELOW, Cast, CastMember, load_cast
from curation.models import Character, Face, FaceTrack
from curation.people_memory import resolve_merges
from curation.people_portraits import best_shown
from curation.people_selectors import access_cast_videos, access_face_tracks, titles_in_scope

TRACKS_A_PAGE = 120
MOST_TRACKS = 6000
"""As many as one address shows at once."""
MOST_FACES = 300
"""Of one track."""
MOST_MEETINGS = 8
ORDERS = {"time": "In film order", "doubt": "Most doubtful first"}
PART_LABELS = {
    "screen_time": "Screen time", "size": "Size", "centrality": "In the middle", "sharpness": "Sharpness",
    "dialogue": "In dialogue",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FaceCard:
    """One looked-at face, and where in the film it is."""

    pk: int
    timecode: str
    address: str


@dataclass(frozen=True, slots=True)
class TrackCard:
    """A track as one picture: where it is, how long, and what there is to know about who it is."""

    pk: int
    timecode: str
    length: str
    film: str
    address: str
    portrait_url: str
    """Empty where there is no picture."""
    sure_percent: int | None
    """How sure AVA is, where that is worth saying."""
    marks: tuple[str, ...]
    starts_film: bool


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """One track with its looked-at faces, in the order of the film."""

    card: TrackCard
    faces: list[FaceCard]


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody whom faces can be given to."""

    pk: int
    label: str
    portrait: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """Somebody whom the character meets, and for how long both are in the picture."""

    choice: Choice
    together_s: float
    shots: int


@dataclass(frozen=True, slots=True)
class CharacterPage:
    character: Character
    member: CastMember | None
    """None for somebody who has no track in these films."""
    portrait: int | None
    stills_url: str
    """The stills that show it in the film where it is seen longest; empty where it is seen in none."""
    parts: list[tuple[str, float]]
    choices: list[Choice]
    meetings: list[Meeting]
    elsewhere: list[tuple[Title, int]]
    """Other films of the series in which the character has tracks, and how many."""
    order: str
    start: int
    total: int
    cards: list[TrackCard]

    @property
    def end(self) -> int:
        return self.start + len(self.cards)

    @property
    def most(self) -> int:
        return min(self.total, MOST_TRACKS)

    @property
    def next_end(self) -> int:
        return min(self.end + TRACKS_A_PAGE, self.most)

    @property
    def has_more(self) -> bool:
        return self.end < self.most


def where_it_went(character: Character) -> int:
    """The character that this one is part of now; itself, unless it was merged."""
    return resolve_merges(character.scope.characters.all())[character.pk]


def character_page(
    user: User, title: Title, character: Character, *, order: str = "time", start: int = 0, end: int = TRACKS_A_PAGE
) -> CharacterPage:
    """The page; of the tracks only those from `start` up to `end`, 0-based, in the order asked for."""
    videos = access_cast_videos(user, title)
    cast = load_cast(user, title)
    member = next((each for each in cast.members if each.character == character), None)
    tracks = character_tracks(user, character, videos=videos)
    everybody = {each.character.pk: _member_choice(each) for each in cast.members}
    parts = member.parts if member else {}
    return CharacterPage(
        character=character,
        member=member,
        portrait=next(iter(member.portraits), None) if member else None,
        stills_url=_stills_url(member, cast, videos=videos) if member else "",
        parts=[(PART_LABELS.get(name, name), value) for name, value in parts.items() if not isnan(value)],
        choices=[each for pk, each in everybody.items() if pk != character.pk] + _absent_choices(cast, character),
        meetings=_meetings(cast, character, everybody),
        elsewhere=_elsewhere(user, character, videos=videos),
        order=order,
        start=start,
        total=tracks.count(),
        cards=track_cards(tracks, order=order, start=start, end=min(end, MOST_TRACKS), show_film=len(cast.films) > 1),
    )


def character_tracks(user: User, character: Character, *, videos: QuerySet[Video]) -> QuerySet[FaceTrack]:
    """Its tracks in these videos as far as the user sees them, what is no face left out."""
    mine = access_face_tracks(user).filter(character=character, video__in=videos, is_face=True)
    return with_portraits(mine)


def with_portraits(tracks: QuerySet[FaceTrack]) -> QuerySet[FaceTrack]:
    """Annotate `has_portrait`, and leave what is large in the database."""
    has_portrait = ExpressionWrapper(Q(portrait__isnull=False), output_field=BooleanField())
    return tracks.annotate(has_portrait=has_portrait).defer("vector", "portrait")


def _stills_url(member: CastMember, cast: Cast, *, videos: QuerySet[Video]) -> str:
    fps = {film.video_pk: film.fps for film in cast.films}
    best = max(member.spans, key=lambda pk: sum(end - start for start, end in member.spans[pk]) / fps[pk], default=None)
    if best is None:
        return ""
    title = videos.values_list("title", flat=True).get(pk=best)
    return f"{reverse('stills', args=[title])}?video={best}&people={member.character.pk}"


def _member_choice(member: CastMember) -> Choice:
    tracks = member.track_count
    note = f"{member.importance}, {tracks} appearance{'' if tracks == 1 else 's'}"
    return Choice(member.character.pk, member.character.label, next(iter(member.portraits), None), note)


def _absent_choices(cast: Cast, character: Character) -> list[Choice]:
    """Characters of the series that people keep, and who have not been seen in these films."""
    seen = [member.character.pk for member in cast.members]
    absent = cast.scope.characters.filter(is_kept=True, merged_into=None).exclude(pk__in=[*seen, character.pk])
    return [Choice(each.pk, each.label, None, "not in this film so far") for each in absent.order_by("name", "number")]


def _meetings(cast: Cast, character: Character, everybody: Mapping[int, Choice]) -> list[Meeting]:
    """Whom the character shares pictures or shots with, the longest first."""
    mine = [edge for edge in cast.edges if character.pk in (edge.first, edge.second) and edge.shots]
    mine.sort(key=lambda edge: (-edge.together_s, -edge.shots, edge.first, edge.second))
    return [
        Meeting(everybody[edge.second if edge.first == character.pk else edge.first], edge.together_s, edge.shots)
        for edge in mine[:MOST_MEETINGS]
    ]


def _elsewhere(user: User, character: Character, *, videos: QuerySet[Video]) -> list[tuple[Title, int]]:
    tracks = access_face_tracks(user).filter(character=character, is_face=True).exclude(video__in=videos)
    counts = dict(tracks.order_by().values_list("video__title").annotate(Count("pk")))
    titles = titles_in_scope(character.scope).filter(pk__in=counts).order_by("season", "episode", "name")
    return [(title, counts[title.pk]) for title in titles]


def track_cards(tracks: QuerySet[FaceTrack], *, order: str, start: int, end: int, show_film: bool) -> list[TrackCard]:
    before = 1 if start else 0  # the one before tells whether a film starts here
    rows = list(_in_order(tracks, order)[max(start - before, 0) : max(end, start)])
    looks = best_looks(track.pk for track in rows)
    films = Films(track.video_id for track in rows)
    cards = []
    for place, track in enumerate(rows):
        previous = rows[place - 1].video_id if place else None
        starts_film = show_film and order == "time" and previous != track.video_id
        cards.append(_track_card(track, look=looks.get(track.pk, track.start_frame), films=films, starts=starts_film))
    return cards[before:]


def _in_order(tracks: QuerySet[FaceTrack], order: str) -> QuerySet[FaceTrack]:
    of_film = ("video__title__season", "video__title__episode", "video__title__name", "video", "start_frame", "pk")
    if order == "time":
        return tracks.order_by(*of_film)
    is_said = Case(
        When(given_by=FaceTrack.GivenBy.PERSON, then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    return tracks.order_by(is_said, F("confidence").asc(nulls_first=True), *of_film)


def best_looks(tracks: Iterable[int]) -> dict[int, int]:
    """Track → the frame of its best face, the one that its portrait shows."""
    faces = best_shown(Face.objects.filter(track__in=list(tracks)))
    return dict(faces.values_list("track", "frame_index"))


class Films:
    """What a card says of its film: a name, and timecodes as it counts them."""

    def __init__(self, videos: Iterable[int]) -> None:
        rows = Video.objects.filter(pk__in=set(videos)).select_related("title")
        self.videos: dict[int, Video] = {video.pk: video for video in rows}
        self._infos: dict[int, VideoInfo] = {pk: video_info(video) for pk, video in self.videos.items()}

    def name(self, video: int) -> str:
        title = self.videos[video].title
        return str(title) if title.kind == Title.Kind.EPISODE else self.videos[video].original_name

    def timecode(self, video: int, frame: int) -> str:
        return film_timecode(self._infos[video], frame)

    def seconds(self, video: int, frames: int) -> float:
        return frames / self.videos[video].fps

    def address(self, video: int, frame: int) -> str:
        """Where the film is opened at a frame."""
        return f"{reverse('title', args=[self.videos[video].title_id])}?video={video}&frame={frame}"


def _track_card(track: FaceTrack, *, look: int, films: Films, starts: bool) -> TrackCard:
    is_said = track.given_by == FaceTrack.GivenBy.PERSON
    is_doubtful = track.confidence is not None and track.confidence < DOUBTFUL_BELOW and not is_said
    return TrackCard(
        pk=track.pk,
        timecode=films.timecode(track.video_id, look),
        length=f"{films.seconds(track.video_id, track.end_frame - track.start_frame):.1f} s",
        film=films.name(track.video_id),
        address=films.address(track.video_id, look),
        portrait_url=reverse("track-portrait", args=[track.pk]) if track.has_portrait else "",
        sure_percent=round(100 * track.confidence) if is_doubtful else None,
        marks=_marks(track),
        starts_film=starts,
    )


def _marks(track: FaceTrack) -> tuple[str, ...]:
    given = {FaceTrack.GivenBy.PERSON: "Confirmed", FaceTrack.GivenBy.LIKENESS: "By likeness"}.get(track.given_by)
    return tuple(mark for mark in (given, "On a wall" if track.is_static else None) if mark)


def open_track(tracks: QuerySet[FaceTrack], *, pk: int) -> OpenTrack | None:
    """One of these tracks with its faces; None when it is not among them."""
    track = tracks.filter(pk=pk).first()
    if track is None:
        return None
    (card,) = track_cards(tracks.filter(pk=pk), order="time", start=0, end=1, show_film=False)
    films = Films([track.video_id])
    seen = track.faces.order_by("frame_index", "row").values_list("pk", "frame_index")[:MOST_FACES]
    video = track.video_id
    return OpenTrack(card, [FaceCard(face, films.timecode(video, at), films.address(video, at)) for face, at in seen])
