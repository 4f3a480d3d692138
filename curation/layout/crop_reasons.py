"""What speaks against a crop, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from curation.layout.box import Box
from curation.layout.canvases import Canvas
from curation.layout.crop_scene import LOGO_WEIGHT, CropScene
from curation.layout.crop_score import OUT, WHOLE, is_cut, measure_shares
from curation.layout.crop_windows import Windows

ENLARGED_FROM = 1.05
UNEASY = 0.6
"""Parts below this are told."""

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SENTENCES: Mapping[str, str] = {
    "limbs": "An arm or a leg is cut at a joint.",
    "headroom": "The head sits too near to the top, or too low.",
    "looking room": "The face looks out of the crop: there is little room before it.",
    "balance": "The subject is near the side of the crop.",
    "margins": "The subject reaches into the margins that devices may cut off.",
    "size": "The subject is small on this canvas.",
}


def tell_reasons(
    window: Windows, *, scene: CropScene, canvas: Canvas, must: Box, parts: Mapping[str, float]
) -> tuple[str, ...]:
    """Tell what speaks against one window ``(1, 4)``, the worst first; nothing where it suits."""
    told = [
        *_tell_subject(window, scene=scene, must=must),
        *_tell_faces(window, scene=scene),
        *_tell_lettering(window, scene=scene),
        *_tell_enlargement(window, canvas=canvas),
        *(sentence for name, sentence in _SENTENCES.items() if parts[name] < UNEASY),
    ]
    return tuple(dict.fromkeys(told))


def count(number: int) -> str:
    """A number as a word up to ten."""
    return _WORDS[number] if number < len(_WORDS) else str(number)


def _tell_subject(window: Windows, *, scene: CropScene, must: Box) -> list[str]:
    kept_must, kept = measure_shares(window, np.array([must, scene.extent], dtype=np.float32))[0].tolist()
    main = None if scene.main is None else float(measure_shares(window, scene.faces)[0, scene.main])
    if main is not None and main < WHOLE:
        fits = scene.main_face is not None and _fits(scene.main_face, window)
        cut = "The main face is left out." if main <= OUT else "The main face is cut."
        return [cut if fits else "The main face is larger than this canvas can show."]
    if kept >= 0.9:
        return []
    if kept_must < WHOLE:
        return ["Part of the subject is cut off."]
    wide = scene.extent.width > window[0, 2] - window[0, 0]
    if scene.is_group:
        return ["The group is wider than this canvas." if wide else "The group is taller than this canvas."]
    return [f"The subject is too {'wide' if wide else 'tall'} to be whole on this canvas."]


def _fits(box: Box, window: Windows) -> bool:
    return bool(box.width <= window[0, 2] - window[0, 0] and box.height <= window[0, 3] - window[0, 1])


def _tell_faces(window: Windows, *, scene: CropScene) -> list[str]:
    shares = measure_shares(window, scene.faces)[0]
    number = len(shares)
    cut = is_cut(shares)
    if scene.main is not None:
        cut[scene.main] = False
    told = []
    if cut.any():
        told.append(f"{_of(int(cut.sum()), number)} cut by the rim.")
    out = int((shares <= OUT).sum())
    if out:
        told.append(f"{_of(out, number)} left out.")
    return told


def _of(some: int, number: int) -> str:
    if some == number:
        return "The only face is" if number == 1 else "All faces are"
    return f"{count(some).capitalize()} of {count(number)} faces {'is' if some == 1 else 'are'}"


def _tell_lettering(window: Windows, *, scene: CropScene) -> list[str]:
    cut = is_cut(measure_shares(window, scene.lettering))[0]
    is_logo = scene.lettering_weights == LOGO_WEIGHT
    told = []
    for number, one, many in (
        (int((cut & ~is_logo).sum()), "A line of lettering is cut.", "lines of lettering are cut."),
        (int((cut & is_logo).sum()), "A logo is cut.", "logos are cut."),
    ):
        if number:
            told.append(one if number == 1 else f"{count(number).capitalize()} {many}")
    return told


def _tell_enlargement(window: Windows, *, canvas: Canvas) -> list[str]:
    enlarged = canvas.width_px / float(window[0, 2] - window[0, 0])
    if enlarged < ENLARGED_FROM:
        return []
    return [f"Enlarged {enlarged:.1f} times: the picture is too small for this canvas."]
