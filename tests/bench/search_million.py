"""The same figures as `search_speed`, in 1,000,000 shots."""

from __future__ import annotations

from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.search_speed import measure_catalogue

SHOTS = 1_000_000


def measure(data: Path | None) -> list[Figure]:
    """The figures of a million shots; takes an hour."""
    return measure_catalogue(SHOTS)
