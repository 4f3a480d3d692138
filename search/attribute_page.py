"""What the pages of attributes show: the list of them, and one as it is taught."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.db.models import Count, Prefetch, Q
from django.http import QueryDict

from ava.models import Team, User, Video
from ava.selectors import EDITING_ROLES, access_teams, packed_fields
from search.attribute_examples import ShotSpan
from search.attribute_teaching import Guess, Lesson, ask, choose_encoder, span_of, study
from search.attribute_vectors import team_videos
from search.attribute_versions import active_version, switches
from search.attributes import HAS_IT_FROM_UNIT
from search.embed.encoder import UnusableEncoder
from search.embed.hits import Hit
from search.models import Attribute, AttributeModel, ShotAttribute
from search.result_cards import Card, make_cards
from search.selectors import access_attributes, access_deleted_attributes
from search.train.attribute import pack_measures

SUGGESTED = {
    "Caution elements": ("Blood", "Weapons", "Smoking", "Alcohol", "Drugs", "Fighting", "Flashing lights"),
    "For trailers": ("Explosion", "Fire", "Car chase", "Crowd", "Kiss", "Dancing"),
    "The picture": ("Close-up", "Outdoors", "Night", "Water", "Animals", "Food"),
}
"""Names only: nothing is known of them before somebody teaches it."""
GUESSES = 24
SHOWN_ANSWERS = 12
SHOWN_SWITCHES = 10
MOST_WORDS = 200
WHY_LABELS = {"guess": "", "unsure": "Not sure", "new": "Unlike all so far"}


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """One attribute in the list, with its version in use, if any."""

    attribute: Attribute
    active: AttributeModel | None
    told: int
    has_it: int


@dataclass(frozen=True, slots=True)
class AttributesPage:
    teams: Sequence[Team]
    team: Team | None
    rows: Sequence[AttributeRow]
    deleted: Sequence[Attribute]
    suggested: Mapping[str, Sequence[str]]
    may_teach: bool


class GuessCard(NamedTuple):
    """A shot that is asked about; `percent` and its ends are None where they cannot be told yet."""

    card: Card
    why: str
    why_label: str
    percent: int | None
    low: int | None
    high: int | None


class AnswerCard(NamedTuple):
    card: Card
    has_it: bool


@dataclass(frozen=True, slots=True)
class LessonPart:
    """What changes with every answer: counts, what is learnt, the next guesses, and the last answers."""

    positive: int
    negative: int
    shots: int
    lacking: str
    measures: Mapping[str, Any]
    encoder: str
    guesses: Sequence[GuessCard]
    answers: Sequence[AnswerCard]
    since: int | None
    notice: str


@dataclass(frozen=True)
class TeachPage:
    """An attribute as it is taught. What only the whole page shows is read when that asks for it: with every answer
    scripts renew the lesson alone."""

    attribute: Attribute
    film: Video | None
    words: str
    lesson: LessonPart | None
    active: AttributeModel | None
    may_teach: bool

    @cached_property
    def films(self) -> Sequence[Video]:
        films = team_videos(self.attribute.team_id).select_related("title").only("original_name", "title__name")
        return sorted(films, key=lambda film: (film.title.name, film.pk))

    @cached_property
    def versions(self) -> Sequence[AttributeModel]:
        versions = self.attribute.models.select_related("created_by", "encoder")
        return list(versions.defer("weights", "encoder__weights"))

    @cached_property
    def switches(self) -> Sequence[LogEntry]:
        return list(switches(self.attribute)[:SHOWN_SWITCHES])

    @cached_property
    def told(self) -> int:
        """How many shots the version in use tells."""
        return ShotAttribute.objects.filter(model=self.active).count() if self.active else 0


def read_attributes_page(user: User, *, team_id: str) -> AttributesPage:
    """The attributes of the team asked for, else of the first that the user may teach in, else of the first."""
    teams = list(access_teams(user).order_by("name", "pk"))
    editing = set(access_teams(user, roles=EDITING_ROLES).values_list("pk", flat=True))
    asked = (team for team in teams if str(team.pk) == team_id)
    own = (team for team in teams if team.pk in editing)
    team = next(asked, None) or next(own, None) or next(iter(teams), None)
    rows = _rows(user, team) if team else []
    taken = {row.attribute.name.casefold() for row in rows}
    may_teach = team is not None and team.pk in editing
    deleted = access_deleted_attributes(user, roles=EDITING_ROLES).filter(team=team).order_by("name", "pk")
    suggested = {kind: [name for name in names if name.casefold() not in taken] for kind, names in SUGGESTED.items()}
    return AttributesPage(
        teams=teams,
        team=team,
        rows=rows,
        deleted=list(deleted) if may_teach else [],
        suggested={kind: names for kind, names in suggested.items() if names},
        may_teach=may_teach,
    )


def read_teach_page(user: User, attribute: Attribute, *, query: QueryDict) -> TeachPage:
    """An attribute with everything that its page shows; `?video=` keeps to one film, `?words=` looks for examples."""
    number = query.get("video", "")
    asked = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
    film = team_videos(attribute.team_id).filter(pk=asked).defer(*packed_fields()).first() if asked else None
    words = query.get("words", "").replace("\0", "").strip()[:MOST_WORDS]
    active = active_version(attribute)
    return TeachPage(
        attribute=attribute,
        film=film,
        words=words,
        lesson=read_lesson(user, attribute, film=film, words=words, active=active),
        active=active,
        may_teach=may_teach(user, attribute),
    )


def may_teach(user: User, attribute: Attribute) -> bool:
    """Whether the user is editor or administrator of the attribute's team."""
    return access_attributes(user, roles=EDITING_ROLES).filter(pk=attribute.pk).exists()


