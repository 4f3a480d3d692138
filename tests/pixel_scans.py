"""Films with known pixel errors, and a model made by hand that finds them whatever the shipped one has learned."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.footage import write_film

WIDTH, HEIGHT, FPS = 96, 64, 4
TEMPORAL_EXCESS = 0
"""The feature of the network's fixed layer that says by how much a pixel outshines both neighbouring frames."""


class Lit(NamedTuple):
    """One planted error: a block of three by three pixels around a place."""

    frame: int
    x: int
    y: int


ERRORS = (Lit(7, 30, 20), Lit(23, 60, 40), Lit(24, 20, 44), Lit(25, 70, 12), Lit(40, 48, 32))
"""Of a film of 52 frames, whose two chunks meet at frame 24."""
FRAMES = 52


def write_flawed_film(path: Path, errors: Iterable[Lit] = ERRORS, *, frames: int = FRAMES) -> Path:
    """A still, dark, textured picture of 96 x 64 at 4 frames a second, with errors in it."""
    still = np.random.default_rng(3).integers(30, 50, (HEIGHT, WIDTH, 1), dtype=np.uint8).repeat(3, axis=2)
    planted = list(errors)

    def picture(number: int) -> NDArray[np.uint8]:
        rgb = still.copy()
        for error in planted:
            if error.frame == number:
                rgb[error.y - 1 : error.y + 2, error.x - 1 : error.x + 2] = 230
        return rgb

    return write_film(
        path, frames=frames, width=WIDTH, height=HEIGHT, fps=FPS, gop=8, picture=picture, options={"crf": "8"}
    )  # fmt: skip


def hand_made_model(*, threshold: float = 0.5) -> bytes:
    """A model file whose network asks one thing of a pixel: by far brighter than in both neighbouring frames."""
    import torch

    from qc.pixel.model_file import write_model
    from qc.pixel.network import PixelNetwork

    network = PixelNetwork(channels=4)
    with torch.no_grad():
        for weights in network.parameters():
            weights.zero_()
        network.enter.weight[0, TEMPORAL_EXCESS, 1, 1] = 1
        network.spread.weight[0, 0, 1, 1] = 1
        network.join.weight[0, 0, 1, 1] = 1
        network.judge.weight[0, 0] = 40
        network.judge.bias[0] = -30
    return write_model(network, threshold=threshold, proposal_threshold=4.0, recipe={"note": "made by hand"})
