"""Names of exported files: by a pattern, on every system, and no two alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curation.exports.record import StillRecord

DEFAULT_PATTERN = "{title}_{timecode}_f{frame}"
TOKENS = ("title", "video", "timecode", "frame", "rank", "place", "canvas")
FULL_SIZE = "full-size"
"""What stands for {canvas} in the name of a whole frame."""

LONGEST_PATTERN = 120
LONGEST_NAME = 150
_OF_FRAMES = "timecode|frame|rank"
_FRAME_TOKENS = re.compile(rf"\{{({_OF_FRAMES})\}}(.*\{{({_OF_FRAMES})\}})?")
_TOKEN = re.compile(r"\{([^{}]*)\}")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


class BadPattern(ValueError):
    """A pattern by which no files can be named; the text is one sentence that says why."""


def check_pattern(pattern: str) -> str:
    """The pattern without what surrounds it, or the usual one for an empty one; raises BadPattern."""
    pattern = " ".join(pattern.split()) or DEFAULT_PATTERN
    if len(pattern) > LONGEST_PATTERN:
        raise BadPattern(f"Write the names' pattern in at most {LONGEST_PATTERN} characters.")
    unknown = [name for name in _TOKEN.findall(pattern) if name not in TOKENS]
    if unknown or re.search(r"[{}]", _TOKEN.sub("", pattern)):
        known = ", ".join(f"{{{name}}}" for name in TOKENS)
        raise BadPattern(f"In the names' pattern only these stand in braces: {known}.")
    return pattern


def name_stills(records: Sequence[StillRecord], *, pattern: str = DEFAULT_PATTERN) -> list[str]:
    """A name without suffix for each still, none twice, also where capitals do not count.

    An artwork has neither timecode nor frame nor rank: from the first to the last of them its own name stands.
    Timecodes stand with dashes (01-02-03-04), frames with six digits, ranks and places with four; what some file
    system refuses becomes "_". A name that is taken gets "_2", "_3" … behind it. Raises BadPattern.
    """
    return name_pictures([(record, "") for record in records], pattern=pattern)


def name_pictures(pictures: Sequence[tuple[StillRecord, str]], *, pattern: str = DEFAULT_PATTERN) -> list[str]:
    """As ``name_stills``, for stills on canvases by their keys; "" for a whole frame.

    Where there are several sizes, or one that is not the whole frame, and the pattern does not say where the canvas
    stands in a name, it stands at the end.
    """
    pattern, taken, names = check_pattern(pattern), set[str](), []
    has_canvas = any(canvas for _, canvas in pictures)
    for record, canvas in pictures:
        fitting = _FRAME_TOKENS.sub("{video}", pattern, count=1) if record.artwork else pattern
        if has_canvas and "{canvas}" not in fitting:
            fitting = f"{fitting}_{{canvas}}"
        name = base = _fill(fitting, record, canvas=canvas or FULL_SIZE)
        number = 2
        while name.casefold() in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def safe_name(text: str, *, otherwise: str) -> str:
    """The text as a file's name that holds on every system; `otherwise` where nothing is left of it."""
    name = re.sub(r"[^\w.() -]+", "_", text).strip(" ._")[:LONGEST_NAME].strip(" ._") or otherwise
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def _fill(pattern: str, record: StillRecord, *, canvas: str) -> str:
    values = {
        "title": record.title[:LONGEST_PATTERN],
        "video": record.source_name.rpartition(".")[0][:LONGEST_PATTERN] or record.source_name,
        "timecode": re.sub(r"[:;.,]", "-", record.timecode),
        "frame": f"{record.frame_index or 0:06}",
        "rank": f"{record.rank or 0:04}",
        "place": f"{record.place:04}",
        "canvas": canvas,
    }
    # A long title must not cut off what tells its stills apart.
    short = values | {"title": "", "video": ""}
    room = max(LONGEST_NAME - len(_TOKEN.sub(lambda match: short[match[1]], pattern)), 0)
    titles = max(len(re.findall(r"\{(title|video)\}", pattern)), 1)
    for name in ("title", "video"):
        values[name] = values[name][: room // titles]
    usual = f"a{record.place:04}" if record.artwork else f"f{values['frame']}"
    return safe_name(_TOKEN.sub(lambda match: values[match[1]], pattern), otherwise=usual)
