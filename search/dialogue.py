"""Lines of dialogue as rows: from a film's own tracks, from files that people bring, and read off the picture."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from ava.findings import load_detections, looked_at_frames
from ava.media.source import UnusableVideo
from ava.models import Video
from ava.storage import local_path
from ava.turns import take_turn
from ava.video_facts import video_info
from search.models import DialogueLine
from search.word_vectors import words_of

if TYPE_CHECKING:
    from search.embed.lines import Line

logger = logging.getLogger(__name__)
LinesByLanguage = Mapping[str, "Sequence[Line]"]


def read_film_tracks(video: Video) -> list[str]:
    """Make the lines of a film's own text tracks; what cannot be read of it is returned in sentences.

    Demuxes the whole file once. Tracks of one language that say the same are one.
    """
    from search.embed.lines import lines_of_cues, read_own_tracks

    if not video.subtitle_streams:
        save_lines(video, DialogueLine.Source.EMBEDDED, {})
        return []
    origin_s = video.time_origin_num / video.time_origin_den
    try:
        own = read_own_tracks(local_path(video.file), time_origin_s=origin_s)
    except (UnusableVideo, OSError) as error:
        logger.warning("The subtitles of %s cannot be read: %s", video, error)
        return ["The film's own subtitle tracks could not be read; upload their lines as SRT or VTT."]
    times_s = times_of(video)
    lines: dict[str, set[Line]] = {}
    for track in own.tracks:
        lines.setdefault(track.language, set()).update(lines_of_cues(track.cues, times_s=times_s))
    save_lines(video, DialogueLine.Source.EMBEDDED, {language: sorted(each) for language, each in lines.items()})
    return list(own.notes)


def read_burned_in(video: Video) -> None:
    """Make the lines of subtitles that are part of the picture, as text recognition has read them."""
    from ava.annotate.text import Text
    from search.embed.lines import lines_burned_in

    found = load_detections(video, Text.name)
    lines = lines_burned_in(found, looked_at=looked_at_frames(video, Text.name), times_s=times_of(video))
    save_lines(video, DialogueLine.Source.BURNED_IN, {"": lines})


def times_of(video: Video) -> NDArray[np.float64]:
    """When players show each of N frames, and when the last one ends: seconds ``(N + 1,)``."""
    from curation.people.dialogue import frame_times

    return frame_times(video_info(video))


@transaction.atomic
def save_lines(video: Video, source: str, lines: LinesByLanguage, *, only_language: str | None = None) -> None:
    """Have these lines and no others of a source, or of a source in one language; the same ones keep their rows.

    Raises Gone where the film has been deleted meanwhile.
    """
    take_turn(video)
    rows = video.dialogue_lines.filter(source=source)
    if only_language is not None:
        rows = rows.filter(language=only_language)
    known = {
        (row.language, row.start_frame, row.end_frame, row.text): row.pk for row in rows.defer("words").order_by("-pk")
    }
    wanted = {
        (language, line.start_frame, line.end_frame, line.text) for language, each in lines.items() for line in each
    }
    rows.exclude(pk__in=[pk for key, pk in known.items() if key in wanted]).delete()
    DialogueLine.objects.bulk_create(
        [
            DialogueLine(
                video=video, source=source, language=language, start_frame=start, end_frame=end, text=text,
                words=words_of(text),
            )
            for language, start, end, text in sorted(wanted - known.keys())
        ],
        batch_size=500,
    )  # fmt: skip


def said_within(video: Video) -> list[tuple[int, int, str]]:
    """What is said in a film, each line once whatever source tells it: first frame, end frame and text, by time."""
    rows = video.dialogue_lines.values_list("start_frame", "end_frame", "text", "language")
    spoken = _one_language(list(rows))
    return sorted(set(spoken))


def _one_language(rows: Sequence[tuple[int, int, str, str]]) -> list[tuple[int, int, str]]:
    """Of several languages the one that English encoders read best, else the one with the most lines."""
    if not rows:
        return []
    counts: dict[str, int] = {}
    for *_, language in rows:
        counts[language] = counts.get(language, 0) + 1

    def preference(language: str) -> tuple[bool, int, str]:
        return language.split("-")[0].lower() == "en", counts[language], language

    best = max(counts, key=preference)
    return [(start, end, text) for start, end, text, language in rows if language == best]
