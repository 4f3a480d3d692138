"""Accuracy of finding lit pixels on withheld footage with withheld errors, beside two other methods."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from qc.defects.defect import Spot
from qc.pixel.found import HotPixel
from qc.pixel.metrics import Matches, Rate, match, rate, recall_by
from qc.pixel.model_file import SHIPPED, PixelModelFile, read_model
from qc.pixel.verifier import read_verifier
from tests.bench.figures import Figure
from tests.bench.pixel_footage import (
    STORED,
    TUNED_ON,
    TUNING_SEED,
    WITHHELD,
    WITHHELD_SEED,
    Clip,
    clean_clips,
    lookalike_clips,
    planted_clips,
    scan_span,
)
from tests.bench.pixel_peers import LAC_SIGMAS, la_cosmic, median_outliers
from tests.bench.pixel_review import measure_round

LEVELS = (0.0, 20.0, 40.0, 80.0, 160.0, 256.0)
ROC_THRESHOLDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
LAC_EVERY = (4, 60, 24)
"""Which frames L.A.Cosmic gets of planted, clean and lookalike clips."""
MEDIAN_THRESHOLDS = (4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 80)
_CLEAN = "the footage as it is, withheld; real dirt on old films counts as false"


class Footage(NamedTuple):
    """Clips with errors, clean ones, and those with lookalikes, in a folder that goes with this."""

    folder: tempfile.TemporaryDirectory[str]
    planted: list[Clip]
    clean: list[Clip]
    lookalikes: list[Clip]


class Searched(NamedTuple):
    """A clip and the flags in it, of any confidence; of every so many-th frame where ``every`` is more than 1."""

    clip: Clip
    found: list[HotPixel]
    every: int = 1


class Set(NamedTuple):
    """Searched clips with errors, clean ones, and those with lookalikes."""

    planted: list[Searched]
    clean: list[Searched]
    lookalikes: list[Searched]


def measure(data: Path | None) -> list[Figure]:
    """All figures; none without real footage."""
    if data is None:
        return []
    threshold, found = _least_confidence(), _search_all(data)
    return [*_recall_figures(found, threshold), *_alarm_figures(found, threshold), *_review_figures(data)]


def tables(data: Path | None) -> str:
    """Recall by kind and amplitude, and the trade of recall for false alarms, beside the other methods."""
    if data is None:
        return ""
    threshold, found = _least_confidence(), _search_all(data)
    return "\n\n".join(
        [
            _tell_shipped(found, threshold),
            *(_recall_table(found.planted, way, threshold) for way in ("lossless", "h264")),
            _roc_table("The scan", found, ROC_THRESHOLDS),
            *_peer_tables(data, withheld_footage(data)),
        ]
    )


def _least_confidence() -> float:
    """From which a scan flags a spot."""
    return read_verifier().least


@cache
def withheld_footage(data: Path) -> Footage:
    """All withheld footage, made once."""
    return make_footage(data, films=WITHHELD, seed=WITHHELD_SEED, stored=tuple(STORED))


def make_footage(data: Path, *, films: Mapping[str, tuple[int, int]], seed: int, stored: Sequence[str]) -> Footage:
    """Footage of some films: with errors planted, stored in some ways; clean; and with lookalikes."""
    folder = tempfile.TemporaryDirectory()
    place = Path(folder.name)
    return Footage(
        folder,
        list(planted_clips(data, place, films=films, seed=seed, stored=stored)),
        list(clean_clips(data, films=films)),
        list(lookalike_clips(data, place, films=films, seed=seed)),
    )


@cache
def _search_all(data: Path) -> Set:
    return scan_footage(withheld_footage(data), read_model(SHIPPED))


def scan_footage(footage: Footage, model: PixelModelFile) -> Set:
    """The scan's spots in footage, of whatever confidence."""
    return Set(*([Searched(clip, scan_clip(clip, model)) for clip in clips] for clips in footage[1:]))


def scan_clip(clip: Clip, model: PixelModelFile) -> list[HotPixel]:
    """Spots of a clip that were looked at again, however they were judged."""
    return list(scan_span(clip, model, least_confidence=0.0).hot)


def kept(searched: Searched, threshold: float) -> tuple[list[HotPixel], Matches]:
    """The flags of at least a confidence, matched with all errors that were planted."""
    found = [flag for flag in searched.found if flag.confidence >= threshold]
    return found, match(found, [seen.spot for seen in searched.clip.errors])


