"""Sentences on who is in a shot, how near, and with what expressions."""

from __future__ import annotations

from search.embed.describe_picture import is_card
from search.embed.english import count_word, list_words
from search.embed.facts import ShotFacts

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
_EXPRESSIONS = {
    "laughing": "is laughing (laugh, open smile)",
    "smiling": "is smiling (smile)",
    "surprised": "looks surprised, eyes and mouth wide open",
    "eyes closed": "has closed eyes",
    "mouth open": "has an open mouth",
}


def tell_people(facts: ShotFacts) -> str:
    """Scale and people belong into one sentence: "Close-up (CU, close up) of Ann"."""
    who = _who(facts)
    scale = "" if is_card(facts) else _SCALES.get(facts.scale or "", "")
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


def tell_expressions(facts: ShotFacts) -> str:
    words = [_EXPRESSIONS[each] for each in facts.expressions if each in _EXPRESSIONS]
    if not words:
        return ""
    is_known = len(facts.names) == 1 and (facts.people or 1) == 1
    return f"{facts.names[0] if is_known else 'Someone'} {list_words(words)}."
