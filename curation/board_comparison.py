"""Two to four stills side by side: their pictures, and the parts of their scores with what tells them apart."""

from dataclasses import dataclass

from curation.board_cards import StillCard, describe_frames, existing_frames
from curation.board_narrowing import read_frames
from curation.board_still import score_parts
from curation.pages import BoardPage

FEWEST, MOST = 2, 4


@dataclass(frozen=True, slots=True)
class PartOfOne:
    """One part of one still's score, 0–1 or None; `behind` is what it lacks of the best of those compared."""

    value: float | None
    behind: float | None

    @property
    def is_best(self) -> bool:
        return self.behind == 0


@dataclass(frozen=True, slots=True)
class ComparedPart:
    """One part of the score of all stills compared, in their order; `spread` is how far apart they are."""

    label: str
    values: list[PartOfOne]
    spread: float


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the stills compared, and the others, which it is better than when an editor says so."""

    card: StillCard
    others: list[int]


@dataclass(frozen=True, slots=True)
class Comparison:
    stills: list[Compared]
    parts: list[ComparedPart]


def compared_stills(board: BoardPage, *, text: str) -> Comparison | None:
    """The first four frames that the address names, "12,80", where the film has two of them at least; else None."""
    if board.video is None:
        return None
    frames = existing_frames(board.video, read_frames(text))[:MOST]
    if len(frames) < FEWEST:
        return None
    cards = describe_frames(board.video, frames, cast=board.cast, ranks=board.ranks)
    stills = [Compared(card, [frame for frame in frames if frame != card.frame_index]) for card in cards]
    return Comparison(stills, _compare_parts(cards))


def _compare_parts(cards: list[StillCard]) -> list[ComparedPart]:
    """What tells them apart most comes first."""
    parts_of = [score_parts(card.still.explanation) if card.still else [] for card in cards]
    explained = [{part.label: part.value for part in parts} for parts in parts_of]
    labels = dict.fromkeys(label for parts in explained for label in parts)
    rows = []
    for label in labels:
        known = [parts[label] for parts in explained if label in parts]
        best = max(known)
        values = [
            PartOfOne(parts[label], round(best - parts[label], 4)) if label in parts else PartOfOne(None, None)
            for parts in explained
        ]
        rows.append(ComparedPart(label, values, best - min(known)))
    return sorted(rows, key=lambda row: -row.spread)
