"""Pixel errors that the scan missed and a reviewer marks by hand, with the pixels around them for the next model."""

import math
from collections.abc import Sequence
from itertools import takewhile

from django.db import transaction

from ava.media.planes import Planes, read_planes
from ava.media.reader import read_pictures
from ava.messages import send_task
from ava.models import User, Video
from ava.storage import local_path
from ava.turns import take_turn
from ava.video_facts import video_info
from qc.decisions import InvalidDecision, decide
from qc.flag_places import near_place
from qc.models import FlagPatch, PixelFlag, Verdict
from qc.pixel.amplitude import measure_amplitude
from qc.pixel.found import HALO_FRAMES
from qc.pixel.patches import Patch, cut_patch, pack_patch
from qc.pixel.upright import to_stored


@transaction.atomic
def add_flag(video: Video, *, frame_index: int, x: float, y: float, user: User) -> PixelFlag:
    """Mark a hot pixel at a place of the upright picture, confirmed by whoever marks it; a flag there is confirmed.

    Taking the decision back takes the mark back. Its patch is cut from the film by a worker. The caller has checked
    that the user may review the title. Raises InvalidDecision for a place outside the film's pictures.
    """
    _check(video, frame_index=frame_index, x=x, y=y)
    take_turn(video.title)
    wanted = PixelFlag(video=video, frame_index=frame_index, x=x, y=y, kind=PixelFlag.Kind.HOT)
    there = near_place(wanted).filter(video=video, frame_index=frame_index, kind=wanted.kind)
    flag = there.order_by("distance_sq", "pk").first()
    if flag is None:
        flag = _make(wanted, user=user)
    elif not flag.is_current:
        _bring_back(flag, user=user)
    decide(flag, user=user, verdict=Verdict.CONFIRMED)
    flag.refresh_from_db()
    return flag


def complete_flag(flag: PixelFlag) -> None:
    """Cut a flag's patch from the film and measure its amplitude there, unless it has one.

    Raises ValueError where its frame cannot be decoded, UnusableVideo where the film cannot be opened.
    """
    if FlagPatch.objects.filter(flag=flag).exists():
        return
    patch = _cut(flag)
    middle = patch.pixels.shape[1] // 2
    box = (middle - 1, middle - 1, middle + 2, middle + 2)
    with transaction.atomic():
        packed = {"x0": patch.x0, "y0": patch.y0, "side_px": patch.pixels.shape[1], "pixels": pack_patch(patch)}
        FlagPatch.objects.get_or_create(flag=flag, defaults=packed)
        amplitude = measure_amplitude(patch.pixels[HALO_FRAMES, :, :, 0], box=box)
        PixelFlag.objects.filter(pk=flag.pk).update(amplitude=amplitude)


def window_frames(frame_index: int, *, frame_count: int) -> list[int]:
    """The five frames around one of a film of ``frame_count`` ≥ 1, mirrored at its ends and clipped in shorter ones."""
    last = frame_count - 1
    around = (abs(frame_index + step) for step in range(-HALO_FRAMES, HALO_FRAMES + 1))
    return [min(max(min(frame, 2 * last - frame), 0), last) for frame in around]


def _check(video: Video, *, frame_index: int, x: float, y: float) -> None:
    if not 0 <= frame_index < video.frame_count:
        raise InvalidDecision(f"This film has frames 0 to {video.frame_count - 1}, and no frame {frame_index}.")
    if not (math.isfinite(x) and math.isfinite(y)):
        raise InvalidDecision("A place is two numbers, x and y, in pixels of the picture.")
    if not (-0.5 <= x < video.width - 0.5 and -0.5 <= y < video.height - 0.5):
        raise InvalidDecision(f"This place is outside the picture of {video.width} × {video.height} pixels.")


def _make(flag: PixelFlag, *, user: User) -> PixelFlag:
    """A flag that one person is sure of, with what a worker measures left at nothing."""
    frame = flag.frame_index
    flag.area_px, flag.peak, flag.confidence, flag.amplitude = 1, 1, 1, 0
    flag.spans, flag.shot, flag.added_by = [[frame, frame + 1]], flag.video.shot_at(frame), user
    flag.save()
    send_task("qc.tasks.complete_flag", flag.pk)
    return flag


def _bring_back(flag: PixelFlag, *, user: User) -> None:
    """Let a flag stand by a person's word that the newest scan raised no more."""
    flag.added_by, flag.last_raised_by, flag.is_current = user, None, True
    flag.save(update_fields=["added_by", "last_raised_by", "is_current"])


def _cut(flag: PixelFlag) -> Patch:
    video = flag.video
    info = video_info(video)
    place = to_stored(flag.x, flag.y, film=info)
    frames = window_frames(flag.frame_index, frame_count=video.frame_count)
    pictures = read_pictures(local_path(video.file), info=info, start_frame=min(frames))
    read = {
        index: read_planes(picture)
        for index, picture in takewhile(lambda each: each.index <= max(frames), pictures)
        if index in frames
    }
    if flag.frame_index not in read:
        raise ValueError(f"Frame {flag.frame_index} of {video.original_name} is damaged: there is nothing to learn.")
    window = [read.get(index, read[flag.frame_index]) for index in frames]
    if not info.interlaced:
        return cut_patch(window, x=place.x, y=place.y)
    # The lines of one field, as scans judge them; the flag stays in the middle.
    row = round(place.y)
    patch = cut_patch(_field(window, row % 2), x=place.x, y=row // 2)
    return patch._replace(y0=patch.y0 + row - row // 2)


def _field(window: Sequence[Planes], field: int) -> list[Planes]:
    return [Planes(*(plane[field::2].copy() for plane in picture)) for picture in window]
