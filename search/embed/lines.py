"""Lines of dialogue with their frames: from subtitle cues, from a film's own tracks, and as read off the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import av.error
import numpy as np
from av.packet import Packet
from av.stream import Disposition, Stream
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import AssSubtitle
from numpy.typing import NDArray

from ava.annotate.base import Detections
from ava.annotate.text import Text
from ava.annotate.text_kinds import TextKind
from ava.media.source import open_source
from ava.media.subtitles import MOST_CUES, Cue, clean_text
from search.embed.shot_findings import same_text

LINES_VERSION = 1
"""Counts up when tracks are read differently."""

MOST_LETTERS = 2_000
"""Of one line; a cue that holds more is no line of dialogue, and a full-text index would refuse it."""

LONGEST_LOOK_S = 4.0
"""How long burned-in words that were seen in one look are taken to stand; most lines stand 2 to 6 s."""

PICTURE_FORMATS = {"pgssub": "PGS", "dvdsub": "VobSub", "dvbsub": "DVB", "xsub": "XSUB"}
"""Decoders of subtitles that are pictures, and what their formats are called."""

_SHORT = {
    "ara": "ar", "ces": "cs", "cze": "cs", "chi": "zh", "zho": "zh", "dan": "da", "deu": "de", "ger": "de", "dut": "nl",
    "nld": "nl", "ell": "el", "gre": "el", "eng": "en", "fin": "fi", "fra": "fr", "fre": "fr", "heb": "he", "hin": "hi",
    "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko", "nor": "no", "pol": "pl", "por": "pt", "ron": "ro",
    "rum": "ro", "rus": "ru", "spa": "es", "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk", "vie": "vi",
}  # fmt: skip


class Line(NamedTuple):
    """What is said, and the frames, half-open, in which its words stand."""

    start_frame: int
    end_frame: int
    text: str


class Track(NamedTuple):
    """A film's own track of text: its language as the file gives it ("eng", "" where it does not), and its cues."""

    language: str
    cues: tuple[Cue, ...]


class OwnTracks(NamedTuple):
    """A film's tracks of text, and what of it cannot be read, in sentences."""

    tracks: tuple[Track, ...]
    notes: tuple[str, ...]


def lines_of_cues(cues: Iterable[Cue], *, times_s: NDArray[np.float64]) -> list[Line]:
    """Give each cue the frames that players show with it, by start; cues outside the film and empty ones are left out.

    ``times_s`` ``float64 (N + 1,)``: when each of N frames is shown, and when the last one ends, from the start of
    playback. A cue begins with the frame that stands when it appears and ends before the first one that is shown when
    it is gone; it has one frame at least.
    """
    lines = []
    frames = len(times_s) - 1
    for cue in cues:
        text = _tidy(cue.text)
        if not text or cue.start_s >= times_s[-1] or cue.end_s <= times_s[0]:
            continue
        start = int(np.clip(np.searchsorted(times_s, cue.start_s + 1e-6, side="right") - 1, 0, frames - 1))
        end = int(np.clip(np.searchsorted(times_s, cue.end_s - 1e-6, side="left"), start + 1, frames))
        lines.append(Line(start, end, text))
    return sorted(lines)


def read_own_tracks(path: Path, *, time_origin_s: float) -> OwnTracks:
    """Read every track of text in a film, in its order; subtitles that are pictures are told of, and left to OCR.

    ``time_origin_s`` is what players call zero in the file's clock. Comments are no dialogue. Reads the file once.
    Raises UnusableVideo for a file that cannot be opened.
    """
    with open_source(path) as container:
        streams = [stream for stream in container.streams.subtitles if not stream.disposition & Disposition.comment]
        readable = [stream for stream in streams if stream.codec_context and not _format_of_pictures(stream)]
        languages = {stream.index: _language(stream) for stream in readable}
        notes = tuple(_note(stream) for stream in streams if stream not in readable)
        cues: dict[int, list[Cue]] = {stream.index: [] for stream in readable}
        try:
            for packet in container.demux(readable) if readable else ():
                mine = cues[packet.stream.index]
                if packet.pts is None or packet.time_base is None or not packet.duration or len(mine) >= MOST_CUES:
                    continue
                start_s = float(packet.pts * packet.time_base) - time_origin_s
                mine.append(Cue(start_s, start_s + float(packet.duration * packet.time_base), _packet_text(packet)))
        except av.error.FFmpegError:
            pass  # a cut-off file has the lines that were read before its end
    tracks = tuple(Track(language, tuple(sorted(cues[index]))) for index, language in languages.items())
    return OwnTracks(tuple(track for track in tracks if any(cue.text for cue in track.cues)), notes)


