"""Keeps what is told of shots as the version in use, the vectors and people's words would have it."""

import logging
from collections.abc import Iterable

import numpy as np
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from numpy.typing import NDArray

from ava.messages import send_task
from ava.models import Video
from ava.turns import Gone, take_turn
from search.attribute_examples import ShotSpan, match_examples, rows_around
from search.attribute_teaching import choose_encoder
from search.attribute_vectors import ShotTable, read_film, team_videos
from search.attribute_versions import NotReady, make_version, use_version
from search.models import Attribute, AttributeModel, ShotAttribute, ShotVector
from search.train.attribute_head import UnfitHead, tell, unpack_head

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 30
_FOLLOW = "Made by itself: the encoder of the version before is not used any more."


def renew_attribute(attribute: Attribute) -> int:
    """Tell every shot anew that is not told as it would be now; return of how many films.

    Whoever runs at the same time ends with the same. What no version tells any more is removed.
    """
    _follow_encoder(attribute)
    version = attribute.models.filter(is_active=True).first()
    gone = ShotAttribute.objects.filter(attribute=attribute).exclude(video__in=team_videos(attribute.team_id))
    if version is None or attribute.is_deleted:
        ShotAttribute.objects.filter(attribute=attribute).delete()
        return 0
    gone.delete()
    films = stale_films(version)
    for video_id in films:
        renew_film(version, video_id)
    return len(films)


def renew_film(version: AttributeModel, video_id: int) -> None:
    """Tell all shots of one film by a version, as long as it is the one in use."""
    shots = read_film(version.encoder, video_id)
    with transaction.atomic():
        try:
            take_turn(version.attribute)
        except Gone:
            return
        if not AttributeModel.objects.filter(pk=version.pk, is_active=True).exists():
            return
        known = ShotAttribute.objects.filter(attribute=version.attribute_id, video=video_id)
        known.exclude(start_frame__in=shots.start_frame.tolist()).delete()
        _tell(version, shots, np.arange(len(shots)))


def renew_spans(attribute: Attribute, spans: Iterable[ShotSpan]) -> None:
    """Have what was just said or taken back of some shots count at once, where a version is in use."""
    version = attribute.models.filter(is_active=True).select_related("encoder").first()
    if version is None:
        return
    wanted = list(spans)
    with transaction.atomic():
        take_turn(attribute)
        for video_id in sorted({span.video_id for span in wanted}):
            shots = read_film(version.encoder, video_id)
            _tell(version, shots, rows_around(shots, wanted))


def stale_films(version: AttributeModel) -> list[int]:
    """Films with shots that are not told by this version from the vector that they have now, and films that are told
    and are not the team's any more."""
    films = team_videos(version.attribute.team_id)
    vectors = ShotVector.objects.filter(encoder=version.encoder_id, video__in=films)
    same = {name: OuterRef(name) for name in ("video", "start_frame", "end_frame")}
    told = ShotAttribute.objects.filter(model=version, made_from=OuterRef("made_from"), **same)
    stale = vectors.filter(~Exists(told)).order_by().values_list("video_id", flat=True).distinct()
    here = ShotVector.objects.filter(encoder=version.encoder_id, **same)
    is_left = ~Exists(here) | ~Q(video__in=films)
    left = ShotAttribute.objects.filter(is_left, attribute=version.attribute_id)
    return sorted({*stale, *left.order_by().values_list("video_id", flat=True).distinct()})


def resend_renewals() -> None:
    """Have workers renew what is stale of any attribute; looked for every `LOOK_EVERY_S` by one process."""
    if not cache.add("search-attributes-looked-at", 1, LOOK_EVERY_S):
        return
    used = AttributeModel.objects.filter(is_active=True, attribute__is_deleted=False)
    for version in used.select_related("attribute", "encoder").defer("weights", "encoder__weights"):
        if not version.encoder.is_wanted or stale_films(version):
            send_task("search.attribute_tasks.renew_attribute", version.attribute_id)


def _follow_encoder(attribute: Attribute) -> None:
    """Learn the attribute on another encoder where the one of its version in use makes no vectors any more."""
    version = attribute.models.filter(is_active=True).select_related("encoder").first()
    if version is None or version.encoder.is_wanted:
        return
    encoder = choose_encoder(attribute)
    if encoder is None or encoder.pk == version.encoder_id:
        return
    try:
        use_version(make_version(attribute, user=version.created_by, encoder=encoder), user=None, message=_FOLLOW)
    except NotReady as error:
        logger.warning("%s stays on %s: %s", attribute, version.encoder, error)


def _tell(version: AttributeModel, shots: ShotTable, rows: NDArray[np.int64]) -> None:
    """Write what the version tells of these rows of a film's shots; what people said of a shot is certain.

    Of a film that has been deleted meanwhile nothing is written. Call it in a transaction.
    """
    if not len(rows):
        return
    try:
        head = unpack_head(version.weights)
        scores = head.score(shots.vectors[rows])
    except UnfitHead as error:
        logger.warning("Version %d of %s is not used: %s", version.version, version.attribute, error)
        return
    if head.calibration is None:
        return
    try:
        take_turn(Video(pk=int(shots.video_id[rows[0]])))
    except Gone:
        return
    probability = tell(head.calibration, scores).probability
    said = match_examples(version.attribute, shots)
    is_said = np.isin(said.row, rows)
    probability[np.searchsorted(rows, said.row[is_said])] = said.has_it[is_said].astype(np.float64)
    ShotAttribute.objects.bulk_create(
        (
            ShotAttribute(
                attribute=version.attribute,
                model=version,
                video_id=int(shots.video_id[row]),
                start_frame=int(shots.start_frame[row]),
                end_frame=int(shots.end_frame[row]),
                probability=float(value),
                made_from=str(shots.made_from[row]),
            )
            for row, value in zip(rows, probability, strict=True)
        ),
        update_conflicts=True,
        unique_fields=["attribute", "video", "start_frame"],
        update_fields=["model", "end_frame", "probability", "made_from"],
        batch_size=1000,
    )