def read_lesson(
    user: User, attribute: Attribute, *, film: Video | None, words: str, active: AttributeModel | None
) -> LessonPart | None:
    """Learn from what stands and say what to ask next; None where no shot has a vector yet."""
    encoder = choose_encoder(attribute)
    if encoder is None:
        return None
    lesson = study(attribute, encoder)
    notice = ""
    try:
        guesses = ask(lesson, count=GUESSES, video=film, words=words)
    except UnusableEncoder as error:
        guesses, notice = ask(lesson, count=GUESSES, video=film), str(error)
    answers = _last_answers(lesson, attribute)
    cards = _cards([*(guess.span for guess in guesses), *(span for span, _ in answers)], user=user)
    return LessonPart(
        positive=int(lesson.answered.has_it.sum()),
        negative=int((~lesson.answered.has_it).sum()),
        shots=len(lesson.shots),
        lacking=lesson.learned.lacking,
        measures=pack_measures(lesson.learned),
        encoder=f"{encoder} ({encoder.get_kind_display().lower()})",
        guesses=_guess_cards(guesses, cards=cards),
        answers=[AnswerCard(cards[span[:2]], has_it) for span, has_it in answers if span[:2] in cards],
        since=_answers_since(attribute, active),
        notice=notice,
    )


def _rows(user: User, team: Team) -> list[AttributeRow]:
    used = AttributeModel.objects.filter(is_active=True).select_related("encoder").defer("weights", "encoder__weights")
    attributes = access_attributes(user).filter(team=team).select_related("created_by").prefetch_related(
        Prefetch("models", queryset=used, to_attr="used")
    )
    is_told = Q(shots__model__is_active=True)
    has_it = is_told & Q(shots__probability__gte=HAS_IT_FROM_UNIT)
    counted = attributes.annotate(told=Count("shots", filter=is_told), with_it=Count("shots", filter=has_it))
    return [
        AttributeRow(attribute, next(iter(attribute.used), None), attribute.told, attribute.with_it)
        for attribute in counted.order_by("name", "pk")
    ]


def _answers_since(attribute: Attribute, active: AttributeModel | None) -> int | None:
    """How many answers stand that the version in use has not seen; None without one."""
    if active is None:
        return None
    return attribute.examples.filter(stands=True, created_at__gt=active.created_at).count()


def _cards(spans: Sequence[ShotSpan], *, user: User) -> dict[tuple[int, int], Card]:
    cards = make_cards([Hit(*span, score=0.0) for span in spans], user=user, query="")
    return {(card.video.pk, card.start_frame): card for card in cards}


def _guess_cards(guesses: Sequence[Guess], *, cards: Mapping[tuple[int, int], Card]) -> list[GuessCard]:
    shown = []
    for guess in guesses:
        card = cards.get((guess.span.video_id, guess.span.start_frame))
        if card is not None:
            ends = [None if value is None else round(100 * value) for value in guess[2:]]
            shown.append(GuessCard(card, guess.why, WHY_LABELS[guess.why], *ends))
    return shown


def _last_answers(lesson: Lesson, attribute: Attribute) -> list[tuple[ShotSpan, bool]]:
    """The last answers that hold, newest first, each with the shot that it holds for now."""
    newest = attribute.examples.filter(stands=True).order_by("-id").values_list("video_id", "start_frame")
    rank = {place: number for number, place in enumerate(newest[: 10 * SHOWN_ANSWERS])}
    spans = [(span_of(lesson.shots, int(row)), bool(has)) for row, has in zip(*lesson.answered, strict=True)]
    spans.sort(key=lambda each: rank.get(each[0][:2], len(rank)))
    return spans[:SHOWN_ANSWERS]
