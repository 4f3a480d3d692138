"""Numbers, plurals and lists of things as English says them."""

from __future__ import annotations

from collections.abc import Sequence

from search.embed.facts import Thing

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def list_words(words: Sequence[str]) -> str:
    """Words as English lists them: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def count_word(number: int) -> str:
    """A number in letters up to twelve, in digits from there on."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else f"{number:,}"


def count_things(thing: Thing) -> str:
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
