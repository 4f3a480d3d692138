"""What detectors found in the looked-at frames of one shot: people, expressions, readable text and objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections
from ava.annotate.expression import name_expression
from ava.annotate.face_mesh import FaceMesh
from ava.annotate.objects import OBJECT_NAMES, Objects
from ava.annotate.often_seen import SEEN_IN_SHARE, often_seen
from ava.annotate.people import People
from ava.annotate.text import Text
from ava.annotate.text_kinds import TextKind
from search.embed.facts import ScreenText, Thing

DETECTORS = (People.name, FaceMesh.name, Text.name, Objects.name)

SAME_TEXT = 0.8
"""Likeness (Ratcliff & Obershelp 1988) from which two readings are of one text."""

LEAST_LETTERS = 2
LEAST_READING = 0.6
"""Sureness of recognition, 0–1, below which letters are as often wrong as right."""

PERSON = "person"
_READ_KINDS = {
    TextKind.SCENE: "scene", TextKind.CAPTION: "caption", TextKind.TITLE: "title", TextKind.CREDITS: "credits",
}  # fmt: skip
_EXPRESSION_COLUMNS = ("eyes_open", "mouth_open", "smile", "brows_raised")


class Looks(NamedTuple):
    """A detector's findings in a film and the frames ``int64 (L,)``, ascending, that it looked at."""

    found: Detections
    frames: NDArray[np.int64]

    def within(self, start_frame: int, end_frame: int) -> Looks:
        """Those of the half-open frames of one shot."""
        rows = (self.found.frame_index >= start_frame) & (self.found.frame_index < end_frame)
        looked = self.frames[(self.frames >= start_frame) & (self.frames < end_frame)]
        return Looks(self.found.where(rows), looked)


class FindingFacts(NamedTuple):
    """See ``ShotFacts``; ``people`` is None where nobody looked for people."""

    people: int | None
    expressions: tuple[str, ...]
    text: tuple[ScreenText, ...]
    objects: tuple[Thing, ...]


def read_findings(looks: Mapping[str, Looks], *, start_frame: int, end_frame: int) -> FindingFacts:
    """Read one shot (half-open frames) out of a film's findings by detector; detectors that are missing tell nothing.

    Subtitles are left out of the text: they are dialogue.
    """
    mine = {name: each.within(start_frame, end_frame) for name, each in looks.items()}
    return FindingFacts(
        people=_count_people(mine.get(People.name)),
        expressions=_read_expressions(mine.get(FaceMesh.name)),
        text=_read_text(mine.get(Text.name)),
        objects=_read_objects(mine.get(Objects.name)),
    )


def same_text(first: str, second: str) -> bool:
    """Whether two readings are of one text, case and spaces aside."""
    one, other = ("".join(each.casefold().split()) for each in (first, second))
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= SAME_TEXT


def _count_people(looks: Looks | None) -> int | None:
    if looks is None or not len(looks.frames):
        return None
    counts = Counter(looks.found.frame_index.tolist())
    return often_seen(list(counts.values()), looks=len(looks.frames))


def _read_expressions(looks: Looks | None) -> tuple[str, ...]:
    """Expressions that are seen in a third of the looks that show a face, the commonest first."""
    if looks is None:
        return ()
    columns = [FaceMesh.columns.index(name) for name in _EXPRESSION_COLUMNS]
    seen: dict[str, set[int]] = {}
    told: set[int] = set()
    for frame, values in zip(looks.found.frame_index.tolist(), looks.found.values[:, columns], strict=True):
        word = name_expression(**dict(zip(_EXPRESSION_COLUMNS, values.tolist(), strict=True)))
        if word:
            told.add(frame)
            seen.setdefault(word, set()).add(frame)
    needed = max(np.ceil(len(told) * SEEN_IN_SHARE), 1)
    words = [word for word, frames in seen.items() if len(frames) >= needed]
    return tuple(sorted(words, key=lambda word: (-len(seen[word]), word)))


def _read_text(looks: Looks | None) -> tuple[ScreenText, ...]:
    """Texts in the order in which they are read; of several readings of one the fullest, then the surest."""
    if looks is None:
        return ()
    kind, score, reading = (Text.columns.index(name) for name in ("kind", "score", "reading"))
    texts: list[tuple[ScreenText, float]] = []
    for words, row in zip(looks.found.words, looks.found.values, strict=True):
        told = _READ_KINDS.get(TextKind(int(row[kind])))
        words = " ".join(words.split())
        if told is None or row[reading] < LEAST_READING or sum(map(str.isalnum, words)) < LEAST_LETTERS:
            continue
        place = next((at for at, (known, _) in enumerate(texts) if _is_one(known.text, words)), None)
        if place is None:
            texts.append((ScreenText(told, words), float(row[score])))
        elif (len(words), row[score]) > (len(texts[place][0].text), texts[place][1]):
            texts[place] = (ScreenText(told, words), float(row[score]))
    return tuple(text for text, _ in texts)


def _is_one(first: str, second: str) -> bool:
    """Whether two readings are of one text, or one of them of a part of it, as when letters come into the picture."""
    one, other = sorted(("".join(each.casefold().split()) for each in (first, second)), key=len)
    return one in other or same_text(first, second)


def _read_objects(looks: Looks | None) -> tuple[Thing, ...]:
    """Objects that are seen in a third of the looks, most of them first; people are counted elsewhere."""
    if looks is None or not len(looks.frames):
        return ()
    kind = Objects.columns.index("kind")
    counts: dict[str, Counter[int]] = {}
    for frame, row in zip(looks.found.frame_index.tolist(), looks.found.values, strict=True):
        name = OBJECT_NAMES.get(int(row[kind]), "")
        if name and name != PERSON:
            counts.setdefault(name, Counter())[frame] += 1
    seen = {name: often_seen(list(each.values()), looks=len(looks.frames)) for name, each in counts.items()}
    things = [Thing(name, amount) for name, amount in seen.items() if amount]
    return tuple(sorted(things, key=lambda thing: (-thing.amount, thing.name)))
