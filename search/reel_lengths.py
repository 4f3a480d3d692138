"""How long a reel is beside how long it is wanted."""

from ava.handoff.cut_list import Layout
from curation.moments.string_out import wanted_numbers


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
