"""Matching trailers with films in the background: what is due is found, matched by one process a pair, and saved.

The truth stands in `TrailerMatching.basis`; messages are hints, and what a killed worker left is due again.
"""

import io
import logging
import time
from datetime import timedelta

import numpy as np
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image

from ava.exclusive import exclusive
from ava.filmstrip import TILE_WIDTH_PX, TILES_A_ROW, filmstrip_name, tile_height_px, tile_step
from ava.messages import send_task
from ava.models import Video
from ava.picture_area import picture_area
from ava.storage import local_path
from ava.turns import take_turn
from ava.video_facts import video_info
from curation.models import TrailerMatching, TrailerPart
from curation.moments.film_pictures import FilmPictures, gray_within, sample_film
from curation.moments.trailer_match import Gap, Passage, TrailerMatch, match_trailer
from curation.trailer_news import publish_map
from curation.trailer_pairs import all_pairs, bases, due_pairs

logger = logging.getLogger(__name__)

MATCH_TASK = "curation.tasks.match_trailer_pair"
ASK_EVERY_S = 15.0
TELL_EVERY_S = 2.0
UNHEARD_AFTER = timedelta(minutes=1)

_asked_at = {"s": -ASK_EVERY_S}


def resend_matchings() -> None:
    """For the janitor: now and then, send every pair that is due; one that is at work lets the message pass."""
    if time.monotonic() - _asked_at["s"] < ASK_EVERY_S:
        return
    _asked_at["s"] = time.monotonic()
    due = due_pairs(all_pairs())
    TrailerMatching.objects.bulk_create(
        [TrailerMatching(film_id=film, trailer_id=trailer) for film, trailer in due], ignore_conflicts=True
    )
    unheard = Q(sent_at=None) | Q(sent_at__lt=Now() - UNHEARD_AFTER)
    for film, trailer in due:
        if TrailerMatching.objects.filter(unheard, film=film, trailer=trailer).update(sent_at=Now()):
            send_task(MATCH_TASK, film, trailer)


def match_pair(film_id: int, trailer_id: int) -> None:
    """Match a pair that is due, unless another process is at it."""
    with exclusive(f"trailer {trailer_id} in film {film_id}") as is_mine:
        pair = (film_id, trailer_id)
        if not is_mine or pair not in due_pairs(all_pairs()):
            return
        basis = bases([pair])[pair]
        film, trailer = (Video.objects.get(pk=pk) for pk in (film_id, trailer_id))
        row, _ = TrailerMatching.objects.get_or_create(film=film, trailer=trailer)
        TrailerMatching.objects.filter(pk=row.pk).update(frames_done=0)
        try:
            found = _match(row, film, trailer)
        except Exception as error:
            logger.exception("Trailer %s could not be matched with film %s", trailer_id, film_id)
            _note_failure(row, basis, error)
            return
        save_match(row, found, basis=basis)


def _match(row: TrailerMatching, film: Video, trailer: Video) -> TrailerMatch:
    told = {"s": time.monotonic()}

    def report(frames: int) -> None:
        TrailerMatching.objects.filter(pk=row.pk).update(frames_done=frames)
        if time.monotonic() - told["s"] >= TELL_EVERY_S:
            told["s"] = time.monotonic()
            publish_map(film, trailer)

    return match_trailer(
        local_path(trailer.file),
        info=video_info(trailer),
        shots=list(trailer.shots.order_by("start_frame").values_list("start_frame", "end_frame")),
        film=read_film(film),
        area=picture_area(trailer),
        on_progress=report,
    )


def _note_failure(row: TrailerMatching, basis: str, error: Exception) -> None:
    failures = row.failures + 1 if row.failed_basis == basis else 1
    TrailerMatching.objects.filter(pk=row.pk).update(
        error=f"{type(error).__name__}: {error}"[:500], failures=failures, failed_basis=basis
    )
    publish_map(row.film, row.trailer)


@transaction.atomic
def save_match(row: TrailerMatching, found: TrailerMatch, *, basis: str) -> None:
    """Replace what was found of a pair; what people said of it stays."""
    take_turn(row)
    row.parts.all().delete()
    TrailerPart.objects.bulk_create(
        [_passage_row(row, each) for each in found.passages] + [_gap_row(row, each) for each in found.gaps]
    )
    TrailerMatching.objects.filter(pk=row.pk).update(
        basis=basis, share_unit=found.share_unit, belongs=found.belongs, error="", failures=0, failed_basis="",
        made_at=timezone.now(),
    )  # fmt: skip
    publish_map(row.film, row.trailer)


def _passage_row(row: TrailerMatching, found: Passage) -> TrailerPart:
    return TrailerPart(
        matching=row,
        trailer_start=found.trailer_start,
        trailer_end=found.trailer_end,
        film_start=found.film_start,
        film_end=found.film_end,
        first_frame=found.first_frame,
        speed=round(found.speed, 3),
        mirrored=found.window.mirrored,
        window=[round(float(side), 4) for side in found.window[:4]],
        agreement=found.agreement,
        motion_agreement=found.motion_agreement,
        confidence=found.confidence,
    )


def _gap_row(row: TrailerMatching, gap: Gap) -> TrailerPart:
    return TrailerPart(
        matching=row,
        trailer_start=gap.trailer_start,
        trailer_end=gap.trailer_end,
        first_frame=gap.nearest_frame,
        reason=gap.reason.value,
    )


def read_film(video: Video) -> FilmPictures:
    """A film's small pictures out of its strip, which every analysis keeps; out of the film where that is missing."""
    info, area = video_info(video), picture_area(video)
    height = tile_height_px(video)
    tiles: list[NDArray[np.uint8]] = []
    frames: list[int] = []
    for chunk in video.chunks.order_by("index"):
        name = filmstrip_name(video.pk, chunk.index)
        if not default_storage.exists(name):
            return sample_film(local_path(video.file), info=info, area=area)
        with default_storage.open(name) as stored:
            sheet = np.asarray(Image.open(io.BytesIO(stored.read())).convert("RGB"))
        for place, frame in enumerate(range(chunk.start_frame, chunk.end_frame, tile_step(video))):
            row, column = (place // TILES_A_ROW) * height, (place % TILES_A_ROW) * TILE_WIDTH_PX
            tile = sheet[row : row + height, column : column + TILE_WIDTH_PX]
            tiles.append(gray_within(tile, area=area, info=info))
            frames.append(frame)
    return FilmPictures(local_path(video.file), info, area, np.stack(tiles), np.array(frames, dtype=np.int64))
