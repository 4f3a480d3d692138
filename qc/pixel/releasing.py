"""What makes trained weights a version: its threshold, and its figures beside its parent's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.find import find_lookalikes
from qc.pixel.comparison import Verdict, choose_threshold, compare, pack_measures, threshold_for_recall
from qc.pixel.confidence import Calibration, fit_calibration
from qc.pixel.detect import find_spots
from qc.pixel.examples import Example
from qc.pixel.held_out import (
    SAME_ERROR_PX,
    HeldOutWindow,
    Measures,
    Scores,
    draw_windows,
    held_out_windows,
    measure,
    score,
)
from qc.pixel.model_file import PixelModelFile, write_model

if TYPE_CHECKING:
    from qc.pixel.network import PixelNetwork

VALIDATION_WINDOWS = 360
PROPOSAL_LEVELS = 5.0
"""How far a pixel has to stand out to be judged at all, where there is no parent that says it."""
_VALIDATION_SEED = 7_117


class FinishedVersion(NamedTuple):
    """A model file, its sha-256 and threshold, and its measures as plain values."""

    packed: bytes
    sha256: str
    threshold: float
    measures: dict[str, Any]


def finish_version(
    network: PixelNetwork,
    *,
    parent: PixelModelFile | None,
    clips: Sequence[RgbFrames],
    recipe: Mapping[str, Any],
    learnt: Sequence[Example] = (),
    held_back: Sequence[Example] = (),
    parent_name: str = "its parent",
    windows: int | None = None,
) -> FinishedVersion:
    """Choose the threshold on validation windows, compare with the parent on the held-out set, and write the file.

    Validation windows are planted in ``clips`` with a seed of their own; ``learnt`` are the judged places that were
    trained on, ``held_back`` those that never are. With a parent, the threshold keeps its recall of every kind.
    """
    validation = draw_windows(
        clips, seed=_VALIDATION_SEED, count=windows or VALIDATION_WINDOWS, lookalikes=find_lookalikes()
    )
    scores = score(network, validation, judged=learnt)
    if parent is None:
        threshold = threshold_for_recall(scores)
    else:
        former = score(parent.network, validation, judged=learnt)
        threshold = choose_threshold(scores, former, parent_threshold=parent.threshold)
    packed = write_model(
        network,
        threshold=threshold,
        proposal_threshold=parent.proposal_threshold if parent else PROPOSAL_LEVELS,
        recipe=recipe,
        calibration=_calibrate(scores, validation, threshold=threshold),
    )
    judge = (network, threshold)
    measures = measure_beside(judge, parent=parent, held_back=held_back, parent_name=parent_name, windows=windows)
    return FinishedVersion(packed, hashlib.sha256(packed).hexdigest(), threshold, measures)


def _calibrate(scores: Scores, windows: Sequence[HeldOutWindow], *, threshold: float) -> Calibration:
    """Of flags on the validation windows, by whether an error is where they are."""
    peaks, areas, truths = [], [], []
    for window, found in zip(windows, scores.maps, strict=True):
        for spot in find_spots(found, threshold=threshold):
            is_error = any(np.hypot(spot.x - each.x, spot.y - each.y) <= SAME_ERROR_PX for each in window.errors)
            peaks.append(spot.peak)
            areas.append(spot.area_px)
            truths.append(is_error)
    return fit_calibration(peaks, areas, truths)


def measure_beside(
    judge: tuple[PixelNetwork, float],
    *,
    parent: PixelModelFile | None,
    held_back: Sequence[Example] = (),
    parent_name: str = "its parent",
    windows: int | None = None,
) -> dict[str, Any]:
    """Measures of a network at its threshold on the held-out set, and those of its parent, as plain values."""
    held_out = held_out_windows(count=windows) if windows else held_out_windows()
    own = _measure(judge, held_out, held_back)
    if parent is None:
        found, total = own.found
        sentence = f"It finds {found:,} of {total:,} errors, with {own.alarms:,} false alarms; it has no parent."
        return pack_measures(own, None, verdict=Verdict(True, sentence))
    theirs = _measure((parent.network, parent.threshold), held_out, held_back)
    return pack_measures(own, theirs, verdict=compare(own, theirs, parent_name=parent_name))


def _measure(
    judge: tuple[PixelNetwork, float], windows: Sequence[HeldOutWindow], judged: Sequence[Example]
) -> Measures:
    return measure(score(judge[0], windows, judged=judged), windows, threshold=judge[1])
