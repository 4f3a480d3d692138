"""Shots of real footage against hand-checked truth."""

from pathlib import Path

import pytest

from ava.annotate.base import find_annotators
from ava.annotate.run import annotate_span, collect_signals
from ava.media.probe import probe
from ava.shots.boundaries import find_shots
from ava.shots.scoring import score_shots
from tests.bench.shots import read_truth


@pytest.mark.parametrize("name", ["nasa_13013", "googlework_short", "steamboat"])
def test_every_hard_cut_of_real_footage_is_found_exactly_and_none_is_invented(
    shared_data: Path, name: str
) -> None:
    path = shared_data / "video" / f"{name}.mp4"
    info = probe(path)
    annotators = [each for each in find_annotators() if each.name in ("exposure", "motion", "signature")]
    tables = annotate_span(path, info=info, annotators=annotators, start_frame=0, end_frame=info.frame_count)
    signals = collect_signals(
        {each: [table] for each, table in tables.items()}, annotators=annotators, frame_count=info.frame_count
    )
    truth = read_truth(path.with_suffix(".gt.json"))
    score = score_shots(find_shots(signals, fps=info.fps), truth, cut_tolerance=0)
    assert score.cuts_found == len(truth.cuts)
    assert score.wrong == 0
