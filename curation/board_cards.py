"""A still, or a frame that is none yet, as a person sees it on the board."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ava.models import Video
from ava.pages import frame_timecode
from curation.decisions import UNDECIDED, DecisionState, states_of
from curation.models import Decision, Still
from curation.still_facts import words_for
from curation.still_people import Person, name_people, people_in_frames


@dataclass(frozen=True, slots=True)
class StillCard:
    """A still, or a frame that is none yet; `rank` is the one that the board shows, in the order in force."""

    frame_index: int
    timecode: str
    still: Still | None
    rank: int | None
    shot_number: int | None
    verdict: str
    stars: int
    alt: str

    @property
    def is_picked(self) -> bool:
        return self.verdict == Decision.Verdict.PICK

    @property
    def is_rejected(self) -> bool:
        return self.verdict == Decision.Verdict.REJECT

    @property
    def mark(self) -> str:
        """What people have said about it, in a few characters: "✓ Picked ★★★"."""
        verdict = {"pick": "✓ Picked", "reject": "✕ Rejected"}.get(self.verdict, "")
        provisional = "Provisional" if self.still and self.still.provisional else ""
        return " ".join(part for part in (verdict, "★" * self.stars, provisional) if part)


def describe_frames(
    video: Video, frames: Sequence[int], *, cast: Sequence[Person], ranks: Mapping[int, int] | None = None
) -> list[StillCard]:
    """Frames of a film as people see them, in the order given, in a constant number of queries.

    `ranks` tells ranks where they are not those of the analysis.
    """
    stills = Still.objects.filter(video=video, frame_index__in=frames).select_related("shot")
    known = {still.frame_index: still for still in stills}
    states, seen = states_of(video, frames), people_in_frames(video, frames)
    cards = []
    for frame in frames:
        state, people = states.get(frame, UNDECIDED), name_people(cast, seen.get(frame, ()))
        still = known.get(frame)
        rank = (ranks or {}).get(frame) or (still.rank if still else None)
        card = _describe(still, state, people=people, rank=rank) if still else _bare_frame(video, frame, state, people)
        cards.append(card)
    return cards


def _describe(still: Still, state: DecisionState, *, people: str, rank: int | None) -> StillCard:
    shot_number = still.shot.index + 1 if still.shot else None
    return StillCard(
        frame_index=still.frame_index,
        timecode=still.timecode,
        still=still,
        rank=rank,
        shot_number=shot_number,
        verdict=state.verdict,
        stars=state.stars,
        alt=alt_text(still.timecode, shot_number=shot_number, people=people, words=words_for(_facts_of(still))),
    )


def _bare_frame(video: Video, frame_index: int, state: DecisionState, people: str) -> StillCard:
    shot = video.shot_at(frame_index)
    timecode, number = frame_timecode(video, frame_index), shot.index + 1 if shot else None
    return StillCard(
        frame_index=frame_index,
        timecode=timecode,
        still=None,
        rank=None,
        shot_number=number,
        verdict=state.verdict,
        stars=state.stars,
        alt=alt_text(timecode, shot_number=number, people=people, words="").replace("Still", "Frame", 1),
    )


def _facts_of(still: Still) -> dict[str, Mapping[str, Any]]:
    """A still's facts by source and name, as their tests ask for them."""
    shot = {"scale": still.shot.scale, "camera": still.shot.camera} if still.shot else {}
    return {"signals": still.signals, "parts": still.explanation, "shot": shot}


def alt_text(timecode: str, *, shot_number: int | None, people: str, words: str) -> str:
    """What a picture shows as far as it is known: "Still at 00:00:12:05, shot 4, Anna and Ben, two faces, bright"."""
    shot = f"shot {shot_number}" if shot_number else ""
    return ", ".join(part for part in (f"Still at {timecode}", shot, people, words) if part)


def existing_frames(video: Video, frames: Iterable[int]) -> list[int]:
    """Those of the frames that the film has, each once, in the order given."""
    return [frame for frame in dict.fromkeys(frames) if 0 <= frame < video.frame_count]
