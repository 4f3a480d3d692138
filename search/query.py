"""What somebody looks for: read from an address, a form or JSON, and written back into an address."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode

from ava.annotate.colour_terms import COLOUR_TERMS
from ava.models import Shot
from search.embed.word_forms import words_of_text

LONGEST_TEXT = 1000
MOST_TERMS, MOST_VALUES = 32, 200
LARGEST_KEY = 2**63 - 1
LARGEST_FRAME = 2**31 - 1


class InvalidQuery(ValueError):
    """A query that means nothing; the sentence says what is wrong with it."""


class Like(NamedTuple):
    """A picture to look for others like: frame `frame` of video `key`, still `key`, or an uploaded one by `token`."""

    kind: Literal["shot", "still", "upload"]
    key: int = 0
    frame: int = 0
    token: str = ""

    def __str__(self) -> str:
        return {"shot": f"shot:{self.key}:{self.frame}", "still": f"still:{self.key}"}.get(
            self.kind, f"upload:{self.token}"
        )


class Region(NamedTuple):
    """A part of a picture, in 0–1 of its width and height, y down."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __str__(self) -> str:
        return ",".join(f"{value:.4g}" for value in self)


@dataclass(frozen=True)
class Query:
    """A search.

    `text` are the free words, `phrases` must be found as they are, `negatives` (words and phrases) must not be.
    Filters: `titles` and `attributes` are keys; `characters` names; `scale`, `camera` values of a shot, `colour` basic
    colour terms (within each kind one is enough; of characters, attributes and colours all must be there);
    `shortest_s` and `longest_s` how long a shot is; `dialogue` words or a "phrase" that must be said in it.
    `remarks` are sentences on what was understood otherwise than it was written.
    """

    text: str = ""
    phrases: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    titles: tuple[int, ...] = ()
    characters: tuple[str, ...] = ()
    scale: tuple[str, ...] = ()
    camera: tuple[str, ...] = ()
    colour: tuple[str, ...] = ()
    shortest_s: float | None = None
    longest_s: float | None = None
    dialogue: str = ""
    attributes: tuple[int, ...] = ()
    like: Like | None = None
    region: Region | None = None
    remarks: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Free words and phrases as one text, as an encoder reads it."""
        return " ".join(part for part in (self.text, *self.phrases) if part)

    @property
    def is_ranked(self) -> bool:
        """Whether there is anything to rank by: words or an example."""
        return bool(self.words or self.like)

    @property
    def filters_shots(self) -> bool:
        """Whether some shots of the chosen titles are left out."""
        kinds = (self.characters, self.scale, self.camera, self.colour, self.dialogue, self.attributes, self.negatives)
        return any(kinds) or self.shortest_s is not None or self.longest_s is not None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is asked for; titles alone ask for nothing."""
        return not self.is_ranked and not self.filters_shots


def read_query(mapping: Mapping[str, Any]) -> Query:
    """The query that an address (QueryDict) or a JSON object holds; keys it does not know are ignored.

    Keys: q, title, character, scale, camera, colour, min_s, max_s, dialogue, attribute, like, region. Those that may
    be given several times may also be lists, numbers also strings with commas. Raises InvalidQuery with a sentence.
    """
    text, phrases, negatives, remarks = _read_words(_one(mapping, "q"))
    shortest_s, longest_s = _seconds(mapping, "min_s"), _seconds(mapping, "max_s")
    if shortest_s is not None and longest_s is not None and shortest_s > longest_s:
        raise InvalidQuery("The shortest duration is above the longest; swap them.")
    like, region = _read_like(_one(mapping, "like")), _read_region(_one(mapping, "region"))
    if region is not None and like is None:
        raise InvalidQuery("A region needs the picture it is a part of: give “like”, too.")
    return Query(
        text=text,
        phrases=phrases,
        negatives=negatives,
        titles=_keys(mapping, "title"),
        characters=tuple(_many(mapping, "character")),
        scale=_choices(mapping, "scale", Shot.Scale.values),
        camera=_choices(mapping, "camera", Shot.Camera.values),
        colour=_choices(mapping, "colour", COLOUR_TERMS, also={"gray": "grey", "violet": "purple"}),
        shortest_s=shortest_s,
        longest_s=longest_s,
        dialogue=_one(mapping, "dialogue")[:LONGEST_TEXT],
        attributes=_keys(mapping, "attribute"),
        like=like,
        region=region,
        remarks=remarks,
    )


