"""The detectors of this installation, loaded once a process."""

from django.conf import settings

from ava.annotate.availability import available_detectors, load_detectors
from ava.annotate.base import Detector
from ava.annotate.shot_inspection import FACE_TRACKS, FACE_TRACKS_VERSION, FACES
from ava.model_files import weights_store

_loaded: dict[tuple[str, int], Detector] = {}


def detector_versions() -> dict[str, int]:
    """Name → version of whatever an inspection finds here now; other rows are stale, missing ones are to be made."""
    versions = {detector.name: detector.version for detector in available_detectors(weights_store())}
    return versions | ({FACE_TRACKS: FACE_TRACKS_VERSION} if FACES in versions else {})


def with_dependants(names: set[str]) -> set[str]:
    """Some detectors' names and those of all that build on them, directly or not."""
    renewed = set(names)
    for detector in available_detectors(weights_store()):  # in the order they run in
        if renewed & set(detector.after):
            renewed.add(detector.name)
    return renewed


def loaded_detectors(names: set[str]) -> list[Detector]:
    """The named ones of the available detectors, ready for use, in the order they run in."""
    store = weights_store()
    chosen = [detector for detector in available_detectors(store) if detector.name in names]
    fresh = [detector for detector in chosen if (detector.name, detector.version) not in _loaded]
    for detector in load_detectors(fresh, store=store, device=settings.AVA_DEVICE):
        _loaded[detector.name, detector.version] = detector
    return [_loaded[detector.name, detector.version] for detector in chosen]