def _recall_figures(found: Set, threshold: float) -> Iterator[Figure]:
    for way in STORED:
        hits = [
            (seen, flag is not None)
            for each in found.planted
            if each.clip.name.endswith(f" {way}")
            for seen, flag in zip(each.clip.errors, kept(each, threshold)[1].found_by, strict=True)
        ]
        for what, chosen in (
            ("of visible amplitude", [hit for seen, hit in hits if seen.is_visible]),
            ("visible after compression", [hit for seen, hit in hits if seen.is_visible and seen.is_left_visible]),
        ):
            if way == "lossless" and what != "of visible amplitude":
                continue
            share = rate(sum(chosen), len(chosen))
            truth = f"{share.hits} of {share.total}, 95 %: {share.low:.4f}–{share.high:.4f}; planted, withheld footage"
            yield Figure("pixel errors", f"recall, {way}, {what}", share.value, "", truth)


def _alarm_figures(found: Set, threshold: float) -> Iterator[Figure]:
    planted = [(each, kept(each, threshold)) for each in found.planted]
    right = sum(matches.hit_count for _, (_, matches) in planted)
    wrong = sum(len(matches.false_alarms) for _, (_, matches) in planted)
    share = rate(right, right + wrong)
    truth = f"{wrong} false of {share.total}"
    yield Figure("pixel errors", "precision where errors are planted", share.value, "", truth)
    yield from _alarms_a_minute("clean footage", found.clean, threshold, _CLEAN)
    yield from _alarms_a_minute("lookalikes", found.lookalikes, threshold, "rendered densely over withheld footage")


def _alarms_a_minute(section: str, searched: Sequence[Searched], threshold: float, truth: str) -> Iterator[Figure]:
    alarms: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
    for each in searched:
        false = len(kept(each, threshold)[1].false_alarms)
        for name in (each.clip.name, "all together"):
            alarms[name][0] += false
            alarms[name][1] += each.clip.minutes
    for name in sorted(alarms, key=lambda name: name == "all together"):
        count, minutes = alarms[name]
        told = f"{count:.0f} in {60 * minutes:.0f} s; {truth}"
        yield Figure(f"pixel errors: {section}", f"false alarms, {name}", count / minutes, "a minute", told)


def _review_figures(data: Path) -> Iterator[Figure]:
    footage = withheld_footage(data)
    planted = [clip for clip in footage.planted if clip.name.endswith(" h264")]
    halves = [clip.halved() for clip in footage.clean]
    kinds = len(footage.lookalikes) // 2  # all kinds over one film, then all over another
    return measure_round(
        [*planted[::2], *(first for first, _ in halves), *footage.lookalikes[:kinds]],
        [*planted[1::2], *(second for _, second in halves), *footage.lookalikes[kinds:]],
        model=read_model(SHIPPED),
    )


def _recall_table(planted: Sequence[Searched], way: str, threshold: float) -> str:
    truth: list[Spot] = []
    found_by: list[int | None] = []
    for each in planted:
        if each.clip.name.endswith(f" {way}"):
            truth += [seen.spot for seen in each.clip.errors]
            found_by += kept(each, threshold)[1].found_by
    rows = recall_by(truth, Matches(tuple(found_by), (), ()), levels=LEVELS)
    told = {(row.kind, row.low_level): f"{row.recall.hits}/{row.recall.total}" for row in rows}
    lines = [f"Found of planted by kind and amplitude (levels of luma), {way}"]
    lines.append(f"{'':12}" + "".join(f"{f'{low:.0f}–{high:.0f}':>12}" for low, high in pairwise(LEVELS)))
    lines += [
        f"{kind or 'all':12}" + "".join(f"{told.get((kind, low), '–'):>12}" for low in LEVELS[:-1])
        for kind in sorted({row.kind for row in rows}, key=lambda kind: (kind == "", kind))
    ]
    return "\n".join(lines)


def _tell_shipped(found: Set, threshold: float) -> str:
    recall = ", ".join(f"{way} {visible_recall(found.planted, threshold, way=way).value:.4f}" for way in STORED)
    clean = a_minute(found.clean, threshold)
    return (
        f"The scan as it is shipped (confidence {threshold:.3f}): {clean:.1f} false alarms a minute on clean footage; "
        f"recall of errors of visible amplitude: {recall}. By amplitude, at that point:"
    )


