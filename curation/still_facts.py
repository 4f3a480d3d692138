"""Facts of a still that people filter by and that its alt text tells: each is one test of one measured value.

The tests are data, so that the server's filters, the board's script and the words under pictures cannot disagree.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from django.db.models import FloatField, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from ava.annotate.colour_terms import COLOUR_TERMS
from ava.models import Shot
from curation.models import Still

LEAST_COLOUR_SHARE = 0.15
"""A colour counts from this share of the picture on."""

BOUNDARY = 0.5
"""Where eyes count as open and a face as smiling, of what goes from 0 to 1."""


class FactTest(NamedTuple):
    """What is asked of one fact of a still; a fact that is not known passes no test.

    `source` says where the fact is: among the still's signals, the parts of its score, or its shot's attributes.
    Either it `equals` a word, or it is a number `at_least` and `below` the bounds that are given.
    """

    source: Literal["signals", "parts", "shot"]
    name: str
    equals: str | None = None
    at_least: float | None = None
    below: float | None = None

    def holds(self, value: float | str | None) -> bool:
        if value is None or value == "":
            return False
        if self.equals is not None:
            return value == self.equals
        number = float(value)
        return (self.at_least is None or number >= self.at_least) and (self.below is None or number < self.below)

    def condition(self) -> Q:
        """The test as a condition on stills `with_signals`."""
        if self.equals is not None:
            return Q(**{f"shot__{self.name}": self.equals})
        alias = fact_alias(self.name)
        bounds = {f"{alias}__gte": self.at_least, f"{alias}__lt": self.below}
        return Q(**{f"{alias}__isnull": False} | {name: end for name, end in bounds.items() if end is not None})


class Choice(NamedTuple):
    value: str
    label: str
    test: FactTest


class Facet(NamedTuple):
    """One question with a few answers; a still passes when it has one of the chosen ones, or, where `needs_all`,
    every one of them."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    needs_all: bool = False
    hint: str = ""

    @property
    def values(self) -> list[str]:
        return [choice.value for choice in self.choices]

    def narrow(self, stills: QuerySet[Still], values: Collection[str]) -> QuerySet[Still]:
        """Those of the stills that pass; all of them where no known answer is chosen."""
        tests = [choice.test for choice in self.choices if choice.value in values]
        stills = with_signals(stills, {test.name for test in tests if test.source == "signals"})
        condition = Q()
        for test in tests:
            condition = condition & test.condition() if self.needs_all else condition | test.condition()
        return stills.filter(condition)


def _shot_choices(name: str, labels: list[tuple[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, FactTest("shot", name, equals=value)) for value, label in labels if value)


def _count_choices(column: str, *, most: int) -> tuple[Choice, ...]:
    exact = [
        Choice(str(count), str(count), FactTest("signals", column, at_least=count, below=count + 1))
        for count in range(most)
    ]
    return (*exact, Choice(str(most), f"{most}+", FactTest("signals", column, at_least=most)))


FACETS = (
    Facet("faces", "Faces", _count_choices("faces.count", most=3)),
    Facet(
        "eyes",
        "Eyes",
        (
            Choice("open", "Largest open", FactTest("signals", "face_mesh.eyes_open", at_least=BOUNDARY)),
            Choice("all", "All open", FactTest("signals", "face_mesh.least_eyes_open", at_least=BOUNDARY)),
            Choice("closed", "Largest closed", FactTest("signals", "face_mesh.eyes_open", below=BOUNDARY)),
            Choice("any-closed", "Any closed", FactTest("signals", "face_mesh.least_eyes_open", below=BOUNDARY)),
        ),
    ),
    Facet("scale", "Shot scale", _shot_choices("scale", Shot.Scale.choices)),
    Facet("camera", "Camera", _shot_choices("camera", Shot.Camera.choices)),
    Facet(
        "colour",
        "Colours",
        tuple(
            Choice(term, term.capitalize(), FactTest("signals", f"colour_names.{term}", at_least=LEAST_COLOUR_SHARE))
            for term in COLOUR_TERMS
        ),
        needs_all=True,
        hint=f"Every chosen one covers {LEAST_COLOUR_SHARE * 100:.0f} % of the picture or more",
    ),
    Facet(
        "text",
        "Text in the picture",
        (
            Choice("none", "None", FactTest("signals", "text.count", below=1)),
            Choice("any", "Some", FactTest("signals", "text.count", at_least=1)),
        ),
    ),
)


class WordRule(NamedTuple):
    """The words that a fact earns a still."""

    test: FactTest
    word: str


_SCALE_WORDS = {
    "extreme_close_up": "extreme close-up",
    "close_up": "close-up",
    "medium": "medium shot",
    "cowboy": "cowboy shot",
    "full": "full shot",
    "long": "long shot",
    "extreme_long": "extreme long shot",
}

WORD_RULES = (
    WordRule(FactTest("signals", "faces.count", at_least=1, below=2), "one face"),
    WordRule(FactTest("signals", "faces.count", at_least=2, below=3), "two faces"),
    WordRule(FactTest("signals", "faces.count", at_least=3, below=4), "three faces"),
    WordRule(FactTest("signals", "faces.count", at_least=4), "many faces"),
    *(WordRule(FactTest("shot", "scale", equals=scale), word) for scale, word in _SCALE_WORDS.items()),
    WordRule(FactTest("signals", "face_mesh.smile", at_least=BOUNDARY), "smiling"),
    WordRule(FactTest("signals", "face_mesh.eyes_open", below=BOUNDARY), "eyes closed"),
    WordRule(FactTest("signals", "text.count", at_least=1), "with text"),
    WordRule(FactTest("parts", "sharpness", below=0.3), "soft"),
    WordRule(FactTest("parts", "sharpness", at_least=0.7), "sharp"),
    WordRule(FactTest("parts", "colour", below=0.15), "muted"),
    WordRule(FactTest("parts", "colour", at_least=0.7), "colourful"),
    WordRule(FactTest("signals", "exposure.brightness", below=0.22), "dark"),
    WordRule(FactTest("signals", "exposure.brightness", at_least=0.58), "bright"),
    WordRule(FactTest("signals", "exposure.contrast", below=0.1), "flat"),
    WordRule(FactTest("signals", "exposure.contrast", at_least=0.24), "contrasty"),
)


def words_for(facts: Mapping[str, Mapping[str, float | str | None]]) -> str:
    """The words that a still's facts allow, such as "two faces, medium shot, bright"; `facts` by source and name."""
    return ", ".join(rule.word for rule in WORD_RULES if rule.test.holds(facts[rule.test.source].get(rule.test.name)))


def fact_alias(name: str) -> str:
    """The name under which a query carries a signal."""
    return f"fact_{name.replace('.', '_')}"


def signal_value(name: str) -> Combinable:
    """A still's measurement as a number; NULL where it was not measured."""
    return Cast(KeyTextTransform(name, "signals"), FloatField())


def with_signals(stills: QuerySet[Still], names: Iterable[str]) -> QuerySet[Still]:
    """The stills with the signals that conditions refer to."""
    return stills.alias(**{fact_alias(name): signal_value(name) for name in names})
