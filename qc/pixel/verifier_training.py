"""Teaching the second look: a committee of small networks, and from which confidence on it confirms."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.pixel.confidence import fit_calibration
from qc.pixel.verifier import Verifier, log_odds
from qc.pixel.verifier_examples import SpotExamples

ALARMS_A_MINUTE = 1.0
"""False alarms on film as it is, at most, as long as KEPT_RECALL allows it."""
KEPT_RECALL = 0.97
"""Of the errors that the network itself flags: what the least confidence lets through at least."""
FOLDS = 5
STEPS = 1500
_MEMBERS, _HIDDEN, _BATCH = 3, 16, 512

Layers = tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]


def fit_verifier(examples: SpotExamples, *, seed: int, recipe: dict[str, Any], steps: int = STEPS) -> Verifier:
    """Train the committee by balanced cross-entropy (AdamW, Loshchilov & Hutter 2019).

    It is calibrated (Platt 1999), and its least confidence chosen, by what committees say of films that they were not
    trained on (FOLDS of whole films). Raises ValueError where the examples hold errors or false alarms alone.
    """
    odds = _odds_of_strange_films(examples, seed=seed, steps=steps)
    plain = _train(examples, chosen=np.ones(len(odds), np.bool_), seed=seed, steps=steps, recipe=recipe)
    given = 1 / (1 + np.exp(-odds))
    scale, _, offset = fit_calibration(given.tolist(), [1] * len(given), examples.truths.tolist())
    calibrated = 1 / (1 + np.exp(-np.clip(scale * odds + offset, -50, 50)))
    return plain._replace(scale=scale, offset=offset, least=choose_least(calibrated, examples))


def choose_least(confidences: NDArray[np.float64], examples: SpotExamples) -> float:
    """The lowest confidence with ALARMS_A_MINUTE at most, but no higher than leaves KEPT_RECALL."""
    errors = confidences[examples.truths & examples.flagged]
    alarms = np.sort(confidences[~examples.truths & examples.flagged & examples.is_plain])[::-1]
    allowed = int(ALARMS_A_MINUTE * examples.plain_minutes)
    quiet = float(np.nextafter(alarms[allowed], 1)) if len(alarms) > allowed else 0.0
    return min(quiet, float(np.quantile(errors, 1 - KEPT_RECALL))) if len(errors) else 0.5


def _odds_of_strange_films(examples: SpotExamples, *, seed: int, steps: int) -> NDArray[np.float64]:
    """Log odds of every example by a committee that saw nothing of its film; of few films, of its windows."""
    films = np.unique(examples.sources)
    folds = examples.sources if len(films) >= 2 else np.arange(len(examples.sources))
    odds = np.zeros(len(folds))
    for fold in range(FOLDS):
        is_kept = folds % FOLDS == fold
        if is_kept.any():
            taught = _train(examples, chosen=~is_kept, seed=seed, steps=steps, recipe={})
            odds[is_kept] = log_odds(taught, examples.inputs[is_kept])
    return odds


def _train(
    examples: SpotExamples, *, chosen: NDArray[np.bool_], seed: int, steps: int, recipe: dict[str, Any]
) -> Verifier:
    """A committee taught with some of the examples, not calibrated."""
    inputs, truths = examples.inputs[chosen], examples.truths[chosen]
    if len(set(truths.tolist())) < 2:
        raise ValueError("The footage gives no errors or no false alarms to learn from; bring more of it.")
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    values = np.clip((inputs - mean) / spread, -4, 4)
    layers = _train_committee(values, truths, seed=seed, steps=steps)
    return Verifier(mean, spread, layers, 1.0, 0.0, 0.5, recipe)


def _train_committee(
    values: NDArray[np.float64], truths: NDArray[np.bool_], *, seed: int, steps: int
) -> Layers:
    import torch
    from torch import nn

    inputs = torch.from_numpy(values.astype(np.float32))
    wanted = torch.from_numpy(truths.astype(np.float32))
    balance = torch.where(wanted > 0, float((~truths).sum() / truths.sum()), 1.0)
    members = []
    for member in range(_MEMBERS):
        generator = torch.Generator().manual_seed(seed * _MEMBERS + member)
        sizes = (values.shape[1], _HIDDEN, _HIDDEN, 1)
        linear = [nn.Linear(before, after) for before, after in pairwise(sizes)]
        for layer in linear:
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            nn.init.zeros_(layer.bias)
        network = nn.Sequential(linear[0], nn.Tanh(), linear[1], nn.Tanh(), linear[2])
        optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=3e-2)
        for _ in range(steps):
            chosen = torch.randint(len(inputs), (_BATCH,), generator=generator)
            # Jitter: what was measured is never quite the same again.
            jittered = inputs[chosen] + 0.15 * torch.randn(_BATCH, values.shape[1], generator=generator)
            loss = nn.functional.binary_cross_entropy_with_logits(
                network(jittered)[:, 0], wanted[chosen], weight=balance[chosen]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        members.append([(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in linear])
    return tuple(
        (
            np.stack([member[number][0] for member in members]).astype(np.float64),
            np.stack([member[number][1] for member in members]).astype(np.float64),
        )
        for number in range(3)
    )
