"""Maturity: known probabilities are passed on, unknown ones say why, and violence is learned from examples."""

from pathlib import Path

import numpy as np
import pytest

from curation.stills.few_shot import (
    FewShotClassifier,
    TooFewExamples,
    UnusableClassifier,
    load_few_shot,
    save_few_shot,
    train_few_shot,
)
from curation.stills.maturity import KINDS, FrameEvidence, judge_maturity

ENCODER = "test encoder"


def examples(count: int, *, seed: int, towards: float) -> np.ndarray:
    """Embeddings of 128 numbers around one common picture, moved along one direction, much noise beside it."""
    rng = np.random.default_rng(seed)
    shared, direction = np.random.default_rng(0).normal(size=(2, 128))
    return (shared + towards * direction * 0.6 + rng.normal(size=(count, 128)) * 0.8).astype(np.float32)


@pytest.fixture(scope="module")
def classifier() -> FewShotClassifier:
    return train_few_shot(
        examples(12, seed=1, towards=1), negative=examples(30, seed=2, towards=-1), encoder=ENCODER
    )


def test_nothing_known_gives_no_number_and_a_way_to_each_kind() -> None:
    judged = judge_maturity(FrameEvidence())
    assert tuple(judged) == KINDS
    assert all(judgement.probability is None and len(judgement.reason) > 30 for judgement in judged.values())
    assert "administrator" in judged["nudity"].reason and "train" in judged["violence"].reason


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


def test_violence_is_told_of_pictures_never_seen(classifier: FewShotClassifier) -> None:
    told = [
        [judge_maturity(FrameEvidence(embedding=one), violence=classifier)["violence"].probability for one in group]
        for group in (examples(60, seed=3, towards=1), examples(60, seed=4, towards=-1))
    ]
    assert np.mean(np.array(told[0]) > 0.5) >= 0.9
    assert np.mean(np.array(told[1]) < 0.5) >= 0.9
    assert classifier.accuracy >= 0.9


def test_examples_that_do_not_differ_are_not_told_apart() -> None:
    trained = train_few_shot(examples(20, seed=5, towards=0), negative=examples(20, seed=6, towards=0), encoder=ENCODER)
    assert trained.accuracy < 0.75
    probabilities = [trained.probability(one) for one in examples(60, seed=7, towards=0)]
    assert 0.35 < np.mean(probabilities) < 0.65


def test_a_classifier_comes_back_from_its_file(classifier: FewShotClassifier, tmp_path: Path) -> None:
    save_few_shot(classifier, tmp_path / "violence.npz")
    loaded = load_few_shot(tmp_path / "violence.npz", encoder=ENCODER)
    one = examples(1, seed=8, towards=1)[0]
    assert loaded.probability(one) == classifier.probability(one)
    assert loaded.accuracy == classifier.accuracy
    assert [path.name for path in tmp_path.iterdir()] == ["violence.npz"]


def test_files_that_cannot_be_used_say_so(classifier: FewShotClassifier, tmp_path: Path) -> None:
    save_few_shot(classifier, tmp_path / "violence.npz")
    with pytest.raises(UnusableClassifier, match="train it again"):
        load_few_shot(tmp_path / "violence.npz", encoder="another encoder")
    (tmp_path / "broken.npz").write_bytes((tmp_path / "violence.npz").read_bytes()[:90])
    (tmp_path / "words.npz").write_text("no archive")
    (tmp_path / "empty.npz").touch()
    for name in ("broken.npz", "words.npz", "empty.npz", "missing.npz"):
        with pytest.raises(UnusableClassifier, match="train it again"):
            load_few_shot(tmp_path / name, encoder=ENCODER)


def test_embeddings_of_another_length_give_no_number(classifier: FewShotClassifier) -> None:
    judged = judge_maturity(FrameEvidence(embedding=np.ones(64, dtype=np.float32)), violence=classifier)
    assert judged["violence"].probability is None and "train it again" in judged["violence"].reason
    assert "no embedding" in judge_maturity(FrameEvidence(), violence=classifier)["violence"].reason


def test_too_few_examples_are_refused() -> None:
    with pytest.raises(TooFewExamples, match="at least 4"):
        train_few_shot(examples(3, seed=1, towards=1), negative=examples(9, seed=2, towards=-1), encoder=ENCODER)


@pytest.mark.filterwarnings("error")
def test_equal_and_empty_vectors_are_accepted() -> None:
    same = np.ones((5, 8), dtype=np.float32)
    assert train_few_shot(same, negative=same, encoder=ENCODER).probability(same[0]) == pytest.approx(0.5)
    nothing = np.zeros((5, 8), dtype=np.float32)
    assert 0 < train_few_shot(same, negative=nothing, encoder=ENCODER).probability(nothing[0]) < 0.5
