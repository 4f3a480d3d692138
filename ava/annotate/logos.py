"""Logos: known brand marks found in a picture by local features, and brand names among words that were read."""

from collections.abc import Mapping
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.logo_evidence import explain_patch, judge_match
from ava.media.colour import to_gray

REFERENCE_SIDES_PX = (320, 112)
"""Longer sides at which a logo is described: a small logo in a frame has lost what a large reference shows."""

MOST_FRAME_SIDE_PX = 960
RATIO = 0.85
"""A match must be this much nearer than the next best one elsewhere (Lowe 2004 takes 0.8; geometry decides here)."""

MOST_HYPOTHESES = 120
REACH_UNIT = 0.05
"""How far a match may lie from where a hypothesis puts it, in logo diagonals as they appear in the frame."""

LEAST_INLIERS = 4
LEAST_SIDE_PX = 24.0
MOST_STRETCH = 2.0
LEAST_PROBABILITY = 0.5
MOST_INSTANCES = 4
_CANVAS = (255, 0)


class LogoMatch(NamedTuple):
    """A logo found: upright ``box`` x0, y0, x1, y1 and ``quadrilateral`` ``float32 (4, 2)`` (its corners, clockwise
    from its own top left) in pixels of the picture, the ``inliers`` that agree and the ``probability`` 0.5–1."""

    name: str
    box: tuple[float, float, float, float]
    quadrilateral: NDArray[np.float32]
    inliers: int
    probability: float


class Features(NamedTuple):
    """Local features: places ``float32 (N, 2)``, sizes and angles ``float32 (N,)`` (px, radians), descriptors."""

    places: NDArray[np.float32]
    sizes: NDArray[np.float32]
    angles: NDArray[np.float32]
    descriptors: NDArray[np.float32]


class _Reference(NamedTuple):
    name: str
    size: tuple[int, int]
    luma: NDArray[np.float32]
    alpha: NDArray[np.float32]
    features: Features


class _Matches(NamedTuple):
    """Pairs of places, and the similarity ``(P, 2, 3)`` from logo to frame that each pair alone suggests."""

    logo: NDArray[np.float32]
    frame: NDArray[np.float32]
    similarities: NDArray[np.float32]


class LogoMatcher:
    """Finds reference logos in pictures.

    Scale-invariant features (Lowe 2004, "Distinctive image features from scale-invariant keypoints"), each match
    giving a similarity by its own size and angle; the one that most others agree with (the consensus of Fischler &
    Bolles 1981, from single matches as Philbin et al. 2007, so that nothing is drawn by chance) is refined to an
    affine map, held against what is plausible, and the picture under it is compared with the logo.
    """

    def __init__(self, logos: Mapping[str, NDArray[np.uint8]]) -> None:
        """Prepare logos by name: ``uint8 (H, W, 3)`` RGB or ``(H, W, 4)`` RGBA of any size.

        Raises ``ValueError`` for other arrays. A logo without features (one flat colour) is never found.
        """
        self._references = [
            reference for name, picture in logos.items() for reference in _describe_logo(name, picture)
        ]

    def match(self, rgb: NDArray[np.uint8]) -> list[LogoMatch]:
        """Find the logos in ``uint8 (H, W, 3)``, the surest first."""
        factor = min(MOST_FRAME_SIDE_PX / max(rgb.shape[:2]), 1.0)
        size = (max(round(rgb.shape[1] * factor), 1), max(round(rgb.shape[0] * factor), 1))
        luma = to_gray(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
        frame = describe(luma)
        found = [match for reference in self._references for match in _find_instances(reference, frame, luma)]
        return [_scaled(match, rgb.shape[1] / size[0]) for match in _keep_best(found)]


def describe(luma: NDArray[np.uint8]) -> Features:
    """Describe the local features of a luma picture ``uint8 (H, W)``."""
    detector = cv2.SIFT_create(contrastThreshold=0.02, edgeThreshold=15)  # type: ignore[attr-defined]
    points, descriptors = detector.detectAndCompute(luma, None)
    if descriptors is None:
        return Features(*(np.empty(shape, np.float32) for shape in ((0, 2), 0, 0, (0, 128))))
    # Square roots of shares compare as distributions do (Arandjelović & Zisserman 2012, "RootSIFT").
    shares = descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6)
    return Features(
        np.array([point.pt for point in points], dtype=np.float32),
        np.array([point.size for point in points], dtype=np.float32),
        np.radians(np.array([point.angle for point in points], dtype=np.float32)),
        np.sqrt(shares, dtype=np.float32),
    )


