"""Trained heads that a person brings as a file, from a training elsewhere."""

from typing import Any

from ava.models import User
from search.embed.encoder import UnusableEncoder
from search.encoder_versions import add_trained
from search.encoders import register_all
from search.models import Encoder
from search.train.heads import read_heads
from search.train.towers_file import read_towers

_LARGEST_RANK = 10**9
"""Of what is told of a training elsewhere: no catalogue has more shots."""


def bring_towers(packed: bytes, *, name: str, user: User) -> Encoder:
    """Make a file of `manage.py train contrastive`, or of another installation, the next version of its encoder.

    What was brought before is not brought twice. Raises UnusableEncoder with a sentence that begins with the name.
    """
    read = read_towers(packed, name=name)
    if read.kind != "heads":
        raise UnusableEncoder(f"{name} holds towers of their own; only heads over an installed encoder are used here.")
    known = Encoder.objects.filter(recipe__sha256=read.sha256).defer("weights").first()
    if known is not None:
        return known
    base = _base(read.recipe, name=name)
    read_heads(packed, dimension=base.dimension, name=name)
    recipe = {**read.recipe, "base": [base.name, base.version]}
    return add_trained(packed, parent=base, recipe=recipe, measures=_measures(read.recipe), user=user)


def _base(recipe: dict[str, Any], *, name: str) -> Encoder:
    """The newest untrained version of the encoder that the heads were trained over."""
    told = recipe.get("base")
    wanted = told[0] if isinstance(told, list) and told else recipe.get("encoder")
    register_all()
    rows = Encoder.objects.exclude(kind=Encoder.Kind.TRAINED).defer("weights").order_by("-version")
    base = rows.filter(name=wanted).first() if isinstance(wanted, str) else None
    if base is None:
        shown = f"“{wanted[:60]}”" if isinstance(wanted, str) else "nothing that is told"
        raise UnusableEncoder(f"{name} was trained over {shown}, which is not installed here; install that first.")
    return base


def _measures(recipe: dict[str, Any]) -> dict[str, Any]:
    """What was measured where it was trained; nothing where that cannot be read."""
    told = recipe.get("measures")
    before, after = (told.get(side) if isinstance(told, dict) else None for side in ("before", "after"))
    try:
        own, old = (float(side["text_to_shot"]["r5"]) for side in (after, before))
        whole = all(
            0 <= float(side[direction][key]) <= most and isinstance(side[direction][key], int | float)
            for side in (after, before)
            for direction in ("text_to_shot", "shot_to_text")
            for key, most in (("r1", 1), ("r5", 1), ("r10", 1), ("median_rank", _LARGEST_RANK))
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return {}
    if not whole:
        return {}
    verdict = f"Measured where it was trained: R@5 {own:.0%} of held-out texts, its parent {old:.0%}."
    return {"own": after, "parent": before, "is_fit": own >= old, "verdict": verdict}
