"""The second look at what the network finds: evidence of the surroundings, and the committee that weighs it."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.media.planes import Planes
from qc.pixel.detect import FoundSpot
from qc.pixel.evidence import FEATURES, measure_evidence
from qc.pixel.verifier import INPUTS, Verifier, join_inputs, read_verifier, weigh, write_verifier
from qc.pixel.verifier_examples import SpotExamples
from qc.pixel.verifier_training import KEPT_RECALL, choose_least, fit_verifier


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Several collapse where anything else runs."""
    import torch

    torch.set_num_threads(1)


GREY = np.full((80, 120), 128, dtype=np.uint8)


def textured(seed: int, *, height: int = 160, width: int = 240) -> NDArray[np.uint8]:
    """A still scene with detail of some pixels in size."""
    noise = np.random.default_rng(seed).normal(60, 60, (height, width))
    return np.clip(cv2.GaussianBlur(noise, (0, 0), 2.5) * 2, 0, 255).astype(np.uint8)


def window_of(pictures: list[NDArray[np.uint8]]) -> list[Planes]:
    chroma = cv2.resize(GREY, (pictures[0].shape[1] // 2, pictures[0].shape[0] // 2))
    return [Planes(picture, chroma, chroma) for picture in pictures]


def spot_at(x: int, y: int) -> FoundSpot:
    return FoundSpot(float(x), float(y), 4, 0.9, (x - 1, y - 1, x + 1, y + 1))


def told(window: list[Planes], x: int, y: int) -> dict[str, float]:
    return dict(zip(FEATURES, measure_evidence(window, spot=spot_at(x, y)).tolist(), strict=True))


def panned(scene: NDArray[np.uint8], *, lit: NDArray[np.uint8] | None, step: int) -> list[Planes]:
    """Five pictures of a camera that pans; `lit` replaces the middle one's scene."""
    pictures = [(scene if lit is None or at != 2 else lit)[:, at * step : at * step + 150] for at in range(5)]
    return window_of([np.ascontiguousarray(picture) for picture in pictures])


def test_a_spot_of_the_scene_is_found_again_where_the_camera_has_moved_it_and_one_of_the_sensor_is_not() -> None:
    scene = textured(1)
    with_light = scene.copy()
    with_light[80:82, 90:92] = 250
    seen = told(panned(with_light, lit=None, step=6), 90 - 12 + 1, 81)
    broken = told(panned(scene, lit=with_light, step=6), 90 - 12 + 1, 81)
    assert seen["lesser_excess"] < np.log(10) < np.log(100) < broken["lesser_excess"]
    assert seen["lesser_ring"] == pytest.approx(0, abs=0.1)
    assert broken["lesser_ring"] == pytest.approx(0, abs=0.1)
    assert broken["lesser_shift"] == pytest.approx(np.log1p(6))


def test_one_of_a_swarm_is_told_from_one_alone() -> None:
    pictures = [GREY.copy() for _ in range(5)]
    pictures[2][40:42, 60:62] = 200
    alone = told(window_of(pictures), 61, 41)
    for x in range(5, 115, 10):
        pictures[2][15:17, x : x + 2] = 190
    swarm = told(window_of(pictures), 61, 41)
    assert alone["swarm"] == 0 < swarm["swarm"]
    assert alone["near"] == 0 < swarm["near"]
    assert alone["standing_out"] == swarm["standing_out"] == pytest.approx(np.log1p(72))


@pytest.mark.parametrize("place", [(0, 0), (119, 79), (60, 0), (3, 78)])
def test_evidence_is_defined_at_the_edges_of_a_picture(place: tuple[int, int]) -> None:
    pictures = [np.random.default_rng(at).integers(0, 255, GREY.shape).astype(np.uint8) for at in range(5)]
    x, y = place
    box = (max(x - 1, 0), max(y - 1, 0), min(x + 2, 120), min(y + 2, 80))
    evidence = measure_evidence(window_of(pictures), spot=FoundSpot(float(x), float(y), 4, 0.9, box))
    assert evidence.shape == (len(FEATURES),)
    assert np.isfinite(evidence).all()


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (30, 400)])
def test_spots_of_any_size_and_in_tiny_pictures_have_evidence(size: tuple[int, int]) -> None:
    height, width = size
    pictures = [np.full((height, width), 9 * at, dtype=np.uint8) for at in range(5)]
    window = [Planes(picture, picture, picture) for picture in pictures]
    spot = FoundSpot(width / 2 - 0.5, height / 2 - 0.5, height * width, 0.6, (0, 0, width, height))
    assert np.isfinite(measure_evidence(window, spot=spot)).all()


