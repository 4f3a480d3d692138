"""What one frame shows that not every audience or use allows, as far as it was looked for; else why it is not known."""

from typing import Any

import numpy as np
from django.db.models import Count, FilteredRelation, Q, Subquery

from ava.annotate.availability import unavailable_detectors
from ava.annotate.base import Detections, find_detectors
from ava.frame_findings import FrameLooks
from ava.model_files import weights_store
from ava.models import Title, Video
from curation.models import Logo
from curation.stills.maturity import HOW_TO_ENABLE, FrameEvidence, judge_maturity
from curation.violence_signal import tell_violence

BY_DETECTOR = ("nudity", "text")
NOT_LOOKED_AT = "{what} was not looked for here: only stills and a few frames of every shot are looked at closely."
NOT_YET_LOOKED_AT = "{what} was not looked for in this part of the film yet: an analysis looks for it."
SHARED_TITLE = (
    "This title belongs to several teams, each with logos of its own; the Logos page tells what was found of yours."
)
NOTHING_TO_AVOID = "Logos were not looked for: the team keeps none that is to be avoided."
NO_STILL = "Logos were not looked for here: they are looked for in stills only."
NOT_SEARCHED_YET = "This still has not been searched for the team's logos yet; it will be shortly."
NOT_SEARCHABLE = "Logos could not be looked for here: the frame cannot be decoded, or its text was not read."
VIOLENCE_UNKNOWN_HERE = "Violence cannot be told of this frame: its shot has no vector of the attribute's encoder yet."


def describe_maturity(video: Video, frame_index: int, looks: FrameLooks) -> dict[str, Any]:
    """`{"maturity": {kind: {"probability", "why"}}}` of a frame: a probability 0–1, or None and a sentence that says
    why it is not known.

    Logos are those to be avoided, and told only where all who see the title are of one team.
    """
    sampled = _sampled(video, frame_index, looks)
    logos, violence = _avoided_logos(video, frame_index), _violence(video, frame_index)
    evidence = FrameEvidence(
        nudity=_number(sampled["nudity"]),
        text=_number(sampled["text"]),
        logos=logos if isinstance(logos, list) else None,
        violence=_number(violence),
    )
    reasons = {kind: each for kind, each in sampled.items() if isinstance(each, str)}
    reasons |= {
        "logos": logos if isinstance(logos, str) else "",
        "violence": violence if isinstance(violence, str) else "",
    }
    judged = judge_maturity(evidence, reasons=reasons)
    return {
        "maturity": {
            kind: {"probability": _rounded(judgement.probability), "why": judgement.reason}
            for kind, judgement in judged.items()
        }
    }


def _number(value: float | str) -> float | None:
    return value if isinstance(value, float) else None


def _violence(video: Video, frame_index: int) -> float | str:
    """The probability by what the title's team taught, or why it is not known."""
    told = tell_violence(video, np.array([frame_index], dtype=np.int64))
    if isinstance(told, str):
        return told
    return VIOLENCE_UNKNOWN_HERE if np.isnan(told[0]) else float(told[0])


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 5)


def _sampled(video: Video, frame_index: int, looks: FrameLooks) -> dict[str, float | str]:
    """Probabilities by detectors of this name, or why there is none."""
    lacking = {each.what for each in unavailable_detectors(weights_store())}
    known: dict[str, float | str] = {}
    for name in BY_DETECTOR:
        table = looks.tables.get(name)
        if table is None:
            reason = NOT_YET_LOOKED_AT.format(what=name.capitalize())
            known[name] = HOW_TO_ENABLE[name] if name in lacking else reason
        elif looks.looked_at:
            known[name] = _probability(video, name, table, frame_index)
        else:
            known[name] = NOT_LOOKED_AT.format(what=name.capitalize())
    return known


def _probability(video: Video, name: str, table: Detections, frame_index: int) -> float:
    """A detector's own summary of the frame."""
    detector = next(each for each in find_detectors() if each.name == name)
    rows = table.frame_index == frame_index
    words = tuple(word for word, mine in zip(table.words, rows, strict=True) if mine) if table.words else ()
    found = Detections(table.frame_index[rows], table.values[rows], words)
    frames, size = np.array([frame_index], dtype=np.int64), (video.width, video.height)
    summary = detector.summarise(found, frame_index=frames, size=size)
    return float(summary[0, detector.frame_columns.index("probability")])


def _avoided_logos(video: Video, frame_index: int) -> list[float] | str:
    """Probabilities of the logos to be avoided that this frame was searched for, or why there are none."""
    here = Q(looks__video=video, looks__frame_index=frame_index)
    teams = Title.teams.through.objects.filter(title=video.title_id).order_by().values("title")
    logos = (
        Logo.objects.filter(team__titles=video.title_id)
        .annotate(look=FilteredRelation("looks", condition=here))
        .annotate(teams=Subquery(teams.annotate(count=Count("pk")).values("count")))
        .values_list("is_wanted", "teams", "look__pk", "look__probability")
    )
    rows = list(logos)
    if not rows:
        return HOW_TO_ENABLE["logos"]
    if rows[0][1] > 1:
        return SHARED_TITLE
    avoided = [(look, probability) for is_wanted, _, look, probability in rows if not is_wanted]
    if not avoided:
        return NOTHING_TO_AVOID
    if all(look is None for look, _ in avoided):
        return NOT_SEARCHED_YET if video.stills.filter(frame_index=frame_index).exists() else NO_STILL
    return [probability for _, probability in avoided if probability is not None] or NOT_SEARCHABLE
