"""How many of something a shot shows, out of a few looks at it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SEEN_IN_SHARE = 1 / 3
"""Share of a shot's looks in which something must be found: a single look may err, and people come and go."""


def often_seen(counts: Sequence[int], *, looks: int) -> int:
    """How many are seen at once in at least a third of the looks; ``counts`` are those of looks that saw any."""
    needed = max(int(np.ceil(looks * SEEN_IN_SHARE)), 1)
    ordered = sorted(counts, reverse=True)
    return ordered[needed - 1] if len(ordered) >= needed else 0
