"""Global motion: what the camera did between two frames, and what moves on its own."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

CELL_PX = 5
"""Flow is fitted on cells of this side: 576 of them in a picture of 160 × 90."""

LEAST_SLOPE = 4.0
"""Mean squared slope of a cell, grey levels² a pixel, at which its flow counts half as much as a textured one's:
grain and compression leave about 1 in flat parts."""

LEAST_TEXTURED_CELLS = 8
LEAST_FIT = 0.25
"""A motion that so few of the textured cells follow is none: the picture was cut or covered."""

HYPOTHESES = 48
JUDGED_CELLS = 240
"""Hypotheses are judged on at most so many cells; the refinement sees all."""

INLIER_PX = 0.6
RESTING_SHARE, CLEAR_MOTION_PX = 0.6, 0.8
"""A camera is taken to stand still where no motion at all explains this share of what the best motion does, and that
one is clearly another: large objects on plain ground else count as the camera."""

BRIGHTNESS_REACH_PX = 0.7
TUKEY_PX = (0.5, 2.0)
REFINEMENTS = 3
ALONG_EDGE = 0.1
"""What flow along an edge counts beside flow across it: along an edge one cannot see what moves (the aperture
problem)."""

MIDDLE_WEIGHT = 0.5
"""What a cell in the middle of the picture counts beside one at its edge: subjects stand in the middle."""

TOLERANCE_PX, TOLERANCE_SHARE = 0.5, 0.15
"""A cell follows the camera up to this distance plus this share of the camera's own motion there: scenery at
different distances moves at different speeds."""

PRIOR_CELLS = (2.0, 2.0, 0.01, 0.01)
"""How many cells' worth of belief there is in no growth, no roll and no shift: where a few cells in one corner are all
that is textured, they say little about growth."""

HELD_SHARE = 0.4
"""What moves less than this share of the camera's motion stands still in the picture."""

LEAST_NEIGHBOURS = 3
"""A moving cell counts if so many of the nine around it, itself included, move as well."""

_NEIGHBOURS = np.ones((3, 3), dtype=np.uint8)
_PICKS = np.random.default_rng(1981).random((2, HYPOTHESES))


class Similarity(NamedTuple):
    """Displacement of picture points, in pixels about the picture's middle, x right and y down.

    ``u = a x − b y + dx``, ``v = b x + a y + dy``: 1 + a is the scale's cosine part, b its sine part.
    """

    a: float
    b: float
    dx: float
    dy: float


class GlobalMotion(NamedTuple):
    """The camera's motion from one frame to the next and what is left after it.

    ``pan``: share of the picture's width, + when the camera turns right (the picture moves left). ``tilt``: share of
    its height, + when the camera turns up (the picture moves down). ``zoom``: natural logarithm of the growth, + when
    the picture grows. ``roll_deg``: + when the camera rolls clockwise (the picture turns the other way). ``fit``:
    share of the textured picture that follows, 0–1. ``subject_motion``: mean length of the flow of what moves on its
    own, over the whole picture, as a share of the longer side. ``subject_area``: share of the picture that does, 0–1;
    ``held_area``: share of it that stands still while the camera moves, as what a camera follows does, but for the
    lowest fifth and the margins, where captions and logos stand.
    """

    pan: float
    tilt: float
    zoom: float
    roll_deg: float
    fit: float
    subject_motion: float
    subject_area: float
    held_area: float