def write_query(query: Query) -> str:
    """The query as an address's query string; `read_query` of it gives the query again, without its remarks."""
    quoted = [f'"{phrase}"' for phrase in query.phrases]
    without = [f'-"{term}"' if " " in term else f"-{term}" for term in query.negatives]
    pairs: list[tuple[str, Any]] = [("q", " ".join(part for part in (query.text, *quoted, *without) if part))]
    for name, values in (
        ("title", query.titles), ("character", query.characters), ("scale", query.scale), ("camera", query.camera),
        ("colour", query.colour), ("attribute", query.attributes),
    ):  # fmt: skip
        pairs += [(name, value) for value in values]
    pairs += [("min_s", query.shortest_s), ("max_s", query.longest_s), ("dialogue", query.dialogue)]
    pairs += [("like", query.like), ("region", query.region)]
    return urlencode([(name, str(value)) for name, value in pairs if value not in (None, "")])


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_TERM = re.compile(r'(?P<minus>(?<!\S)[-−])?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')


def _read_words(written: str) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Free text, phrases, negatives and remarks."""
    remarks = []
    if len(written) > LONGEST_TEXT:
        written = written[:LONGEST_TEXT].rsplit(maxsplit=1)[0]
        remarks.append(f"Only the first {LONGEST_TEXT:,} characters were looked for.")
    written = written.translate(_QUOTES)
    if written.count('"') % 2:
        at = written.rindex('"')
        written = f"{written[:at]} {written[at + 1 :]}"
        remarks.append("A quotation mark had no partner and was ignored.")
    words, phrases, negatives = [], [], []
    for term in _TERM.finditer(written):
        content = " ".join((term["phrase"] if term["phrase"] is not None else term["word"]).split())
        if not words_of_text(content):
            continue
        if term["minus"]:
            negatives.append(content)
        else:
            (phrases if term["phrase"] is not None else words).append(content)
    if written.strip() and not (words or phrases or negatives):
        remarks.append("There is no word or number in what was typed, so nothing could be looked for.")
    if max(len(phrases), len(negatives)) > MOST_TERMS:
        remarks.append(f"Only the first {MOST_TERMS} phrases and words to leave out were used.")
    return " ".join(words), _unique(phrases)[:MOST_TERMS], _unique(negatives)[:MOST_TERMS], tuple(remarks)


def _read_like(written: str) -> Like | None:
    if not written:
        return None
    kind, _, rest = written.partition(":")
    if kind == "shot" and (match := re.fullmatch(r"(\d{1,19}):(\d{1,10})", rest)):
        key, frame = int(match[1]), int(match[2])
        if key <= LARGEST_KEY and frame <= LARGEST_FRAME:
            return Like("shot", key, frame)
    if kind == "still" and re.fullmatch(r"\d{1,19}", rest) and int(rest) <= LARGEST_KEY:
        return Like("still", int(rest))
    if kind == "upload" and re.fullmatch(r"[\w.:=-]{1,300}", rest, re.ASCII):
        return Like("upload", token=rest)
    raise InvalidQuery("“like” is shot:VIDEO:FRAME, still:NUMBER or upload:TOKEN.")


def _read_region(written: str) -> Region | None:
    if not written:
        return None
    parts = written.split(",")
    if len(parts) == len(Region._fields):
        region = Region(*(_number(part, "region") for part in parts))
        if 0 <= region.x0 < region.x1 <= 1 and 0 <= region.y0 < region.y1 <= 1:
            return region
    raise InvalidQuery("“region” is x0,y0,x1,y1 within the picture: 0 to 1, left before right, top before bottom.")


def _seconds(mapping: Mapping[str, Any], name: str) -> float | None:
    written = _one(mapping, name)
    if not written:
        return None
    seconds = _number(written, name)
    if not 0 <= seconds <= 86_400:
        raise InvalidQuery(f"“{name}” is in seconds, 0 to 86,400.")
    return seconds


def _number(written: str, name: str) -> float:
    try:
        number = float(written)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise InvalidQuery(f"“{name}” must be given in numbers.")
    return number


def _keys(mapping: Mapping[str, Any], name: str) -> tuple[int, ...]:
    written = [part for value in _many(mapping, name) for part in value.replace(",", " ").split()]
    if any(not re.fullmatch(r"[0-9]{1,19}", each) or int(each) > LARGEST_KEY for each in written):
        raise InvalidQuery(f"“{name}” must be given by number.")
    return tuple(dict.fromkeys(int(each) for each in written))


def _choices(
    mapping: Mapping[str, Any], name: str, known: Iterable[str], *, also: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    known = list(known)
    chosen = []
    for value in _many(mapping, name):
        value = re.sub(r"[\s-]+", "_", value.strip().lower())
        value = (also or {}).get(value, value)
        if value not in known:
            raise InvalidQuery(f"“{name}” is one of: {', '.join(known)}.")
        chosen.append(value)
    return _unique(chosen)


def _one(mapping: Mapping[str, Any], name: str) -> str:
    values = _many(mapping, name)
    if len(values) > 1:
        raise InvalidQuery(f"“{name}” can be given only once.")
    return values[0] if values else ""


def _many(mapping: Mapping[str, Any], name: str) -> list[str]:
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


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
