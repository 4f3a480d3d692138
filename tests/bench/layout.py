"""Speed of laying out one annotated 1080p still on one core, part by part, beside bare decoding in the same run.

`manage.py bench layout [--json]`; with the endpoint that serves canvases on the fly.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ava.annotate.availability import available_detectors, load_detectors
from ava.render.demo_pictures import load_demo_pictures
from ava.render.sample_film import render_test_film
from ava.weights.store import WeightsStore
from curation.layout.canvases import DEFAULT_CANVASES
from curation.layout.contents import PictureContents
from curation.layout.crop import crop_for
from curation.layout.focal_point import find_focal_point
from curation.layout.interest import measure_interest
from curation.layout.lay_out import lay_out
from curation.layout.picture import DETECTORS, lay_out_picture, shrink_for_layout
from curation.layout.placing import measure_ground, place_overlays
from tests.bench import layout_endpoint
from tests.bench.decode import bare, frames_a_second
from tests.bench.figures import Figure
from tests.bench.layout_truth import composed_pictures, demo_frames
from tests.conftest import SHARED_DATA

SECTION = "layout of one still"
SIZE = (1920, 1080)
STILLS = 12
ROUNDS = 5


class Annotated(NamedTuple):
    """A still, RGB ``uint8 (1080, 1920, 3)``, its copy for layouts, and what detectors found in it."""

    rgb: NDArray[np.uint8]
    small: NDArray[np.uint8]
    contents: PictureContents


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    from tests.bench.accuracy import print_figures

    parser = argparse.ArgumentParser(prog="manage.py bench layout", description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = [*measure_parts(), *layout_endpoint.measure()]
    if options.json:
        print(json.dumps([figure._asdict() for figure in figures], indent=1))
    else:
        print_figures(figures)


def measure_parts() -> Iterator[Figure]:
    """Processor time of each part, and of decoding one 1080p frame in the same run."""
    cv2.setNumThreads(1)
    stills = annotate_stills()
    shrinking = _time(lambda still: shrink_for_layout(still.rgb), stills)
    yield _figure("shrinking the 1080p picture", shrinking)
    interest = {id(still): measure_interest(still.small, contents=still.contents) for still in stills}
    points = {id(still): find_focal_point(still.contents, interest=interest[id(still)]) for still in stills}
    ground = {id(still): measure_ground(still.small, contents=still.contents) for still in stills}

    def crop_all(still: Annotated) -> list[Any]:
        known = {"contents": still.contents, "focal_point": points[id(still)], "interest": interest[id(still)]}
        return [crop_for(canvas, **known) for canvas in DEFAULT_CANVASES]

    crops = {id(still): crop_all(still) for still in stills}

    def place_all(still: Annotated) -> None:
        for canvas, crop in zip(DEFAULT_CANVASES, crops[id(still)], strict=True):
            place_overlays(canvas, crop=crop.box, contents=still.contents, ground=ground[id(still)])

    yield _figure("interest", _time(lambda still: measure_interest(still.small, contents=still.contents), stills))
    yield _figure(
        "focal point", _time(lambda still: find_focal_point(still.contents, interest=interest[id(still)]), stills)
    )
    yield _figure("seven crops", _time(crop_all, stills))
    yield _figure("ground", _time(lambda still: measure_ground(still.small, contents=still.contents), stills))
    yield _figure("placements on seven canvases", _time(place_all, stills))
    whole = _time(_lay_out_whole, stills)
    yield _figure("all together, from the 1080p picture", whole)
    decoding = _time_decoding()
    yield Figure(SECTION, "bare decoding of one 1080p frame (H.264)", decoding, "ms", "the same run, one thread")
    yield Figure(SECTION, "all together against bare decoding", whole / decoding, "times", "")


def annotate_stills() -> list[Annotated]:
    """Frames of the demo film and people put together, at 1080p, looked at by the installed detectors."""
    pictures = load_demo_pictures(pictures_dir=Path(settings.AVA_WEIGHTS_DIR))
    data = SHARED_DATA if SHARED_DATA.is_dir() else None
    known = [
        *list(demo_frames(pictures, each=1))[: STILLS // 2],
        *_first(composed_pictures(pictures, data), STILLS // 2),
    ]
    store = WeightsStore(Path(settings.AVA_WEIGHTS_DIR))
    wanted = [detector for detector in available_detectors(store) if detector.name in DETECTORS]
    detectors = load_detectors(wanted, store=store)
    stills = []
    for each in known:
        rgb = np.asarray(cv2.resize(each.rgb, SIZE, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
        found = lay_out_picture(rgb, detectors=detectors, canvases=())
        stills.append(Annotated(rgb, shrink_for_layout(rgb), found.contents))
    return stills


def _first(pictures: Iterator[Any], count: int) -> Iterator[Any]:
    return (picture for picture, _ in zip(pictures, range(count), strict=False))


def _lay_out_whole(still: Annotated) -> None:
    lay_out(shrink_for_layout(still.rgb), contents=still.contents, canvases=DEFAULT_CANVASES)


def _time(work: Callable[[Annotated], object], stills: Sequence[Annotated]) -> float:
    """Milliseconds of processor time a still: the median of rounds over all of them."""
    work(stills[0])
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for still in stills:
            work(still)
        rounds.append(1000 * (time.process_time() - began) / len(stills))
    return statistics.median(rounds)


def _time_decoding() -> float:
    with tempfile.TemporaryDirectory(prefix="ava-bench-") as folder:
        path = Path(folder) / "film.mp4"
        render_test_film(path, seconds=4, width=SIZE[0], height=SIZE[1])
        return 1000 / frames_a_second(lambda: bare(path))


def _figure(what: str, value_ms: float) -> Figure:
    return Figure(SECTION, what, value_ms, "ms", f"processor time, median of {ROUNDS} × {STILLS} stills")
