"""Describing a title's pictures for comparing: stills by their previews, artwork by its own picture."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet
from numpy.typing import NDArray
from PIL import Image

from ava.media.decode import decode_frame_set
from ava.media.picture_file import UnusablePicture, read_picture
from ava.media.source import UnusableVideo
from ava.models import Title, Video
from ava.storage import local_path
from ava.video_facts import video_info
from curation.logo_looks import ReadText, read_text
from curation.models import Artwork, Picture, Still
from curation.previews import PREVIEW_SIDE_PX
from curation.similarity.best_copy import copy_quality
from curation.similarity.descriptor import DESCRIPTOR_VERSION, PictureDescriptor, describe_picture, pack_descriptor

logger = logging.getLogger(__name__)

ROWS_A_SAVE = 32
Box = tuple[float, float, float, float]
Described = tuple[Picture, PictureDescriptor | None]


def undescribed(title: Title) -> QuerySet[Picture]:
    """Pictures of a title that are not described as AVA does it now, but those that wait to be read."""
    waiting = Q(artwork__isnull=False) & ~Q(artwork__state=Artwork.State.READY)
    rows = Picture.objects.filter(title=title).exclude(descriptor_version=DESCRIPTOR_VERSION).exclude(waiting)
    return rows.order_by("video", "frame_index", "pk")


def describe_pictures(title: Title, *, is_late: Callable[[], bool] = lambda: False) -> int:
    """Describe what is due, as far as `is_late` lets it; how many were. What cannot be read stays without.

    Every few pictures what was done is saved, so that it can be stopped and called again at any time.
    """
    rows = list(undescribed(title).select_related("artwork").defer("descriptor"))
    batch: list[Described] = []
    done = 0
    for described in _describe_all(rows):
        batch.append(described)
        done += 1
        if len(batch) == ROWS_A_SAVE:
            _save(batch)
            batch = []
            if is_late():
                break
    _save(batch)
    return done


def _describe_all(rows: Sequence[Picture]) -> Iterator[Described]:
    by_video: dict[int, list[Picture]] = {}
    for row in rows:
        if row.artwork is not None:
            yield row, _describe_artwork(row.artwork)
        elif row.video_id is not None:
            by_video.setdefault(row.video_id, []).append(row)
    for video_id, of_video in by_video.items():
        yield from _describe_frames(Video.objects.get(pk=video_id), of_video)


def _describe_artwork(artwork: Artwork) -> PictureDescriptor | None:
    try:
        rgb = read_picture(local_path(artwork.picture))
    except (UnusablePicture, OSError) as error:
        logger.warning("Artwork %s cannot be compared: %s", artwork.pk, error)
        return None
    boxes = [each["box"] for each in artwork.findings.get("text", []) if None not in each.get("box", [None])]
    return describe_picture(rgb, text_boxes=boxes)


def _describe_frames(video: Video, rows: Sequence[Picture]) -> Iterator[Described]:
    text = read_text(video)
    previews = dict(Still.objects.filter(video=video).exclude(image="").order_by().values_list("frame_index", "image"))
    left: dict[int, Picture] = {}
    for row in rows:
        frame = row.frame_index or 0
        rgb = _open_preview(previews[frame]) if frame in previews else None
        if rgb is None:
            left[frame] = row
            continue
        yield row, _describe_frame(rgb, video=video, frame=frame, text=text)
    for frame, rgb in _decode(video, left):
        yield left.pop(frame), _describe_frame(rgb, video=video, frame=frame, text=text)
    for row in left.values():
        yield row, None


def _describe_frame(rgb: NDArray[np.uint8], *, video: Video, frame: int, text: ReadText) -> PictureDescriptor:
    """A frame by a smaller picture of it; it counts with the film's own size."""
    right, down = rgb.shape[1] / video.width, rgb.shape[0] / video.height
    boxes = [
        (x0 * right, y0 * down, x1 * right, y1 * down)
        for x0, y0, x1, y1 in (line.box for line in text.lines.get(frame, []))
    ]
    described = describe_picture(rgb, text_boxes=boxes)
    width, height = described.area_px
    area = (max(round(width / right), 1), max(round(height / down), 1))
    return replace(described, width_px=video.width, height_px=video.height, area_px=area)


def _open_preview(name: str) -> NDArray[np.uint8] | None:
    try:
        with default_storage.open(name, "rb") as file, Image.open(file, formats=["JPEG"]) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError):
        return None


def _decode(video: Video, frames: dict[int, Picture]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Frames without a preview, such as those that were tested and are no stills; none where the film is gone."""
    if not frames:
        return
    try:
        info, path = video_info(video), local_path(video.file)
        for frame in decode_frame_set(path, info=info, frame_indices=frames, max_side_px=PREVIEW_SIDE_PX):
            yield frame.index, frame.rgb
    except (UnusableVideo, OSError) as error:
        logger.warning("%s cannot be read for comparing its stills: %s", video, error)


def _save(batch: Sequence[Described]) -> None:
    for row, described in batch:
        row.descriptor = pack_descriptor(described) if described else None
        row.descriptor_version, row.compared_version = DESCRIPTOR_VERSION, 0
        row.quality = copy_quality(described) if described else 0.0
    fields = ["descriptor", "descriptor_version", "compared_version", "quality"]
    Picture.objects.bulk_update([row for row, _ in batch], fields)
