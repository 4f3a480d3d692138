"""What is known of an artwork, in the words that stills are told with."""

from dataclasses import dataclass
from typing import Any

from ava.annotate.availability import unavailable_detectors
from ava.annotate.describe import LISTED, SINGLE
from ava.model_files import weights_store
from ava.shots.shot_scale import SCALES
from ava.signal_names import SignalName, group_signals, name_signals
from curation.models import Artwork
from curation.still_facts import words_for
from curation.stills.maturity import FrameEvidence, judge_maturity

NO_SHOTS = "Violence and gore are told of shots of films, by an attribute that the team teaches; artwork has none."
NO_LOGOS = "Logos were not looked for here: they are looked for in stills only."


@dataclass(frozen=True, slots=True)
class MeasuredValues:
    """What was measured of one thing, such as light: signals and their values as people read them."""

    label: str
    values: list[tuple[SignalName, str]]


def describe_artwork(artwork: Artwork) -> dict[str, Any]:
    """An artwork's faces, people, lettering and objects, in its own pixels; what is not known is None, never 0.

    It has the keys of `ava.frame_findings.describe_frame` that a picture without a film can have.
    """
    is_ready = artwork.state == Artwork.State.READY
    nothing: dict[str, Any] = {"faces": [], **{name: [] for name in LISTED}, **{name: {} for name in SINGLE}}
    return {
        "width": artwork.width,
        "height": artwork.height,
        "picture_area": [0, 0, artwork.width, artwork.height],
        "looked_at": is_ready,
        "nearest_look": None,
        "shot": _scale(artwork),
        **(nothing | artwork.findings),
        "maturity": _maturity(artwork) if is_ready else {},
        "unavailable": [each._asdict() for each in unavailable_detectors(weights_store())],
    }


def describe_in_words(artwork: Artwork) -> str:
    """The words under a picture for who cannot see it: "two faces, close-up, with text"; empty before it is ready."""
    scale = (_scale(artwork) or {}).get("scale")
    facts: dict[str, dict[str, float | str | None]] = {
        "signals": artwork.signals, "shot": {"scale": scale}, "parts": {}
    }  # fmt: skip
    return words_for(facts)


def measured_values(artwork: Artwork) -> list[MeasuredValues]:
    """Everything that was measured of an artwork, by what it is about."""
    signals = artwork.signals
    return [
        MeasuredValues(group.label, [(name, name.write(signals[name.column])) for name in group.signals])
        for group in group_signals(name_signals(sorted(signals)))
    ]


def _scale(artwork: Artwork) -> dict[str, Any] | None:
    place = artwork.signals.get("framing.scale")
    if place is None or not 0 <= round(place) < len(SCALES):
        return None
    confidence = artwork.signals.get("framing.confidence")
    return {"scale": SCALES[round(place)], "scale_confidence": confidence}


def _maturity(artwork: Artwork) -> dict[str, dict[str, Any]]:
    known = {name: artwork.signals.get(f"{name}.probability") for name in ("nudity", "text")}
    judged = judge_maturity(FrameEvidence(**known), reasons={"logos": NO_LOGOS, "violence": NO_SHOTS})
    return {kind: {"probability": each.probability, "why": each.reason} for kind, each in judged.items()}
