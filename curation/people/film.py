"""A film's people from what was found in it: who is who, how prominent each is, who meets whom, how they look."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, Signals
from ava.annotate.face_encoders import ENCODERS, RESNET, FaceEncoder
from ava.annotate.looks import Span
from curation.people.collect import collect_people
from curation.people.dialogue import dialogue_share
from curation.people.expression import rate_expressions
from curation.people.frame_signals import lay_out_people
from curation.people.interactions import Interactions, measure_interactions
from curation.people.prominence import Prominences, rate_prominence
from curation.people.recognise import Recognition, recognise
from curation.people.track_facts import TrackFacts

SHOT_S, SCENE_S = 0.5, 0.25
"""What a shot and a scene in which two people both are add to the seconds that they are in one frame."""


class FilmTiming(NamedTuple):
    """When things are seen: ``shots`` in order, ``scene_of_shot`` ``int64 (shots,)``, the film's rate, and when each
    frame is shown and the last one ends, ``float64 (frame_count + 1,)`` seconds."""

    shots: Sequence[Span]
    scene_of_shot: NDArray[np.int64]
    fps: float
    times_s: NDArray[np.float64]

    @property
    def frame_count(self) -> int:
        return len(self.times_s) - 1


class FilmPeopleKnown(NamedTuple):
    """The people of a film. Characters are numbers from 0, indices into ``recognition.characters``.

    ``expression`` ``float32 (N,)`` rates each face of ``recognition.people.faces``, 0–1, NaN where not known.
    """

    recognition: Recognition
    prominences: Prominences
    interactions: Interactions
    expression: NDArray[np.float32]

    def character_of_faces(self) -> NDArray[np.int64]:
        """The character of each face, ``int64 (N,)``, −1 for nobody known."""
        track = self.recognition.people.faces.track
        person = np.append(self.recognition.person, -1)  # a face without a track has the last one's
        return np.asarray(person[track], dtype=np.int64)


def choose_encoder(tables: Mapping[str, Detections]) -> FaceEncoder | None:
    """The best encoder that has looked at the film whose findings these are; None when none has."""
    return next((encoder for encoder in ENCODERS if encoder.detector in tables), None)


def know_people(
    tables: Mapping[str, Detections],
    *,
    timing: FilmTiming,
    size: tuple[int, int],
    dialogue: NDArray[np.float64] | None,
) -> FilmPeopleKnown:
    """Find out who is who in a film that stands alone and of which nobody has said anything yet.

    ``tables`` are what ``collect_people`` reads, of a film of ``size`` (width, height) in pixels; without the vectors
    of an encoder nobody is recognised. ``dialogue`` as from ``spans_of_cues``.
    """
    encoder = choose_encoder(tables)
    people = collect_people(tables, shots=timing.shots, encoder=encoder or RESNET, size=size, fps=timing.fps)
    recognition = recognise(people, encoder=encoder or RESNET)
    facts = _state_facts(recognition, timing=timing, dialogue=dialogue)
    duration_s = float(timing.times_s[-1] - timing.times_s[0])
    faces = recognition.people.faces
    return FilmPeopleKnown(
        recognition,
        rate_prominence(facts, fps={0: timing.fps}, duration_s=duration_s),
        measure_interactions(facts, fps={0: timing.fps}),
        rate_expressions(faces.looks, boxes=faces.boxes),
    )


def weigh_interactions(interactions: Interactions) -> NDArray[np.float64]:
    """How much two people have to do with one another: ``float64 (E,)`` seconds.

    The seconds that both are in one frame, and half a second for every shot and a quarter for every scene in which
    both are, so that those who talk in shot and reverse shot are tied as well.
    """
    shared = SHOT_S * interactions.shots + SCENE_S * interactions.scenes
    return np.asarray(interactions.together_s + shared, dtype=np.float64)


def people_signals(
    known: FilmPeopleKnown, *, looks: NDArray[np.int64], height_px: int, frame_count: int
) -> Signals:
    """Who the frames show and how they look, as signals: see ``lay_out_people``."""
    faces, character = known.recognition.people.faces, known.character_of_faces()
    alive = _living_faces(known.recognition)
    prominence = np.full(len(known.recognition.characters) + 1, np.nan)
    prominence[known.prominences.character] = known.prominences.prominence
    return lay_out_people(
        faces.frame_index[alive],
        prominence=prominence[character[alive]],
        expression=known.expression[alive],
        size=(faces.boxes[alive, 3] - faces.boxes[alive, 1]) / height_px,
        looks=looks,
        frame_count=frame_count,
    )


def _state_facts(
    recognition: Recognition, *, timing: FilmTiming, dialogue: NDArray[np.float64] | None
) -> TrackFacts:
    """What prominence and interactions are measured from: pictures on walls are there for no time at all."""
    chosen = np.flatnonzero((recognition.person >= 0) & recognition.is_face)
    tracks = [recognition.people.tracks[index] for index in chosen]
    frames = np.array([(each.start_frame, each.end_frame) for each in tracks], dtype=np.int64).reshape(-1, 2)
    is_static = np.array([each.is_static for each in tracks], dtype=bool)
    shot = np.array([each.shot for each in tracks], dtype=np.int64)
    height, centrality, sharpness = (
        np.array([getattr(each, name) for each in tracks], dtype=np.float32)
        for name in ("height_unit", "centrality_unit", "sharpness_unit")
    )
    return TrackFacts(
        character=recognition.person[chosen],
        film=np.zeros(len(chosen), dtype=np.int64),
        shot=shot,
        scene=timing.scene_of_shot[shot],
        start_frame=frames[:, 0],
        end_frame=np.where(is_static, frames[:, 0], frames[:, 1]),
        height_unit=height,
        centrality_unit=centrality,
        sharpness_unit=sharpness,
        dialogue_unit=dialogue_share(dialogue, timing.times_s[np.minimum(frames, timing.frame_count)]),
    )


def _living_faces(recognition: Recognition) -> NDArray[np.bool_]:
    """Which faces are of tracks, and neither pictures nor said to be no faces: ``bool (N,)``."""
    is_static = np.array([track.is_static for track in recognition.people.tracks], dtype=bool)
    alive = np.append(recognition.is_face & ~is_static, False)
    return np.asarray(alive[recognition.people.faces.track], dtype=np.bool_)
