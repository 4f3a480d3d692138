"""One round of review and fine-tuning, its reviewer being the truth: what it does to false alarms and to recall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from qc.defects.find import find_lookalikes
from qc.pixel.examples import Example, example_of_error, example_of_false_alarm, window_of
from qc.pixel.fine_tuning import RENDERED_CLIPS, SETTINGS, fine_tune
from qc.pixel.footage import rendered_clips
from qc.pixel.found import HotPixel
from qc.pixel.held_out import probability_maps
from qc.pixel.metrics import Rate, match, rate
from qc.pixel.model_file import PixelModelFile, read_model
from qc.pixel.patches import Patch
from qc.pixel.releasing import finish_version
from tests.bench.figures import Figure
from tests.bench.pixel_footage import Clip, scan_span

_TRUTH = "flags of one half of the withheld footage judged by the truth; measured on the other half"


class Half(NamedTuple):
    """False alarms in clips without errors and how long these play; how many visible errors were found in others."""

    false_alarms: int
    minutes: float
    recall: Rate


def measure_round(reviewed: Sequence[Clip], judged: Sequence[Clip], *, model: PixelModelFile) -> Iterator[Figure]:
    """Figures before and after: flags in some clips are reviewed, and others judge the new version."""
    torch.set_num_threads(1)
    examples = [example for clip in reviewed for example in _review(clip, model)]
    after = next_version(model, examples)
    halves = [_measure(judged, model=each) for each in (model, after)]
    for name, half in zip(("before", "after"), halves, strict=True):
        yield Figure("a round of review", f"false alarms, {name}", half.false_alarms / half.minutes, "a minute", _TRUTH)
        told = f"{half.recall.hits} of {half.recall.total}; {_TRUTH}"
        yield Figure("a round of review", f"recall of visible errors, {name}", half.recall.value, "", told)
    fewer = 1 - halves[1].false_alarms / max(1, halves[0].false_alarms)
    yield Figure("a round of review", "fewer false alarms", fewer, "of 1", f"{len(examples)} judged places")


def next_version(model: PixelModelFile, examples: Sequence[Example]) -> PixelModelFile:
    """The version that training makes of a model and of what reviewers said, with a threshold of its own."""
    clips = rendered_clips(seed=SETTINGS.seed, count=RENDERED_CLIPS)
    network = fine_tune(model.network, examples=examples, clips=clips, lookalikes=find_lookalikes())
    return read_model(finish_version(network, parent=model, clips=clips, recipe={}, learnt=examples).packed)


def _review(clip: Clip, model: PixelModelFile) -> Iterator[Example]:
    """What a reviewer who knows the truth says of the flags of a clip; nothing of second flags on one error."""
    findings = scan_span(clip, model)
    matches = match(findings.hot, [seen.spot for seen in clip.errors])
    right, wrong = {flag for flag in matches.found_by if flag is not None}, set(matches.false_alarms)
    for number, (flag, patch) in enumerate(zip(findings.hot, findings.patches, strict=True)):
        if number in right or number in wrong:
            yield _to_example(flag, patch, model=model, is_error=number in right)


def _to_example(flag: HotPixel, patch: Patch, *, model: PixelModelFile, is_error: bool) -> Example:
    x, y = flag.x - patch.x0, flag.y - patch.y0
    if not is_error:
        return example_of_false_alarm(patch.pixels, x=x, y=y)
    (probability,) = probability_maps(model.network, [window_of(patch.pixels)])
    return example_of_error(patch.pixels, x=x, y=y, probability=probability, threshold=model.threshold)


def _measure(clips: Sequence[Clip], *, model: PixelModelFile) -> Half:
    hits: list[bool] = []
    false_alarms, minutes = 0, 0.0
    for clip in clips:
        matches = match(scan_span(clip, model).hot, [seen.spot for seen in clip.errors])
        seen_and_found = zip(clip.errors, matches.found_by, strict=True)
        hits += [flag is not None for seen, flag in seen_and_found if seen.is_visible]
        if not clip.errors:
            false_alarms += len(matches.false_alarms)
            minutes += clip.minutes
    return Half(false_alarms, minutes, rate(sum(hits), len(hits)))
