"""Values of an address (QueryDict) or a JSON object, checked; whatever is none is refused by a sentence."""

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

MOST_VALUES = 200
LARGEST_KEY = 2**63 - 1


class InvalidQuery(ValueError):
    """A query that means nothing; the sentence says what is wrong with it."""


def read_seconds(mapping: Mapping[str, Any], name: str) -> float | None:
    written = one_value(mapping, name)
    if not written:
        return None
    seconds = read_number(written, name)
    if not 0 <= seconds <= 86_400:
        raise InvalidQuery(f"“{name}” is in seconds, 0 to 86,400.")
    return seconds


def read_number(written: str, name: str) -> float:
    try:
        number = float(written)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise InvalidQuery(f"“{name}” must be given in numbers.")
    return number


def read_keys(mapping: Mapping[str, Any], name: str) -> tuple[int, ...]:
    written = [part for value in all_values(mapping, name) for part in value.replace(",", " ").split()]
    if any(not re.fullmatch(r"[0-9]{1,19}", each) or int(each) > LARGEST_KEY for each in written):
        raise InvalidQuery(f"“{name}” must be given by number.")
    return tuple(dict.fromkeys(int(each) for each in written))


def read_choices(
    mapping: Mapping[str, Any], name: str, known: Iterable[str], *, also: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    known = list(known)
    chosen = []
    for value in all_values(mapping, name):
        value = re.sub(r"[\s-]+", "_", value.strip().lower())
        value = (also or {}).get(value, value)
        if value not in known:
            raise InvalidQuery(f"“{name}” is one of: {', '.join(known)}.")
        chosen.append(value)
    return tuple(dict.fromkeys(chosen))


def one_value(mapping: Mapping[str, Any], name: str) -> str:
    values = all_values(mapping, name)
    if len(values) > 1:
        raise InvalidQuery(f"“{name}” can be given only once.")
    return values[0] if values else ""


def all_values(mapping: Mapping[str, Any], name: str) -> list[str]:
    """The values of a key that are not empty, as stripped strings."""
    raw = mapping.getlist(name) if hasattr(mapping, "getlist") else mapping.get(name)
    values = raw if isinstance(raw, (list, tuple)) else [raw]
    if len(values) > MOST_VALUES:
        raise InvalidQuery(f"“{name}” is given more than {MOST_VALUES} times.")
    texts = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
            raise InvalidQuery(f"“{name}” must be text or a number.")
        text = "" if value is None else str(value).strip()
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise InvalidQuery(f"“{name}” holds characters that no text has; type it anew.")
        if text:
            texts.append(text)
    return texts
