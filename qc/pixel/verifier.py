"""The second look at a spot: the network's word and the evidence of its surroundings, weighed by a small network."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qc.pixel.evidence import FEATURES

SHIPPED_VERIFIER = Path(__file__).parent / "weights" / "verifier.npz"
INPUTS = ("network", *FEATURES)
"""What is weighed: the log odds of the network's calibrated confidence, and ``qc.pixel.evidence.FEATURES``."""
_FARTHEST = 4.0
_MOST_LOGIT = 20.0


class Verifier(NamedTuple):
    """A committee of perceptrons with two hidden layers (tanh) whose log odds are averaged.

    ``mean``, ``spread`` ``float64 (K,)`` standardise the inputs. ``layers``: weights ``(E, out, in)`` and biases
    ``(E, out)`` of the E members. ``scale``, ``offset``: Platt's (1999). ``least``: confidence from which a spot is
    flagged. ``recipe``: what made it.
    """

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    layers: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]
    scale: float
    offset: float
    least: float
    recipe: dict[str, Any]


def weigh(verifier: Verifier, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Confidence 0–1 that each of N spots is an error, ``float64 (N,)``, of inputs ``(N, K)`` as ``INPUTS`` names."""
    return 1 / (1 + np.exp(-np.clip(verifier.scale * log_odds(verifier, inputs) + verifier.offset, -50, 50)))


def log_odds(verifier: Verifier, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the committee says before calibration: ``float64 (N,)``."""
    values = np.clip((inputs - verifier.mean) / verifier.spread, -_FARTHEST, _FARTHEST)
    hidden = np.repeat(values[None], len(verifier.layers[0][0]), axis=0)
    for number, (weights, biases) in enumerate(verifier.layers):
        hidden = hidden @ weights.transpose(0, 2, 1) + biases[:, None]
        if number < len(verifier.layers) - 1:
            hidden = np.tanh(hidden)
    return np.asarray(hidden[:, :, 0].mean(axis=0), dtype=np.float64)


def join_inputs(confidence: float, evidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """One row of inputs: the network's confidence 0–1 and evidence ``(K − 1,)``."""
    odds = math.log(max(confidence, 1e-12)) - math.log(max(1 - confidence, 1e-12))
    return np.concatenate([[min(max(odds, -_MOST_LOGIT), _MOST_LOGIT)], evidence])


def write_verifier(verifier: Verifier, path: Path) -> None:
    """Write it as an .npz file without pickled objects."""
    told = {"scale": verifier.scale, "offset": verifier.offset, "least": verifier.least, "inputs": INPUTS}
    header = json.dumps({**told, "recipe": verifier.recipe}, sort_keys=True, ensure_ascii=False).encode()
    arrays = {"header": np.frombuffer(header, dtype=np.uint8), "mean": verifier.mean, "spread": verifier.spread}
    for number, (weights, biases) in enumerate(verifier.layers):
        arrays |= {f"weights{number}": weights.astype(np.float32), f"biases{number}": biases.astype(np.float32)}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


@lru_cache(maxsize=4)
def read_verifier(path: Path = SHIPPED_VERIFIER) -> Verifier:
    """Read what ``write_verifier`` wrote. Raises ValueError where it weighs other inputs than this program measures."""
    with np.load(path, allow_pickle=False) as file:
        header = json.loads(file["header"].tobytes())
        if tuple(header["inputs"]) != INPUTS:
            raise ValueError(f"{path.name} weighs other evidence than this program gathers; train it again.")
        count = sum(name.startswith("weights") for name in file.files)
        layers = tuple(
            (file[f"weights{number}"].astype(np.float64), file[f"biases{number}"].astype(np.float64))
            for number in range(count)
        )
        scale, offset, least = (float(header[name]) for name in ("scale", "offset", "least"))
        return Verifier(file["mean"], file["spread"], layers, scale, offset, least, header["recipe"])
