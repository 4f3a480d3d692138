"""What AVA is least sure of and would gain most from being told: "Same person?", to be answered by yes or no."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import numpy as np
from django.db.models import QuerySet
from django.urls import reverse

from ava.models import Title, User
from curation.character_pages import Films, best_looks, with_portraits
from curation.models import Character, FaceTrack
from curation.people.portrait_choice import choose_portraits
from curation.people_doubts import Kind, OpenDoubt, open_doubts
from curation.people_selectors import access_face_tracks

MOST_QUESTIONS = 200
FACES_A_SIDE = 4
AHEAD = 3
"""Questions that a page holds, so that the next one is there at once."""
MOST_SKIPPED = 300
_KEY = re.compile(r"(characters|track)-\d{1,19}-\d{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Portrait:
    """A track of one side: its picture, and where in which film it is."""

    track: int
    timecode: str
    film: str
    """Empty where all are of one film."""
    address: str
    has_picture: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to say yes or no to.

    Kind "characters": whether characters `first` and `second` are one person; a yes makes `first` part of `second`.
    Kind "track": whether track `first` shows character `second`. `probability`, 0–1, is AVA's own guess at a yes.
    """

    kind: Kind
    first: int
    second: int
    probability: float
    first_label: str
    second_label: str
    first_portraits: tuple[Portrait, ...]
    second_portraits: tuple[Portrait, ...]
    words: str
    key: str
    is_given: bool
    """Whether the track has this character already, so that a yes confirms it."""

    @property
    def percent(self) -> int:
        return round(100 * self.probability)


def open_questions(
    user: User,
    title: Title,
    *,
    limit: int = MOST_QUESTIONS,
    skip: Collection[str] = (),
    first: str = "",
    about: Character | None = None,
) -> list[Question]:
    """What is to be asked about a title's people, the most worthwhile first.

    `skip` are keys of questions that are left out, `first` is the one to begin with; `about` narrows to a character.
    """
    doubts = [each for each in open_doubts(user, title) if about is None or about.pk in each.characters]
    return _describe(user, _arrange(doubts, skip=skip, first=first)[:limit])


def _arrange(doubts: Iterable[OpenDoubt], *, skip: Collection[str], first: str) -> list[OpenDoubt]:
    left = [each for each in doubts if each.key not in skip]
    return sorted(left, key=lambda each: each.key != first)  # the others keep their order


def count_questions(user: User, title: Title) -> int:
    """How many questions there are about a title's people."""
    return len(open_doubts(user, title))


@dataclass(frozen=True, slots=True)
class Sitting:
    """Where somebody is among the questions, as the address says it; anything unknown is ignored."""

    done: int = 0
    skipped: tuple[str, ...] = ()
    first: str = ""
    """The question to begin with: one that has been taken back."""
    last: str = ""
    """The question that was answered last."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Sitting":
        done = query.get("done", "")
        keys = [key for key in query.get("skip", "").split(",") if _KEY.fullmatch(key)]
        first, last = (key if _KEY.fullmatch(key := query.get(name, "")) else "" for name in ("first", "last"))
        return cls(int(done) if re.fullmatch(r"[0-9]{1,5}", done) else 0, tuple(keys[:MOST_SKIPPED]), first, last)

    def answered(self, key: str) -> "Sitting":
        return replace(self, done=self.done + 1, first="", last=key)

    def skip(self, key: str) -> "Sitting":
        return replace(self, skipped=(*self.skipped, key), first="", last="")

    @property
    def undone(self) -> "Sitting":
        return replace(self, done=max(self.done - 1, 0), first=self.last, last="")

    @property
    def with_skipped(self) -> "Sitting":
        return Sitting(done=self.done)

    @property
    def query(self) -> str:
        asked = {"done": self.done or "", "skip": ",".join(self.skipped), "first": self.first, "last": self.last}
        return urlencode({name: value for name, value in asked.items() if value}, safe=",")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the addresses that lead on from it."""

    question: Question
    after_answer: str
    after_skip: str


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    asked: list[Asked]
    """The question, and those that come after it."""
    number: int
    total: int
    sitting: Sitting


