"""What somebody looks for: read from an address, a form or JSON, and written back into an address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode

from ava.annotate.colour_terms import COLOUR_TERMS
from ava.models import Shot
from search.query_values import (
    LARGEST_KEY,
    InvalidQuery,
    all_values,
    one_value,
    read_choices,
    read_keys,
    read_number,
    read_seconds,
)
from search.query_words import LONGEST_TEXT, read_words

LARGEST_FRAME = 2**31 - 1


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
    text, phrases, negatives, remarks = read_words(one_value(mapping, "q"))
    shortest_s, longest_s = read_seconds(mapping, "min_s"), read_seconds(mapping, "max_s")
    if shortest_s is not None and longest_s is not None and shortest_s > longest_s:
        raise InvalidQuery("The shortest duration is above the longest; swap them.")
    like, region = _read_like(one_value(mapping, "like")), _read_region(one_value(mapping, "region"))
    if region is not None and like is None:
        raise InvalidQuery("A region needs the picture it is a part of: give “like”, too.")
    return Query(
        text=text,
        phrases=phrases,
        negatives=negatives,
        titles=read_keys(mapping, "title"),
        characters=tuple(all_values(mapping, "character")),
        scale=read_choices(mapping, "scale", Shot.Scale.values),
        camera=read_choices(mapping, "camera", Shot.Camera.values),
        colour=read_choices(mapping, "colour", COLOUR_TERMS, also={"gray": "grey", "violet": "purple"}),
        shortest_s=shortest_s,
        longest_s=longest_s,
        dialogue=one_value(mapping, "dialogue")[:LONGEST_TEXT],
        attributes=read_keys(mapping, "attribute"),
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
        # As fine as it is written back into addresses: what is empty there is empty here.
        region = Region(*(float(f"{read_number(part, 'region'):.4g}") for part in parts))
        if 0 <= region.x0 < region.x1 <= 1 and 0 <= region.y0 < region.y1 <= 1:
            return region
    raise InvalidQuery("“region” is x0,y0,x1,y1 within the picture: 0 to 1, left before right, top before bottom.")
