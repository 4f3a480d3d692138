"""Minimum barrier distance: how well each pixel is fenced off from the frame's rim."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE_PX = 96
PASSES = 2
"""Sweeps in all four directions; a third changes next to nothing."""

FAR = np.float32(1e9)

_Look = Callable[[NDArray[np.float32]], NDArray[np.float32]]


class _Paths:
    """The best path so far to each pixel of each channel: its barrier, and the highest and lowest value on it."""

    def __init__(self, levels: NDArray[np.float32], *, barrier: NDArray[np.float32]) -> None:
        self.levels, self.barrier = levels, barrier
        self.highest, self.lowest = levels.copy(), levels.copy()

    def turned(self) -> "_Paths":
        """The same paths with rows and columns exchanged: a view, not a copy."""
        return self._view(lambda values: values.transpose(0, 2, 1))

    def flipped(self) -> "_Paths":
        """The same paths with the last row first: a view, not a copy."""
        return self._view(lambda values: values[:, ::-1])

    def _view(self, look: _Look) -> "_Paths":
        view = _Paths.__new__(_Paths)
        view.levels, view.barrier = look(self.levels), look(self.barrier)
        view.highest, view.lowest = look(self.highest), look(self.lowest)
        return view

    def sweep(self) -> None:
        """Lead each row's paths on to the next row wherever that lowers its barrier."""
        for row in range(1, self.levels.shape[1]):
            level, before = self.levels[:, row], row - 1
            highest = np.maximum(self.highest[:, before], level)
            lowest = np.minimum(self.lowest[:, before], level)
            barrier = np.where(self.barrier[:, before] < FAR, highest - lowest, FAR)
            better = barrier < self.barrier[:, row]
            for kept, new in ((self.barrier, barrier), (self.highest, highest), (self.lowest, lowest)):
                np.copyto(kept[:, row], new, where=better)


def measure_barrier_distance(lab: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much a path from each pixel to the rim must rise and fall at the least: ``float32 (H, W)``, in levels summed
    over the channels of ``uint8 (H, W, C)``.

    Minimum barrier distance transform by sweeps (Zhang, Sclaroff, Lin, Shen, Price & Mech 2015, "Minimum barrier
    salient object detection at 80 FPS"), at a longer side of 96 px, each sweep over whole rows or columns at once.
    The bottom rim does not count as ground here: it cuts people off at the waist.
    """
    height, width = lab.shape[:2]
    scale = min(SIDE_PX / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    levels = np.asarray(cv2.resize(lab, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    levels = np.ascontiguousarray(levels.reshape(size[1], size[0], -1).transpose(2, 0, 1))
    barrier = np.full_like(levels, FAR)
    barrier[:, 0] = 0
    barrier[:, :, 0] = barrier[:, :, -1] = 0
    paths = _Paths(levels, barrier=barrier)
    for _ in range(PASSES):
        for view in (paths, paths.flipped(), paths.turned(), paths.turned().flipped()):
            view.sweep()
    distance = paths.barrier.sum(axis=0)
    return np.asarray(cv2.resize(distance, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
