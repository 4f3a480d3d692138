"""Measured signals as people read them: names, what they tell, units and ranges."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

LIGHT, COLOUR, SHARPNESS, MOTION = "Light", "Colour", "Sharpness and noise", "Motion and camera"
COMPOSITION, PEOPLE, TEXT, OTHER = "Composition", "Faces, people, things", "Text and logos", "Other"
GROUPS = (LIGHT, COLOUR, SHARPNESS, MOTION, COMPOSITION, PEOPLE, TEXT, OTHER)


@dataclass(frozen=True, slots=True)
class SignalName:
    """A signal: its "annotator.column", its name, what it tells, where it belongs and how it is counted.

    `unit` follows the number; "%" means that the value is a share, 0–1, shown in hundredths. `low` and `high` are
    the ends of its scale, None where it has none. `is_main`: people mostly ask for it. `is_count`: whole things.
    """

    column: str
    label: str
    about: str = ""
    group: str = OTHER
    unit: str = ""
    low: float | None = None
    high: float | None = None
    is_main: bool = False
    is_count: bool = False

    def write(self, value: float) -> str:
        """A value with its unit, as short as it can be told apart: "0.42", "12.5 %", "−7°", "5,600 K", "2"."""
        return f"{self._number(value)}{self._gap}{self.unit}"

    @property
    def scale(self) -> str:
        """The ends of the scale as the values themselves are: "0–1", "−90 to 90°"; empty where it has none."""
        if self.low is None or self.high is None:
            return ""
        low, high = (f"{end:,g}".replace("-", "−") for end in (self.low, self.high))
        unit = "" if self.unit == "%" else f"{self._gap}{self.unit}"
        return f"{low} to {high}{unit}" if self.low < 0 else f"{low}–{high}{unit}"

    @property
    def _gap(self) -> str:
        return " " if self.unit and self.unit != "°" else ""

    def _number(self, value: float) -> str:
        shown = value * 100 if self.unit == "%" else value
        decimals = 0 if self.is_count or self.unit in {"K", "°"} else 1 if self.unit == "%" else 3
        text = f"{shown:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if decimals == 3 else text
        return text.removeprefix("-") if not text.strip("-0.") else text.replace("-", "−")


@dataclass(frozen=True, slots=True)
class SignalGroup:
    """Signals that tell of one thing, such as light."""

    label: str
    signals: tuple[SignalName, ...]


def _share(column: str, label: str, about: str, group: str, *, is_main: bool = False) -> SignalName:
    return SignalName(column, label, about, group, "%", 0, 1, is_main=is_main)


def _degree(column: str, label: str, about: str, group: str, *, is_main: bool = False) -> SignalName:
    """A measure from none, 0, to full, 1, that is no share of anything."""
    return SignalName(column, label, about, group, "", 0, 1, is_main=is_main)


def _angle(column: str, label: str, about: str, group: str, *, reach_deg: float) -> SignalName:
    return SignalName(column, label, about, group, "°", -reach_deg, reach_deg)


def _count(column: str, label: str, about: str, group: str, *, is_main: bool = False) -> SignalName:
    return SignalName(column, label, about, group, is_main=is_main, is_count=True, low=0)


_COLOURS = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
_KNOWN = (
    _degree("exposure.brightness", "Brightness", "Mean luma, from black to white", LIGHT, is_main=True),
    SignalName("exposure.contrast", "Contrast", "How far the tones spread", LIGHT, "", 0, 0.5, is_main=True),
    _share("exposure.clipped_low", "Crushed blacks", "Of the picture without shadow detail", LIGHT),
    _share("exposure.clipped_high", "Blown highlights", "Of the picture without highlight detail", LIGHT),
    _degree("palette.colourfulness", "Colourfulness", "From grey to extremely colourful", COLOUR, is_main=True),
    _degree("palette.saturation", "Saturation", "Mean saturation", COLOUR),
    SignalName(
        "colour_cast.temperature_k", "Colour temperature", "Of the scene's white; low is warm", COLOUR, "K",
        2000, 12_500,
    ),
    SignalName("colour_cast.tint", "Tint", "Of the scene's white, from magenta to green", COLOUR, "", -0.05, 0.05),
    *(_share(f"colour_names.{name}", name.capitalize(), f"Of the picture that is {name}", COLOUR) for name in _COLOURS),
    _degree("sharpness.sharpness", "Sharpness", "Of the whole picture", SHARPNESS, is_main=True),
    _degree("sharpness.subject_sharpness", "Subject sharpness", "Of the sharpest parts of the picture", SHARPNESS),
    _degree("sharpness.motion_blur", "Motion blur", "Detail missing along one axis only", SHARPNESS),
    _degree("sharpness.defocus", "Defocus", "How soft even the sharpest part is", SHARPNESS),
    SignalName("noise.sigma", "Noise", "Strength of grain and sensor noise", SHARPNESS, "", 0, 0.5),
    _share("motion.flow_magnitude", "Motion", "How far it moves in a frame, of the longer side", MOTION, is_main=True),
    SignalName("motion.pan", "Pan", "Of the picture's width a frame; above 0 to the right", MOTION, "%"),
    SignalName("motion.tilt", "Tilt", "Of the picture's height a frame; above 0 upwards", MOTION, "%"),
    SignalName("motion.zoom", "Zoom", "Growth of the picture a frame; above 0 moves in", MOTION, "%"),
    SignalName("motion.roll_deg", "Roll", "Of the camera a frame; above 0 clockwise", MOTION, "°"),
    _share("motion.camera_fit", "Moved by the camera", "Of the picture that moves as the camera does", MOTION),
    _share("motion.held_area", "Standing still", "Of the picture, while other parts move", MOTION),
    _share("motion.subject_motion", "Subject motion", "How far things move on their own in a frame", MOTION),
    _share("motion.subject_area", "Moving subjects", "Of the picture that moves on its own", MOTION),
    _degree("motion.frame_difference", "Frame difference", "Change from the frame before", MOTION),
    _degree("motion.residual", "Unexplained change", "What is left when the motion is taken out", MOTION),
    _degree("motion.structure_change", "Structure change", "How little of the picture is found again", MOTION),
    _degree("composition.thirds", "Rule of thirds", "How near the subjects are to where thirds cross", COMPOSITION),
    _degree("composition.horizon_thirds", "Horizon on a third", "How near the horizon is to a third", COMPOSITION),
    _degree("composition.symmetry_left_right", "Symmetry", "Left against right", COMPOSITION),
    _degree("composition.symmetry_top_bottom", "Mirrored", "Top against bottom", COMPOSITION),
    _degree("composition.depth_of_field", "Shallow focus", "Sharp subject before soft ground", COMPOSITION),
    _degree("composition.balance", "Balance", "How evenly the visual weight lies about the middle", COMPOSITION),
    _angle("composition.horizon_tilt_deg", "Tilted horizon", "Above 0 falls to the right", COMPOSITION, reach_deg=20),
    _degree("composition.line_strength", "Lines", "How strong straight lines are", COMPOSITION),
    _share("composition.diagonal_share", "Diagonals", "Of the straight lines", COMPOSITION),
    _share("saliency.subject_area", "Size of the subject", "Of the picture, where looks go first", COMPOSITION),
    _degree("saliency.strength", "Standing out", "How far the subject stands out from the rest", COMPOSITION),
    _share("saliency.negative_space", "Negative space", "Of the picture that is calm ground", COMPOSITION),
    SignalName(
        "framing.scale", "Shot scale", "Of single frames: 0 extreme close-up, 2 medium, 4 full, 6 extreme long",
        COMPOSITION, low=0, high=6, is_count=True,
    ),
    _degree("framing.confidence", "Sureness of the scale", "How sure the shot scale of a frame is", COMPOSITION),
    _degree("saliency.complexity", "Complexity", "How cluttered the picture is", COMPOSITION),
    _count("faces.count", "Faces", "How many faces", PEOPLE, is_main=True),
    _share("faces.largest_height", "Size of the face", "Height of the largest face, of the picture's", PEOPLE),
    _degree("faces.largest_sharpness", "Face sharpness", "Of the largest face", PEOPLE),
    _degree("faces.largest_brightness", "Face brightness", "Of the largest face", PEOPLE),
    _degree("face_mesh.eyes_open", "Eyes open", "Of the largest face; open from 0.5 on", PEOPLE, is_main=True),
    _degree("face_mesh.least_eyes_open", "All eyes open", "Of the face whose eyes are open least", PEOPLE),
    _degree("face_mesh.mouth_open", "Mouth open", "Of the largest face; open from 0.5 on", PEOPLE),
    _degree("face_mesh.smile", "Smile", "Of the largest face; a smile from 0.5 on", PEOPLE, is_main=True),
    _angle("face_mesh.yaw_deg", "Turn of the face", "Of the largest; above 0 to the right", PEOPLE, reach_deg=90),
    _angle("face_mesh.pitch_deg", "Tilt of the face", "Of the largest; above 0 looks up", PEOPLE, reach_deg=90),
    _degree("people.prominence", "Prominence", "Of the most prominent character who is shown", PEOPLE, is_main=True),
    _degree("people.expression", "Expression", "How well the main faces suit a still; the least of them", PEOPLE,
            is_main=True),
    _count("people.count", "People", "How many people, with their faces seen or not", PEOPLE),
    _share("people.largest_height", "Size of the person", "Height of the largest person, of the picture's", PEOPLE),
    SignalName("people.framing", "Framing", "Of the largest person: 1 close-up, 2 upper body, 3 full body", PEOPLE,
               low=0, high=3, is_count=True),
    _count("body_pose.count", "Bodies", "How many bodies whose joints were found", PEOPLE),
    _count("objects.count", "Objects", "How many things that have a name", PEOPLE),
    _count("objects.kinds", "Kinds of objects", "How many different ones", PEOPLE),
    _share("objects.area", "Area of objects", "Of the picture under them", PEOPLE),
    _share("nudity.probability", "Nudity", "Probability of an exposed intimate part", PEOPLE),
    _count("nudity.parts", "Exposed parts", "How many exposed intimate parts", PEOPLE),
    _count("text.count", "Lines of text", "How many lines that can be read", TEXT),
    _share("text.area", "Text", "Of the picture under lines that can be read", TEXT),
    _share("text.probability", "Probability of text", "Of the surest line", TEXT),
    _share("text.title_area", "Titles and credits", "Of the picture under them", TEXT),
    _degree("maturity.logos", "Logos to avoid", "How surely one of the team's is in the picture", TEXT),
    _degree("maturity.wanted_logos", "Wanted logos", "How surely one of the team's is in the picture", TEXT),
    _share("lettering.area", "Lettering", "Of the picture under lines of letters, read or not", TEXT),
    _share("lettering.middle_area", "Lettering amid", "Lettering where titles stand", TEXT),
    _share("lettering.plain", "Plain ground", "Of the picture that is of one tone", TEXT),
)  # fmt: skip
_PIECE_OF_A_ROW = re.compile(r"_?\d+$")


def name_signals(columns: Iterable[str]) -> list[SignalName]:
    """Names for signals that make sense one by one, group by group; an unknown one reads as its own words.

    Columns that are pieces of a row ("red_1", "luma_07") are left out: alone they tell nobody anything.
    """
    left = [column for column in columns if not _PIECE_OF_A_ROW.search(column)]
    known = [name for name in _KNOWN if name.column in left]
    named = {name.column for name in known}
    return known + [SignalName(column, _own_words(column)) for column in left if column not in named]


def group_signals(names: Sequence[SignalName]) -> list[SignalGroup]:
    """Named signals by what they tell of, groups and signals in the order people look for them."""
    ordered = sorted(names, key=lambda name: GROUPS.index(name.group))
    return [SignalGroup(label, tuple(members)) for label, members in groupby(ordered, key=lambda name: name.group)]


def _own_words(column: str) -> str:
    return column.rpartition(".")[2].replace("_", " ").capitalize()
