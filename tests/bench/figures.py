"""One measured figure of accuracy, as the benchmarks print it."""

from typing import NamedTuple


class Figure(NamedTuple):
    """`what` was measured in `section`: `value` in `unit`, against `truth` (what the truth is and how it was had)."""

    section: str
    what: str
    value: float
    unit: str
    truth: str
