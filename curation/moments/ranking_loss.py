"""What a ranker is made to do: put surer shots before less sure ones, and keep the two ends of a film apart.

Imports torch: to be imported where it is used.
"""

import torch
from torch import Tensor
from torch.nn import functional

FIRST_SHARE = 0.5
"""What the order by the first scores, which chooses the memory, counts beside the last one."""
APART_SHARE = 0.1
"""What the likeness of a film's two ends counts."""


def moment_loss(scores: Tensor, *, first: Tensor, joined: Tensor, labels: Tensor) -> Tensor:
    """The loss of one film's shots: ``scores``, ``first`` and ``labels`` (S,), ``joined`` (S, C); one number."""
    ordered = ranking_loss(scores, labels=labels) + FIRST_SHARE * ranking_loss(first, labels=labels)
    return ordered + APART_SHARE * likeness_of_ends(joined, labels=labels)


def ranking_loss(scores: Tensor, *, labels: Tensor) -> Tensor:
    """How far pairs of shots are from the order of their labels, each pair as much as its labels differ.

    Logistic on the difference of the scores, as in RankNet (Burges and others 2005); pairs weighted by soft labels
    after Wang and others (2020). 0 where all labels are equal.
    """
    differences = functional.relu(labels[:, None] - labels[None, :])
    wrong = functional.softplus(scores[None, :] - scores[:, None])
    return (differences * wrong).sum() / differences.sum().clamp(min=1e-6)


def likeness_of_ends(joined: Tensor, *, labels: Tensor) -> Tensor:
    """The cosine, at least 0, of what shots of high and of low labels have in common beyond the film's mean."""
    centred = joined - joined.mean(dim=0)
    high = (centred * labels[:, None]).sum(dim=0)
    low = (centred * (labels.max() - labels)[:, None]).sum(dim=0)
    return functional.relu(torch.cosine_similarity(high, low, dim=0, eps=1e-6))
