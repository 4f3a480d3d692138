"""Maturity: what a still shows that not every audience or use allows, joined from what is known of its frame."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

KINDS = ("nudity", "text", "logos", "violence")

HOW_TO_ENABLE: Mapping[str, str] = MappingProxyType(
    {
        "nudity": "Nudity was not looked for: an administrator has to agree to the model nudenet and install it.",
        "text": "Text was not looked for: the models text-detection and text-recognition are not installed.",
        "logos": "Logos were not looked for: upload the logos or name the brands that are to be found.",
        "violence": "Violence and gore cannot be told yet: teach an attribute for them, by examples, and use it as "
        "violence signal.",
    }
)
"""Why a kind has no probability when the caller knows no better reason, and what changes that."""


class MaturityJudgement(NamedTuple):
    """Probability 0–1 of a kind, or None with the ``reason`` why it is not known (empty where it is known)."""

    probability: float | None
    reason: str


class FrameEvidence(NamedTuple):
    """What is known of one frame; None is what was not looked for, 0 or an empty list what was not found.

    ``nudity`` and ``text`` are the probabilities of the detectors of these names, ``logos`` those of logo matches,
    ``brand_words`` those of brand names read in the frame, ``violence`` what an attribute that people taught tells of
    the shot.
    """

    nudity: float | None = None
    text: float | None = None
    logos: Sequence[float] | None = None
    brand_words: Sequence[float] | None = None
    violence: float | None = None


def judge_maturity(
    evidence: FrameEvidence, *, reasons: Mapping[str, str] = MappingProxyType({})
) -> dict[str, MaturityJudgement]:
    """Judge every kind of ``KINDS``; no value ever stands in for one that is not known.

    ``reasons`` says of a kind why it is not known here (a sentence of the weights store, for instance), where that is
    better than ``HOW_TO_ENABLE``. Raises ``ValueError`` for a probability outside 0–1.
    """
    judged = {
        "nudity": _known(evidence.nudity),
        "text": _known(evidence.text),
        "logos": _known(_strongest(evidence.logos, evidence.brand_words)),
        "violence": _known(evidence.violence),
    }
    return {kind: _explain(judgement, kind=kind, reasons=reasons) for kind, judgement in judged.items()}


def _known(probability: float | None) -> MaturityJudgement:
    if probability is not None and not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no probability; give 0–1, or None for what is not known.")
    return MaturityJudgement(None if probability is None else float(probability), "")


def _strongest(*sources: Sequence[float] | None) -> float | None:
    """The best of all that was found; None when none of the sources was looked at."""
    looked = [source for source in sources if source is not None]
    return max((value for source in looked for value in source), default=0.0) if looked else None


def _explain(judgement: MaturityJudgement, *, kind: str, reasons: Mapping[str, str]) -> MaturityJudgement:
    if judgement.probability is not None or judgement.reason:
        return judgement
    return judgement._replace(reason=reasons.get(kind) or HOW_TO_ENABLE[kind])
