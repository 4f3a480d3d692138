"""The sentence encoder: without padding, whatever the batch, and with the real file related words close together."""

import warnings

import numpy as np
import pytest
import torch

from search.embed.encoder import UnusableEncoder
from search.embed.sentence import load_sentence_encoder
from search.installed_encoders import SENTENCE_FILES
from tests.encoder_files import WIDTH, write_sentence_encoder

torch.set_num_threads(1)
TEXTS = ["a dog", "", "two people, smiling, at night", "red " * 400, "😀 дом 家", "\ud800 lone", "\x00", "a dog"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    weights, tokenizer = write_sentence_encoder(tmp_path_factory.mktemp("sentences"))
    return load_sentence_encoder(weights, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def real(model_files):
    files = model_files(SENTENCE_FILES)
    return load_sentence_encoder(files[SENTENCE_FILES[0]], tokenizer=files[SENTENCE_FILES[1]])


def plain_bert(encoder, text):
    """The slow obvious way: one text, one head after the other."""
    from torch.nn import functional

    bert, pieces = encoder._bert, encoder._tokenizer.encode(text).ids
    values = functional.embedding(torch.tensor(pieces), bert.pieces) + bert.positions[: len(pieces)]
    width = bert.width
    norm = lambda x, n: functional.layer_norm(x, (width,), n.weight, n.bias, 1e-12)  # noqa: E731
    values = norm(values, bert.embedding_norm)
    for layer in bert.layers:
        query, key, value = (values @ layer.query_key_value.weight.T + layer.query_key_value.bias).split(width, dim=1)
        heads = []
        for first in range(0, width, 32):
            part = slice(first, first + 32)
            heads.append(torch.softmax(query[:, part] @ key[:, part].T / 32**0.5, dim=1) @ value[:, part])
        values = norm(values + functional.linear(torch.cat(heads, 1), *layer.attention_out), layer.attention_norm)
        wide = functional.gelu(functional.linear(values, *layer.widen))
        values = norm(values + functional.linear(wide, *layer.narrow), layer.out_norm)
    mean = values.mean(dim=0).numpy()
    return mean / np.linalg.norm(mean)


def test_vectors_have_length_1_and_do_not_hang_on_the_batch(tiny):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vectors = tiny.encode_texts(TEXTS)
        alone = np.concatenate([tiny.encode_texts([text]) for text in TEXTS])
        many = tiny.encode_texts(TEXTS * 40)  # more than go together at once
    assert vectors.shape == (len(TEXTS), WIDTH) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.abs(vectors - alone).max() < 1e-6 and np.abs(many - np.tile(vectors, (40, 1))).max() < 1e-6
    assert np.array_equal(vectors[0], vectors[-1])
    assert tiny.encode_texts([]).shape == (0, WIDTH)


def test_packed_texts_give_what_the_plain_network_gives(tiny):
    texts = ["a man", "two women in a red car at night", "calm sea"]
    expected = np.array([plain_bert(tiny, text) for text in texts])
    assert np.abs(tiny.encode_texts(texts) - expected).max() < 1e-5


def test_words_behind_the_limit_say_nothing(tiny):
    long = "red " * 300
    assert np.allclose(tiny.encode_texts([long + "sea"]), tiny.encode_texts([long + "fire"]), atol=1e-6)


@pytest.mark.parametrize("broken", ["weights", "tokenizer", "other tokenizer", "other network"])
def test_files_that_are_none_or_do_not_go_together_are_refused_by_name(broken, tmp_path):
    from safetensors.numpy import save_file

    weights, tokenizer = write_sentence_encoder(tmp_path)
    if broken == "weights":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif broken == "tokenizer":
        tokenizer.write_text("{}")
    elif broken == "other tokenizer":
        tokenizer.write_text(tokenizer.read_text().replace('"[PAD]": 0', '"[PAD]": 0, "new": 9999'))
        weights.write_bytes(_with_fewer_pieces(weights))
    else:
        save_file({"something": np.zeros(3, np.float32)}, weights)
    with pytest.raises(UnusableEncoder, match=r"tiny-sentences\.(safetensors|tokenizer\.json)"):
        load_sentence_encoder(weights, tokenizer=tokenizer)


def _with_fewer_pieces(weights):
    from safetensors.numpy import load_file, save

    arrays = load_file(weights)
    arrays["embeddings.word_embeddings.weight"] = arrays["embeddings.word_embeddings.weight"][:50]
    return save(arrays)


def test_the_real_encoder_gives_the_likenesses_that_its_authors_publish(real):
    """The figures of the Sentence Transformers documentation for this model."""
    vectors = real.encode_texts(["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."])
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    assert np.abs(vectors @ vectors.T - published).max() < 1e-4


def test_the_real_encoder_tells_related_words_from_unrelated_ones(real):
    related = real.encode_texts(["a dark corridor at night", "an unlit hallway in the evening"])
    others = real.encode_texts(["the children eat ice cream on the beach", "quarterly revenue of the company grew"])
    assert related[0] @ related[1] > 0.6 and np.abs(related @ others.T).max() < 0.15


def test_the_real_encoder_gives_the_vectors_of_the_plain_network(real):
    text = "Two people in a small boat, seen from far away; the sea is rough."
    assert np.abs(real.encode_texts([text, "other"])[0] - plain_bert(real, text)).max() < 1e-5
