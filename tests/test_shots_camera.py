"""Camera moves of shots and frames, from motion signals with known paths and from drawn and real shots."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.motion import Motion
from ava.annotate.run import annotate_span, collect_signals
from ava.media.probe import probe
from ava.shots.camera_move import CAMERA_KINDS, CameraMove, camera_kind_per_frame, describe_camera
from ava.shots.shot_list import Shot

FPS = 25.0
Signal = NDArray[np.float64]


def signals_of(frames: int, **columns: Signal | float) -> dict[str, NDArray[np.float32]]:
    """Motion signals of a camera that is followed everywhere, still but for ``columns``."""
    values = dict.fromkeys(Motion.columns, 0.0) | {"camera_fit": 1.0, "frame_difference": 0.02} | columns
    return {f"motion.{name}": np.full(frames, value, dtype=np.float32) for name, value in values.items()}


def describe(signals: dict[str, NDArray[np.float32]], *, fps: float = FPS) -> CameraMove:
    shot = Shot(0, 0, len(signals["motion.pan"]), "start")
    return describe_camera(signals, shots=[shot], fps=fps)[0]


def sway(frames: int, *, amount: float, rate_hz: float = 1.3) -> Signal:
    """Steps of a hand that sways about one place."""
    seconds = np.arange(frames + 1) / FPS
    path = np.sin(2 * np.pi * rate_hz * seconds) + 0.5 * np.sin(2 * np.pi * 2.1 * rate_hz * seconds + 1)
    return np.diff(amount * path)


def test_a_camera_that_does_not_move_is_static() -> None:
    noise = np.random.default_rng(1).normal(0, 0.0002, 100)
    assert describe(signals_of(100, pan=noise)).kind == "static"


@pytest.mark.parametrize(("column", "speed"), [("pan", 0.004), ("pan", -0.02), ("tilt", 0.006), ("zoom", -0.005)])
def test_a_steady_move_carries_its_name_and_speed(column: str, speed: float) -> None:
    move = describe(signals_of(75, **{column: speed}))
    assert move.kind == column
    found = {"pan": move.pan_unit_s, "tilt": move.tilt_unit_s, "zoom": move.zoom_s}
    assert found.pop(column) == pytest.approx(speed * FPS, rel=0.01)
    assert list(found.values()) == [0, 0]
    assert 0.5 < move.confidence <= 1


def test_a_hand_sways_and_gets_nowhere() -> None:
    move = describe(signals_of(100, pan=sway(100, amount=0.008), tilt=sway(100, amount=0.006, rate_hz=0.9)))
    assert move.kind == "handheld"
    assert move.shake > 0.002


def test_film_that_weaves_in_its_gate_is_not_held_by_hand() -> None:
    weave = np.diff(np.random.default_rng(2).normal(0, 0.0012, 101))
    assert describe(signals_of(100, pan=weave)).kind == "static"


def test_a_steady_pan_by_hand_is_still_a_pan() -> None:
    assert describe(signals_of(100, pan=0.01 + sway(100, amount=0.002))).kind == "pan"


def test_a_camera_that_holds_somebody_in_a_sliding_picture_tracks() -> None:
    assert describe(signals_of(80, pan=0.01, subject_area=0.2, held_area=0.15)).kind == "tracking"
    assert describe(signals_of(80, pan=0.01, subject_area=0.2, held_area=0.0)).kind == "pan"


def test_a_still_camera_that_somebody_stands_before_does_not_track() -> None:
    assert describe(signals_of(80, subject_area=0.2, held_area=0.2)).kind == "static"


def test_repeated_frames_do_not_turn_a_pan_into_a_hand() -> None:
    pan = np.tile([0.0, 0.02], 40)
    signals = signals_of(80, pan=pan, camera_fit=(pan > 0).astype(float), frame_difference=pan)
    assert describe(signals).kind == "pan"


@pytest.mark.parametrize("frames", [0, 1, 4, 9])
def test_a_shot_of_a_moment_shows_no_move(frames: int) -> None:
    assert describe(signals_of(frames, pan=0.02)) == CameraMove(None, 0, 0, 0, 0, 0)


def test_a_shot_that_cannot_be_measured_has_no_move() -> None:
    assert describe(signals_of(80, camera_fit=0.0)).kind is None
    assert describe(signals_of(80, **dict.fromkeys(Motion.columns, np.nan))).kind is None


def test_a_wipe_at_the_end_of_a_still_shot_moves_nothing() -> None:
    pan = np.zeros(80)
    pan[76:] = 0.2
    assert describe(signals_of(80, pan=pan)).kind == "static"


def test_a_shot_is_judged_by_its_own_frames() -> None:
    pan = np.concatenate([np.zeros(60), [0.4], np.full(59, 0.01)])
    shots = [Shot(0, 0, 60, "start"), Shot(1, 60, 120, "cut")]
    moves = describe_camera(signals_of(120, pan=pan), shots=shots, fps=FPS)
    assert [move.kind for move in moves] == ["static", "pan"]
    assert moves[1].pan_unit_s == pytest.approx(0.25)


def test_frames_before_and_after_a_pan_are_static() -> None:
    pan = np.concatenate([np.zeros(50), np.full(50, 0.01), np.zeros(50)])
    signals = signals_of(160, pan=np.append(pan, np.zeros(10)))
    kinds = camera_kind_per_frame(signals, shots=[Shot(0, 0, 150, "start")], fps=FPS)
    assert len(kinds) == 160
    assert set(kinds[:40]) == set(kinds[112:150]) == {"static"}
    assert set(kinds[55:95]) == {"pan"}
    assert kinds[150:] == [None] * 10


def test_every_frame_of_a_hand_held_shot_is_hand_held() -> None:
    signals = signals_of(100, pan=sway(100, amount=0.01), tilt=sway(100, amount=0.008, rate_hz=0.8))
    assert set(camera_kind_per_frame(signals, shots=[Shot(0, 0, 100, "start")], fps=FPS)) == {"handheld"}


@pytest.mark.filterwarnings("error")
def test_noise_has_some_defined_move() -> None:
    rng = np.random.default_rng(3)
    signals = {f"motion.{name}": rng.random(90).astype(np.float32) for name in Motion.columns}
    move = describe(signals)
    assert move.kind in (*CAMERA_KINDS, None)
    assert np.isfinite(move[1:]).all()
    assert 0 <= move.confidence <= 1


FILMS = {
    "big_buck_bunny_0_30.webm": {(27, 283): "tilt", (283, 376): "static", (551, 720): "zoom"},
    "friday.mp4": {(0, 185): "static"},
    "car-detection.mp4": {(0, 377): "static"},
    "googlework_short.mp4": {(432, 540): "handheld", (819, 949): "static"},
}


@pytest.mark.parametrize("name", FILMS)
def test_moves_of_real_shots_are_named_as_by_eye(name: str, shared_data: Path) -> None:
    path = shared_data / "video" / name
    info, annotator = probe(path), Motion()
    tables = annotate_span(path, info=info, annotators=[annotator], start_frame=0, end_frame=info.frame_count)
    signals = collect_signals(
        {key: [table] for key, table in tables.items()}, annotators=[annotator], frame_count=info.frame_count
    )
    shots = [Shot(number, *span, "cut") for number, span in enumerate(FILMS[name])]
    found = [move.kind for move in describe_camera(signals, shots=shots, fps=float(info.fps))]
    assert found == list(FILMS[name].values())
