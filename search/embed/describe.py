"""Shots described in English sentences, in the words that editors search with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from search.embed.facts import ScreenText, ShotFacts, Thing

DESCRIBER_VERSION = 3
"""Counts up when the same facts give other sentences."""

CANNOT_KNOW = (
    "Descriptions say what was measured: who was recognised, how many people, shot scale, camera, colours, light, "
    "movement, expressions and readable text. They do not know what people do, feel or wear, where it plays, inside or "
    "outside, or what time of day it is; label shots with what you want to find them by."
)
"""What is told with results, for nothing is guessed."""

BLACK_UNIT, NIGHT_UNIT, DARK_UNIT, BRIGHT_UNIT = 0.01, 0.15, 0.25, 0.6
"""Mean luma: below these a picture is black, as dark as night scenes are, and dark; above the last one it is bright."""

TOO_DARK_UNIT = 0.08
"""Below this mean luma a cast is that of a few lit spots."""

WARM_K, COOL_K = 4200.0, 8500.0
"""Colour temperatures of the scene's white beyond which a cast is plain to see; lamps have 2,700–3,200 K, the light of
an overcast sky 7,000 K (Wyszecki & Stiles 1982)."""

GREY_SATURATION_UNIT = 0.06
"""Mean saturation below which a picture counts as black and white; what coding leaves of grey film stays below it."""

STILL_UNIT_S, FAST_UNIT_S = 0.01, 0.35
"""Flow in shares of the longer side a second."""

SHALLOW_UNIT = 0.7
SHORT_S, LONG_S = 1.5, 12.0
MOST_TEXT_LETTERS = 240
"""Of the words of one kind on screen; a roll of credits would drown all else."""

BLACK = "Black picture (black screen)."
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
CROWD = 8

_SCALES = {
    "extreme_close_up": "Extreme close-up (ECU, extreme close up, detail)",
    "close_up": "Close-up (CU, close up)",
    "medium": "Medium shot (MS, mid shot)",
    "cowboy": "Cowboy shot (American shot, medium long shot)",
    "full": "Full shot (FS, full body)",
    "long": "Long shot (LS, wide shot)",
    "extreme_long": "Extreme long shot (ELS, extreme wide shot, very far away)",
}
_CAMERA = {
    "static": "The camera is static (locked off, fixed).",
    "pan": "The camera pans{way} (panning shot).",
    "tilt": "The camera tilts{way} (tilting shot).",
    "zoom": "The camera zooms or dollies{way}.",
    "handheld": "Handheld camera (hand-held, shaky).",
    "tracking": "Tracking shot: the camera follows a moving subject (follow shot, travelling).",
}
_ZOOM_WAYS = {"in": " in (push in, moves closer)", "out": " out (pull back, moves away)"}
_EXPRESSIONS = {
    "laughing": "is laughing (laugh, open smile)",
    "smiling": "is smiling (smile)",
    "surprised": "looks surprised, eyes and mouth wide open",
    "eyes closed": "has closed eyes",
    "mouth open": "has an open mouth",
}
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
    if _is_black(facts):
        texts = (("text", _tell_text(facts.text)), ("light", BLACK), ("duration", _tell_duration(facts)))
        return tuple(Sentence(fact, text) for fact, text in texts if text)
    told = (
        ("people", _tell_people(facts)),
        ("expression", _tell_expressions(facts)),
        ("text", _tell_text(facts.text)),
        ("objects", _tell_objects(facts.objects)),
        ("camera", _tell_camera(facts)),
        ("colours", _tell_colours(facts)),
        ("light", _tell_light(facts)),
        ("motion", _tell_motion(facts)),
        ("focus", _tell_focus(facts)),
        ("transition", _TRANSITIONS.get(facts.transition or "", "")),
        ("duration", _tell_duration(facts)),
    )
    known = tuple(Sentence(fact, text) for fact, text in told if text)
    return known or (Sentence("duration", f"A shot of {facts.duration_s:.1f} seconds."),)


def list_words(words: Sequence[str]) -> str:
    """Words as English lists them: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def count_word(number: int) -> str:
    """A number in letters up to twelve, in digits from there on."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else f"{number:,}"


def _tell_people(facts: ShotFacts) -> str:
    """Scale and people belong into one sentence: "Close-up (CU, close up) of Ann"."""
    who = _who(facts)
    scale = "" if _is_card(facts) else _SCALES.get(facts.scale or "", "")
    if not scale:
        return f"{who[0].upper()}{who[1:]}." if who else ""
    if facts.scale_by == "fallback" and not who:
        return f"{scale}, judged by the picture's structure alone."
    return f"{scale} of {who}." if who else f"{scale}."


def _who(facts: ShotFacts) -> str:
    names = list_words(facts.names)
    seen = max(facts.people or 0, 1 if facts.names else 0)
    if seen == 0:
        return ""
    if seen == 1:
        # Several who come one after the other are each alone in the frame.
        return f"{names}, alone (single)" if len(facts.names) == 1 else names or "one person, alone (single)"
    if seen >= CROWD:
        group = f"a crowd, a large group of {count_word(seen)} people together"
    else:
        kind = {2: "two-shot", 3: "three-shot, group"}.get(seen, "group shot")
        group = f"{count_word(seen)} people together ({kind})"
    missing = seen - len(facts.names)
    others = "" if missing <= 0 else " and another" if missing == 1 else " and others"
    return f"{group}: {names}{others}" if names else group


def _tell_expressions(facts: ShotFacts) -> str:
    words = [_EXPRESSIONS[each] for each in facts.expressions if each in _EXPRESSIONS]
    if not words:
        return ""
    is_known = len(facts.names) == 1 and (facts.people or 1) == 1
    return f"{facts.names[0] if is_known else 'Someone'} {list_words(words)}."


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
    return f"In the picture: {list_words([_count_things(each) for each in things])}." if things else ""


def _count_things(thing: Thing) -> str:
    if thing.amount > 1:
        # Word search stems "dogs" to "dog", but neither "buses" to "bus" nor "mice" to "mouse".
        plural = _plural(thing.name)
        beside = "" if plural in {thing.name, f"{thing.name}s"} else f" ({thing.name})"
        return f"{count_word(thing.amount)} {plural}{beside}"
    article = "" if thing.name in {"skis", "scissors", "broccoli"} else "an " if thing.name[0] in "aeiou" else "a "
    return article + thing.name


def _plural(name: str) -> str:
    irregular = {"person": "people", "mouse": "mice", "knife": "knives", "sheep": "sheep", "skis": "skis",
                 "scissors": "scissors", "broccoli": "broccoli"}  # fmt: skip
    if name in irregular:
        return irregular[name]
    return name + ("es" if name.endswith(("s", "ch", "sh", "x")) else "s")


def _tell_camera(facts: ShotFacts) -> str:
    way = facts.camera_way or ""
    spoken = _ZOOM_WAYS.get(way, "") if facts.camera == "zoom" else f" {way}" if way else ""
    return _CAMERA.get(facts.camera or "", "").format(way=spoken)


def _tell_colours(facts: ShotFacts) -> str:
    if facts.saturation_unit is not None and facts.saturation_unit < GREY_SATURATION_UNIT:
        return "Black and white picture (monochrome, greyscale)."
    words = ["grey (gray)" if colour == "grey" else colour for colour in facts.colours]
    return f"Dominant colours: {list_words(words)}." if words else ""


def _tell_light(facts: ShotFacts) -> str:
    """Brightness and warmth in words; what they are like is told as a likeness, never as what it is."""
    is_card = _is_card(facts)
    brightness = facts.brightness_unit
    parts = []
    if brightness is not None and brightness < DARK_UNIT:
        is_like_night = brightness < NIGHT_UNIT and not is_card
        likeness = "; judged by brightness alone, as at night" if is_like_night else ""
        parts.append(f"{'Very dark' if brightness < NIGHT_UNIT else 'Dark'} picture (low-key, dim){likeness}.")
    elif brightness is not None and brightness > BRIGHT_UNIT:
        parts.append("Bright picture (high-key, light).")
    is_coloured = (facts.saturation_unit or 0.0) >= GREY_SATURATION_UNIT and (brightness or 0.0) >= TOO_DARK_UNIT
    if is_coloured and not is_card and facts.temperature_k is not None:
        if facts.temperature_k < WARM_K:
            parts.append("Warm light; judged by colour alone, as at sunset or by lamplight.")
        elif facts.temperature_k > COOL_K:
            parts.append("Cool, bluish light.")
    return " ".join(parts)


def _is_black(facts: ShotFacts) -> bool:
    """Whether there is nothing to see, lettering aside: then camera and colours say nothing."""
    return facts.brightness_unit is not None and facts.brightness_unit < BLACK_UNIT and not facts.people


def _is_card(facts: ShotFacts) -> bool:
    """Whether titles or credits are what is shown: then light and scale say nothing of a scene."""
    return not facts.people and any(each.kind in {"title", "credits"} for each in facts.text)


def _tell_motion(facts: ShotFacts) -> str:
    if facts.motion_unit_s is None:
        return ""
    if facts.motion_unit_s < STILL_UNIT_S:
        return "Hardly anything moves (still, calm, motionless)."
    if (facts.subject_motion_unit_s or 0.0) >= FAST_UNIT_S / 2:
        return "A lot moves fast (fast action, quick movement)."
    return "Fast movement of the whole picture." if facts.motion_unit_s >= FAST_UNIT_S else ""


def _tell_focus(facts: ShotFacts) -> str:
    is_shallow = (facts.depth_of_field_unit or 0.0) >= SHALLOW_UNIT
    return "Shallow focus with a blurred background (bokeh, shallow depth of field)." if is_shallow else ""


def _tell_duration(facts: ShotFacts) -> str:
    if facts.duration_s >= LONG_S:
        return f"A long take of {facts.duration_s:.0f} seconds."
    return f"A short shot of {facts.duration_s:.1f} seconds." if facts.duration_s < SHORT_S else ""
