"""Encoders of this installation: rows, loading, and what is said where something is missing."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection

from search import encoders
from search.embed.encoder import UnusableEncoder
from search.embed.remembered_texts import REMEMBERED, RememberedTexts
from search.models import Encoder
from tests.encoder_files import WIDTH, install_sentence_encoder, sentence_files  # noqa: F401

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