def _describe_logo(name: str, picture: NDArray[np.uint8]) -> list[_Reference]:
    """A logo at each size; a see-through one on light and on dark ground, as its ground is not known."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4) or not picture.size:
        raise ValueError(f"The logo {name!r} must be an RGB or RGBA picture of 8 bits.")
    references = []
    for side in REFERENCE_SIDES_PX:
        factor = side / max(picture.shape[:2])
        size = (max(round(picture.shape[1] * factor), 4), max(round(picture.shape[0] * factor), 4))
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        scaled = np.asarray(cv2.resize(picture, size, interpolation=method), dtype=np.float32)
        alpha = scaled[..., 3:] / 255 if picture.shape[2] == 4 else np.ones((*scaled.shape[:2], 1), np.float32)
        for ground in _CANVAS if float(alpha.min()) < 0.5 else _CANVAS[:1]:
            laid = np.clip(scaled[..., :3] * alpha + ground * (1 - alpha), 0, 255).astype(np.uint8)
            luma, opacity = to_gray(laid), np.asarray(alpha[..., 0], dtype=np.float32)
            margin = side // 10
            padded = cv2.copyMakeBorder(luma, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(ground,))
            features = describe(np.asarray(padded, dtype=np.uint8))
            features = features._replace(places=features.places - np.float32(margin))
            references.append(_Reference(name, size, luma.astype(np.float32), opacity, features))
    return references


def _find_instances(reference: _Reference, frame: Features, luma: NDArray[np.uint8]) -> list[LogoMatch]:
    """One logo's places in a frame, each on matches of its own."""
    matches = _match(reference.features, frame)
    found = []
    for _ in range(MOST_INSTANCES):
        agreed = _agree(matches, reference.size)
        if len(agreed) < LEAST_INLIERS:
            break
        match = _verify(reference, matches, agreed, luma)
        if match is not None:
            found.append(match)
        left = np.setdiff1d(np.arange(len(matches.logo)), agreed)
        matches = _Matches(*(column[left] for column in matches))
    return found


def _match(logo: Features, frame: Features) -> _Matches:
    """Pair each feature of the frame with the nearest of the logo, and each of the logo with the frame's nearest."""
    if min(len(logo.places), len(frame.places)) < 2:
        return _Matches(np.empty((0, 2), np.float32), np.empty((0, 2), np.float32), np.empty((0, 2, 3), np.float32))
    distance = np.sqrt(np.maximum(2 - 2 * (logo.descriptors @ frame.descriptors.T), 0))
    pairs = set()
    for turned in (False, True):
        table = np.array(distance.T if turned else distance, order="C")
        rows = np.arange(len(table))
        nearest = table.argmin(axis=1)
        best = table[rows, nearest]
        table[rows, nearest] = np.inf
        for row in np.flatnonzero(best < RATIO * table.min(axis=1)).tolist():
            column = int(nearest[row])
            pairs.add((float(best[row]), column, row) if turned else (float(best[row]), row, column))
    chosen = sorted(pairs)[: 4 * MOST_HYPOTHESES]
    of_logo = np.array([pair[1] for pair in chosen], dtype=np.int64)
    of_frame = np.array([pair[2] for pair in chosen], dtype=np.int64)
    return _Matches(logo.places[of_logo], frame.places[of_frame], _similarities(logo, frame, of_logo, of_frame))


def _similarities(
    logo: Features, frame: Features, of_logo: NDArray[np.int64], of_frame: NDArray[np.int64]
) -> NDArray[np.float32]:
    scale = frame.sizes[of_frame] / logo.sizes[of_logo]
    turn = frame.angles[of_frame] - logo.angles[of_logo]
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    linear = np.stack([np.stack([cosine, -sine], axis=-1), np.stack([sine, cosine], axis=-1)], axis=1)
    shift = frame.places[of_frame] - np.einsum("pij,pj->pi", linear, logo.places[of_logo])
    return np.concatenate([linear, shift[..., None]], axis=2).astype(np.float32)


def _agree(matches: _Matches, size: tuple[int, int]) -> NDArray[np.int64]:
    """Numbers of the matches that agree with the hypothesis that most agree with."""
    if not len(matches.logo):
        return np.empty(0, dtype=np.int64)
    tried = matches.similarities[:MOST_HYPOTHESES]
    away = np.einsum("hij,pj->hpi", tried[:, :, :2], matches.logo) + tried[:, None, :, 2] - matches.frame
    reach = np.array([_reach(similarity, size=size) for similarity in tried])
    agrees = (away**2).sum(axis=2) <= reach[:, None] ** 2
    best = np.flatnonzero(agrees[int(agrees.sum(axis=1).argmax())])
    for _ in range(2):  # what the hypothesis' own small errors left out
        affine = _fit_affine(matches, best)
        if affine is None:
            return best
        again = _near(matches, affine, size=size)
        best = again if len(again) >= len(best) else best
    return best


