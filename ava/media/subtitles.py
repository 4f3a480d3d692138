"""Subtitle cues: from SRT and WebVTT files, and from a film's own subtitle streams."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import AssSubtitle

from ava.media.source import open_source

LARGEST_FILE_BYTES = 20 * 1024 * 1024
MOST_CUES = 100_000
LONGEST_CUE_S = 15.0
"""A picture without an end is shown until the next one, but no longer than this."""

BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_MARKUP = re.compile(r"<[^<>]*>|\{[^{}]*\}")
_NO_LETTER = re.compile(r"&#[0-9]{8,};?")
"""Numbers beyond all letters, which HTML reads as U+FFFD; Python refuses to read those of thousands of digits."""
_SOUNDS = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|♪[^♪]*♪?|♫[^♫]*♫?|#[^#]*#")


class UnreadableSubtitles(Exception):
    """A file that holds no subtitles AVA can read; the text is one sentence for the person who brought it."""


class Cue(NamedTuple):
    """One subtitle: when players show it, in seconds from the start of playback, and its words without mark-up.

    The words of subtitles that are pictures are not known: "".
    """

    start_s: float
    end_s: float
    text: str


class _Stream(NamedTuple):
    cues: list[Cue]
    rank: tuple[int, ...]


def read_subtitle_file(path: Path) -> tuple[Cue, ...]:
    """Read an SRT or WebVTT file, by start; its encoding is told by its bytes (Unicode, else Windows-1252).

    Raises UnreadableSubtitles for a file that is missing, too large, or no such file.
    """
    if not path.is_file():
        raise UnreadableSubtitles(f"There is no file named {path.name}; check the path and try again.")
    size = path.stat().st_size
    if size > LARGEST_FILE_BYTES:
        raise UnreadableSubtitles(
            f"{path.name} has {size / 1024**2:.0f} MB, far more than subtitles need; bring an SRT or WebVTT file."
        )
    return parse_cues(decode_text(path.read_bytes()), name=path.name)


def decode_text(content: bytes) -> str:
    """Text of a file that does not say its encoding: by its byte order mark, UTF-16 by its zeros, UTF-8, Windows."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    head = content[:4096]
    if head.count(b"\0") > len(head) // 4:
        return content.decode("utf-16-be" if head[:1] == b"\0" else "utf-16-le", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def parse_cues(text: str, *, name: str) -> tuple[Cue, ...]:
    """Find the cues of SRT or WebVTT text, by start; cues of no length are left out, and so is what is malformed.

    ``name`` is the file's, for the sentences of UnreadableSubtitles, which is raised where no cue can be read, more
    are malformed than not, or there are more than ``MOST_CUES``.
    """
    cues: list[Cue] = []
    malformed: list[int] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if "-->" not in line:
            continue
        match = _TIMING.match(line)
        if match is None:
            malformed.append(number)
            continue
        start_s, end_s = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
        if end_s > start_s:
            cues.append(Cue(start_s, end_s, clean_text(" ".join(_lines_below(lines, number)))))
        if len(cues) > MOST_CUES:
            raise UnreadableSubtitles(f"{name} holds more than {MOST_CUES:,} subtitles; no film has as many.")
    if malformed and len(malformed) > len(cues):
        raise UnreadableSubtitles(
            f"{name}, line {malformed[0] + 1}, is no time such as 00:01:02,000 --> 00:01:04,500; save the file again "
            "as SRT or WebVTT."
        )
    if not cues:
        raise UnreadableSubtitles(f"{name} holds no subtitles; bring an SRT or WebVTT file.")
    return tuple(sorted(cues))


def clean_text(text: str) -> str:
    """Words as they are shown: without tags, overrides and entities, on one line."""
    words = html.unescape(_NO_LETTER.sub("\ufffd", _MARKUP.sub("", text)))
    return " ".join(words.replace("\\N", " ").replace("\\h", " ").split())


def is_speech(text: str) -> bool:
    """Whether words are said in it: not where only sounds, [in brackets], or ♪ songs are named; unknown words are."""
    return not text or any(letter.isalnum() for letter in _SOUNDS.sub("", text))


def read_embedded_cues(path: Path, *, time_origin_s: float) -> tuple[Cue, ...]:
    """The cues of the film's best subtitle stream, by start; none where it has no subtitles.

    Best is a text before pictures, words alone before those that describe sounds, the default one, the longest; forced
    ones and comments are no dialogue. ``time_origin_s`` is what players call zero in the file's clock. Reads the file
    once. Raises UnusableVideo for a file that cannot be opened.
    """
    with open_source(path) as container:
        streams = [stream for stream in container.streams.subtitles if _is_dialogue(stream)]
        if not streams:
            return ()
        found = _read_packets(container, streams, time_origin_s=time_origin_s)
    ranked = [
        _Stream(cues, (any(cue.text for cue in cues), *_rank(stream), len(cues)))
        for stream, cues in zip(streams, found, strict=True)
        if cues
    ]
    return tuple(sorted(max(ranked, key=lambda each: each.rank).cues)) if ranked else ()


def _seconds(parts: Iterable[str | None]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction}")


def _lines_below(lines: list[str], number: int) -> list[str]:
    """The lines of a cue: up to the next empty one."""
    below: list[str] = []
    for index in range(number + 1, len(lines)):  # a slice would copy the rest of the file for every cue
        line = lines[index]
        if "-->" in line:  # some leave the empty line out: what stands above a time is a number
            return below[:-1] if below and below[-1].strip().isdigit() else below
        if not line.strip():
            break
        below.append(line)
    return below


def _is_dialogue(stream: SubtitleStream) -> bool:
    return stream.codec_context is not None and not stream.disposition & (Disposition.forced | Disposition.comment)


def _rank(stream: SubtitleStream) -> tuple[int, int]:
    return not stream.disposition & Disposition.hearing_impaired, bool(stream.disposition & Disposition.default)


def _read_packets(
    container: InputContainer, streams: list[SubtitleStream], *, time_origin_s: float
) -> list[list[Cue]]:
    found: dict[int, list[Cue]] = {stream.index: [] for stream in streams}
    open_since: dict[int, float] = {}
    try:
        for packet in container.demux(streams):
            if packet.pts is None or packet.time_base is None or len(found[packet.stream.index]) >= MOST_CUES:
                continue
            start_s = float(packet.pts * packet.time_base) - time_origin_s
            cues = found[packet.stream.index]
            since_s = open_since.pop(packet.stream.index, None)
            if since_s is not None and start_s > since_s:
                cues.append(Cue(since_s, min(start_s, since_s + LONGEST_CUE_S), ""))
            text = _shown_text(packet)
            if text is None:
                continue
            if packet.duration:
                cues.append(Cue(start_s, start_s + float(packet.duration * packet.time_base), text))
            elif not text:
                open_since[packet.stream.index] = start_s
    except av.error.FFmpegError:
        pass  # a cut-off file has the subtitles that were read before its end
    for index, since_s in open_since.items():
        found[index].append(Cue(since_s, since_s + LONGEST_CUE_S, ""))
    return [found[stream.index] for stream in streams]


def _shown_text(packet: Packet[Stream]) -> str | None:
    """Words that a packet shows, "" for a picture, None where it shows nothing."""
    try:
        shown = packet.decode()
    except (av.error.FFmpegError, ValueError):
        return None
    if not shown:
        return None
    written = [each.dialogue for each in shown if isinstance(each, AssSubtitle)]
    text = clean_text(b" ".join(written).decode("utf-8", errors="replace"))
    return text if text or len(written) < len(shown) else None
