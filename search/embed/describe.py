"""Shots described in English sentences, in the words that editors search with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from search.embed.describe_people import tell_expressions, tell_people
from search.embed.describe_picture import (
    is_black,
    tell_camera,
    tell_colours,
    tell_focus,
    tell_light,
    tell_motion,
)
from search.embed.english import count_things, list_words
from search.embed.facts import ScreenText, ShotFacts, Thing

DESCRIBER_VERSION = 3
"""Counts up when the same facts give other sentences."""

CANNOT_KNOW = (
    "Descriptions say what was measured: who was recognised, how many people, shot scale, camera, colours, light, "
    "movement, expressions and readable text. They do not know what people do, feel or wear, where it plays, inside or "
    "outside, or what time of day it is; label shots with what you want to find them by."
)
"""What is told with results, for nothing is guessed."""

SHORT_S, LONG_S = 1.5, 12.0
MOST_TEXT_LETTERS = 240
"""Of the words of one kind on screen; a roll of credits would drown all else."""

BLACK = "Black picture (black screen)."
_TEXT_KINDS = {
    "title": "Title card on screen reads",
    "credits": "Credits on screen read",
    "caption": "Caption on screen reads",
    "scene": "Writing or a sign in the picture reads",
}
_TRANSITIONS = {"dissolve": "It begins with a dissolve.", "fade": "It begins with a fade in."}


class Sentence(NamedTuple):
    """One sentence and the fact it tells: "scale", "people", "expression", "camera", "light" …"""

    fact: str
    text: str


def describe_shot(facts: ShotFacts) -> str:
    """Describe a shot in a few English sentences; of a shot of which nothing is known, in one that says how long it is.

    The most telling facts come first, for sentence encoders cut long texts. Synonyms that editors type stand beside
    the term in brackets. The time of day is never told: where light allows a guess, it says by what.
    """
    return " ".join(sentence.text for sentence in describe_facts(facts))


def describe_facts(facts: ShotFacts) -> tuple[Sentence, ...]:
    """The sentences of ``describe_shot``, each with the fact it tells."""
    if is_black(facts):
        texts = (("text", _tell_text(facts.text)), ("light", BLACK), ("duration", _tell_duration(facts)))
        return tuple(Sentence(fact, text) for fact, text in texts if text)
    told = (
        ("people", tell_people(facts)),
        ("expression", tell_expressions(facts)),
        ("text", _tell_text(facts.text)),
        ("objects", _tell_objects(facts.objects)),
        ("camera", tell_camera(facts)),
        ("colours", tell_colours(facts)),
        ("light", tell_light(facts)),
        ("motion", tell_motion(facts)),
        ("focus", tell_focus(facts)),
        ("transition", _TRANSITIONS.get(facts.transition or "", "")),
        ("duration", _tell_duration(facts)),
    )
    known = tuple(Sentence(fact, text) for fact, text in told if text)
    return known or (Sentence("duration", f"A shot of {facts.duration_s:.1f} seconds."),)


def _tell_text(texts: Sequence[ScreenText]) -> str:
    sentences = []
    for kind, opening in _TEXT_KINDS.items():
        words = "; ".join(dict.fromkeys(each.text for each in texts if each.kind == kind))
        if words:
            read = _shorten(words)
            sentences.append(f"{opening}: “{read}”" + ("" if read.endswith((".", "!", "?", "…")) else "."))
    return " ".join(sentences)


def _shorten(words: str) -> str:
    if len(words) <= MOST_TEXT_LETTERS:
        return words
    return words[:MOST_TEXT_LETTERS].rsplit(" ", 1)[0] + " …"


def _tell_objects(things: Sequence[Thing]) -> str:
    return f"In the picture: {list_words([count_things(each) for each in things])}." if things else ""


def _tell_duration(facts: ShotFacts) -> str:
    if facts.duration_s >= LONG_S:
        return f"A long take of {facts.duration_s:.0f} seconds."
    return f"A short shot of {facts.duration_s:.1f} seconds." if facts.duration_s < SHORT_S else ""