def _near(matches: _Matches, transform: NDArray[np.float32], *, size: tuple[int, int]) -> NDArray[np.int64]:
    away = matches.logo @ transform[:, :2].T + transform[:, 2] - matches.frame
    return np.flatnonzero((away**2).sum(axis=1) <= _reach(transform, size=size) ** 2)


def _reach(transform: NDArray[np.float32], *, size: tuple[int, int]) -> float:
    """How far from its place in the frame a match may lie, in pixels."""
    return REACH_UNIT * float(np.hypot(*size)) * float(np.sqrt(abs(np.linalg.det(transform[:, :2])))) + 1.5


def _count_places(matches: _Matches, numbers: NDArray[np.int64]) -> int:
    """Different places that some matches join: many that lead to one place are one piece of evidence."""
    return min(len(np.unique(np.round(places[numbers]), axis=0)) for places in (matches.logo, matches.frame))


def _fit_affine(matches: _Matches, numbers: NDArray[np.int64]) -> NDArray[np.float32] | None:
    """Least-squares affine map of some matches; a similarity when they are few or lie on a line."""
    if len(numbers) < 3:
        return None
    logo, frame = matches.logo[numbers].astype(np.float64), matches.frame[numbers].astype(np.float64)
    rows = np.concatenate([logo, np.ones((len(logo), 1))], axis=1)
    spread = np.linalg.svd(logo - logo.mean(axis=0), compute_uv=False)
    if len(np.unique(numbers)) >= 6 and spread[1] > 0.2 * spread[0]:
        return np.asarray(np.linalg.lstsq(rows, frame, rcond=None)[0].T, dtype=np.float32)
    turned = np.stack([-logo[:, 1], logo[:, 0]], axis=1)
    equations = np.zeros((2 * len(logo), 4))
    equations[0::2, 0], equations[1::2, 0] = logo.T
    equations[0::2, 1], equations[1::2, 1] = turned.T
    equations[0::2, 2] = equations[1::2, 3] = 1
    a, b, x, y = np.linalg.lstsq(equations, frame.ravel(), rcond=None)[0]
    return np.array([[a, -b, x], [b, a, y]], dtype=np.float32)


def _verify(
    reference: _Reference, matches: _Matches, agreed: NDArray[np.int64], luma: NDArray[np.uint8]
) -> LogoMatch | None:
    """Hold a consensus against what is plausible, and the picture under it against the logo."""
    affine = _fit_affine(matches, agreed)
    if affine is None or not _is_plausible(affine, reference.size):
        return None
    width, height = reference.size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    quadrilateral = corners @ affine[:, :2].T + affine[:, 2]
    inliers = _count_places(matches, agreed)
    explained = explain_patch(luma, affine, logo=reference.luma, alpha=reference.alpha)
    probability = judge_match(inliers, explained=explained)
    if probability < LEAST_PROBABILITY:
        return None
    low, high = quadrilateral.min(axis=0), quadrilateral.max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return LogoMatch(reference.name, box, quadrilateral.astype(np.float32), inliers, probability)


def _is_plausible(affine: NDArray[np.float32], size: tuple[int, int]) -> bool:
    """Not mirrored, not tiny, and not stretched more than a view from aside does."""
    linear = affine[:, :2].astype(np.float64)
    most, least = np.linalg.svd(linear, compute_uv=False)
    if np.linalg.det(linear) <= 0 or most > MOST_STRETCH * least:
        return False
    return bool(max(size) * np.sqrt(most * least) >= LEAST_SIDE_PX)


def _keep_best(found: list[LogoMatch]) -> list[LogoMatch]:
    """Of matches of one logo at one place the surest."""
    kept: list[LogoMatch] = []
    for match in sorted(found, key=lambda match: (-match.probability, -match.inliers, match.name, match.box)):
        if not any(match.name == other.name and _overlap(match.box, other.box) > 0.3 for other in kept):
            kept.append(match)
    return kept


def _overlap(first: tuple[float, float, float, float], second: tuple[float, float, float, float]) -> float:
    """Shared area over the smaller area."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return max(width, 0.0) * max(height, 0.0) / max(min(areas), 1e-6)


def _scaled(match: LogoMatch, factor: float) -> LogoMatch:
    x0, y0, x1, y1 = (side * factor for side in match.box)
    return match._replace(box=(x0, y0, x1, y1), quadrilateral=match.quadrilateral * np.float32(factor))
