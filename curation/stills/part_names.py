"""What the parts of a score and the vectors of difference are called, each with a sentence that explains it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class PartName(NamedTuple):
    """A label, and one sentence on what is measured and what is good."""

    label: str
    about: str


PART_NAMES: Mapping[str, PartName] = MappingProxyType(
    {
        "soundness": PartName(
            "Soundness", "Neither dark, blurred, in a transition, lettered nor bare: what those reasons leave of it."
        ),
        "sharpness": PartName("Sharp subject", "The subject is sharp, as such and beside this film's sharpest frames."),
        "stillness": PartName("Stillness", "No motion blur, at an instant sharper and calmer than those around it."),
        "exposure": PartName("Exposure", "A good middle brightness with little that is blown out or crushed."),
        "contrast": PartName("Contrast", "Light and dark are well apart."),
        "noise": PartName("Free of noise", "Little grain or sensor noise, and no more than this film has elsewhere."),
        "colour": PartName("Colour", "Colourful; a black-and-white film is not blamed for having none."),
        "clarity": PartName("Free of lettering", "No subtitles, titles or captions in the picture."),
        "composition": PartName(
            "Composition", "On the thirds or symmetrical, its weight balanced about the middle, its horizon level."
        ),
        "saliency": PartName("One subject", "One thing draws the eye, and stands sharp before softer ground."),
        "space": PartName("Room for a title", "Calm ground where lettering can stand, and little clutter."),
        "people": PartName("Who is shown", "The film's main characters, large enough to be recognised."),
        "expression": PartName("Expression", "The main faces look well; the one that does least tells."),
        "pose": PartName("Turned to us", "The largest face is turned to the camera and every eye is open."),
        "variety": PartName("Variety", "Unlike every still above it, and not one more of the same shot."),
        "spread": PartName("Spread", "Far in the film from every still above it."),
        "learned": PartName("Learnt from picks", "What the team's own model expects its editors to choose."),
        "maturity": PartName("Suits the audience", "What the title's rating and its editors leave of the score."),
    }
)

VECTOR_LABELS: Mapping[str, PartName] = MappingProxyType(
    {
        "scale": PartName("Shot scale", "From extreme close-up to extreme wide."),
        "composition": PartName("Composition", "Thirds, symmetry, depth, balance and lines."),
        "light": PartName("Light", "Brightness and contrast."),
        "palette": PartName("Palette", "Which colours, and how much of each."),
        "saliency": PartName("Where the eye goes", "Where the subject lies, and how much calm ground is around it."),
        "characters": PartName("Characters", "Who is shown."),
        "place": PartName("Place in the story", "When in the film."),
    }
)
