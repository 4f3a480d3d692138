"""How long a reel is beside how long it is wanted."""

from ava.handoff.cut_list import Layout
from ava.models import User
from curation.moments.string_out import wanted_numbers
from search.models import Reel
from search.reel_films import layout_of, seen_cuts


def missing_frames(layout: Layout, *, wanted_s: float) -> int:
    """Frames, at its rate, by which a reel is shorter than wanted; below 0 where it is longer."""
    return wanted_numbers(wanted_s, rate=layout.rate) - layout.frame_count


def tell_missing(layout: Layout, *, wanted_s: float) -> str:
    """ "1 s 12 frames short", "3 frames too long", or that it is as long as wanted."""
    missing = missing_frames(layout, wanted_s=wanted_s)
    if not missing:
        return "as long as wanted, to the frame"
    seconds, frames = divmod(abs(missing), round(layout.rate))
    parts = [f"{seconds} s"] if seconds else []
    parts += [f"{frames} frame{'' if frames == 1 else 's'}"] if frames else []
    return f"{' '.join(parts)} {'short' if missing > 0 else 'too long'}"


def tell_proposed(reel: Reel, *, user: User) -> str:
    """A sentence on what came of a proposal, beside what was wanted."""
    layout = layout_of(seen_cuts(reel, user=user))
    wanted_s = Reel.objects.values_list("wanted_s", flat=True).get(pk=reel.pk) or 0.0
    told = f"“{reel}” is {tell_missing(layout, wanted_s=wanted_s)}."
    is_short = missing_frames(layout, wanted_s=wanted_s) > 0
    return f"{told} The shots that may be shown give no more." if is_short else told