NO_MOTION = GlobalMotion(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class FlowCells(NamedTuple):
    """Flow of the N cells of a grid of ``shape`` (rows, columns), row by row from the top left.

    ``place`` ``(2, N)``: x and y of the cells' middles from the picture's. ``flow`` ``(2, N)`` in pixels. ``metric``
    ``(3, N)``: the symmetric matrix xx, xy, yy by which a flow error counts, with trace 1 to 1.2. ``weight`` ``(N,)``:
    0–1, how much there is to hold on to.
    """

    place: NDArray[np.float64]
    flow: NDArray[np.float64]
    metric: NDArray[np.float64]
    weight: NDArray[np.float64]
    shape: tuple[int, int]

    def take(self, cells: NDArray[np.intp]) -> "FlowCells":
        """Only these cells."""
        place, flow, metric = (values[:, cells] for values in (self.place, self.flow, self.metric))
        return FlowCells(place, flow, metric, self.weight[cells], self.shape)


class _Equations(NamedTuple):
    """What N cells say about a motion ``(4,)``: ``motion @ design = target``, ``(4, 2 N)`` and ``(2 N,)``.

    The first N equations and the last are the cells' two; errors in them are lengths by the cells' metric. ``weight``
    ``(N,)``.
    """

    design: NDArray[np.float64]
    target: NDArray[np.float64]
    weight: NDArray[np.float64]

    def squared_error(self, motion: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each cell: ``(N,)`` for a motion ``(4,)``, ``(M, N)`` for several ``(M, 4)``."""
        error = motion @ self.design - self.target
        error *= error
        count = len(self.weight)
        return np.asarray(error[..., :count] + error[..., count:])

    def take_every(self, step: int) -> "_Equations":
        """Those of some of the cells."""
        count = len(self.weight)
        design, target = self.design.reshape(4, 2, count), self.target.reshape(2, count)
        taken = design[..., ::step].reshape(4, -1), target[:, ::step].ravel(), self.weight[::step]
        return _Equations(*taken)


def find_global_motion(flow: NDArray[np.float32], before: NDArray[np.uint8], now: NDArray[np.uint8]) -> GlobalMotion:
    """Separate the camera's motion from the subjects'.

    ``flow`` ``float32 (H, W, 2)``: where each pixel of ``now`` ``uint8 (H, W)`` was in ``before``, x and y in pixels.
    All values are 0 where the picture is flat or nothing holds together (a cut). Hypotheses from two cells each
    (RANSAC: Fischler & Bolles 1981, judged as in MSAC: Torr & Zisserman 2000) start a robust fit of a similarity by
    re-weighted least squares with Tukey's weights (Odobez & Bouthemy 1995, there on brightness, here on flow and then
    once on brightness). Which cells are picked depends on their number alone.
    """
    height, width = now.shape
    cells = divide_into_cells(flow, now)
    textured = np.flatnonzero(cells.weight > 0.5)
    if len(textured) < LEAST_TEXTURED_CELLS:
        return NO_MOTION
    camera, squared_error = fit_camera(cells, size=(width, height))
    camera = _refine_by_brightness(camera, cells, before, now, squared_error=squared_error)
    follows = squared_error[textured] <= np.square(_tolerance(camera, cells.place[:, textured]))
    weight = cells.weight[textured]
    fit = float(weight[follows].sum() / weight.sum())
    if fit < LEAST_FIT:
        return NO_MOTION
    own = _own_flow(cells, camera, textured=textured, follows=follows)
    speed, camera_speed = _lengths(cells.flow), _lengths(displace(camera, cells.place))
    held = (own > 0) & (speed < HELD_SHARE * camera_speed) & _is_clear_of_captions(cells.place, width, height)
    return GlobalMotion(
        pan=camera.dx / width,
        tilt=-camera.dy / height,
        zoom=-float(np.log(np.hypot(1 + camera.a, camera.b))),
        roll_deg=float(np.rad2deg(np.arctan2(camera.b, 1 + camera.a))),
        fit=fit,
        subject_motion=float(own.mean()) / max(width, height),
        subject_area=float((own > 0).mean()),
        held_area=float(held.mean()),
    )


def divide_into_cells(flow: NDArray[np.float32], luma: NDArray[np.uint8]) -> FlowCells:
    """Mean flow and structure (the gradients' matrix) of whole cells; a side shorter than a cell is one cell."""
    height, width = luma.shape
    columns, rows = max(width // CELL_PX, 1), max(height // CELL_PX, 1)
    whole = slice(min(rows * CELL_PX, height)), slice(min(columns * CELL_PX, width))
    slope_x, slope_y = _slopes(luma)
    products = (slope_x * slope_x, slope_x * slope_y, slope_y * slope_y, flow[..., 0], flow[..., 1])
    means = np.stack([_cell_means(values[whole], columns, rows) for values in products])
    structure, mean_flow = means[:3], means[3:]
    trace = structure[0] + structure[2]
    metric = (1 - ALONG_EDGE) * structure / (trace + 1e-9)
    metric[::2] += ALONG_EDGE
    place = _cell_middles(width, height, columns, rows)
    return FlowCells(place, mean_flow, metric, trace / (trace + LEAST_SLOPE), (rows, columns))


def _slopes(luma: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Slopes along x and along y, grey levels a pixel."""
    along_x, along_y = (
        cv2.Sobel(luma, cv2.CV_32F, *order, ksize=3, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
        for order in ((1, 0), (0, 1))
    )
    return np.asarray(along_x, dtype=np.float32), np.asarray(along_y, dtype=np.float32)


def fit_camera(cells: FlowCells, *, size: tuple[int, int]) -> tuple[Similarity, NDArray[np.float64]]:
    """Fit the motion that most of the cells agree on, those near the edges of a picture of ``size`` first.

    Returns it with each cell's squared error, ``(N,)`` px².
    """
    unit = max(size) / 2
    away = np.maximum(np.abs(cells.place[0]) * 2 / size[0], np.abs(cells.place[1]) * 2 / size[1])
    equations = _set_up(cells, cells.weight * (MIDDLE_WEIGHT + (1 - MIDDLE_WEIGHT) * away), unit=unit)
    motion = _best_hypothesis(cells, equations, unit=unit)
    for _ in range(REFINEMENTS):
        squared = equations.squared_error(motion)
        middle = np.sqrt(np.partition(squared, len(squared) // 2)[len(squared) // 2])
        reach = min(max(4.685 * 1.4826 * float(middle), TUKEY_PX[0]), TUKEY_PX[1])
        reach += TOLERANCE_SHARE * float(np.hypot(motion[2], motion[3]))
        motion = _solve(equations, np.square(np.maximum(1 - squared / reach**2, 0)))
    a, b, dx, dy = motion.tolist()
    return Similarity(a / unit, b / unit, dx, dy), equations.squared_error(motion)


def _set_up(cells: FlowCells, weight: NDArray[np.float64], *, unit: float) -> _Equations:
    """Equations in which a and b are multiplied by ``unit`` px, so that all four unknowns are pixels."""
    x, y = cells.place / unit
    one, none = np.ones_like(x), np.zeros_like(x)
    in_x, in_y = np.array([x, -y, one, none, cells.flow[0]]), np.array([y, x, none, one, cells.flow[1]])
    xx, xy, yy = cells.metric
    # Cholesky's factor of the metric turns errors into lengths by it.
    first = np.sqrt(xx)
    cross, second = xy / first, np.sqrt(np.maximum(yy - xy * xy / xx, 0))
    rows = np.concatenate([first * in_x + cross * in_y, second * in_y], axis=1)
    return _Equations(rows[:4], rows[4], weight)


def _best_hypothesis(cells: FlowCells, equations: _Equations, *, unit: float) -> NDArray[np.float64]:
    """The best of similarities through pairs of cells, of the median shift, and of no motion."""
    count = len(cells.weight)
    first, second = (_PICKS * count).astype(np.intp)
    place = cells.place / unit
    way, change = place[:, second] - place[:, first], cells.flow[:, second] - cells.flow[:, first]
    distance = np.square(way).sum(axis=0) + 1e-9
    a, b = (way * change).sum(axis=0) / distance, (way[0] * change[1] - way[1] * change[0]) / distance
    x, y = place[:, first]
    shift = cells.flow[:, first] - np.array([a * x - b * y, b * x + a * y])
    motions = np.zeros((HYPOTHESES + 2, 4))
    motions[:HYPOTHESES] = np.array([a, b, *shift]).T
    motions[HYPOTHESES, 2:] = np.partition(cells.flow, count // 2, axis=1)[:, count // 2]
    some = equations.take_every(-(-count // JUDGED_CELLS))
    agreeing = np.maximum(INLIER_PX**2 - some.squared_error(motions), 0) @ some.weight
    best = int(np.argmax(agreeing))
    # That much of a picture rests by chance only if the camera does, unless it goes with what rests.
    rests = agreeing[-1] >= RESTING_SHARE * agreeing[best] and np.hypot(*motions[best, 2:]) >= CLEAR_MOTION_PX
    return np.asarray(motions[-1 if rests else best])


def _refine_by_brightness(
    camera: Similarity,
    cells: FlowCells,
    before: NDArray[np.uint8],
    now: NDArray[np.uint8],
    *,
    squared_error: NDArray[np.float64],
) -> Similarity:
    """Move the frame before by the fit and let the brightness that differs say what is missing (one step of Lucas &
    Kanade 1981 in each cell that follows, solved for all): flow alone is a fifth less exact."""
    height, width = now.shape
    rows, columns = cells.shape
    change = _move_by_camera(before, camera) - now.astype(np.float32)
    # A fade or a flash brightens both alike.
    some = np.sort(change[::CELL_PX, ::CELL_PX], axis=None)
    change -= some[len(some) // 2]
    whole = slice(min(rows * CELL_PX, height)), slice(min(columns * CELL_PX, width))
    towards = np.array([_cell_means((slope * change)[whole], columns, rows) for slope in _slopes(now)])
    pull = -towards * (1 - cells.weight) / (LEAST_SLOPE * np.maximum(cells.weight, 1e-3))
    xx, xy, yy = cells.metric
    missing = np.array([yy * pull[0] - xy * pull[1], xx * pull[1] - xy * pull[0]]) / (xx * yy - xy * xy)
    unit = max(width, height) / 2
    equations = _set_up(cells._replace(flow=missing), cells.weight, unit=unit)
    a, b, dx, dy = _solve(equations, np.square(np.maximum(1 - squared_error / BRIGHTNESS_REACH_PX**2, 0))).tolist()
    if np.hypot(dx, dy) > BRIGHTNESS_REACH_PX:
        return camera
    return Similarity(camera.a + a / unit, camera.b + b / unit, camera.dx + dx, camera.dy + dy)


def _move_by_camera(before: NDArray[np.uint8], camera: Similarity) -> NDArray[np.float32]:
    height, width = before.shape
    turn = np.array([[1 + camera.a, -camera.b], [camera.b, 1 + camera.a]])
    # Pixel centres lie at halves: the middle of the picture is half a pixel before its place in the grid.
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    shift = middle + np.array([camera.dx, camera.dy]) - turn @ middle
    matrix = np.column_stack([turn, shift])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(
        before.astype(np.float32), matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, dtype=np.float32)


def _solve(equations: _Equations, trust: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted least squares, leaning a little to no zoom, no roll, and less so to no motion at all."""
    weight = equations.weight * trust
    weighted = equations.design * np.concatenate([weight, weight])
    # Not matrix products: BLAS may share such sums among threads, which changes their last bits.
    normal = np.einsum("in,jn->ij", weighted, equations.design) + np.diag(PRIOR_CELLS)
    return np.linalg.solve(normal, np.einsum("in,n->i", weighted, equations.target))


def displace(camera: Similarity, place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Displacement ``(2, …)`` in pixels of places ``(2, …)`` from the picture's middle."""
    x, y = place
    return np.array([camera.a * x - camera.b * y + camera.dx, camera.b * x + camera.a * y + camera.dy])


def _tolerance(camera: Similarity, place: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(TOLERANCE_PX + TOLERANCE_SHARE * _lengths(displace(camera, place)))


def _lengths(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of ``(2, N)``."""
    return np.asarray(np.sqrt(vectors[0] * vectors[0] + vectors[1] * vectors[1]))


def _own_flow(
    cells: FlowCells, camera: Similarity, *, textured: NDArray[np.intp], follows: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Length of each cell's own flow, ``(N,)``, 0 where it follows the camera or nobody can tell.

    Lone cells are noise and go; gaps within a moving thing are filled.
    """
    moving = np.zeros(cells.shape, dtype=np.uint8)
    moving.ravel()[textured[~follows]] = 1
    near = cv2.boxFilter(moving, cv2.CV_8U, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    moving[near < LEAST_NEIGHBOURS] = 0
    moving = np.asarray(cv2.morphologyEx(moving, cv2.MORPH_CLOSE, _NEIGHBOURS), dtype=np.uint8)
    length = _lengths(cells.flow - displace(camera, cells.place))
    return np.asarray(np.where(moving.ravel() > 0, length + 1e-6, 0.0))


def _is_clear_of_captions(place: NDArray[np.float64], width: int, height: int) -> NDArray[np.bool_]:
    """Where no subtitles, logos and the like stand over a moving picture."""
    x, y = place
    return np.asarray((np.abs(x) < 0.4 * width) & (y > -0.42 * height) & (y < 0.3 * height))


def _cell_means(values: NDArray[Any], columns: int, rows: int) -> NDArray[np.float64]:
    """``(columns * rows,)``."""
    means = cv2.resize(np.ascontiguousarray(values), (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(means, dtype=np.float64).ravel()


def _cell_middles(width: int, height: int, columns: int, rows: int) -> NDArray[np.float64]:
    across, down = min(CELL_PX, width), min(CELL_PX, height)
    x = (np.arange(columns) + 0.5) * across - width / 2
    y = (np.arange(rows) + 0.5) * down - height / 2
    return np.array([np.tile(x, rows), np.repeat(y, columns)])
