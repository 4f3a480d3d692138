"""Subtitle files that people bring for a film."""

import re
from typing import NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ava.media.subtitles import LARGEST_FILE_BYTES, Cue, UnreadableSubtitles, decode_text, parse_cues
from ava.models import Video
from search.dialogue import save_lines, times_of
from search.models import DialogueLine
from search.renewal import ask_renewal

MOST_BYTES = LARGEST_FILE_BYTES
MOST_LINES = 10_000
"""Four times what long films have; each is indexed while the person waits."""

MOST_ROWS = 100_000
"""Rows of a file: a subtitle has four or five. Counted first, for reading takes longer than in proportion."""

ACTION = "bring in its subtitles"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_NAMED = re.compile(r"\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)\.[A-Za-z]{3}$")


class UnusableDialogue(ValueError):
    """Subtitles that cannot be taken in; the text is one sentence for the person who brought them."""


class Brought(NamedTuple):
    """How many lines of a file lie within the film, how many do not, and how many of the former file they replace."""

    language: str
    lines: int
    outside: int
    replaced: int

    @property
    def sentence(self) -> str:
        """All of it, for people."""
        language = f" ({self.language})" if self.language else ""
        said = f"{_count(self.lines, 'line')} of dialogue{language} can be searched now"
        said += f", in place of {_count(self.replaced, 'line')} brought before." if self.replaced else "."
        return f"{said} {_count(self.outside, 'line')} after the film's end left out." if self.outside else said


def bring_dialogue(video: Video, file: UploadedFile, *, language: str | None = None) -> Brought:
    """Make a film's dialogue of an SRT or WebVTT file, in place of the file of that language brought before.

    ``language`` is a BCP 47 tag, "" for none; without it, that in the file's name ("film.en.srt"), else the title's.
    Raises UnusableDialogue with a sentence; then nothing has changed.
    """
    from search.embed.lines import lines_of_cues

    name = _short_name(file.name or "")
    language = _read_language(video, language, name=file.name or "")
    cues = _read_cues(file, name=name)
    lines = lines_of_cues(cues, times_s=times_of(video))
    if not lines:
        raise UnusableDialogue(f"None of the subtitles in {name} lies within the film; are they of another one?")
    told = sum(bool(cue.text) for cue in cues)
    with transaction.atomic():
        replaced = video.dialogue_lines.filter(source=DialogueLine.Source.UPLOADED, language=language).count()
        save_lines(video, DialogueLine.Source.UPLOADED, {language: lines}, only_language=language)
        ask_renewal([video.pk])
    return Brought(language, len(lines), told - len(lines), replaced)


def remove_dialogue(video: Video, *, language: str) -> int:
    """Take the brought lines of one language out; returns how many there were. The file can be brought again."""
    with transaction.atomic():
        count = video.dialogue_lines.filter(source=DialogueLine.Source.UPLOADED, language=language).count()
        save_lines(video, DialogueLine.Source.UPLOADED, {}, only_language=language)
        if count:
            ask_renewal([video.pk])
    return count


def _read_cues(file: UploadedFile, *, name: str) -> tuple[Cue, ...]:
    content = file.read(MOST_BYTES + 1)  # a form that is sent in pieces does not tell its size before
    if len(content) > MOST_BYTES:
        raise UnusableDialogue(f"{name} is larger than {MOST_BYTES // 2**20} MB; bring an SRT or WebVTT file.")
    text = decode_text(content)
    if text.count("-->") > MOST_LINES or text.count("\n") > MOST_ROWS:
        raise UnusableDialogue(f"{name} holds more than {MOST_LINES:,} subtitles or {MOST_ROWS:,} rows; no film does.")
    try:
        cues = parse_cues(text, name=name)
    except UnreadableSubtitles as error:
        raise UnusableDialogue(str(error)) from error
    if not any(cue.text for cue in cues):
        raise UnusableDialogue(f"{name} holds times but no words; bring the file with its text.")
    return cues


def _read_language(video: Video, language: str | None, *, name: str) -> str:
    if language is None:
        named = _NAMED.search(name)
        language = named[1] if named else video.title.language
    language = language.strip()
    if language and not (len(language) <= 35 and _LANGUAGE.fullmatch(language)):
        raise UnusableDialogue("Give the language as a tag such as en, fr or pt-BR, or leave it empty.")
    return language


def _short_name(name: str) -> str:
    """A file's name as a sentence can hold it."""
    tidy = " ".join("".join(letter for letter in name if letter.isprintable()).split())
    if not tidy:
        return "The file"
    return tidy if len(tidy) <= 60 else f"{tidy[:40]} … {tidy[-15:]}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
