"""Real faces drawn again at known turns, with eyes closed and mouths opened by known amounts.

A photograph is laid over the landmarks of its face as texture, the landmarks are moved in space, and every triangle
is drawn where it then lies. Truth is what was done to the face, so it does not depend on what judges it.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
UPPER_LIDS = (246, 161, 160, 159, 158, 157, 173, 466, 388, 387, 386, 385, 384, 398)
LOWER_LIDS = (7, 163, 144, 145, 153, 154, 155, 249, 390, 373, 374, 380, 381, 382)
LID_FOLDS = (247, 30, 29, 27, 28, 56, 190, 467, 260, 259, 257, 258, 286, 414)
INNER_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER_LIP = (95, 88, 178, 87, 14, 317, 402, 318, 324)
LOWER_LIP = (
    *INNER_LOWER_LIP, 146, 91, 181, 84, 17, 314, 405, 321, 375, 96, 89, 179, 86, 15, 316, 403, 319, 325,
    77, 90, 180, 85, 16, 315, 404, 320, 307,
)  # fmt: skip
BROW_TO_CHIN = (10, 152)
SURROUND = 1.55
"""How far the drawn head, with hair and ears, reaches beyond the landmarks' outline."""

MOUTH_RGB = (48, 20, 22)


class RealFace(NamedTuple):
    """A photograph ``rgb`` and its face's landmarks ``mesh`` ``(468, 3)``."""

    rgb: NDArray[np.uint8]
    mesh: NDArray[np.float32]


class DrawnFace(NamedTuple):
    """``rgb`` ``uint8 (H, W, 3)`` and the ``box`` that bounds the drawn landmarks."""

    rgb: NDArray[np.uint8]
    box: NDArray[np.float32]


