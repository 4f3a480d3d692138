"""Hard negatives: what a model takes for errors in clips that have none, as examples of false alarms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qc.defects.defect import RgbFrames
from qc.pixel.camera import store_frame
from qc.pixel.cascade import cascade_map
from qc.pixel.detect import find_spots
from qc.pixel.examples import Example, example_of_false_alarm
from qc.pixel.found import HALO_FRAMES
from qc.pixel.patches import cut_patch

if TYPE_CHECKING:
    from qc.pixel.model_file import PixelModelFile

THRESHOLD = 0.3
MOST_A_WINDOW = 8


def mine_false_alarms(
    clips: Iterable[RgbFrames],
    *,
    model: PixelModelFile,
    threshold: float = THRESHOLD,
    most_a_window: int = MOST_A_WINDOW,
) -> list[Example]:
    """False alarms of a model in clean clips ``uint8 (T, H, W, 3)``, stored as 4:2:0, the surest of each picture.

    ``threshold``: probability from which a spot counts; lower than the model's own, so that near misses are learnt,
    too (bootstrapping, Sung & Poggio 1998). Clips of fewer than five frames give none.
    """
    mined = []
    for clip in clips:
        stored = [store_frame(rgb) for rgb in clip]
        for middle in range(HALO_FRAMES, len(stored) - HALO_FRAMES):
            window = stored[middle - HALO_FRAMES : middle + HALO_FRAMES + 1]
            spots = find_spots(cascade_map(window, model=model), threshold=threshold)
            for spot in sorted(spots, key=lambda spot: -spot.peak)[:most_a_window]:
                patch = cut_patch(window, x=spot.x, y=spot.y)
                mined.append(example_of_false_alarm(patch.pixels, x=spot.x - patch.x0, y=spot.y - patch.y0))
    return mined