def questions_page(user: User, title: Title, *, sitting: Sitting) -> QuestionsPage:
    """The question that comes now in a sitting, how many there are, and the next few."""
    left = _arrange(open_doubts(user, title), skip=sitting.skipped, first=sitting.first)
    here = reverse("people-questions", args=[title.pk])
    asked = [
        Asked(each, f"{here}?{sitting.answered(each.key).query}", f"{here}?{sitting.skip(each.key).query}")
        for each in _describe(user, left[:AHEAD])
    ]
    return QuestionsPage(asked, number=sitting.done + 1, total=sitting.done + len(left), sitting=sitting)


def _describe(user: User, doubts: Sequence[OpenDoubt]) -> list[Question]:
    names = Character.objects.in_bulk({pk for each in doubts for pk in each.characters})
    visible = access_face_tracks(user).filter(is_face=True, is_static=False)
    shown = _best_tracks(visible, names)
    lone = [each.first for each in doubts if each.kind == "track"]
    given = dict(visible.filter(pk__in=lone).values_list("pk", "character"))
    portraits = _portraits(visible, [*lone, *(track for tracks in shown.values() for track in tracks)])
    return [
        _question(each, names=names, shown=shown, portraits=portraits, is_given=given.get(each.first) == each.second)
        for each in doubts
    ]


def _best_tracks(visible: QuerySet[FaceTrack], characters: Iterable[int]) -> dict[int, list[int]]:
    """Of each character the tracks that show it best, from all over its films."""
    tracks = visible.filter(character__in=list(characters), portrait__isnull=False).order_by("video", "start_frame")
    rows = list(tracks.values_list("pk", "character", "weight"))
    pk, owner = (np.array([row[column] for row in rows], dtype=np.int64) for column in (0, 1))
    score = np.array([row[2] for row in rows], dtype=np.float64)
    chosen = choose_portraits(owner, order=np.arange(len(rows)), score=score, most=FACES_A_SIDE)
    best: dict[int, list[int]] = {}
    for character, track in zip(owner[chosen].tolist(), pk[chosen].tolist(), strict=True):
        best.setdefault(character, []).append(track)
    return best


def _portraits(visible: QuerySet[FaceTrack], tracks: Iterable[int]) -> dict[int, Portrait]:
    chosen = with_portraits(visible.filter(pk__in=set(tracks)))
    rows = list(chosen.values_list("pk", "video", "start_frame", "has_portrait"))
    looks, films = best_looks(row[0] for row in rows), Films(row[1] for row in rows)
    are_many = len(films.videos) > 1
    portraits = {}
    for pk, video, start_frame, has_picture in rows:
        frame = looks.get(pk, start_frame)
        place = {"timecode": films.timecode(video, frame), "address": films.address(video, frame)}
        portraits[pk] = Portrait(pk, film=films.name(video) if are_many else "", has_picture=has_picture, **place)
    return portraits


def _question(
    doubt: OpenDoubt,
    *,
    names: Mapping[int, Character],
    shown: Mapping[int, list[int]],
    portraits: Mapping[int, Portrait],
    is_given: bool,
) -> Question:
    def faces(character: int) -> tuple[Portrait, ...]:
        return tuple(portraits[track] for track in shown.get(character, []))

    first, second = doubt.first, doubt.second
    if doubt.kind == "characters":
        first, second = sorted(doubt.characters, key=lambda pk: _standing(names[pk], shown))
    whom = names[second]
    of_track = doubt.kind == "track"
    return Question(
        kind=doubt.kind,
        first=first,
        second=second,
        probability=doubt.probability,
        first_label="This face" if of_track else names[first].label,
        second_label=whom.label,
        first_portraits=(portraits[first],) if of_track else faces(first),
        second_portraits=faces(second),
        words=f"Is this {whom.label}?" if of_track else _words(names[first], whom),
        key=doubt.key,
        is_given=of_track and is_given,
    )


def _standing(character: Character, shown: Mapping[int, list[int]]) -> tuple[bool, bool, int, int]:
    """Of two that become one the lower of these goes, and the one that people have said more about stays."""
    return (bool(character.name), character.is_kept, len(shown.get(character.pk, [])), -character.number)


def _words(first: Character, second: Character) -> str:
    if first.name and second.name:
        return f"Are {first.name} and {second.name} one person?"
    return f"Is this {second.name}?" if second.name else "Is this the same person?"
