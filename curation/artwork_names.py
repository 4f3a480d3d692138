"""Names of pictures that are brought in: kept, told apart, and asked for the language of their lettering."""

import re
from collections.abc import Collection
from itertools import count

from ava.file_names import LONGEST_NAME, clean_name

_LANGUAGES = frozenset(re.findall(
    r"\w\w",
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu",
))  # fmt: skip
"""ISO 639-1."""
_WORDS = frozenset({"am", "as", "be", "he", "is", "it", "my", "no", "or", "so", "to"})
"""Codes that are English words too: they count only right at the end and not behind a space."""

_TAG = re.compile(
    r"(?<![^\W_])(?P<language>[A-Za-z]{2})(?:[-_](?P<place>[A-Z]{2}|[A-Z][a-z]{3}|419))?"
    r"(?P<rest>(?:[\W_]+(?:v?\d+|\d+x\d+|final))*)$"
)
BCP_47 = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
"""A language tag as people write it, RFC 5646, without its rarest forms."""


def guess_language(path: str) -> str:
    """The language that a picture's name or folder ends with, as a BCP 47 tag: "poster_fr.jpg" → "fr",
    "pt-BR/key art.png" → "pt-BR"; empty where neither does."""
    folders, _, name = path.replace("\\", "/").rpartition("/")
    stem = name.rpartition(".")[0] or name
    match = _TAG.search(stem)
    # A name that is nothing but two letters says so of a folder only; "it.jpg" is more likely a word.
    if match and match.start() > 0 and _is_meant(match, before=stem[match.start() - 1]):
        return _tag(match)
    match = _TAG.search(folders.rpartition("/")[2])
    return _tag(match) if match and match["language"].lower() in _LANGUAGES else ""


def _is_meant(match: re.Match[str], *, before: str) -> bool:
    language = match["language"].lower()
    is_word = language in _WORDS and not match["place"] and match["language"] == language
    return language in _LANGUAGES and not (is_word and (before == " " or match["rest"]))


def _tag(match: re.Match[str]) -> str:
    return match["language"].lower() + (f"-{match['place']}" if match["place"] else "")


def clean_path(path: str) -> str:
    """A picture's name with the folders that it came in, each fit for showing."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    return "/".join(clean_name(part) for part in parts) or clean_name(path)


def distinct_name(path: str, *, taken: Collection[str]) -> str:
    """A name for a picture that no other has: its own, else with as many of its folders as it takes, else a number."""
    parts = clean_path(path).split("/")
    for depth in range(1, len(parts) + 1):
        name = "/".join(parts[-depth:])
        if name not in taken and len(name) <= LONGEST_NAME:
            return name
    stem, dot, suffix = parts[-1].rpartition(".")
    if not stem:
        stem, dot, suffix = parts[-1], "", ""
    for number in count(2):
        ending = f" ({number}){dot}{suffix}"
        name = stem[: LONGEST_NAME - len(ending)] + ending
        if name not in taken:
            return name
    raise AssertionError("There is always another number.")
