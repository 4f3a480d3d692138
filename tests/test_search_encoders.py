"""Encoders of this installation: rows, loading, and what is said where something is missing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import numpy as np
import pytest
import torch
from django.db import connection

from search import encoders
from search.embed.encoder import UnusableEncoder
from search.embed.remembered_texts import REMEMBERED, RememberedTexts
from search.models import Encoder
from search.train.towers import HeadTowers
from search.train.towers_file import write_towers
from tests.encoder_files import WIDTH, install_sentence_encoder, sentence_files  # noqa: F401
from tests.world import make_person

pytestmark = pytest.mark.django_db
WORDS = ["a man walks in the park", "a man in the park", "red car, night"]


def test_the_default_encoder_serves_from_the_start_and_encodes(sentence_files):  # noqa: F811
    (row,) = encoders.serving()
    assert row == encoders.default_encoder() and (row.dimension, row.version) == (WIDTH, 1)
    vectors = encoders.text_encoder(row).encode_texts(WORDS)
    assert vectors.shape == (3, WIDTH) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0] @ vectors[1] > 0.6 > 0.3 > vectors[0] @ vectors[2]
    assert encoders.image_encoder(row) is None
    assert not any(each.name == row.name for each in encoders.unavailable())


def test_without_its_files_the_default_encoder_says_what_to_do_and_nothing_serves(settings, tmp_path):
    settings.AVA_WEIGHTS_DIR = tmp_path / "empty"
    assert encoders.serving() == []
    with pytest.raises(UnusableEncoder, match=r"sentence-minilm is needed for .* and is not installed; fetch it"):
        encoders.text_encoder(encoders.default_encoder())
    (missing,) = [each for each in encoders.unavailable() if each.name == "sentence-minilm"]
    assert missing.why.endswith("is not installed.") and missing.how.startswith("Fetch it on the Models page")


def test_other_files_make_the_next_version_which_takes_the_place_of_the_former(tmp_path, settings, monkeypatch):
    install_sentence_encoder(tmp_path / "a", settings=settings, monkeypatch=monkeypatch)
    former = encoders.default_encoder()
    install_sentence_encoder(tmp_path / "b", settings=settings, monkeypatch=monkeypatch, seed=1, width=64)
    (row,) = encoders.serving()
    assert (row.version, row.dimension, row.parent) == (2, 64, former) and row.is_wanted
    former.refresh_from_db()
    assert not former.is_serving and not former.is_wanted
    with pytest.raises(UnusableEncoder, match="other files"):
        encoders.text_encoder(former)
    install_sentence_encoder(tmp_path / "a", settings=settings, monkeypatch=monkeypatch)
    assert encoders.serving() == [former]


def test_a_row_of_another_dimension_than_its_files_is_refused_by_name(sentence_files):  # noqa: F811
    row = encoders.default_encoder()
    Encoder.objects.filter(pk=row.pk).update(dimension=12)
    with pytest.raises(UnusableEncoder, match=f"sentence-minilm 1 gives vectors of 12 numbers .* of {WIDTH}"):
        encoders.text_encoder(Encoder.objects.get(pk=row.pk))


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_for_the_default_at_once_make_one_row(sentence_files):  # noqa: F811
    def ask(_):
        try:
            return encoders.default_encoder().pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(16)))) == 1
    assert Encoder.objects.count() == 1


def make_trained(base, towers):
    recipe = {"base": [base.name, base.version]}
    fields = {"name": base.name, "version": base.version + 1, "kind": Encoder.Kind.TRAINED, "parent": base}
    packed = write_towers(towers, recipe={})
    return Encoder.objects.create(dimension=WIDTH, weights=packed, recipe=recipe, is_serving=True, **fields)


def test_trained_heads_turn_texts_and_shots_of_their_base(sentence_files):  # noqa: F811
    base = encoders.default_encoder()
    towers = HeadTowers(dimension=WIDTH, is_temporal=True)
    trained = make_trained(base, towers)
    assert encoders.default_encoder() == base and encoders.serving() == [base, trained]
    described = [encoders.description_encoder(trained).encode_texts([text]) for text in WORDS]
    plain = encoders.text_encoder(base).encode_texts(WORDS)
    assert np.allclose(encoders.text_encoder(trained).encode_texts(WORDS), plain, atol=1e-6), "untrained: no change"
    assert np.allclose(encoders.shot_vectors(trained, described), plain, atol=1e-6)
    torch.nn.init.normal_(towers.text_head.turn.weight, generator=torch.Generator().manual_seed(0))
    Encoder.objects.filter(pk=trained.pk).delete()
    turned = encoders.text_encoder(make_trained(base, towers)).encode_texts(WORDS)
    assert np.abs(turned - plain).max() > 0.05 and np.allclose(np.linalg.norm(turned, axis=1), 1, atol=1e-6)


def test_a_trained_encoder_without_its_base_or_of_other_weights_says_so(sentence_files, settings, tmp_path):  # noqa: F811
    trained = make_trained(encoders.default_encoder(), HeadTowers(dimension=WIDTH + 4, is_temporal=False))
    with pytest.raises(UnusableEncoder, match="its encoder gives 128"):
        encoders.text_encoder(trained)
    settings.AVA_WEIGHTS_DIR = tmp_path / "empty"
    assert "is not installed" in encoders.why_unusable(trained)
    trained.recipe = {}
    with pytest.raises(UnusableEncoder, match="trained over is not known"):
        encoders.text_encoder(trained)


@pytest.mark.django_db(transaction=True)
def test_the_empty_page_loads_encoders_ahead_once_and_behind_its_back(client, sentence_files, monkeypatch):  # noqa: F811
    started = []
    monkeypatch.setattr(encoders, "_LOADING_SOON", Event())
    monkeypatch.setattr(Thread, "start", lambda thread: started.append(thread))
    client.force_login(make_person("editor"))
    client.get("/search/?q=night")
    assert not started  # who searches loads them
    client.get("/search/")
    client.get("/search/")
    (thread,) = started
    row = encoders.default_encoder()
    encoders._load.cache_clear()
    thread.run()
    assert encoders._load.cache_info().currsize == 1
    encoders.text_encoder(row)
    assert encoders._load.cache_info().misses == 1


def test_a_text_that_was_asked_for_before_is_not_encoded_again():
    asked = []

    class Counting:
        dimension = 2

        def encode_texts(self, texts):
            asked.append(list(texts))
            return np.array([[len(text), 1.0] for text in texts], np.float32)

    texts = RememberedTexts(Counting())
    assert texts.encode_texts(["a", "bb", "a"]).tolist() == [[1, 1], [2, 1], [1, 1]]
    assert texts.encode_texts(["bb", "ccc"]).tolist() == [[2, 1], [3, 1]]
    assert texts.encode_texts([]).shape == (0,) and len(texts.encode_texts(["a"] * 20)) == 20
    assert asked == [["a", "bb"], ["ccc"], [], ["a"] * 20]
    for number in range(REMEMBERED):
        texts.encode_texts([str(number)])
    texts.encode_texts(["bb"])
    assert asked[-1] == ["bb"], "what was asked longest ago is forgotten"
