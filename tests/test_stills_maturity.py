"""Maturity: known probabilities are passed on, and unknown ones say why."""

import pytest

from curation.stills.maturity import KINDS, FrameEvidence, judge_maturity


def test_nothing_known_gives_no_number_and_a_way_to_each_kind() -> None:
    judged = judge_maturity(FrameEvidence())
    assert tuple(judged) == KINDS
    assert all(judgement.probability is None and len(judgement.reason) > 30 for judgement in judged.values())
    assert "administrator" in judged["nudity"].reason and "teach an attribute" in judged["violence"].reason


def test_the_callers_reason_goes_before_the_general_one() -> None:
    judged = judge_maturity(FrameEvidence(text=0.2), reasons={"nudity": "The file has changed.", "text": "unused"})
    assert judged["nudity"] == (None, "The file has changed.")
    assert judged["text"] == (0.2, "")


def test_found_nothing_is_zero_and_not_looked_is_none() -> None:
    assert judge_maturity(FrameEvidence(nudity=0.0, logos=[]))["logos"].probability == 0.0
    assert judge_maturity(FrameEvidence(nudity=0.0))["nudity"].probability == 0.0
    assert judge_maturity(FrameEvidence(nudity=0.0))["logos"].probability is None


def test_the_surest_logo_or_brand_word_counts() -> None:
    assert judge_maturity(FrameEvidence(logos=[0.3, 0.7], brand_words=[0.5]))["logos"].probability == 0.7
    assert judge_maturity(FrameEvidence(brand_words=[0.9]))["logos"].probability == 0.9


@pytest.mark.parametrize("wrong", [-0.1, 1.5, float("nan")])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="no probability"):
        judge_maturity(FrameEvidence(text=wrong))
