"""The ranker of moments: labels by co-attention and reuse, training that resumes to the last bit, files, scores."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ava.train.checkpoint import UnfitCheckpoint
from ava.train.loop import TrainSettings
from curation.moments.co_attention import co_attention
from curation.moments.prior import score_by_prior
from curation.moments.ranker_file import Ranker, UnfitRanker, read_ranker, write_ranker
from curation.moments.ranker_inputs import shot_arrays
from curation.moments.ranker_scores import score_by_ranker
from curation.moments.ranking_training import RankerSettings, TooFewFilms, train_ranker
from curation.moments.ranking_validation import measure
from curation.moments.scores import reasons
from curation.moments.shot_features import FEATURE_AT, FEATURES, FilmShots
from curation.moments.soft_labels import KIN, LearntFilm, reuse_of, soft_labels

torch.set_num_threads(1)

DIMENSION = 24
QUICK = RankerSettings(TrainSettings(steps=60, learning_rate=5e-3, warm_up_steps=5))
WARM, LENGTH = FEATURE_AT["warmth"], FEATURE_AT["length_s"]


def shots_of(count: int, *, seed: int, dimension: int = DIMENSION) -> FilmShots:
    """Shots of random measures, some of them unknown, and random pictures."""
    rng = np.random.default_rng([8, seed])
    values = rng.normal(size=(count, len(FEATURES))).astype(np.float32)
    values[rng.random(values.shape) < 0.1] = np.nan
    edges = np.arange(count + 1)
    spans = np.stack([edges[:-1], edges[1:]], axis=1)
    return FilmShots(spans * 48, spans * 2.0, values, unit(rng.normal(size=(count, dimension))))


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def film_liking_warmth(seed: int, *, count: int = 80) -> LearntFilm:
    """A film whose trailer uses its warmest and shortest shots, of which the prior knows nothing."""
    shots = shots_of(count, seed=seed)
    liking = np.nan_to_num(shots.values[:, WARM]) - np.nan_to_num(shots.values[:, LENGTH])
    used = np.zeros(count, np.float32)
    used[np.argsort(-liking)[:10]] = 1
    return LearntFilm(f"film {seed}", shots, used)


@pytest.fixture(scope="module")
def films():
    return [film_liking_warmth(seed) for seed in range(5)]


@pytest.fixture(scope="module")
def ranker(films):
    return train_ranker(films, settings=QUICK).ranker


def test_co_attention_picks_out_the_shots_that_the_trailer_shows():
    rng = np.random.default_rng(1)
    film = unit(rng.normal(size=(200, 64)))
    shown = [3, 50, 120]
    trailer = unit(film[shown] + 0.05 * rng.normal(size=(3, 64)))
    labels = co_attention(film, trailer_vectors=trailer)
    assert sorted(np.argsort(-labels)[:3].tolist()) == shown
    assert labels[shown].min() > 0.9
    assert np.delete(labels, shown).max() < 0.2


def test_takes_that_are_alike_share_the_attention():
    film = np.zeros((6, 4), np.float32)
    film[:2, 0], film[2:4, 1], film[4:, 2] = 1, 1, 1
    labels = co_attention(film, trailer_vectors=np.eye(4, dtype=np.float32)[:1])
    assert labels[0] == labels[1] > labels[2:].max()


@pytest.mark.parametrize(
    ("film", "trailer"),
    [
        (np.zeros((0, 4)), np.ones((2, 4)) / 2),
        (np.zeros((3, 4)), np.ones((2, 4)) / 2),
        (np.ones((3, 4)) / 2, np.zeros((0, 4))),
        (np.full((3, 4), np.nan), np.ones((2, 4)) / 2),
    ],
)
def test_shots_without_vectors_attract_no_attention(film, trailer):
    assert co_attention(film, trailer_vectors=trailer).tolist() == [0.0] * len(film)


def test_where_all_is_alike_nothing_is_picked_out_and_dimensions_must_agree():
    same = np.full((50, 4), 0.5)
    labels = co_attention(same, trailer_vectors=same)
    assert np.ptp(labels) == pytest.approx(0, abs=1e-6)
    assert labels.max() < 0.05
    with pytest.raises(ValueError, match="cannot be compared"):
        co_attention(same, trailer_vectors=np.ones((2, 5)))


def test_used_shots_keep_their_label_and_kin_stay_below_them():
    shots = shots_of(30, seed=1)
    assert shots.vectors is not None
    used = np.zeros(30, np.float32)
    used[[4, 9]] = 1, np.nan
    labels = soft_labels(LearntFilm("a", shots, used, shots.vectors[[4, 20]]))
    assert labels[4] == 1
    assert 0.3 < labels[20] <= KIN
    assert np.delete(labels, [4, 20]).max() < labels[20]
    np.testing.assert_array_equal(soft_labels(LearntFilm("a", shots, used)), np.eye(30, dtype=np.float32)[4])


def test_labels_of_another_number_of_shots_are_refused():
    with pytest.raises(ValueError, match="a has 30 shots and 2 labels"):
        soft_labels(LearntFilm("a", shots_of(30, seed=1), np.zeros(2, np.float32)))


def test_a_shot_is_used_when_a_passage_shows_enough_of_it():
    spans = np.array([[0, 50], [50, 53], [53, 100], [100, 150]])
    used = reuse_of(spans, uses=[(40, 54, 0.8), (98, 140, 0.9), (10, 12, 1.0)])
    np.testing.assert_allclose(used, [1.0, 0.8, 0.0, 0.9])
    assert reuse_of(np.zeros((0, 2), np.int64), uses=[]).shape == (0,)


def test_an_untrained_network_ranks_as_the_prior_does():
    from curation.moments.network import RankingNetwork

    shots = shots_of(60, seed=4)
    scores = score_by_ranker(Ranker(RankingNetwork(dimension=DIMENSION)), shots, by="new")
    np.testing.assert_allclose(scores.score_unit, score_by_prior(shots).score_unit, atol=1e-6)


def test_a_ranker_learns_a_taste_that_the_prior_does_not_have(ranker):
    unseen = film_liking_warmth(99, count=200)
    learnt = measure(score_by_ranker(ranker, unseen.shots, by="v1").score_unit, unseen.used_unit)
    prior = measure(score_by_prior(unseen.shots).score_unit, unseen.used_unit)
    assert learnt.auc > 0.85 > prior.auc + 0.1
    assert learnt.top_ten_unit >= prior.top_ten_unit + 0.3


def test_its_reasons_are_what_it_learnt(ranker):
    shots = film_liking_warmth(98).shots
    scores = score_by_ranker(ranker, shots, by="v1")
    weights = np.abs(scores.contributions).mean(axis=0)
    assert set(np.argsort(-weights)[:2].tolist()) == {WARM, LENGTH}
    best = reasons(scores, shots, int(np.argmax(scores.score_unit)))
    assert any(reason.startswith(("Warm in colour", "Short")) for reason in best)
    assert not scores.contributions[np.isnan(shots.values)].any()


def test_what_a_feature_adds_is_what_hiding_it_of_the_shot_takes_away(ranker):
    from curation.moments.network import ShotInputs

    shots = shots_of(40, seed=11)
    arrays = shot_arrays(shots, dimension=DIMENSION)
    assert arrays.pictures is not None
    inputs = ShotInputs(*(torch.from_numpy(each) for each in arrays))
    network = ranker.network
    with torch.no_grad():
        whole, first, joined = network(inputs)
        memory = network.remember(joined, first)
        hidden = inputs._replace(places=inputs.places.clone(), known=inputs.known.clone())
        hidden.places[7, WARM], hidden.known[7, WARM] = 0, 0
        own = network.look(hidden)
        without = network.judge(hidden, own + network.surround(own), memory)
    expected = float(whole[7] - without[7])
    found = score_by_ranker(ranker, shots, by="v1").contributions[7, WARM]
    assert found == pytest.approx(expected, abs=2e-5)


def test_a_training_that_was_stopped_goes_on_to_the_same_weights(films, ranker):
    kept: list[bytes] = []
    stopped = train_ranker(films, settings=QUICK, on_step=lambda report: report.step < 17, keep=kept.append)
    assert not stopped.result.is_complete
    resumed = train_ranker(films, settings=QUICK, checkpoint=kept[-1])
    assert write_ranker(resumed.ranker, recipe={}) == write_ranker(ranker, recipe={})
    with pytest.raises(UnfitCheckpoint, match="steps"):
        train_ranker(films, settings=RankerSettings(TrainSettings(steps=9)), checkpoint=kept[-1])


def test_a_version_begins_as_its_parent_also_over_other_embeddings(films, ranker):
    still = replace(QUICK, train=TrainSettings(steps=1, learning_rate=1e-9, weight_decay=0))
    again = train_ranker(films, settings=still, parent=ranker).ranker
    shots = shots_of(50, seed=5)
    expected = score_by_ranker(ranker, shots, by="v1").score_unit
    np.testing.assert_allclose(score_by_ranker(again, shots, by="v2").score_unit, expected, atol=0.03)
    blind = [film._replace(shots=film.shots._replace(vectors=None)) for film in films]
    without = train_ranker(blind, settings=still, parent=ranker).ranker
    assert without.dimension == 0
    bare = shots._replace(vectors=None)
    expected = score_by_ranker(ranker, bare, by="v1").score_unit
    np.testing.assert_allclose(score_by_ranker(without, bare, by="v2").score_unit, expected, atol=0.03)


def test_too_few_films_and_films_that_teach_nothing_are_told(films):
    nothing = films[0]._replace(used_unit=np.zeros(80, np.float32))
    with pytest.raises(TooFewFilms, match="2 films can be learnt from; 3 are the least"):
        train_ranker([films[0], films[1], nothing], settings=QUICK)
    with pytest.raises(TooFewFilms, match="0 films"):
        train_ranker([], settings=QUICK)


def test_films_embedded_by_two_encoders_are_refused(films):
    other = films[0]._replace(shots=shots_of(80, seed=0, dimension=5))
    with pytest.raises(ValueError, match="2 encoders"):
        train_ranker([*films, other], settings=QUICK)


def test_a_longer_film_is_compared_in_part_and_learnt_all_the_same(films):
    few = RankerSettings(replace(QUICK.train, steps=5), shots_a_film=16)
    assert train_ranker(films, settings=few).result.is_complete


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_the_shortest_films_have_defined_scores(ranker, count):
    scores = score_by_ranker(ranker, shots_of(count, seed=2), by="v1")
    assert scores.score_unit.shape == (count,)
    assert np.isfinite(scores.score_unit).all()
    assert np.isfinite(scores.contributions).all()


def test_shots_of_which_nothing_is_known_all_score_the_same(ranker):
    shots = shots_of(30, seed=2)
    blank = shots._replace(values=np.full_like(shots.values, np.nan), vectors=np.zeros((30, DIMENSION), np.float32))
    scores = score_by_ranker(ranker, blank, by="v1")
    assert not scores.contributions.any()
    # Neighbourhoods end at the film's ends, so that only inner shots are alike.
    assert np.ptp(scores.score_unit[2:-2]) == 0


def test_vectors_of_another_dimension_are_not_looked_at(ranker):
    shots = shots_of(30, seed=2, dimension=7)
    scores = score_by_ranker(ranker, shots, by="v1")
    assert scores.of_picture is None
    bare = score_by_ranker(ranker, shots._replace(vectors=None), by="v1")
    assert scores.score_unit.tolist() == bare.score_unit.tolist()


def test_a_file_gives_back_the_same_ranker_and_recipe(ranker):
    packed = write_ranker(ranker, recipe={"films": 5, "encoder": "sentence"})
    read = read_ranker(packed)
    assert read.recipe == {"films": 5, "encoder": "sentence"}
    assert write_ranker(read.ranker, recipe=read.recipe) == packed
    shots = shots_of(30, seed=3)
    one, other = (score_by_ranker(each, shots, by="v1") for each in (ranker, read.ranker))
    np.testing.assert_array_equal(one.contributions, other.contributions)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda packed: b"", "no safetensors file"),
        (lambda packed: packed[:-9], "no safetensors file"),
        (lambda packed: b"\0" * (5 << 20), "larger than 4 MB"),
        (lambda packed: packed.replace(b"ava moment ranker 1", b"ava moment ranker 9"), "format is not"),
        (lambda packed: packed.replace(b"saturation_unit", b"saturation_unix"), "other measures of shots"),
        (lambda packed: packed.replace(b'width\\": 32', b'width\\": 31'), "float32"),
        (lambda packed: packed.replace(b'width\\": 32', b'width\\": -2'), "its layout is none"),
        (lambda packed: packed[:-4] + np.float32(np.nan).tobytes(), "values that are no numbers"),
    ],
)  # fmt: skip
def test_files_that_do_not_fit_are_refused_in_a_sentence(ranker, spoil, sentence):
    with pytest.raises(UnfitRanker, match=sentence):
        read_ranker(spoil(write_ranker(ranker, recipe={})), name="x.safetensors")


def test_settings_that_make_no_sense_are_refused():
    for wrong in ({"films_a_step": 0}, {"shots_a_film": 1}, {"hidden": 1.0}, {"width": 0}):
        with pytest.raises(ValueError, match="A step takes"):
            RankerSettings(**wrong)
