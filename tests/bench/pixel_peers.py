"""Other ways to find lit pixels: the temporal median's outliers, and L.A.Cosmic, made for cosmic rays in astronomy."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from qc.pixel.detect import find_spots
from qc.pixel.found import HotPixel
from tests.bench.peer_environment import install_peer
from tests.bench.pixel_footage import Clip

PEER = "astroscrappy"
LAC_SIGMAS = (2.0, 3.0, 4.5, 8.0, 16.0)
_LEAST_SCORE = 2.0
_NOISE_FLOOR = 1.0
_MAD_TO_SIGMA = 1.4826
_PEER_CODE = """
import sys, numpy as np, astroscrappy
given = np.load(sys.argv[1])
masks = {}
for name in given.files:
    luma = given[name].astype(np.float32)
    noise = max(1.0, 1.4826 * float(np.median(np.abs(np.diff(luma, axis=1)))) / 2 ** 0.5)
    score = np.zeros(luma.shape, np.float32)
    for sigma in (%s):
        # A contrast of 2 against fine structure is the more sensitive of the paper's two values.
        limits = dict(sigclip=sigma, objlim=2.0, gain=1.0, readnoise=noise, satlevel=1e9, niter=1)
        mask, _ = astroscrappy.detect_cosmics(luma, **limits)
        score[mask] = sigma
    masks[name] = score
np.savez_compressed(sys.argv[2], **masks)
"""


def read_lumas(clip: Clip) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Numbers and luma of a clip's frames."""
    with av.open(str(clip.path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if clip.end_frame is not None and number >= clip.end_frame:
                return
            if number >= clip.start_frame:
                yield number, frame.to_ndarray(format="gray")


def median_outliers(clip: Clip) -> list[HotPixel]:
    """Pixels above the median of five frames, by noise: ``confidence`` is the excess over the noise at the place.

    The noise is 1.4826 times the median deviation from that median, averaged over 9 x 9 px, 1 level at least: moving
    and restless places ask for more.
    """
    found: list[HotPixel] = []
    frames = [(number, luma.astype(np.int16)) for number, luma in read_lumas(clip)]
    for at, (number, luma) in enumerate(frames):
        first = max(0, min(at - 2, len(frames) - 5))
        window = [each for _, each in frames[first : first + 5]]
        middle = _median_of_five(window)
        deviation = _median_of_five([np.abs(each - middle) for each in window]).astype(np.float32)
        noise = np.maximum(_NOISE_FLOOR, _MAD_TO_SIGMA * cv2.blur(deviation, (9, 9)))
        found += _flags((luma - middle) / noise, number)
    return found


def _median_of_five(given: Sequence[NDArray[np.int16]]) -> NDArray[np.int16]:
    a, b, c, d, e = given
    low = np.maximum(np.minimum(a, b), np.minimum(c, d))
    high = np.minimum(np.maximum(a, b), np.maximum(c, d))
    return np.maximum(np.minimum(low, high), np.minimum(np.maximum(low, high), e))


def _flags(score: NDArray[np.float32], frame: int) -> list[HotPixel]:
    return [
        HotPixel(frame, spot.x, spot.y, spot.area_px, spot.peak, spot.peak, 0.0)
        for spot in find_spots(np.asarray(score, dtype=np.float32), threshold=_LEAST_SCORE)
    ]


def la_cosmic(clips: Sequence[Clip], *, every: int) -> list[list[HotPixel]] | None:
    """Flags of some frames of each clip by L.A.Cosmic (van Dokkum, 2001, PASP 113, 1420); None without the package.

    It judges each frame alone and takes a while for it, so ``every`` so many-th frame is judged. ``confidence`` is the
    largest of five sigma limits that the pixels pass.
    """
    python = install_peer(PEER)
    if python is None:
        return None
    found = []
    for clip in clips:
        lumas = {str(number): luma for number, luma in read_lumas(clip) if number % every == 0}
        with tempfile.TemporaryDirectory() as folder:
            given, told = Path(folder) / "given.npz", Path(folder) / "told.npz"
            np.savez(given, **lumas)
            code = _PEER_CODE % ", ".join(map(str, LAC_SIGMAS))
            subprocess.run([str(python), "-c", code, str(given), str(told)], check=True, env={"OMP_NUM_THREADS": "1"})
            with np.load(told) as scores:
                found.append([flag for name in scores.files for flag in _flags(scores[name], int(name))])
    return found
