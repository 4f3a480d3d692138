"""Shots in words: their facts gathered from everything that was measured, and the rows that keep them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from ava.detectors import detector_versions
from ava.findings import load_detections, looked_at_frames
from ava.models import Shot, Video
from ava.signals import load_signals
from search.embed.describe import DESCRIBER_VERSION, describe_shot
from search.embed.facts import FACTS_VERSION, ShotFacts, digest_facts, tell_facts
from search.models import ShotDescription
from search.word_vectors import words_of

if TYPE_CHECKING:
    from search.embed.shot_findings import Looks

VERSIONS = (FACTS_VERSION, DESCRIBER_VERSION)
GRADUAL = (Shot.Transition.DISSOLVE, Shot.Transition.FADE)


def facts_of(video: Video) -> list[ShotFacts]:
    """What is known of each shot of a film, in its order; none while its shots are provisional or not found."""
    from search.embed.shot_findings import DETECTORS, Looks
    from search.embed.shot_signals import SIGNALS

    shots = list(described_shots(video))
    if not shots:
        return []
    known = detector_versions()
    film = _Film(
        fps=video.fps,
        signals=load_signals(video, columns=SIGNALS),
        looks={
            name: Looks(load_detections(video, name), looked_at_frames(video, name))
            for name in DETECTORS
            if name in known
        },
        cast=_Cast(video),
    )
    return [_facts_of_shot(shot, film) for shot in shots]


def _facts_of_shot(shot: Shot, film: "_Film") -> ShotFacts:
    from search.embed.shot_findings import read_findings
    from search.embed.shot_signals import read_camera_way, read_signals

    span = {"start_frame": shot.start_frame, "end_frame": shot.end_frame}
    found = read_findings(film.looks, **span)
    characters, names, at_once = film.cast.of(**span)
    return ShotFacts(
        **span,
        duration_s=round((shot.end_frame - shot.start_frame) / film.fps, 2),
        scale=shot.scale or None,
        scale_by=shot.scale_by or None,
        camera=shot.camera or None,
        camera_way=read_camera_way(film.signals, camera=shot.camera, **span),
        names=names,
        characters=characters,
        transition=shot.transition if shot.transition in GRADUAL else None,
        **read_signals(film.signals, **span, fps=film.fps)._asdict(),
        **found._replace(people=max(found.people or 0, at_once) if at_once else found.people)._asdict(),
    )


def described_shots(video: Video) -> QuerySet[Shot]:
    """The shots that are described: those of a finished analysis."""
    return video.shots.filter(provisional=False).order_by("start_frame")


def save_descriptions(video: Video, facts: Sequence[ShotFacts]) -> int:
    """Make the rows of a film's shots; call it in a transaction. Those that say the same keep their row.

    Returns how many are new or changed. Descriptions of shots that are gone go.
    """
    known = {row.start_frame: row for row in video.shot_descriptions.defer("words", "text", "facts")}
    new, kept = [], []
    for each in facts:
        told = tell_facts(each)
        made_from = digest_facts(told, versions=VERSIONS)
        row = known.get(each.start_frame)
        if row is not None and (row.end_frame, row.made_from) == (each.end_frame, made_from):
            kept.append(row.pk)
            continue
        text = describe_shot(each)
        new.append(
            ShotDescription(
                video=video, start_frame=each.start_frame, end_frame=each.end_frame, facts=told, text=text,
                made_from=made_from, words=words_of(text),
            )
        )  # fmt: skip
    video.shot_descriptions.exclude(pk__in=kept).delete()
    ShotDescription.objects.bulk_create(new, batch_size=500)
    return len(new)


class _Film(NamedTuple):
    """What is read once for all shots of a film."""

    fps: float
    signals: dict[str, NDArray[np.float32]]
    looks: "dict[str, Looks]"
    cast: "_Cast"


class _Cast:
    """Who is on screen when, by the recognised faces of a film."""

    def __init__(self, video: Video) -> None:
        # Their models belong to curation; its reader hands arrays over, and names come by the title's own relation.
        from curation.cast_tracks import read_tracks
        from curation.people_selectors import cast_scope

        tracks = read_tracks(Video.objects.filter(pk=video.pk)).tracks
        self._tracks = tracks.where(~tracks.is_static)
        named = cast_scope(video.title).characters.exclude(name="")
        self._names: dict[int, str] = dict(named.values_list("pk", "name"))

    def of(self, *, start_frame: int, end_frame: int) -> tuple[tuple[int, ...], tuple[str, ...], int]:
        """Characters of a span and their names, the longest on screen first, and how many faces are seen at once."""
        mine = self._tracks.where((self._tracks.start_frame < end_frame) & (self._tracks.end_frame > start_frame))
        starts = np.maximum(mine.start_frame, start_frame)
        ends = np.minimum(mine.end_frame, end_frame)
        frames: dict[int, int] = {}
        for character, length in zip(mine.character.tolist(), (ends - starts).tolist(), strict=True):
            if character >= 0:
                frames[character] = frames.get(character, 0) + length
        characters = tuple(sorted(frames, key=lambda key: (-frames[key], key)))
        names = tuple(dict.fromkeys(self._names[key] for key in characters if key in self._names))
        at_once = max((int(np.count_nonzero((starts <= start) & (ends > start))) for start in starts), default=0)
        return characters, names, at_once
