"""The words that occur in what a person may see: what a misspelt one can have meant."""

import hashlib
from collections import Counter
from collections.abc import Iterable

from django.core.cache import cache
from django.db.models import Max

from ava.models import User
from ava.selectors import access_titles, access_videos
from curation.people_selectors import access_characters
from search.embed.word_forms import words_of_text
from search.selectors import access_dialogue_lines, access_shot_descriptions, access_shot_labels

MOST_TEXTS = 5000
"""Of a kind, the newest first: enough for a vocabulary, and read in a fraction of a second."""
KEPT_FOR_S = 600


def known_words(user: User) -> dict[str, int]:
    """Words and how many texts they occur in, of the titles, people, descriptions, lines and labels that a person sees.

    Remembered for some minutes for exactly what the person sees, titles without a film among it: nobody is told
    another's words.
    """
    key = _key(user)
    known: dict[str, int] | None = cache.get(key)
    if known is None:
        known = dict(Counter(word for text in _texts(user) for word in set(words_of_text(text)) if not word.isdigit()))
        cache.set(key, known, KEPT_FOR_S)
    return known


def _texts(user: User) -> Iterable[str]:
    yield from access_titles(user).values_list("name", flat=True)[:MOST_TEXTS]
    yield from access_characters(user).filter(merged_into=None).exclude(name="").values_list("name", flat=True)
    labels = access_shot_labels(user).filter(stands=True)
    for rows in (access_shot_descriptions(user), access_dialogue_lines(user), labels):
        yield from rows.order_by("-pk").values_list("text", flat=True)[:MOST_TEXTS]


def _key(user: User) -> str:
    """Changes with the titles, people and films that the person sees, and with what was said of them."""
    seen = [
        list(rows.order_by("pk").values_list("pk", flat=True))
        for rows in (access_videos(user), access_titles(user), access_characters(user))
    ]
    newest = [
        rows.aggregate(newest=Max("pk"))["newest"]
        for rows in (access_shot_descriptions(user), access_dialogue_lines(user), access_shot_labels(user))
    ]
    digest = hashlib.sha256(f"{seen}:{newest}".encode()).hexdigest()
    return f"search-words:{digest}"
