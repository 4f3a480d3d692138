"""What reviewers said of hot pixels, as examples for the network: every fifth place is held back and never learnt."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from qc.models import PixelFlag
from qc.pixel.examples import Example, example_of_error, example_of_false_alarm, window_of
from qc.pixel.model_file import PixelModelFile
from qc.pixel.patches import unpack_patch

LEAST_REVIEWED = 10
MOST_REVIEWED = 4000
ONE_HELD_BACK_IN = 5
_PLACE_PX = 16
State = PixelFlag.State

Judged = tuple[int, bool, bool]
"""A flag's id, whether it is an error, and whether it is held back for good."""


class Reviewed(NamedTuple):
    """What there is to learn from. ``judged``: by id; ``counts``: of what is and is not learnt, by reason."""

    judged: list[Judged]
    counts: dict[str, int]

    @property
    def shortfall(self) -> str:
        """Why this is too little to train on, in a sentence; empty where it is enough."""
        missing = LEAST_REVIEWED - self.counts["learnt"]
        if missing <= 0:
            return ""
        return (
            f"{LEAST_REVIEWED} confirmed or rejected hot pixels to learn from are needed, and there are "
            f"{self.counts['learnt']}: with fewer, a single place would decide what the network takes for an error."
        )


class LoadedExamples(NamedTuple):
    """``learnt`` are trained on, ``held_back`` only ever compared on."""

    learnt: list[Example]
    held_back: list[Example]


def find_reviewed() -> Reviewed:
    """What reviewers of all teams agree on now. Unsure and disputed flags, stuck pixels and flags without their pixels
    are left out and counted; of more than 4,000 the newest count."""
    counts: Counter[str] = Counter(confirmed=0, rejected=0, unsure=0, disputed=0, stuck=0, without_pixels=0)
    spoken = PixelFlag.objects.exclude(state=State.OPEN)
    rows = spoken.order_by("-pk").values_list("pk", "state", "kind", "patch__id", "video_id", "x", "y")
    judged: list[Judged] = []
    for pk, state, kind, patch, video, x, y in rows:
        if kind != PixelFlag.Kind.HOT:
            counts["stuck"] += 1
        elif state in (State.UNSURE, State.DISPUTED):
            counts[state] += 1
        elif patch is None:
            counts["without_pixels"] += 1
        elif len(judged) < MOST_REVIEWED:
            counts[state] += 1
            judged.append((pk, state == State.CONFIRMED, is_held_back(video, x=x, y=y)))
    counts["held_back"] = sum(held_back for _, _, held_back in judged)
    counts["learnt"] = len(judged) - counts["held_back"]
    return Reviewed(judged, dict(counts))


def is_held_back(video_id: int, *, x: float, y: float) -> bool:
    """Whether flags at this place of this film are held back for good: one place of 16 x 16 px in five.

    By the place rather than the flag: a lamp that is flagged in a hundred frames would be learnt by heart.
    """
    place = f"{video_id} {int(x // _PLACE_PX)} {int(y // _PLACE_PX)}"
    return hashlib.sha256(place.encode()).digest()[0] % ONE_HELD_BACK_IN == 0


def load_examples(judged: Sequence[Any], *, parent: PixelModelFile) -> LoadedExamples:
    """The examples of flags that `find_reviewed` named; those that were deleted since are left out.

    What an error's pixels are is read off the parent's own map of the patch.
    """
    said = {int(pk): (bool(is_error), bool(held_back)) for pk, is_error, held_back in judged}
    loaded = LoadedExamples([], [])
    flags = PixelFlag.objects.filter(pk__in=said, patch__isnull=False).select_related("patch").order_by("pk")
    for flag in flags.iterator(chunk_size=200):
        is_error, held_back = said[flag.pk]
        example = _example(flag, is_error=is_error, parent=parent)
        if example is not None:
            (loaded.held_back if held_back else loaded.learnt).append(example)
    return loaded


def _example(flag: PixelFlag, *, is_error: bool, parent: PixelModelFile) -> Example | None:
    from qc.pixel.held_out import probability_maps

    side = flag.patch.side_px
    try:
        pixels = unpack_patch(flag.patch.pixels, x0=flag.patch.x0, y0=flag.patch.y0, side_px=side).pixels
    except ValueError:
        return None
    middle = float(side // 2)  # patches are cut around their flag
    if not is_error:
        return example_of_false_alarm(pixels, x=middle, y=middle)
    probability = probability_maps(parent.network, [window_of(pixels)])[0]
    return example_of_error(pixels, x=middle, y=middle, probability=probability, threshold=parent.threshold)
