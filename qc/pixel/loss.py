"""What the pixel network is trained to make small: a dense loss that a handful of lit pixels can outweigh."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

FOCUS = 2.0
"""How little pixels count that are judged right already: γ of the focal loss."""
SHARE_OF_SMALLEST = 1.0
"""Added to the count of lit pixels, for each window: windows without any have a say, and no division by nothing."""


def pixel_loss(
    logits: torch.Tensor, targets: torch.Tensor, *, weights: torch.Tensor | None = None, dice_share: float = 0.5
) -> torch.Tensor:
    """Focal cross-entropy over all pixels, plus ``dice_share`` times one minus the soft Dice overlap; a number ≥ 0.

    ``logits``, ``targets`` (0–1) and ``weights`` (≥ 0; 0: nobody knows) are float32 (B, 1, H, W).

    Perhaps one pixel of ten thousand is lit, so the classes are balanced three times: the focal factor
    (1 − p_right)^γ (Lin et al. 2017, equation 4, γ = 2) makes the millions of easy dark pixels fall silent, the sum is
    divided by the number of lit pixels rather than by all of them (ibid., section 4.1; here one a window is added),
    and soft Dice (Milletari et al. 2016) compares the lit with the lit, however many are dark. Dice is taken over the
    whole batch, so that a window without errors does not ask for a perfect score. No α of the focal loss: the
    threshold is chosen afterwards, on what was withheld.
    """
    import torch
    from torch.nn import functional

    weights = torch.ones_like(targets) if weights is None else weights
    entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    probability = torch.sigmoid(logits)
    wrong = probability + targets - 2 * probability * targets  # 1 − p_right, for soft targets too
    lit = (weights * targets).sum()
    focal = (weights * wrong**FOCUS * entropy).sum() / (lit + SHARE_OF_SMALLEST * len(logits))
    overlap = (weights * probability * targets).sum()
    dice = (2 * overlap + 1) / ((weights * probability).sum() + lit + 1)
    return focal + dice_share * (1 - dice)
