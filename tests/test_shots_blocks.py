"""Shots of long films: gone through in stretches, with the same result and in bounded memory."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.signature import Signature
from ava.shots import film_signals, passages
from ava.shots.boundaries import find_shots

FPS = Fraction(25)


def long_signals(frame_count: int) -> dict[str, NDArray[np.float32]]:
    """Signals of a film of many shots, joined by cuts, dissolves and fades from black."""
    rng = np.random.default_rng(5)
    cells = np.empty((frame_count, len(Signature.columns)), dtype=np.float32)
    change, residual = (rng.uniform(0.01, high, frame_count).astype(np.float32) for high in (0.08, 0.012))
    start, before = 0, rng.uniform(0.1, 0.9, cells.shape[1])
    while start < frame_count:
        end = min(start + int(rng.integers(40, 220)), frame_count)
        own = rng.uniform(0.1, 0.9, cells.shape[1])
        shot = own + 0.02 * np.sin(np.arange(end - start)[:, None] / 50 + 9 * own)
        mixed = min(int(rng.integers(8, 24)), end - start)
        share = np.linspace(0, 1, mixed)[:, None]
        match rng.integers(4):
            case 0:
                shot[:mixed] = before * (1 - share) + shot[:mixed] * share
            case 1:
                shot[:mixed] *= share
            case _:
                change[start], residual[start] = 0.8, 0.15
        cells[start:end] = shot + rng.normal(0, 0.002, shot.shape)
        start, before = end, own
    columns = zip(Signature.columns, cells.T, strict=True)
    signals = {f"signature.{name}": np.ascontiguousarray(column) for name, column in columns}
    contrast = cells[:, :64].std(axis=1)
    return signals | {"motion.structure_change": change, "motion.residual": residual, "exposure.contrast": contrast}


@pytest.mark.parametrize("block_frames", [251, 1000])
def test_shots_do_not_depend_on_where_stretches_end(block_frames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    signals = long_signals(6000)
    found = {}
    for frames in (block_frames, 10**9):
        for module in (film_signals, passages):
            monkeypatch.setattr(module, "BLOCK_FRAMES", frames)
        found[frames] = find_shots(signals, fps=FPS)
    assert found[block_frames] == found[10**9]
    assert {shot.transition for shot in found[10**9].shots} >= {"cut", "dissolve", "fade"}


def test_an_hour_of_film_takes_less_than_a_tenth_of_a_gigabyte() -> None:
    signals = long_signals(90_000)
    tracemalloc.start()
    find_shots(signals, fps=FPS)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100e6