def test_what_moves_alone_over_still_ground_is_found_on_its_path_and_an_error_is_nowhere_again() -> None:
    ground = textured(9)
    moving, flashing = ([ground.copy() for _ in range(5)] for _ in range(2))
    for at, picture in enumerate(moving):
        cv2.circle(picture, (60 + 7 * at, 90 - 5 * at), 2, 250, -1)
    cv2.circle(flashing[2], (74, 80), 2, 250, -1)
    seen, error = (
        dict(zip(FEATURES, measure_evidence(window_of(pictures), spot=FoundSpot(74, 80, 13, 0.9, (72, 78, 77, 83))),
                 strict=True))
        for pictures in (moving, flashing)
    )  # fmt: skip
    for name in ("lesser_again", "greater_again", "lesser_again_further", "greater_again_further", "on_a_path"):
        assert seen[name] < -1.5 < -0.5 < error[name], name
    assert seen["is_mirrored"] == 0
    mirrored = window_of(flashing)
    mirrored[:2] = [mirrored[4], mirrored[3]]
    assert told(mirrored, 74, 80)["is_mirrored"] == 1


def test_the_least_confidence_bounds_alarms_unless_too_many_errors_were_lost() -> None:
    confidences = np.concatenate([np.linspace(0.5, 1.0, 101), [0.2, 0.55, 0.6]])
    truths = np.arange(104) < 101
    every = np.ones(104, np.bool_)
    examples = SpotExamples(np.zeros((104, len(INPUTS))), truths, every, np.zeros(104, int), every, 1.0)
    assert choose_least(confidences, examples) == pytest.approx(1 - KEPT_RECALL / 2)  # .5501 would lose every tenth
    assert choose_least(confidences, examples._replace(plain_minutes=2.5)) == pytest.approx(0.2)
    assert choose_least(confidences, examples._replace(is_plain=~every)) == 0.0


def examples_of(count: int) -> SpotExamples:
    """Errors differ from false alarms in two of the inputs, by more than their spread."""
    rng = np.random.default_rng(4)
    truths = rng.random(count) < 0.3
    inputs = rng.normal(0, 1, (count, len(INPUTS)))
    inputs[:, 0] += 4 * truths
    inputs[:, 5] -= 4 * truths
    every = np.ones(count, np.bool_)
    return SpotExamples(inputs, truths, every, np.arange(count) % 7, every, count / 50)


def test_a_committee_learns_what_tells_errors_and_lets_nearly_all_of_them_through(tmp_path: Path) -> None:
    learnt, other = examples_of(900), examples_of(400)
    verifier = fit_verifier(learnt, seed=1, recipe={"seed": 1}, steps=150)
    given = weigh(verifier, other.inputs)
    assert (given[other.truths] >= verifier.least).mean() > 0.9
    assert (given[~other.truths] >= verifier.least).mean() < 0.15
    assert abs(given.mean() - other.truths.mean()) < 0.05  # calibrated

    write_verifier(verifier, tmp_path / "verifier.npz")
    again = read_verifier(tmp_path / "verifier.npz")
    np.testing.assert_allclose(weigh(again, other.inputs), given, atol=1e-5)
    assert again.recipe == {"seed": 1}


def test_training_twice_gives_the_same_committee() -> None:
    one, other = (fit_verifier(examples_of(200), seed=3, recipe={}, steps=20) for _ in range(2))
    for (weights, biases), (more_weights, more_biases) in zip(one.layers, other.layers, strict=True):
        assert np.array_equal(weights, more_weights)
        assert np.array_equal(biases, more_biases)
    assert one.least == other.least


def test_footage_without_errors_or_without_false_alarms_teaches_nothing_and_says_so() -> None:
    examples = examples_of(50)
    with pytest.raises(ValueError, match="bring more"):
        fit_verifier(examples._replace(truths=np.zeros(50, bool)), seed=0, recipe={}, steps=1)


def test_a_file_that_weighs_other_evidence_is_refused(tmp_path: Path) -> None:
    layers = ((np.zeros((1, 1, 3)), np.zeros((1, 1))),)
    write_verifier(Verifier(np.zeros(3), np.ones(3), layers, 1, 0, 0.5, {}), tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as file:
        arrays = dict(file)
    arrays["header"] = np.frombuffer(bytes(arrays["header"]).replace(b"network", b"telegram"), dtype=np.uint8)
    np.savez(tmp_path / "other.npz", **arrays)
    with pytest.raises(ValueError, match=r"other\.npz weighs other evidence"):
        read_verifier(tmp_path / "other.npz")


def test_the_networks_word_is_joined_as_log_odds_even_at_its_ends() -> None:
    for confidence, odds in ((0.5, 0.0), (0.0, -20.0), (1.0, 20.0)):
        assert join_inputs(confidence, np.zeros(len(FEATURES)))[0] == pytest.approx(odds)


def test_the_shipped_committee_says_what_made_it() -> None:
    verifier = read_verifier()
    assert verifier.recipe["command"] == "manage.py train pixel-verifier"
    assert 0 < verifier.least < 1
