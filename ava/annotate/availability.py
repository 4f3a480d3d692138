"""Which detectors can run here: those whose model files are installed."""

from collections.abc import Iterable
from typing import NamedTuple

from ava.annotate.base import Detector, find_detectors
from ava.annotate.compute_device import pick_device
from ava.annotate.face_encoders import ENCODERS
from ava.weights.store import WeightsStore


class Unavailable(NamedTuple):
    """Something that cannot be known here, and a sentence that says why and how to change that."""

    what: str
    why: str


def available_detectors(store: WeightsStore) -> list[Detector]:
    """Find the detectors of this installation whose model files are all there, in the order they run in."""
    return [detector for detector in find_detectors() if all(map(store.is_installed, detector.weights))]


def unavailable_detectors(store: WeightsStore) -> list[Unavailable]:
    """Name what the detectors that lack a model file would have found; of several encoders of faces one is enough."""
    lacking = {
        detector.name: [store.reason_unavailable(name) for name in detector.weights if not store.is_installed(name)]
        for detector in find_detectors()
    }
    encoders = {encoder.detector for encoder in ENCODERS}
    spared = encoders if any(not lacking[name] for name in encoders) else set()
    return [
        Unavailable(name.replace("_", " "), " ".join(reasons))
        for name, reasons in lacking.items()
        if reasons and name not in spared
    ]


def load_detectors(
    detectors: Iterable[Detector], *, store: WeightsStore, device: str = "auto"
) -> list[Detector]:
    """Load detectors with their files, those that can use a GPU on ``device`` (see ``pick_device``).

    Raises WeightsMissing when a file has gone, WeightsCorrupt when it changed, and what ``pick_device`` raises.
    """
    loaded = []
    for detector in detectors:
        if hasattr(detector, "device"):
            detector.device = pick_device(device)
        detector.load({name: store.path(name) for name in detector.weights})
        loaded.append(detector)
    return loaded
