"""A probed film's facts as JSON and back, without loss: what travels between AVA and its decoder processes."""

import base64
from dataclasses import fields
from fractions import Fraction
from typing import Any

import numpy as np

from ava.media.video_info import FrameKey, VideoInfo
from ava.packing import pack_integers, unpack_integers


def info_to_json(info: VideoInfo) -> dict[str, Any]:
    """Every field of the info as plain JSON values; the many frame times of a film shrink to a few bytes."""
    return {field.name: _to_json(getattr(info, field.name)) for field in fields(info)}


def info_from_json(values: dict[str, Any]) -> VideoInfo:
    """The info that info_to_json was given."""
    return VideoInfo(**{name: _from_json(value) for name, value in values.items()})


def _to_json(value: Any) -> Any:
    if isinstance(value, Fraction):
        return {"fraction": [value.numerator, value.denominator]}
    if isinstance(value, np.ndarray):
        return {"integers": base64.b64encode(pack_integers(value.astype(np.int64))).decode()}
    if isinstance(value, FrameKey):
        return {"frame_key": value.value}
    if isinstance(value, tuple):
        return {"tuple": list(value)}
    if isinstance(value, np.generic):
        return value.item()
    return value


def _from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "fraction" in value:
        return Fraction(*value["fraction"])
    if "integers" in value:
        return unpack_integers(base64.b64decode(value["integers"]))
    if "frame_key" in value:
        return FrameKey(value["frame_key"])
    return tuple(value["tuple"])
