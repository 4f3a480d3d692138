"""What is known of one frame, in the words that the large still tells it with."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ava.frame_findings import describe_frame
from ava.models import Shot, Video
from curation.still_facts import BOUNDARY

MOST_LINES = 12
LOOKS_AWAY_DEG, TURNED_DEG, PROFILE_DEG = 8.0, 20.0, 60.0
"""Up to the first a head is straight; from the second it is turned; from the third it is seen from the side."""


@dataclass(frozen=True, slots=True)
class FaceFacts:
    """One face in words: "Anna", "smiling, eyes open", "turned right 32°, tilted 8°", "a picture of a face".

    `character` is a key, None where nobody was recognised; `suitability`, 0–1, tells how well the expression suits a
    still, None where it is not known.
    """

    name: str
    character: int | None
    remark: str
    suitability: float | None
    expression: str
    pose: str
    is_followed: bool


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """A frame in words. `looked_at` tells whether detectors have seen it; else `nearest_look` is one that they saw.

    `maturity` has the kinds of delicate content that are known, with how likely they are; `unknown` has the others,
    each with why.
    """

    looked_at: bool
    nearest_look: int | None
    scale: str
    camera: str
    faces: list[FaceFacts]
    lines: list[str]
    bodies: list[str]
    maturity: list[str]
    unknown: list[tuple[str, str]]
    unavailable: list[Mapping[str, str]]

    @property
    def text_was_sought(self) -> bool:
        return self.looked_at and all(kind != "text" for kind, _ in self.unknown)


def frame_facts(video: Video, frame_index: int) -> FrameFacts:
    """What is known of a frame, ready to be shown."""
    return tell_facts(describe_frame(video, frame_index))


def tell_facts(found: Mapping[str, Any]) -> FrameFacts:
    """What `describe_frame` tells of a frame, or others of a single picture in the same words, ready to be shown."""
    shot = found["shot"] or {}
    kinds = list(found.get("maturity", {}).items())
    return FrameFacts(
        looked_at=found["looked_at"],
        nearest_look=found["nearest_look"],
        scale=_sure(Shot.Scale, shot.get("scale"), shot.get("scale_confidence")),
        camera=_sure(Shot.Camera, shot.get("camera"), shot.get("camera_confidence")),
        faces=[_describe_face(face) for face in found["faces"]],
        lines=[line["text"] for line in found["text"] if line.get("text")][:MOST_LINES],
        bodies=_count_bodies(found),
        maturity=[f"{kind} {judged['probability'] * 100:.0f} %" for kind, judged in kinds if not judged["why"]],
        unknown=[(kind, judged["why"]) for kind, judged in kinds if judged["why"]],
        unavailable=[each for each in found["unavailable"] if each["what"] not in found.get("maturity", {})],
    )


def _sure(names: Any, value: str | None, confidence: float | None) -> str:
    if not value:
        return ""
    label = str(names(value).label)
    return label if confidence is None else f"{label}, {confidence * 100:.0f} % sure"


def _describe_face(face: Mapping[str, Any]) -> FaceFacts:
    character = face.get("character") or {}
    return FaceFacts(
        name=character.get("label", ""),
        character=character.get("id"),
        remark=_remark_on(face),
        suitability=face.get("suitability"),
        expression=_describe_expression(face),
        pose=_describe_pose(face.get("yaw_deg"), face.get("pitch_deg"), face.get("roll_deg")),
        is_followed=not face["is_detected"],
    )


def _remark_on(face: Mapping[str, Any]) -> str:
    if not face.get("is_face", True):
        return "no face, as somebody said"
    return "a picture of a face" if face.get("is_static") else ""


def _describe_expression(face: Mapping[str, Any]) -> str:
    """ "smiling, eyes open"; empty where no landmarks are known."""
    word, eyes_open = face.get("expression"), face.get("eyes_open")
    if not word or eyes_open is None:
        return ""
    eyes = "eyes open" if eyes_open >= BOUNDARY else "eyes closed"
    return word if word == eyes else f"{word}, {eyes}"


def _describe_pose(yaw_deg: float | None, pitch_deg: float | None, roll_deg: float | None) -> str:
    """ "turned right 32°, looking up 12°"; "to the camera" for a straight head; empty where it is not known."""
    if yaw_deg is None or pitch_deg is None:
        return ""
    side = "right" if yaw_deg > 0 else "left"
    words = []
    if abs(yaw_deg) >= PROFILE_DEG:
        words.append(f"in profile to the {side}")
    elif abs(yaw_deg) >= LOOKS_AWAY_DEG:
        words.append(f"{'turned' if abs(yaw_deg) >= TURNED_DEG else 'slightly'} {side} {abs(yaw_deg):.0f}°")
    if abs(pitch_deg) >= LOOKS_AWAY_DEG:
        words.append(f"looking {'up' if pitch_deg > 0 else 'down'} {abs(pitch_deg):.0f}°")
    if roll_deg is not None and abs(roll_deg) >= LOOKS_AWAY_DEG:
        words.append(f"tilted {abs(roll_deg):.0f}°")
    return ", ".join(words) or "to the camera"


def _count_bodies(found: Mapping[str, Any]) -> list[str]:
    """ "2 people", "car", "3 × dog", the commonest first."""
    people, kinds = len(found["people"]), Counter(str(thing["kind"]) for thing in found["objects"])
    named = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    bodies = ["1 person" if people == 1 else f"{people} people"] if people else []
    return bodies + [label if count == 1 else f"{count} × {label}" for label, count in named]