def draw_face(
    face: RealFace,
    *,
    turn: NDArray[np.float64] | None = None,
    height_px: float = 120,
    size: tuple[int, int] = (320, 240),
    middle: tuple[float, float] | None = None,
    ground: NDArray[np.uint8] | None = None,
    eyes_closed: bool = False,
    mouth_gap: float = 0.0,
) -> DrawnFace:
    """Draw the face turned by ``turn`` (3, 3) from how it is in its photograph, without perspective.

    ``height_px`` from the top of the brow to the chin before turning; ``mouth_gap`` opens the mouth by that share of
    the same height; the head's middle comes to ``middle``, by default that of the picture.
    """
    width, height = size
    picture = np.full((height, width, 3), 96, np.uint8) if ground is None else ground.copy()
    mesh = face.mesh.astype(np.float64)
    face_height = float(np.linalg.norm(mesh[BROW_TO_CHIN[1]] - mesh[BROW_TO_CHIN[0]]))
    moved = _open_mouth(_close_eyes(mesh) if eyes_closed else mesh, gap_px=mouth_gap * face_height)
    texture, space = _with_surround(mesh), _with_surround(moved, outline=mesh)
    origin = mesh.mean(axis=0)
    turned = (space - origin) @ (np.eye(3) if turn is None else turn).T * (height_px / face_height)
    turned[:, :2] += middle or (width / 2, height / 2)
    triangles = Delaunay(texture[:, :2]).simplices
    from_x, from_y, covered = _lay_texture(triangles, texture=texture, space=turned, size=size)
    shrink = face_height / height_px
    # Shrinking by whole factors first keeps fine detail from turning into noise.
    source = face.rgb
    if shrink > 1:
        small = (max(round(source.shape[1] / shrink), 1), max(round(source.shape[0] / shrink), 1))
        scale = np.array(small) / source.shape[1::-1]
        source = np.asarray(cv2.resize(source, small, interpolation=cv2.INTER_AREA), np.uint8)
        from_x, from_y = (from_x + 0.5) * scale[0] - 0.5, (from_y + 0.5) * scale[1] - 0.5
    drawn = cv2.remap(
        source, from_x.astype(np.float32), from_y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    picture[covered] = drawn[covered]
    if mouth_gap:
        lips = np.concatenate([turned[list(INNER_UPPER_LIP), :2], turned[list(INNER_LOWER_LIP[::-1]), :2]])
        cv2.fillPoly(picture, [np.rint(lips * 16).astype(np.int32)], MOUTH_RGB, cv2.LINE_AA, 4)
    points = turned[: len(mesh), :2]
    return DrawnFace(picture, np.concatenate([points.min(axis=0), points.max(axis=0)]).astype(np.float32))


def _close_eyes(mesh: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draw the upper lids down over the eyes, and the folds above them half-way."""
    moved = mesh.copy()
    way = mesh[list(LOWER_LIDS)] - mesh[list(UPPER_LIDS)]
    moved[list(UPPER_LIDS)] += way * 0.9
    moved[list(LOWER_LIDS)] -= way * 0.1
    moved[list(LID_FOLDS)] += way * 0.4
    return moved


def _open_mouth(mesh: NDArray[np.float64], *, gap_px: float) -> NDArray[np.float64]:
    """Move the lower lip and the chin down, the corners of the mouth hardly."""
    if not gap_px:
        return mesh
    moved = mesh.copy()
    down = mesh[BROW_TO_CHIN[1]] - mesh[BROW_TO_CHIN[0]]
    down /= np.linalg.norm(down)
    along = (mesh - mesh[INNER_UPPER_LIP[5]]) @ down
    corners = mesh[[78, 308]]
    across = (corners[1] - corners[0]) / np.linalg.norm(corners[1] - corners[0])
    aside = np.abs((mesh - corners.mean(axis=0)) @ across) / (np.linalg.norm(corners[1] - corners[0]) / 2)
    middle = np.clip(1 - aside**2, 0, 1) ** 0.5
    is_lip = np.zeros(len(mesh), dtype=bool)
    is_lip[list(LOWER_LIP)] = True
    is_chin = ~is_lip & (along > 0) & (along > np.max(along[list(LOWER_LIP)]) * 0.6)
    share = np.where(is_lip, middle, np.where(is_chin, np.clip(1.2 - 0.5 * aside, 0, 1), 0))
    return moved + share[:, None] * down * gap_px


def _with_surround(mesh: NDArray[np.float64], *, outline: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """The landmarks and a wider ring behind them that carries hair, ears and neck."""
    oval = (mesh if outline is None else outline)[list(OVAL)]
    middle = oval.mean(axis=0)
    ring = middle + (oval - middle) * (SURROUND, SURROUND, 1)
    ring[:, 2] = oval[:, 2].max() + 0.15 * np.ptp(oval[:, 1])
    return np.concatenate([mesh, ring])


def _lay_texture(
    triangles: NDArray[np.int32], *, texture: NDArray[np.float64], space: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Where in the photograph each pixel comes from: triangles drawn from back to front."""
    width, height = size
    from_x, from_y = np.zeros((height, width)), np.zeros((height, width))
    covered = np.zeros((height, width), dtype=bool)
    for triangle in triangles[np.argsort(-space[triangles, 2].mean(axis=1))]:
        corners, source = space[triangle, :2], texture[triangle, :2]
        low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (width, height))
        high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 1, 0, (width, height))
        edges = corners[1:] - corners[0]
        if (high <= low).any() or abs(np.linalg.det(edges)) < 1e-6:
            continue
        rows, columns = np.mgrid[low[1] : high[1], low[0] : high[0]]
        shares = (np.stack([columns, rows], axis=-1) - corners[0]) @ np.linalg.inv(edges)
        inside = (shares >= -1e-6).all(axis=-1) & (shares.sum(axis=-1) <= 1 + 1e-6)
        place = source[0] + shares[inside] @ (source[1:] - source[0])
        view = (slice(low[1], high[1]), slice(low[0], high[0]))
        from_x[view][inside], from_y[view][inside], covered[view][inside] = place[:, 0], place[:, 1], True
    return from_x, from_y, covered
