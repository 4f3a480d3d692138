"""How fast a network learns at each step of its training."""

import math


def learning_rate_at(step: int, *, steps: int, peak: float, warm_up_steps: int = 0, final_share: float = 0.01) -> float:
    """The learning rate of one step: up to ``peak`` on a straight line, then down on half a cosine.

    ``step`` counts from 0 to ``steps`` - 1. The rate of step ``warm_up_steps`` is ``peak``; the last ones come near
    ``final_share`` (0–1) of it. Warm-up as in Goyal et al. (2017), the cosine without restarts of Loshchilov and
    Hutter (2017, SGDR, equation 5). A function of the step alone, so that nothing of it has to be kept.
    """
    if step < warm_up_steps:
        return peak * (step + 1) / (warm_up_steps + 1)
    way = (step - warm_up_steps) / max(1, steps - warm_up_steps)
    return peak * (final_share + (1 - final_share) * 0.5 * (1 + math.cos(math.pi * min(1.0, way))))
