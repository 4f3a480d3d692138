"""The versions of the classifier of expressions: training one, using one, and rating faces with the one in use.

A new version is never put to use by itself: an administrator looks at its figures beside those of the untrained
score and switches, and can switch back. Every switch stands in Django's log of what administrators did.
"""

import logging

import numpy as np
from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.db.models import Max, QuerySet
from numpy.typing import NDArray

from ava.messages import send_task
from ava.models import User, Video
from ava.switch_log import log_version, logged_switches
from curation.expression_examples import find_faces, load_examples
from curation.models import ExpressionModel, Face, FaceTrack
from curation.people.expression import rate_expressions
from curation.people.expression_classifier import UnfitWeights, rate, train
from curation.people.expression_features import describe_expressions
from curation.people.film_faces import FaceLooks, FilmFaces

logger = logging.getLogger(__name__)

GEOMETRY = "The untrained score"
RATED_AT_ONCE = 2000


def active_model() -> ExpressionModel | None:
    """The version in use; None for the untrained score of geometry and sharpness."""
    return ExpressionModel.objects.filter(is_active=True).first()


def rate_film_faces(faces: FilmFaces, *, encoder: str) -> NDArray[np.float32]:
    """Rate the expressions of a film's faces: float32 (N,) 0–1, NaN where nothing is known.

    With the version in use; with the untrained score when there is none, or when it was trained on the vectors of
    another encoder than `encoder`, the detector that the faces' vectors are of.
    """
    return _rate(active_model(), faces.looks, boxes=faces.boxes, vectors=faces.vectors, encoder=encoder)


def train_model(user: User | None) -> ExpressionModel:
    """Train the next version on what editors of all teams picked and rejected; it is not put to use by that.

    Raises TooFewExamples.
    """
    examples = load_examples()
    features = describe_expressions(examples.looks, boxes=examples.boxes, vectors=examples.vectors)
    trained = train(features, examples.labels, examples.groups)
    picked = int(examples.labels.sum())
    with transaction.atomic():
        newest = ExpressionModel.objects.aggregate(newest=Max("version"))["newest"] or 0
        model = ExpressionModel.objects.create(
            version=newest + 1,
            encoder=examples.encoder,
            picked=picked,
            rejected=len(examples.labels) - picked,
            auc=trained.auc,
            folds=list(trained.folds),
            geometry_auc=trained.geometry_auc,
            weights=trained.weights,
            created_by=user,
        )
        log_version(ExpressionModel, user=user, version=model, name=str(model), message="Trained.", flag=ADDITION)
    return model


def use_model(model: ExpressionModel | None, user: User) -> None:
    """Rate all faces with this version from now on, or with the untrained score for None.

    Faces that are rated already are rated again by workers, film by film, and each film's stills ranked again.
    Using once more what is in use does that too.
    """
    with transaction.atomic():
        list(ExpressionModel.objects.select_for_update().order_by("pk"))  # of two who switch at once one waits
        ExpressionModel.objects.filter(is_active=True).update(is_active=False)
        if model is not None:
            ExpressionModel.objects.filter(pk=model.pk).update(is_active=True)
            model.is_active = True
        name = str(model) if model else GEOMETRY
        log_version(ExpressionModel, user=user, version=model, name=name, message="Put to use.")
        for video_id in Video.objects.filter(face_tracks__isnull=False).distinct().values_list("pk", flat=True):
            send_task("curation.expression_tasks.renew_expressions", video_id)


def switches() -> QuerySet[LogEntry]:
    """Who put which version to use and when, newest first."""
    return logged_switches(ExpressionModel)


def renew_expressions(video: Video) -> None:
    """Rate all faces of a film with what is in use now, and have its stills ranked again.

    Somebody may switch meanwhile, and another worker take the film up for that: whoever ends last has rated with what
    is in use then.
    """
    rows = list(Face.objects.filter(track__video=video))
    tracks = FaceTrack.objects.filter(video=video).exclude(encoder="")
    encoder = tracks.values_list("encoder", flat=True).first() or ""
    is_current = False
    while not is_current:
        model = active_model()
        for first in range(0, len(rows), RATED_AT_ONCE):
            _renew(model, video, rows[first : first + RATED_AT_ONCE], encoder=encoder)
        is_current = active_model() == model
    if rows:
        send_task("curation.tasks.rank_again", video.pk)


def _renew(model: ExpressionModel | None, video: Video, rows: list[Face], *, encoder: str) -> None:
    found = find_faces(video, [(row.frame_index, row.row) for row in rows], encoder=encoder)
    ratings = _rate(model, found.looks, boxes=found.boxes, vectors=found.vectors, encoder=encoder)
    for row, rating in zip(rows, ratings.tolist(), strict=True):
        row.expression = None if np.isnan(rating) else rating
    Face.objects.bulk_update(rows, ["expression"], batch_size=500)


def _rate(
    model: ExpressionModel | None,
    looks: FaceLooks,
    *,
    boxes: NDArray[np.float32],
    vectors: NDArray[np.float32],
    encoder: str,
) -> NDArray[np.float32]:
    if model is None or model.encoder not in ("", encoder):
        return rate_expressions(looks, boxes=boxes)
    if not model.encoder:
        vectors = vectors[:, :0]
    try:
        return rate(model.weights, describe_expressions(looks, boxes=boxes, vectors=vectors))
    except UnfitWeights as error:
        logger.warning("Expression model %d is not used: %s", model.version, error)
        return rate_expressions(looks, boxes=boxes)
