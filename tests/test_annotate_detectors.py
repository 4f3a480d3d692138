"""What every detector in the folder must keep to, whatever picture it is shown."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from ava.annotate.base import Detections, Detector, find_detectors
from ava.annotate.inspect import run_detectors
from ava.annotate.shot_inspection import columns_of
from ava.media.decode import Frame
from tests.footage import write_film

DETECTORS = {detector.name: detector for detector in find_detectors()}
SIZES = [(1, 1), (2, 2), (16, 16), (3, 200), (200, 3), (90, 160)]


@pytest.fixture(params=DETECTORS, scope="module")
def detector(request: pytest.FixtureRequest, model_files) -> Detector:
    found = DETECTORS[request.param]
    found.load(model_files(found.weights))
    return found


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (3, height, width, 3), dtype=np.uint8)


def flat(height: int, width: int) -> NDArray[np.uint8]:
    levels = np.array([0, 90, 255], dtype=np.uint8)[:, None, None, None]
    return np.broadcast_to(levels, (3, height, width, 3)).copy()


def grey(height: int, width: int) -> NDArray[np.uint8]:
    return noise(height, width)[..., :1].repeat(3, axis=3)


def nothing_found() -> dict[str, Detections]:
    return {
        name: Detections(np.empty(0, np.int64), np.empty((0, len(each.columns)), np.float32))
        for name, each in DETECTORS.items()
    }


def test_every_detector_runs_after_those_it_builds_on():
    assert {"faces", "text", "framing", "saliency", "composition"} <= set(DETECTORS)
    order = list(DETECTORS)
    for name, each in DETECTORS.items():
        assert all(order.index(before) < order.index(name) for before in each.after)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("draw", [noise, flat, grey])
@pytest.mark.parametrize("size", SIZES)
def test_any_picture_gives_defined_findings(detector: Detector, draw, size):
    frames = draw(*size)
    index = np.array([4, 7, 9])
    found = detector.detect(frames, frame_index=index, found={})
    assert found.values.dtype == np.float32
    assert found.values.shape == (len(found.frame_index), len(detector.columns))
    assert set(found.frame_index.tolist()) <= {4, 7, 9}
    assert (np.diff(found.frame_index) >= 0).all()
    assert not np.isinf(found.values).any()
    assert len(found.words) in {0, len(found.frame_index)}
    signals = detector.summarise(found, frame_index=index, size=size[::-1])
    assert signals.shape == (3, len(detector.frame_columns))
    assert signals.dtype == np.float32 and not np.isinf(signals).any()


@pytest.mark.parametrize("mode", ["nothing found", "nobody looked"])
def test_what_others_found_may_be_nothing_or_missing(detector: Detector, mode: str):
    frames = data.astronaut()[None, :300, :300]
    before = {name: table for name, table in nothing_found().items() if name in detector.after}
    found = detector.detect(
        np.ascontiguousarray(frames), frame_index=np.array([3]), found=before if mode == "nothing found" else {}
    )
    assert set(found.frame_index.tolist()) <= {3}


def test_what_is_found_in_a_frame_depends_on_that_frame_alone(detector: Detector):
    frames = np.stack([data.astronaut()[:240, :320], data.coffee()[:240, :320], data.astronaut()[100:340, 60:380]])
    numbers = np.array([10, 20, 30])
    needed = {name: table for name, table in nothing_found().items() if name in detector.after}
    together = detector.detect(frames, frame_index=numbers, found=needed)
    kept = frames.copy()
    for place, number in enumerate(numbers):
        alone = detector.detect(frames[place : place + 1], frame_index=numbers[place : place + 1], found=needed)
        rows = together.frame_index == number
        np.testing.assert_allclose(alone.values, together.values[rows], rtol=2e-3, atol=2e-3)
    np.testing.assert_array_equal(frames, kept)


def test_a_picture_without_its_bars_gives_the_same_places_in_film_pixels(tmp_path: Path):
    """The face of a letterboxed film is where it is in the film, not where it is in the picture cut out of it."""
    faces = DETECTORS["faces"]
    faces.load({})
    picture = data.astronaut()[:400, :480]
    boxed = np.zeros((480, 640, 3), dtype=np.uint8)
    boxed[40:440, 80:560] = picture
    film = write_film(tmp_path / "film.mp4", frames=2, width=640, height=480, picture=lambda number: boxed)
    from ava.media.probe import probe

    info = probe(film)
    whole, cut = (
        run_detectors([Frame(0, boxed)], detectors=[faces], info=info, area=area, known={})["faces"].values
        for area in (None, (80, 40, 560, 440))
    )
    assert len(whole) == len(cut) == 1
    places = [columns_of("faces").index(column) for column in (*faces.x_columns, *faces.y_columns)]
    np.testing.assert_allclose(whole[0, places], cut[0, places], atol=4)
