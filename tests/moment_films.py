"""Films as an analysis leaves them, though nobody saw them, and trailers cut from them by a taste that is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import find_annotators, find_detectors
from ava.annotate.shot_inspection import FACES
from ava.models import (
    Annotation,
    Chunk,
    Detection,
    Inspection,
    Job,
    MeasuredSound,
    Shot,
    Team,
    Title,
    Video,
    WorkState,
)
from ava.packing import pack_integers, pack_values
from ava.sound.film_sound import SOUND_VERSION, silent_film
from ava.sound.packed import pack_sound
from curation.models import FaceTrack, TrailerMatching, TrailerPart
from tests.world import make_film

MEASURED = ("motion", "exposure", "palette", "colour_cast")
SHOT_FRAMES = 50


def make_analysed_film(
    name: str,
    *,
    team: Team,
    shots: int = 40,
    seed: int = 0,
    parent: Title | None = None,
    kind: str = Title.Kind.FILM,
    shot_frames: int = SHOT_FRAMES,
) -> Video:
    """A film of shots, of two seconds if not said otherwise, in each of which every signal is about one value, drawn
    by ``seed``; in chunks of 1,000 frames, with a job that is done. Faces were looked for; none is there."""
    title = Title.objects.create(name=name, kind=kind, parent=parent)
    title.teams.add(team)
    film = make_film(title, name=f"{name}.mp4", frame_count=shots * shot_frames)
    levels = shot_levels(shots, seed=seed)
    Shot.objects.bulk_create(
        Shot(
            video=film, index=index, start_frame=index * shot_frames, end_frame=(index + 1) * shot_frames,
            transition="cut" if index else "start", scale=("long", "medium", "close_up", "")[index % 4],
        )
        for index in range(shots)
    )  # fmt: skip
    _measure(film, np.repeat(levels, shot_frames, axis=0))
    _look(film, every=shot_frames)
    Job.objects.create(video=film, state=WorkState.DONE)
    return film


def shot_levels(shots: int, *, seed: int) -> NDArray[np.float32]:
    """The level of each of the measured signals in each shot, (shots, signals) of 0.05–0.95."""
    return np.random.default_rng(seed).uniform(0.05, 0.95, size=(shots, 4)).astype(np.float32)


def make_sound(film: Video) -> None:
    """A sound as it is measured: the first half of the film is loud, the second hardly heard."""
    hops = round(film.duration_s * 10)
    loudness = np.where(np.arange(hops) < hops // 2, -12, -50).astype(np.float32)
    sound = silent_film(hops, notes=())._replace(is_heard=True, loudness_lufs=loudness)
    MeasuredSound.objects.create(
        video=film, version=SOUND_VERSION, hops=len(sound.loudness_lufs), is_heard=True, values=pack_sound(sound)
    )


def make_face(film: Video, *, shot: int, height_unit: float, **fields: object) -> FaceTrack:
    """A face that is followed through half of a shot."""
    start = shot * SHOT_FRAMES
    return FaceTrack.objects.create(
        video=film, shot_index=shot, start_frame=start + 5, end_frame=start + 30, height_unit=height_unit,
        centrality_unit=1.0, **fields,
    )  # fmt: skip


def make_trailer(film: Video, *, uses: list[int], belongs: bool = True) -> TrailerMatching:
    """A trailer of a film that shows a second of each of these shots, matched already."""
    trailer = make_analysed_film(
        f"Trailer of {film.title}", team=film.title.teams.get(), shots=max(len(uses), 1), parent=film.title,
        kind=Title.Kind.TRAILER,
    )  # fmt: skip
    matching = TrailerMatching.objects.create(film=film, trailer=trailer, basis="made", share_unit=1.0, belongs=belongs)
    for place, shot in enumerate(uses):
        start = shot * SHOT_FRAMES + 10
        TrailerPart.objects.create(
            matching=matching, trailer_start=place * SHOT_FRAMES, trailer_end=place * SHOT_FRAMES + 25,
            film_start=start, film_end=start + 25, first_frame=start, speed=1.0, confidence=0.9,
        )  # fmt: skip
    return matching


def make_pair(name: str, *, team: Team, seed: int, shots: int = 40) -> Video:
    """A film and its trailer, which takes the ten shots of the most saturated colours: a taste that no prior has."""
    film = make_analysed_film(name, team=team, seed=seed, shots=shots)
    saturation = shot_levels(shots, seed=seed)[:, MEASURED.index("palette")]
    make_trailer(film, uses=sorted(np.argsort(-saturation)[:10].tolist()))
    return film


def _measure(film: Video, frames: NDArray[np.float32]) -> None:
    known = {each.name: each for each in find_annotators()}
    for index, start in enumerate(range(0, film.frame_count, 1000)):
        end = min(start + 1000, film.frame_count)
        chunk = Chunk.objects.create(
            video=film, index=index, start_frame=start, end_frame=end, state=WorkState.DONE, frames_done=end - start
        )
        for number, name in enumerate(MEASURED):
            values = np.repeat(frames[start:end, number : number + 1], len(known[name].columns), axis=1)
            if name == "colour_cast":
                values = 2000 + 8000 * values
            Annotation.objects.create(
                chunk=chunk, annotator=name, version=known[name].version, columns=list(known[name].columns),
                values=pack_values(values.astype(np.float32)),
            )  # fmt: skip


def _look(film: Video, *, every: int) -> None:
    """Somebody has looked for faces in the middle of every shot, and found none."""
    detector = {each.name: each for each in find_detectors()}[FACES]
    middles = np.arange(every // 2, film.frame_count, every, dtype=np.int64)
    inspection = Inspection.objects.create(
        video=film, index=0, start_frame=0, end_frame=film.frame_count, state=WorkState.DONE,
        looks=pack_integers(middles),
    )  # fmt: skip
    Detection.objects.create(
        inspection=inspection, detector=detector.name, version=detector.version, columns=list(detector.columns),
        frames=pack_integers(np.empty(0, np.int64)), values=b"",
    )  # fmt: skip
