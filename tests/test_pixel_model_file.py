"""Model files: what is written is read, what does not fit is refused by name; confidences, hard negatives."""

import io
import json
import math
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from qc.pixel.confidence import UNCALIBRATED, confidence, fit_calibration
from qc.pixel.mining import mine_false_alarms
from qc.pixel.model_file import LARGEST_BYTES, SHIPPED, UnfitModel, read_model, write_model
from qc.pixel.moving_stills import CLIP_FRAMES, move_stills, still_clips
from qc.pixel.network import PixelNetwork

Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def packed() -> bytes:
    torch.manual_seed(1)
    recipe = {"command": "é", "seed": 1}
    return write_model(PixelNetwork(channels=8), threshold=0.6, proposal_threshold=5, recipe=recipe)


def unpack(packed: bytes) -> Arrays:
    with np.load(io.BytesIO(packed)) as arrays:
        return {name: arrays[name] for name in arrays.files}


def pack(arrays: Arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def with_header(packed: bytes, **changes: Any) -> bytes:
    arrays = unpack(packed)
    header = json.loads(arrays["header"].tobytes()) | changes
    return pack(arrays | {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)})


def with_layer(packed: bytes, change: Callable[[np.ndarray], np.ndarray]) -> bytes:
    arrays = unpack(packed)
    return pack(arrays | {"join.weight": change(arrays["join.weight"])})


def test_what_is_written_is_read_and_written_alike(packed: bytes) -> None:
    model = read_model(packed)
    assert (model.threshold, model.proposal_threshold, model.recipe) == (0.6, 5.0, {"command": "é", "seed": 1})
    again = write_model(model.network, threshold=0.6, proposal_threshold=5, recipe=model.recipe)
    assert again == packed and len(model.sha256) == 64
    window = torch.rand(1, 15, 20, 24)
    torch.manual_seed(1)
    assert torch.equal(model.network(window), PixelNetwork(channels=8).eval()(window))


def test_the_shipped_weights_are_small_and_say_how_they_were_made() -> None:
    model = read_model(SHIPPED)
    assert SHIPPED.stat().st_size < 2_000_000
    assert {"command", "seed", "data", "settings"} <= set(model.recipe)
    assert 0 < model.threshold < 1 and 1 <= model.proposal_threshold <= 20
    assert sum(parameter.numel() for parameter in model.network.parameters()) < 10_000