def _roc_table(name: str, found: Set, thresholds: Sequence[float]) -> str:
    lines = [f"{name}: what a threshold gives (recall of errors of visible amplitude, H.264)"]
    lines.append(f"{'threshold':>10}{'recall':>10}{'clean/min':>12}{'lookalikes/min':>16}")
    for threshold in thresholds:
        clean, lookalikes = (a_minute(searched, threshold) for searched in (found.clean, found.lookalikes))
        recall = visible_recall(found.planted, threshold)
        lines.append(f"{threshold:10g}{recall.value:10.4f}{clean:12.1f}{lookalikes:16.1f}")
    return "\n".join(lines)


def a_minute(searched: Sequence[Searched], threshold: float) -> float:
    """False alarms a minute of footage."""
    false = sum(each.every * len(kept(each, threshold)[1].false_alarms) for each in searched)
    return false / max(1e-9, sum(each.clip.minutes for each in searched))


def visible_recall(planted: Sequence[Searched], threshold: float, *, way: str = "h264") -> Rate:
    """Recall of errors of visible amplitude, as they were planted."""
    hits = [
        flag is not None
        for each in planted
        if each.clip.name.endswith(f" {way}")
        for seen, flag in zip(each.clip.errors, kept(each, threshold)[1].found_by, strict=True)
        if seen.is_visible and seen.spot.frame % each.every == 0
    ]
    return rate(sum(hits), len(hits))


def _peer_tables(data: Path, footage: Footage) -> Iterator[str]:
    tuning = make_footage(data, films=TUNED_ON, seed=TUNING_SEED, stored=("h264",))
    tuned, judged = (_with(median_outliers, each) for each in (tuning, footage))
    yield _roc_table("Outliers of the temporal median", judged, MEDIAN_THRESHOLDS)
    yield _tell_tuned("Outliers of the temporal median", tuned, judged, MEDIAN_THRESHOLDS)
    tuned_cosmic, judged_cosmic = _with_la_cosmic(tuning), _with_la_cosmic(footage)
    if tuned_cosmic is None or judged_cosmic is None:
        yield "L.A.Cosmic: astroscrappy could not be installed."
        return
    yield _roc_table("L.A.Cosmic", judged_cosmic, LAC_SIGMAS)
    yield _tell_tuned("L.A.Cosmic", tuned_cosmic, judged_cosmic, LAC_SIGMAS)


def _with(find: Callable[[Clip], list[HotPixel]], footage: Footage) -> Set:
    planted = [clip for clip in footage.planted if clip.name.endswith(" h264")]
    return Set(*([Searched(clip, find(clip)) for clip in clips] for clips in (planted, *footage[2:])))


def _with_la_cosmic(footage: Footage) -> Set | None:
    planted = [clip for clip in footage.planted if clip.name.endswith(" h264")]
    searched = []
    for clips, every in zip((planted, *footage[2:]), LAC_EVERY, strict=True):
        found = la_cosmic(clips, every=every)
        if found is None:
            return None
        searched.append([Searched(clip, flags, every) for clip, flags in zip(clips, found, strict=True)])
    return Set(*searched)


def _tell_tuned(name: str, tuned: Set, judged: Set, thresholds: Sequence[float]) -> str:
    """What the threshold with the best F1 on the tuning footage (one minute, all sorts) gives on the withheld one."""
    best = max(thresholds, key=lambda threshold: _f1(tuned, threshold))
    recall = visible_recall(judged.planted, best)
    clean, lookalikes = (a_minute(searched, best) for searched in (judged.clean, judged.lookalikes))
    return (
        f"{name} at {best:g}, its best F1 on other footage: recall {recall.value:.4f} "
        f"({recall.low:.4f}–{recall.high:.4f}), {clean:.1f} false alarms a minute on clean footage, "
        f"{lookalikes:.1f} on lookalikes."
    )


def _f1(found: Set, threshold: float) -> float:
    right, missed, wrong = 0, 0, 0
    for each in [*found.planted, *found.clean]:
        matches = kept(each, threshold)[1]
        visible = [
            flag is not None
            for seen, flag in zip(each.clip.errors, matches.found_by, strict=True)
            if seen.is_visible and seen.spot.frame % each.every == 0
        ]
        right, missed = right + sum(visible), missed + len(visible) - sum(visible)
        wrong += len(matches.false_alarms)
    return 2 * right / max(1, 2 * right + missed + wrong)
