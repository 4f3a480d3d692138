"""Pictures of flags for reports, from the patches that are kept of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ava.media.video_info import VideoInfo
from ava.models import Video
from ava.video_facts import video_info
from qc.models import FlagPatch
from qc.pixel.found import HALO_FRAMES
from qc.pixel.patch_picture import paint_patch
from qc.pixel.patches import unpack_patch
from qc.reports.marks import Mark

_AT_ONCE = 200


class ReportPictures:
    """Gives each mark's place before, in and after its frame; a few hundred patches are held at a time."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self._numbers = [mark.number for mark in marks]
        self._places = {number: place for place, number in enumerate(self._numbers)}
        self._patches: dict[int, FlagPatch] = {}
        self._batch = -1
        self._infos: dict[int, VideoInfo] = {}

    def __call__(self, mark: Mark) -> Sequence[NDArray[np.uint8]] | None:
        patch = self._patch(mark.number)
        if patch is None:
            return None
        try:
            stored = unpack_patch(bytes(patch.pixels), x0=patch.x0, y0=patch.y0, side_px=patch.side_px).pixels
        except ValueError:
            return None
        near = stored[HALO_FRAMES - 1 : HALO_FRAMES + 2]
        return list(paint_patch(near, info=self._info(patch.flag.video_id)))

    def _patch(self, number: int) -> FlagPatch | None:
        batch = self._places[number] // _AT_ONCE
        if batch != self._batch:
            wanted = self._numbers[batch * _AT_ONCE : (batch + 1) * _AT_ONCE]
            found = FlagPatch.objects.filter(flag__in=wanted).select_related("flag")
            self._patches, self._batch = {patch.flag_id: patch for patch in found}, batch
        return self._patches.get(number)

    def _info(self, video: int) -> VideoInfo:
        if video not in self._infos:
            self._infos[video] = video_info(Video.objects.get(pk=video))
        return self._infos[video]