def test_a_file_of_ours_is_refused_by_name_with_what_does_not_fit(packed: bytes, tmp_path: Path) -> None:
    wrong = {
        "layers": pack(unpack(packed) | {"other.weight": np.zeros(3, np.float32)}),
        "float64": with_layer(packed, lambda values: values.astype(np.float64)),
        "float32 (1,": with_layer(packed, lambda values: values[:1]),
        "no numbers": with_layer(packed, lambda values: values * np.float32(np.nan)),
        "channels": with_header(packed, channels=10**9),
        "threshold": with_header(packed, threshold=2),
        "proposal_threshold": with_header(packed, proposal_threshold=True),
        "calibration": with_header(packed, calibration=[1, 2]),
        "recipe": with_header(packed, recipe="by hand"),
        "format": with_header(packed, format="other"),
        "header": pack({name: values for name, values in unpack(packed).items() if name != "header"}),
        "header is not JSON": pack(unpack(packed) | {"header": np.frombuffer(b"\xff{", np.uint8)}),
    }
    for said, content in wrong.items():
        path = tmp_path / "mine.npz"
        path.write_bytes(content)
        with pytest.raises(UnfitModel, match=r"^mine\.npz .*" + said.replace("(", r"\(")):
            read_model(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\0" * 100, b"\x93NUMPY" + b"\1" * 50])
def test_bytes_that_are_no_archive_are_refused(content: bytes) -> None:
    with pytest.raises(UnfitModel, match=r"^upload\.npz is no pixel model"):
        read_model(content, name="upload.npz")


def test_hostile_archives_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", b"\0" * (64 << 20))
    pickled = io.BytesIO()
    np.savez(pickled, header=np.array([{"a": 1}], dtype=object))
    for content in (bomb.getvalue(), pickled.getvalue(), b"x" * (LARGEST_BYTES + 1)):
        with pytest.raises(UnfitModel, match="is no pixel model"):
            read_model(content)
    with pytest.raises(UnfitModel, match=r"none\.npz cannot be read"):
        read_model(tmp_path / "none.npz")


def test_a_calibration_gives_flags_the_share_of_errors_among_their_like() -> None:
    rng = np.random.default_rng(2)
    peaks = rng.uniform(0.5, 0.999, 4000)
    areas = rng.integers(1, 30, 4000)
    chance = 1 / (1 + np.exp(-(1.5 * np.log(peaks / (1 - peaks)) - 0.8 * np.log(areas) - 1)))
    truths = rng.random(4000) < chance
    calibration = fit_calibration(peaks.tolist(), areas.tolist(), truths.tolist())
    assert calibration == pytest.approx((1.5, -0.8, -1.0), abs=0.3)
    pairs = zip(peaks, areas, strict=True)
    given = np.array([confidence(peak, area_px=int(area), calibration=calibration) for peak, area in pairs])
    assert np.abs(given - chance).mean() < 0.05


def test_flags_all_alike_or_none_calibrate_nothing() -> None:
    assert fit_calibration([], [], []) == UNCALIBRATED
    assert fit_calibration([0.9, 0.8], [3, 4], [True, True]) == UNCALIBRATED
    for peak in (0.0, 1.0, 0.5):
        value = confidence(peak, area_px=0, calibration=UNCALIBRATED)
        assert math.isfinite(value) and 0 <= value <= 1
    assert confidence(0.9, area_px=4, calibration=UNCALIBRATED) == pytest.approx(0.9)


def test_photographs_become_clips_that_move_and_false_alarms_in_them_examples(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    stills = [rng.integers(0, 255, (448, 640, 3)).astype(np.uint8) for _ in range(2)]
    clip = move_stills(*stills, rng=np.random.default_rng(3))
    assert clip.shape == (CLIP_FRAMES, 224, 320, 3) and not np.array_equal(clip[0], clip[1])
    assert np.array_equal(clip, move_stills(*stills, rng=np.random.default_rng(3)))
    (tmp_path / "no.jpg").write_text("none")
    assert list(still_clips(tmp_path, seed=1)) == []
    model = read_model(SHIPPED)._replace(proposal_threshold=30.0)
    small = clip[:5, :64, :64]
    mined = mine_false_alarms([small, small[:3]], model=model, threshold=1e-6, most_a_window=2)
    assert 1 <= len(mined) <= 6 and not any(one.is_error or one.target.any() for one in mined)


def test_a_file_that_lies_about_its_size_is_unpacked_no_further(packed: bytes) -> None:
    bomb_bytes, told_bytes = 200 << 20, 1000
    file = io.BytesIO(packed)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.npy", b"\0" * bomb_bytes)
    lying = file.getvalue().replace(struct.pack("<I", bomb_bytes), struct.pack("<I", told_bytes))
    tracemalloc.start()
    with pytest.raises(UnfitModel, match=r"mine\.npz is no pixel model"):
        read_model(lying, name="mine.npz")
    most_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most_bytes < 16 << 20


@pytest.mark.parametrize("recipe", [{"a": "\0"}, {"a": "\ud800"}, {"a": math.inf}, {"a": "x" * 200_000}])
def test_a_recipe_that_a_database_cannot_keep_is_refused(packed: bytes, recipe: dict[str, object]) -> None:
    with pytest.raises(UnfitModel, match="its recipe holds what cannot be kept"):
        read_model(with_header(packed, recipe=recipe))
