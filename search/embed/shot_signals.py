"""What the signals of every frame say of one shot: colours, light and movement."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Signals
from ava.annotate.colour_terms import COLOUR_TERMS

SIGNALS = (
    "exposure.brightness",
    "palette.saturation",
    "colour_cast.temperature_k",
    "motion.flow_magnitude",
    "motion.subject_motion",
    "motion.pan",
    "motion.tilt",
    "motion.zoom",
    "composition.depth_of_field",
    *(f"colour_names.{term}" for term in COLOUR_TERMS),
)
"""The signals that are read; those missing, or NaN in all frames of a shot, leave their facts unknown."""

GREYS = ("black", "white", "grey")
COLOUR_FROM, GREY_FROM = 0.12, 0.4
"""Shares of the picture from which a colour stands out; much of most pictures is without colour, so that black, white
and grey must fill more of it."""
MOST_COLOURS = 3

EDGE_SHARE = 0.1
"""So much of either end is left out: dissolves and wipes mix two shots there."""

ONE_WAY = 0.6
"""Share of the camera's path that its net way makes when it goes one way; swaying goes back and forth."""

_WAYS = {"pan": ("left", "right"), "tilt": ("down", "up"), "zoom": ("out", "in")}


class SignalFacts(NamedTuple):
    """See ``ShotFacts`` for units; None and empty where nothing was measured."""

    brightness_unit: float | None
    saturation_unit: float | None
    temperature_k: float | None
    depth_of_field_unit: float | None
    motion_unit_s: float | None
    subject_motion_unit_s: float | None
    colours: tuple[str, ...]


def read_signals(signals: Signals, *, start_frame: int, end_frame: int, fps: float) -> SignalFacts:
    """Read one shot (half-open frames) out of a film's signals, as ``ava.signals`` stitches them.

    Light is the median over the shot's inner frames, movement the mean without the first frame, whose motion leads
    over from the shot before. Values are rounded to three digits, so that facts do not change by a hair.
    """
    inner = _inner(start_frame, end_frame)
    moving = slice(min(start_frame + 1, end_frame), end_frame)

    def median(name: str) -> float | None:
        return _median(_known(signals, name, inner))

    def speed(name: str) -> float | None:
        values = _known(signals, name, moving).astype(np.float64)
        return _round(float(values.mean()) * fps) if len(values) else None

    return SignalFacts(
        brightness_unit=median("exposure.brightness"),
        saturation_unit=median("palette.saturation"),
        temperature_k=median("colour_cast.temperature_k"),
        depth_of_field_unit=_median(_known(signals, "composition.depth_of_field", slice(start_frame, end_frame))),
        motion_unit_s=speed("motion.flow_magnitude"),
        subject_motion_unit_s=speed("motion.subject_motion"),
        colours=_read_colours(signals, inner),
    )


def read_camera_way(signals: Signals, *, camera: str, start_frame: int, end_frame: int) -> str | None:
    """Which way a camera that pans, tilts or zooms goes; None where it goes back and forth, or does none of these."""
    if camera not in _WAYS:
        return None
    steps = _known(signals, f"motion.{camera}", slice(min(start_frame + 1, end_frame), end_frame)).astype(np.float64)
    net, path = float(steps.sum()), float(np.abs(steps).sum())
    if path == 0 or abs(net) < ONE_WAY * path:
        return None
    return _WAYS[camera][net > 0]


def _inner(start_frame: int, end_frame: int) -> slice:
    edge = int((end_frame - start_frame) * EDGE_SHARE)
    return slice(start_frame + edge, end_frame - edge)


def _known(signals: Signals, name: str, frames: slice) -> NDArray[np.float32]:
    values = signals.get(name, np.empty(0, dtype=np.float32))[frames]
    return np.asarray(values[np.isfinite(values)], dtype=np.float32)


def _median(values: NDArray[np.float32]) -> float | None:
    return _round(float(np.median(values))) if len(values) else None


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def _read_colours(signals: Signals, frames: slice) -> tuple[str, ...]:
    """Terms that stand out, the largest first; of equals the order of ``COLOUR_TERMS``."""
    shares = {}
    for term in COLOUR_TERMS:
        values = _known(signals, f"colour_names.{term}", frames)
        if len(values):
            shares[term] = float(values.astype(np.float64).mean())
    shown = [term for term, share in shares.items() if share >= (GREY_FROM if term in GREYS else COLOUR_FROM)]
    return tuple(sorted(shown, key=lambda term: -shares[term])[:MOST_COLOURS])
