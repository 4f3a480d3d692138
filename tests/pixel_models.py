"""Tiny networks and reviewed flags, for tests of versions and their training."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch

from ava.models import Video
from qc.defects.defect import RgbFrames
from qc.models import FlagPatch, PixelFlag
from qc.pixel.model_file import write_model
from qc.pixel.network import PixelNetwork
from qc.pixel.patches import Patch, pack_patch
from tests.world import make_pixel_flag

SIDE_PX = 48


def model_bytes(seed: int = 0, *, threshold: float = 0.5, **recipe: object) -> bytes:
    """A model file of random weights, another one for every seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = PixelNetwork(channels=4)
    return write_model(network, threshold=threshold, proposal_threshold=5.0, recipe={"seed": seed, **recipe})


def dark_clips(*, seed: int = 0, count: int = 2, withheld: bool = False) -> list[RgbFrames]:
    """Dark still textures, in place of rendered shots, which take a second."""
    clips = []
    for number in range(min(count, 3)):
        noise = np.random.default_rng([seed, number, withheld]).integers(0, 90, (112, 128, 3), dtype=np.uint8)
        clips.append(np.repeat(cv2.GaussianBlur(noise, (0, 0), 2)[None], 6, axis=0))
    return clips


def spot_patch(*, is_wide: bool = False, level: int = 210) -> Patch:
    """A bright spot in the middle of the middle frame: a single pixel, or a wide one as false alarms here are."""
    pixels = np.full((5, SIDE_PX, SIDE_PX, 3), (40, 128, 128), np.uint8)
    middle, reach = SIDE_PX // 2, 4 if is_wide else 0
    pixels[2, middle - reach : middle + reach + 1, middle - reach : middle + reach + 1, 0] = level
    return Patch(0, 0, pixels)


def make_reviewed_flag(
    video: Video, *, frame: int, state: str, patch: Patch | None = None, **fields: float
) -> PixelFlag:
    """A flag that reviewers spoke of, with its pixels."""
    flag = make_pixel_flag(video, frame=frame, state=state, reviews=1, **fields)
    patch = patch or spot_patch(is_wide=state == "rejected")
    FlagPatch.objects.create(flag=flag, x0=patch.x0, y0=patch.y0, side_px=SIDE_PX, pixels=pack_patch(patch))
    return flag


def make_reviewed_flags(video: Video, states: Sequence[str]) -> list[PixelFlag]:
    """Flags at places far from each other."""
    return [
        make_reviewed_flag(video, frame=number, state=state, x=20.0 + 32 * (number % 5), y=20.0 + 32 * (number // 5))
        for number, state in enumerate(states)
    ]
