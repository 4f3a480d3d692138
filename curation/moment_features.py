"""What is known of a film's shots when moments are ranked, gathered from all that was measured of it."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from django.db.models import Count, Max, QuerySet, Sum
from numpy.typing import NDArray

from ava.annotate.shot_inspection import FACES
from ava.annotate.text import Text
from ava.annotate.text_kinds import TextKind
from ava.film_sounds import known_sound
from ava.findings import load_detections, looked_at_frames
from ava.models import Annotation, Detection, Job, MeasuredSound, Video, WorkState
from ava.signals import current_versions, load_signals
from ava.video_facts import video_info
from curation import shot_embeddings, spoken_lines
from curation.models import FaceTrack
from curation.moments.film_measures import MEASURES_VERSION, SIGNALS, TITLES, SeenFaces, measure_shots
from curation.moments.shot_features import FEATURE_AT, FEATURES_VERSION, FilmShots
from curation.people.dialogue import frame_times

if TYPE_CHECKING:
    from ava.sound.film_sound import FilmSound

NOT_HEARD = "Its sound has not been measured yet, so nothing that is heard counts; analyse it again."
NO_SOUND = "It has no sound that can be heard, so nothing that is heard counts."
NO_FACES = "Nobody has looked for faces in it, so how large they are does not count."
NO_EXPRESSIONS = "No expressions are known, so they do not count."
NO_LINES = "It has no subtitles, so dialogue does not count."
NO_TEXT = "Nobody has looked for lettering in it, so titles and credits are not told apart."
NO_VECTORS = "Its shots are not embedded yet, so what they look like does not count."


class GatheredShots(NamedTuple):
    """A film's measured shots, and what is not known of them, in sentences."""

    shots: FilmShots
    missing: list[str]


def film_shots(video: Video, *, space: str | None = None) -> FilmShots | None:
    """The measured shots of a film whose shots are final, with their vectors in a space (None: the one that serves).

    None before it is analysed. In some twelve queries, however long the film is.
    """
    gathered = gather_shots(video, space=space)
    return gathered.shots if gathered else None


def gather_shots(video: Video, *, space: str | None = None) -> GatheredShots | None:
    """The same, with what could not be measured."""
    rows = list(final_shots(video))
    if not rows:
        return None
    spans = [row[:2] for row in rows]
    times_s = frame_times(video_info(video))
    sound = known_sound(video)
    spoken_s = spoken_lines.spoken_spans(spoken_lines.lines_of(video), frame_times_s=times_s)
    space = shot_embeddings.serving_space() if space is None else space
    shots = measure_shots(
        np.array(spans, dtype=np.int64),
        frame_times_s=times_s,
        signals=load_signals(video, columns=set(SIGNALS) - {TITLES}) | {TITLES: _find_titles(video)},
        scales=[scale for *_, scale in rows],
        faces=_read_faces(video),
        sound=sound,
        spoken_s=spoken_s,
        vectors=shot_embeddings.shot_vectors(video, spans=spans, space=space),
    )
    return GatheredShots(shots, list(_missing(shots, sound=sound, has_space=bool(space))))


def final_shots(video: Video) -> Iterable[tuple[int, int, str]]:
    """First frame, end frame and scale of every shot of a finished analysis, in the film's order."""
    final = video.shots.filter(provisional=False).order_by("start_frame")
    return final.values_list("start_frame", "end_frame", "scale")


def features_basis(video: Video, *, space: str) -> str:
    """The sha-256, as hex digits, of what a film's measures and vectors are made from; "" before it is analysed.

    What was measured is told by its rows' numbers and versions: whoever measures anew makes new ones. Words about
    trailers are no part of it.
    """
    rows = list(final_shots(video))
    if not rows:
        return ""
    measured = Annotation.objects.filter(chunk__video=video, annotator__in=_annotators())
    found = Detection.objects.filter(inspection__video=video)
    heard = MeasuredSound.objects.filter(video=video).values_list("pk", "version", "hops", "is_heard")
    jobs = Job.objects.filter(video=video, kind=Job.Kind.ANALYSIS, state=WorkState.DONE)
    parts = (
        (MEASURES_VERSION, FEATURES_VERSION, sorted(current_versions().items())),
        rows,
        _count_rows(measured),
        _count_rows(found),
        list(heard),
        jobs.aggregate(last=Max("pk")),
        list(_face_rows(video)),
        spoken_lines.lines_of(video),
        (space, shot_embeddings.fingerprint(video, space=space)),
    )
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode())
    return digest.hexdigest()


def _annotators() -> set[str]:
    return {name.partition(".")[0] for name in SIGNALS}


def _count_rows(rows: QuerySet[Any]) -> dict[str, int | None]:
    return rows.aggregate(count=Count("pk"), last=Max("pk"), versions=Sum("version"))


def _face_rows(video: Video) -> Iterable[tuple[int, int, float]]:
    """Followed faces that are people, as people have put them right: no pictures on walls, nothing that is no face."""
    faces = FaceTrack.objects.filter(video=video, is_face=True, is_static=False).order_by("start_frame", "pk")
    return faces.values_list("start_frame", "end_frame", "height_unit")


def _read_faces(video: Video) -> SeenFaces | None:
    """None where nobody has looked for faces."""
    rows = list(_face_rows(video))
    if not rows and not Detection.objects.filter(inspection__video=video, detector=FACES).exists():
        return None
    starts, ends, heights = zip(*rows, strict=True) if rows else ((), (), ())
    return SeenFaces(
        np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64), np.array(heights, dtype=np.float32)
    )


def _find_titles(video: Video) -> NDArray[np.float32]:
    """1 in looked-at frames with a title or credits, 0 in others, else NaN: the area that they cover, which
    `load_signals` gives, takes as long as all other signals."""
    signal = np.full(video.frame_count, np.nan, dtype=np.float32)
    signal[looked_at_frames(video, Text.name)] = 0
    found = load_detections(video, Text.name)
    is_title = np.isin(found.values[:, Text.columns.index("kind")], (TextKind.TITLE, TextKind.CREDITS))
    signal[found.frame_index[is_title]] = 1
    return signal


def _missing(shots: FilmShots, *, sound: "FilmSound | None", has_space: bool) -> Iterator[str]:
    def is_unknown(feature: str) -> bool:
        return not bool(np.isfinite(shots.values[:, FEATURE_AT[feature]]).any())

    if sound is None:
        yield NOT_HEARD
    elif not sound.is_heard:
        yield NO_SOUND
    else:
        yield from sound.notes
    if is_unknown("prominence_unit"):
        yield NO_FACES
    elif is_unknown("expression_unit"):
        yield NO_EXPRESSIONS
    if is_unknown("dialogue_unit"):
        yield NO_LINES
    if is_unknown("text_unit"):
        yield NO_TEXT
    if has_space and shots.vectors is None:
        yield NO_VECTORS
