"""The "people" stage: the tracks of a film become characters, and what people have said of them holds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Count, Max, Q, QuerySet

from ava.annotate.face_encoders import ENCODERS, RESNET, FaceEncoder
from ava.annotate.looks import Span
from ava.annotate.shot_inspection import FACE_TRACKS, FACES
from ava.detectors import detector_versions
from ava.findings import load_detections
from ava.models import Inspection, Title, Video
from ava.progress import publish
from ava.stages import StageRun
from curation.expression_models import rate_film_faces
from curation.graph_places import settle_places
from curation.models import PeopleAction
from curation.people.collect import FilmPeople, collect_people
from curation.people.recognise import Recognition, recognise
from curation.people_memory import (
    known_characters,
    remembered_faces,
    resolve_merges,
    standing_claims,
    standing_differences,
)
from curation.people_portraits import render_portraits
from curation.people_rows import save_tracks
from curation.people_selectors import cast_scope, titles_in_scope
from curation.people_vectors import renew_vectors

FACE_MESH = "face_mesh"
_TURN = 0x41564150
"""The first half of the number of the lock that lets films of one scope take turns; any number nobody else uses."""


def recognise_people(run: StageRun) -> None:
    """Recognise the people of a film that has been looked into, as the stage of its analysis."""
    recognise_film(run.video, report=run.report)


def recognise_film(video: Video, *, report: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Find out who is who by what was found in a film, save it, and keep a portrait of every track.

    Films of one series take turns, so that two episodes do not both make a character of the same newcomer.
    """
    encoder = choose_encoder(video)
    people = _collect(video, encoder)
    scope = cast_scope(video.title)
    with _turn_of(scope):
        _recognise_and_save(video, scope, people, encoder=encoder)
    settle_places(scope)
    publish_people(video)
    render_portraits(video, report=report)


def choose_encoder(video: Video) -> FaceEncoder | None:
    """The best encoder that has seen every film of the scope, else the best that has seen this one, else None.

    Vectors of two encoders cannot be compared: a season moves to a better one together, when its last episode has it.
    """
    videos = Video.objects.filter(title__in=titles_in_scope(cast_scope(video.title)))
    looks = Inspection.objects.filter(video__in=videos)
    looked_at = set(looks.values_list("video", flat=True)) | {video.pk}
    seen = {encoder: _videos_with(encoder, looks=looks) for encoder in ENCODERS}
    shared = [encoder for encoder in ENCODERS if looked_at <= seen[encoder]]
    own = [encoder for encoder in ENCODERS if video.pk in seen[encoder]]
    return next(iter(shared + own), None)


def _videos_with(encoder: FaceEncoder, *, looks: QuerySet[Inspection]) -> set[int]:
    """Videos of which all these looks have the encoder's current vectors."""
    version = detector_versions().get(encoder.detector)
    rows = looks.order_by().values("video").annotate(
        units=Count("pk", distinct=True),
        seen=Count("detections", filter=Q(detections__detector=encoder.detector, detections__version=version)),
    )
    return {row["video"] for row in rows if row["units"] == row["seen"]}


def _collect(video: Video, encoder: FaceEncoder | None) -> FilmPeople:
    names = [FACES, FACE_MESH, FACE_TRACKS, *([encoder.detector] if encoder else [])]
    return collect_people(
        {name: load_detections(video, name) for name in names},
        shots=[Span(*span) for span in video.shots.values_list("start_frame", "end_frame")],
        encoder=encoder or RESNET,
        size=(video.width, video.height),
        fps=video.fps,
    )


@contextmanager
def _turn_of(scope: Title) -> Iterator[None]:
    """Hold the scope's turn, and with it a transaction, until the block ends; people's actions do not wait for it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TURN, scope.pk])
        yield


def _recognise_and_save(video: Video, scope: Title, people: FilmPeople, *, encoder: FaceEncoder | None) -> None:
    """Recognise with what is said at the moment, and again when somebody has said more before it could be saved."""
    if encoder is not None:
        for other in Video.objects.filter(title__in=titles_in_scope(scope)).exclude(pk=video.pk):
            renew_vectors(other, encoder)
    expressions = rate_film_faces(people.faces, encoder=encoder.detector if encoder else "")
    heard, recognition = None, None
    while recognition is None or heard != _last_action(scope):
        heard = _last_action(scope)
        recognition = _recognise(video, scope, people, encoder=encoder or RESNET)
        Title.objects.select_for_update(no_key=True).get(pk=scope.pk)  # from here on actions wait
    save_tracks(video, scope, recognition, encoder=encoder.detector if encoder else "", expressions=expressions)


def _last_action(scope: Title) -> int | None:
    newest: int | None = PeopleAction.objects.filter(scope=scope).aggregate(newest=Max("pk"))["newest"]
    return newest


def _recognise(video: Video, scope: Title, people: FilmPeople, *, encoder: FaceEncoder) -> Recognition:
    merges = resolve_merges(scope.characters.all())
    return recognise(
        people,
        encoder=encoder,
        known=known_characters(scope, video=video, encoder=encoder),
        claims=standing_claims(video, merges=merges),
        different=standing_differences(scope, merges=merges),
        memory=remembered_faces(video, merges=merges),
    )


def publish_people(video: Video) -> None:
    """Tell the pages that the people of a video are new."""
    publish(
        title_id=video.title_id,
        message={"type": "people", "title_id": video.title_id, "video_id": video.pk},
    )
