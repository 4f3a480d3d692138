"""Sentences on how a shot looks and moves: camera, colours, light, motion, focus."""

from __future__ import annotations

from search.embed.english import list_words
from search.embed.facts import ShotFacts

BLACK_UNIT, NIGHT_UNIT, DARK_UNIT, BRIGHT_UNIT = 0.01, 0.15, 0.25, 0.6
"""Mean luma: below these a picture is black, as dark as night scenes are, and dark; above the last one it is bright."""

TOO_DARK_UNIT = 0.08
"""Below this mean luma a cast is that of a few lit spots."""

WARM_K, COOL_K = 4200.0, 8500.0
"""Colour temperatures of the scene's white beyond which a cast is plain to see; lamps have 2,700–3,200 K, the light of
an overcast sky 7,000 K (Wyszecki & Stiles 1982)."""

GREY_SATURATION_UNIT = 0.06
"""Mean saturation below which a picture counts as black and white; what coding leaves of grey film stays below it."""

STILL_UNIT_S, FAST_UNIT_S = 0.01, 0.35
"""Flow in shares of the longer side a second."""

SHALLOW_UNIT = 0.7

_CAMERA = {
    "static": "The camera is static (locked off, fixed).",
    "pan": "The camera pans{way} (panning shot).",
    "tilt": "The camera tilts{way} (tilting shot).",
    "zoom": "The camera zooms or dollies{way}.",
    "handheld": "Handheld camera (hand-held, shaky).",
    "tracking": "Tracking shot: the camera follows a moving subject (follow shot, travelling).",
}
_ZOOM_WAYS = {"in": " in (push in, moves closer)", "out": " out (pull back, moves away)"}


def tell_camera(facts: ShotFacts) -> str:
    way = facts.camera_way or ""
    spoken = _ZOOM_WAYS.get(way, "") if facts.camera == "zoom" else f" {way}" if way else ""
    return _CAMERA.get(facts.camera or "", "").format(way=spoken)


def tell_colours(facts: ShotFacts) -> str:
    if facts.saturation_unit is not None and facts.saturation_unit < GREY_SATURATION_UNIT:
        return "Black and white picture (monochrome, greyscale)."
    words = ["grey (gray)" if colour == "grey" else colour for colour in facts.colours]
    return f"Dominant colours: {list_words(words)}." if words else ""


def tell_light(facts: ShotFacts) -> str:
    """Brightness and warmth in words; what they are like is told as a likeness, never as what it is."""
    is_lettering = is_card(facts)
    brightness = facts.brightness_unit
    parts = []
    if brightness is not None and brightness < DARK_UNIT:
        is_like_night = brightness < NIGHT_UNIT and not is_lettering
        likeness = "; judged by brightness alone, as at night" if is_like_night else ""
        parts.append(f"{'Very dark' if brightness < NIGHT_UNIT else 'Dark'} picture (low-key, dim){likeness}.")
    elif brightness is not None and brightness > BRIGHT_UNIT:
        parts.append("Bright picture (high-key, light).")
    is_coloured = (facts.saturation_unit or 0.0) >= GREY_SATURATION_UNIT and (brightness or 0.0) >= TOO_DARK_UNIT
    if is_coloured and not is_lettering and facts.temperature_k is not None:
        if facts.temperature_k < WARM_K:
            parts.append("Warm light; judged by colour alone, as at sunset or by lamplight.")
        elif facts.temperature_k > COOL_K:
            parts.append("Cool, bluish light.")
    return " ".join(parts)


def tell_motion(facts: ShotFacts) -> str:
    if facts.motion_unit_s is None:
        return ""
    if facts.motion_unit_s < STILL_UNIT_S:
        return "Hardly anything moves (still, calm, motionless)."
    if (facts.subject_motion_unit_s or 0.0) >= FAST_UNIT_S / 2:
        return "A lot moves fast (fast action, quick movement)."
    return "Fast movement of the whole picture." if facts.motion_unit_s >= FAST_UNIT_S else ""


def tell_focus(facts: ShotFacts) -> str:
    is_shallow = (facts.depth_of_field_unit or 0.0) >= SHALLOW_UNIT
    return "Shallow focus with a blurred background (bokeh, shallow depth of field)." if is_shallow else ""


def is_black(facts: ShotFacts) -> bool:
    """Whether there is nothing to see, lettering aside: then camera and colours say nothing."""
    return facts.brightness_unit is not None and facts.brightness_unit < BLACK_UNIT and not facts.people


def is_card(facts: ShotFacts) -> bool:
    """Whether titles or credits are what is shown: then light and scale say nothing of a scene."""
    return not facts.people and any(each.kind in {"title", "credits"} for each in facts.text)