def lines_burned_in(
    text: Detections, *, looked_at: NDArray[np.int64], times_s: NDArray[np.float64]
) -> list[Line]:
    """Read subtitles that are part of the picture: the same words in looks that follow one another are one line.

    ``text`` is the settled table of the detector of that name, ``looked_at`` ``int64 (L,)`` the frames it looked at,
    ascending; ``times_s`` as for ``lines_of_cues``. A line stands until half-way to the looks around it, at most
    ``LONGEST_LOOK_S`` a look; of its readings the surest is kept.
    """
    kind, score, top = (Text.columns.index(name) for name in ("kind", "score", "y0"))
    runs: list[list[_Reading]] = []
    for place, frame in enumerate(looked_at.tolist()):
        rows = np.flatnonzero((text.frame_index == frame) & (text.values[:, kind] == TextKind.SUBTITLE))
        if not len(rows):
            continue
        ordered = rows[np.argsort(text.values[rows, top], kind="stable")]
        words = _tidy(" ".join(text.words[row] for row in ordered))
        if not words:
            continue
        reading = _Reading(place, float(text.values[rows, score].min()), words)
        if runs and runs[-1][-1].place == place - 1 and same_text(runs[-1][-1].words, words):
            runs[-1].append(reading)
        else:
            runs.append([reading])
    return [_line_of_run(run, looked_at, times_s) for run in runs]


class _Reading(NamedTuple):
    """What one look, the ``place``-th, read."""

    place: int
    score: float
    words: str


def _line_of_run(run: Sequence[_Reading], looked_at: NDArray[np.int64], times_s: NDArray[np.float64]) -> Line:
    first, last = run[0].place, run[-1].place
    looked_s = times_s[looked_at]
    before = times_s[0] if first == 0 else (looked_s[first - 1] + looked_s[first]) / 2
    after = times_s[-1] if last + 1 == len(looked_s) else (looked_s[last] + looked_s[last + 1]) / 2
    start_s = max(before, looked_s[first] - LONGEST_LOOK_S / 2)
    end_s = min(after, looked_s[last] + LONGEST_LOOK_S / 2)
    start = min(int(np.searchsorted(times_s, start_s, side="left")), int(looked_at[first]))
    end = max(int(np.searchsorted(times_s, end_s, side="left")), int(looked_at[last]) + 1)
    return Line(start, min(end, len(times_s) - 1), max(run, key=lambda reading: reading.score).words)


def _tidy(text: str) -> str:
    """One line without what no database holds; too long ones are cut."""
    return " ".join(text.replace("\0", " ").split())[:MOST_LETTERS]


def _packet_text(packet: Packet[Stream]) -> str:
    try:
        shown = packet.decode()
    except (av.error.FFmpegError, ValueError):
        return ""
    written = [each.dialogue for each in shown if isinstance(each, AssSubtitle)]
    return clean_text(b" ".join(written).decode("utf-8", errors="replace"))


def _format_of_pictures(stream: SubtitleStream) -> str:
    """The name of the format where subtitles are pictures, else ""."""
    return PICTURE_FORMATS.get(stream.codec_context.name, "") if stream.codec_context is not None else ""


def short_language(tag: str) -> str:
    """A language as BCP 47 writes it, from the three letters that films carry (ISO 639-2): "eng" is "en"; "" for none.

    Tags that are not in the list stay as they are.
    """
    tag = tag.strip()[:35]
    return "" if tag.lower() in {"und", "mul", "zxx"} else _SHORT.get(tag.lower(), tag)


def _language(stream: SubtitleStream) -> str:
    return short_language(stream.metadata.get("language", ""))


def _note(stream: SubtitleStream) -> str:
    language, number = _language(stream), stream.index
    which = f"Subtitle track {number}{f' ({language})' if language else ''}"
    form = _format_of_pictures(stream)
    if form:
        return f"{which} holds pictures ({form}), not text, and cannot be searched; upload its lines as SRT or VTT."
    return f"{which} is of a format that cannot be read here; upload its lines as SRT or VTT."
