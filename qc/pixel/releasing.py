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
from qc.pixel.dataset import UNSEEN_LEVELS
from qc.pixel.detect import find_spots
from qc.pixel.examples import Example
from qc.pixel.held_out import (
    SAME_ERROR_PX,
    HeldOutWindow,
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
PROPOSAL_LEVELS = float(UNSEEN_LEVELS)
"""How far a pixel has to stand out to be judged at all, where fewer levels are not needed."""
CASCADE_RECALL = 0.999
"""Share of what the dense network finds that has to stand out far enough to be judged."""
LEAST_THRESHOLD = 0.75
"""Of a network without a parent: of what it holds for less likely, much stands out too little to be judged by scans
(qc.pixel.proposals), and the second look (qc.pixel.verifier) confirms little."""
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
    """Choose the threshold, compare with the parent on the held-out set, and write the file.

    Validation windows are planted in ``clips`` with a seed of their own; ``learnt`` are the judged places that were
    trained on, ``held_back`` those that never are. With a parent, the threshold keeps its recall (find_losses) both on
    validation windows and on the held-out set, which can only lower it: false alarms are compared afterwards.
    """
    validation = draw_windows(
        clips, seed=_VALIDATION_SEED, count=windows or VALIDATION_WINDOWS, lookalikes=find_lookalikes()
    )
    scores = score(network, validation, judged=learnt)
    held_out = score_held_out(network, parent=parent, held_back=held_back, windows=windows)
    if parent is None:
        threshold = threshold_for_recall(scores, least=LEAST_THRESHOLD)
        proposals = choose_proposals(scores, validation, threshold=threshold)
    else:
        former = score(parent.network, validation, judged=learnt)
        sets = [(scores, former), (held_out.own, held_out.parent or held_out.own)]
        threshold = choose_threshold(sets, parent_threshold=parent.threshold)
        proposals = parent.proposal_threshold
    packed = write_model(
        network,
        threshold=threshold,
        proposal_threshold=proposals,
        recipe=recipe,
        calibration=_calibrate(scores, validation, threshold=threshold),
    )
    measures = measure_beside(held_out, threshold=threshold, parent=parent, parent_name=parent_name, is_chosen=True)
    return FinishedVersion(packed, hashlib.sha256(packed).hexdigest(), threshold, measures)


def choose_proposals(scores: Scores, windows: Sequence[HeldOutWindow], *, threshold: float) -> float:
    """The most levels, PROPOSAL_LEVELS at most, at which CASCADE_RECALL of what the dense network finds is judged."""
    strongest = [
        int(window.standing[max(y0 - 1, 0) : y1 + 1, max(x0 - 1, 0) : x1 + 1].max())
        for window, found in zip(windows, scores.maps, strict=True)
        for x0, y0, x1, y1 in (spot.box for spot in find_spots(found, threshold=threshold))
    ]
    levels = int(PROPOSAL_LEVELS)
    while strongest and levels > 1 and np.mean(np.array(strongest) > levels) < CASCADE_RECALL:
        levels -= 1
    return float(levels)


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


class HeldOutScores(NamedTuple):
    """The fixed set, and what a network says of it and of the places held back; its parent, too, where it has one."""

    windows: Sequence[HeldOutWindow]
    own: Scores
    parent: Scores | None


def score_held_out(
    network: PixelNetwork,
    *,
    parent: PixelModelFile | None,
    held_back: Sequence[Example] = (),
    windows: int | None = None,
) -> HeldOutScores:
    """What a network and its parent say of the held-out set."""
    held_out = held_out_windows(count=windows) if windows else held_out_windows()
    judges = [network] if parent is None else [network, parent.network]
    own, *theirs = (score(each, held_out, judged=held_back) for each in judges)
    return HeldOutScores(held_out, own, theirs[0] if theirs else None)


def measure_beside(
    scored: HeldOutScores,
    *,
    threshold: float,
    parent: PixelModelFile | None,
    parent_name: str = "its parent",
    is_chosen: bool = False,
) -> dict[str, Any]:
    """Measures of a network at its threshold on the held-out set, and those of its parent, as plain values.

    ``is_chosen``: the threshold was chosen by `finish_version`; else it came with the file.
    """
    own = measure(scored.own, scored.windows, threshold=threshold)
    if parent is None or scored.parent is None:
        found, total = own.found
        sentence = f"It finds {found:,} of {total:,} errors, with {own.alarms:,} false alarms; it has no parent."
        return pack_measures(own, None, verdict=Verdict(True, sentence))
    theirs = measure(scored.parent, scored.windows, threshold=parent.threshold)
    verdict = compare(own, theirs, parent_name=parent_name, chosen=threshold if is_chosen else None)
    return pack_measures(own, theirs, verdict=verdict)
