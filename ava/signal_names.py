"""Measured signals as people read them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignalName:
    """A per-frame signal: its "annotator.column", its name, what it tells, and whether people mostly ask for it."""

    column: str
    label: str
    about: str = ""
    is_main: bool = False


_KNOWN = (
    SignalName("exposure.brightness", "Brightness", "Mean luma, from black to white", is_main=True),
    SignalName("exposure.contrast", "Contrast", "How far the tones spread", is_main=True),
    SignalName("sharpness.sharpness", "Sharpness", "Of the whole picture", is_main=True),
    SignalName("palette.colourfulness", "Colourfulness", "From grey to extremely colourful", is_main=True),
    SignalName("motion.flow_magnitude", "Motion", "How far the picture moves from frame to frame", is_main=True),
    SignalName("sharpness.subject_sharpness", "Subject sharpness", "Of the sharpest parts of the picture"),
    SignalName("sharpness.motion_blur", "Motion blur", "Detail missing along one axis only"),
    SignalName("palette.saturation", "Saturation", "Mean saturation"),
    SignalName("exposure.clipped_low", "Crushed blacks", "Share of pixels without shadow detail"),
    SignalName("exposure.clipped_high", "Blown highlights", "Share of pixels without highlight detail"),
    SignalName("motion.frame_difference", "Frame difference", "Change from the frame before"),
    SignalName("motion.residual", "Unexplained change", "What is left when the motion is taken out"),
    SignalName("motion.structure_change", "Structure change", "How little of the picture is found again"),
    SignalName("lettering.area", "Lettering", "Share of the picture under lines of letters"),
    SignalName("lettering.middle_area", "Titles", "Lettering where titles stand"),
    SignalName("lettering.plain", "Plain ground", "Share of pixels of one tone"),
)
_PIECE_OF_A_ROW = re.compile(r"_?\d+$")


def name_signals(columns: Iterable[str]) -> list[SignalName]:
    """Names for signals that make sense one by one, the commonest first; an unknown one reads as its own words.

    Columns that are pieces of a row ("red_1", "luma_07") are left out: alone they tell nobody anything.
    """
    left = [column for column in columns if not _PIECE_OF_A_ROW.search(column)]
    known = [name for name in _KNOWN if name.column in left]
    named = {name.column for name in known}
    return known + [SignalName(column, _own_words(column)) for column in left if column not in named]


def _own_words(column: str) -> str:
    return column.rpartition(".")[2].replace("_", " ").capitalize()
