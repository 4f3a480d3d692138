"""Subjects of real photographs, marked by eye, in shares of the picture: x0, y0, x1, y1."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Box = tuple[float, float, float, float]

TUNED_ON: Mapping[str, Sequence[Box]] = {
    "543390": [(0.58, 0.28, 0.76, 0.77), (0.02, 0.25, 0.36, 0.74)],
    "543410": [(0.42, 0.43, 0.76, 0.88), (0.36, 0.45, 0.44, 0.53)],
    "544339": [(0.13, 0.38, 0.34, 0.97)],
    "544489": [(0.44, 0.34, 0.64, 0.82)],
    "545607": [(0.46, 0.03, 0.80, 0.86)],
    "546190": [(0.17, 0.37, 0.33, 0.95), (0.33, 0.72, 0.82, 0.94)],
    "547372": [(0.52, 0.20, 0.76, 0.90)],
    "547795": [(0.20, 0.38, 0.95, 1.00)],
    "548208": [(0.32, 0.13, 0.43, 0.38)],
    "548696": [(0.17, 0.63, 0.30, 0.96)],
    "550692": [(0.08, 0.05, 0.86, 0.88)],
    "550824": [(0.24, 0.40, 0.72, 0.76)],
    "545563": [(0.31, 0.22, 0.83, 0.76)],
    "558114": [(0.15, 0.20, 0.97, 1.00)],
    "543863": [(0.00, 0.07, 0.50, 0.95), (0.50, 0.37, 1.00, 0.98)],
    "547355": [(0.05, 0.25, 0.82, 0.97)],
    "LC-USF33-012762": [(0.05, 0.18, 0.97, 0.97)],
    "LC-USF34-029514": [(0.02, 0.14, 0.93, 0.98)],
    "LC-USF33-003470": [(0.38, 0.37, 0.69, 0.79)],
    "LC-USF33-011879": [(0.24, 0.22, 0.52, 0.85)],
    "LC-USF34-033735": [(0.28, 0.33, 0.78, 0.97)],
    "LC-USE6-D-009289": [(0.25, 0.13, 0.75, 0.90)],
    "LC-USF34-020530": [(0.36, 0.14, 0.82, 0.55)],
}
"""Looked at while the algorithm was chosen."""

UNSEEN: Mapping[str, Sequence[Box]] = {
    "LC-USF33-013061": [(0.28, 0.18, 0.62, 0.85)],
    "LC-USF33-020593": [(0.20, 0.08, 0.62, 0.75)],
    "555699": [(0.38, 0.22, 0.80, 0.72)],
    "LC-USF34-018973": [(0.08, 0.17, 1.00, 0.70)],
    "552879": [(0.00, 0.00, 0.87, 0.98)],
    "LC-USF33-020616": [(0.25, 0.34, 0.40, 0.76)],
    "553573": [(0.53, 0.13, 0.97, 0.52)],
    "LC-USF34-080870": [(0.22, 0.19, 0.60, 0.62)],
    "549309": [(0.30, 0.42, 0.42, 0.76)],
}
"""Marked after the algorithm was chosen."""


class MarkedPhotograph(NamedTuple):
    """A photograph without the rim of its film, ``uint8 (H, W, 3)``, and its subjects' boxes in pixels."""

    rgb: NDArray[np.uint8]
    boxes: list[Box]


def load_marked(data: Path, marks: Mapping[str, Sequence[Box]]) -> Iterator[MarkedPhotograph]:
    """The marked photographs of the shared data."""
    for name, boxes in marks.items():
        rgb, rim = load_photograph(data, name)
        height, width = rgb.shape[:2]
        scale = np.array([width, height, width, height])
        yield MarkedPhotograph(
            rgb, [tuple((np.clip((np.array(box) - rim) / (1 - 2 * rim), 0, 1) * scale).tolist()) for box in boxes]
        )


def load_photograph(data: Path, name: str) -> tuple[NDArray[np.uint8], float]:
    """A photograph of the shared data without the film's rim, and the rim's share of each side."""
    path = next((data / "images").glob(f"*/{name}.jpg"))
    rim = 0.07 if name.startswith("LC") else 0.035  # these prints show the film's edge
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    inner = pixels[int(rim * height) : int((1 - rim) * height), int(rim * width) : int((1 - rim) * width)]
    return np.ascontiguousarray(inner), rim
