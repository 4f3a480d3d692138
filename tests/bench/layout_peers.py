"""What other programs crop: smartcrop, in an environment of its own, and the middle of the picture."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_bgr
from curation.layout.box import Box
from curation.layout.canvases import Canvas
from tests.bench.peer_environment import install_peer

PEER = "smartcrop"
_SCRIPT = """
import json, sys, time
import numpy
from PIL import Image
from smartcrop import SmartCrop
told = []
for path in json.loads(sys.argv[2]):
    image = Image.open(path).convert("RGB")
    crops, began = {}, time.process_time()
    for key, width, height in json.loads(sys.argv[1]):
        top = SmartCrop().crop(image, width, height)["top_crop"]
        crops[key] = [top["x"], top["y"], top["x"] + top["width"], top["y"] + top["height"]]
    told.append({"crops": crops, "seconds": time.process_time() - began})
print(json.dumps(told))
"""
Crops = Mapping[str, Box]


def crop_middle(width: int, height: int, *, canvases: Sequence[Canvas]) -> Crops:
    """The largest window of each canvas's shape in the middle."""
    crops = {}
    for canvas in canvases:
        across, down = min(width, height * canvas.aspect), min(height, width / canvas.aspect)
        crops[canvas.key] = Box((width - across) / 2, (height - down) / 2, (width + across) / 2, (height + down) / 2)
    return crops


def crop_smartly(pictures: Sequence[NDArray[np.uint8]], *, canvases: Sequence[Canvas]) -> tuple[list[Crops], float]:
    """Crops of smartcrop for RGB pictures ``uint8 (H, W, 3)``, and its processor seconds a picture.

    No crops at all, with a sentence on standard error, where it cannot be had.
    """
    python = install_peer(PEER)
    if python is None:
        print(f"{PEER} could not be installed; it is left out.", file=sys.stderr)
        return [], float("nan")
    sizes = json.dumps([(canvas.key, canvas.width_px, canvas.height_px) for canvas in canvases])
    with tempfile.TemporaryDirectory(prefix="ava-bench-") as folder:
        paths = [str(Path(folder) / f"{number}.png") for number in range(len(pictures))]
        for path, rgb in zip(paths, pictures, strict=True):
            cv2.imwrite(path, to_bgr(rgb))
        command = [str(python), "-c", _SCRIPT, sizes, json.dumps(paths)]
        ended = subprocess.run(command, check=False, capture_output=True, text=True, env=_one_thread())
    if ended.returncode:
        print(f"{PEER} failed; it is left out. {ended.stderr.splitlines()[-1:]}", file=sys.stderr)
        return [], float("nan")
    told = json.loads(ended.stdout)
    crops: list[Crops] = [{key: Box(*box) for key, box in each["crops"].items()} for each in told]
    return crops, float(np.mean([each["seconds"] for each in told]))


def _one_thread() -> dict[str, str]:
    return os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
