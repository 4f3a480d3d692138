"""Previews of stills: one small JPEG each, made from the film in as few decodes as possible."""

import io
from collections.abc import Callable, Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from ava.media.decode import decode_frame_set
from ava.models import Video
from ava.signals import video_info
from ava.storage import local_path
from curation.models import Still

PREVIEW_SIDE_PX = 640
JPEG_QUALITY = 86


def render_previews(video: Video, *, report: Callable[[int, int], None] | None = None) -> None:
    """Make the previews that are missing; a frame that cannot be decoded stays without one."""
    missing = {still.frame_index: still.pk for still in video.stills.filter(image="")}
    total = len(missing)
    frames = decode_frame_set(
        local_path(video.file), info=video_info(video), frame_indices=missing, max_side_px=PREVIEW_SIDE_PX
    )
    for done, frame in enumerate(frames, start=1):
        buffer = io.BytesIO()
        Image.fromarray(frame.rgb).save(buffer, "JPEG", quality=JPEG_QUALITY)
        name = default_storage.save(f"stills/{video.pk}/{frame.index}.jpg", ContentFile(buffer.getvalue()))
        if not Still.objects.filter(pk=missing[frame.index], image="").update(image=name):
            default_storage.delete(name)  # the still has gone, or somebody else was quicker
        if report is not None:
            report(done, total)


def delete_previews(stills: Iterable[Still]) -> None:
    """Delete the previews of stills once the transaction that removed them is committed."""
    names = [still.image.name for still in stills if still.image]

    def delete() -> None:
        for name in names:
            default_storage.delete(name)

    transaction.on_commit(delete)
