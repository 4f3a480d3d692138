"""Tiny encoders of random weights, in the formats of the real ones, and an installation that holds them."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from safetensors.numpy import save_file

from ava.weights import store as store_module
from ava.weights.store import WeightsStore
from search.installed_encoders import SENTENCE_FILES

WIDTH, HIDDEN, POSITIONS = 128, 64, 64
MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
_TEXT = """
a an the of in on at by with and no one two three four some man men woman women person people child children
face  close up medium long wide shot camera still pans tilts zooms left right moves handheld red green blue
yellow orange  purple pink brown black white grey colours bright dark light warm cold day night morning
evening dusk indoors  outdoors fast slow motion smiling happy sad angry calm text screen title dog cat car
train house street sea beach  forest park bridge fire explosion rain snow sun sky walks runs sits stands talks
laughs cries looks eats drives coat  hat shirt dress many few empty full calmly quickly inside outside water
river mountain city
"""
WORDS = tuple(_TEXT.split())
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def write_sentence_encoder(folder: Path, *, seed: int = 0, width: int = WIDTH) -> tuple[Path, Path]:
    """Weights and tokenizer. Texts that share words are alike, those that do not nearly at a right angle."""
    vocabulary = list(dict.fromkeys([*MARKS, *WORDS, *_LETTERS, *(f"##{each}" for each in _LETTERS)]))
    weights = _bert_weights(np.random.default_rng(seed), pieces=len(vocabulary), width=width)
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "tiny-sentences.safetensors", folder / "tiny-sentences.tokenizer.json"
    save_file(weights, paths[0])
    paths[1].write_text(json.dumps(_word_pieces(vocabulary)))
    return paths


def install_sentence_encoder(
    folder: Path, *, settings: object, monkeypatch: pytest.MonkeyPatch, seed: int = 0, width: int = WIDTH
) -> WeightsStore:
    """Make `folder` the store of an installation whose sentence encoder is a tiny one."""
    paths = write_sentence_encoder(folder, seed=seed, width=width)
    settings.AVA_WEIGHTS_DIR = folder
    return put_into_catalogue(dict(zip(SENTENCE_FILES, paths, strict=True)), monkeypatch=monkeypatch)


def put_into_catalogue(files: Mapping[str, Path], *, monkeypatch: pytest.MonkeyPatch) -> WeightsStore:
    """Have the catalogue's entries of these names stand for these files, which lie in the store's folder."""
    changed = dict(store_module.CATALOGUE)
    for name, path in files.items():
        content = path.read_bytes()
        changed[name] = dataclasses.replace(
            changed[name], file=path.name, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content)
        )
    monkeypatch.setattr(store_module, "CATALOGUE", MappingProxyType(changed))
    return WeightsStore(next(iter(files.values())).parent)


@pytest.fixture
def sentence_files(tmp_path: Path, settings, monkeypatch) -> WeightsStore:
    """An installation with a sentence encoder of random weights, vectors of WIDTH numbers, and no other model file."""
    return install_sentence_encoder(tmp_path / "weights", settings=settings, monkeypatch=monkeypatch)


def _bert_weights(rng: np.random.Generator, *, pieces: int, width: int) -> dict[str, np.ndarray]:
    shapes: dict[str, Sequence[int]] = {
        "embeddings.word_embeddings": (pieces, width),
        "encoder.layer.0.attention.self.query": (width, width),
        "encoder.layer.0.attention.self.key": (width, width),
        "encoder.layer.0.attention.self.value": (width, width),
        "encoder.layer.0.attention.output.dense": (width, width),
        "encoder.layer.0.intermediate.dense": (HIDDEN, width),
        "encoder.layer.0.output.dense": (width, HIDDEN),
    }
    weights = {}
    for name, shape in shapes.items():
        scale = 1.0 if "embeddings" in name else 0.02
        weights[f"{name}.weight"] = rng.normal(0, scale, shape).astype(np.float32)
        weights[f"{name}.bias"] = np.zeros(shape[0], np.float32)
    # What marks and places add is the same in all texts: little of it, so that words decide.
    weights["embeddings.word_embeddings.weight"][: len(MARKS)] *= 0.05
    weights["embeddings.position_embeddings.weight"] = rng.normal(0, 0.05, (POSITIONS, width)).astype(np.float32)
    weights["embeddings.token_type_embeddings.weight"] = np.zeros((2, width), np.float32)
    for name in ("embeddings", "encoder.layer.0.attention.output", "encoder.layer.0.output"):
        weights[f"{name}.LayerNorm.weight"] = np.ones(width, np.float32)
        weights[f"{name}.LayerNorm.bias"] = np.zeros(width, np.float32)
    del weights["embeddings.word_embeddings.bias"]
    return weights


def _word_pieces(vocabulary: Sequence[str]) -> dict[str, object]:
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    marks = {"[CLS]": numbers["[CLS]"], "[SEP]": numbers["[SEP]"]}
    single = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    single.append({"SpecialToken": {"id": "[SEP]", "type_id": 0}})
    special = {name: {"id": name, "ids": [number], "tokens": [name]} for name, number in marks.items()}
    normalizer = {"clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", **normalizer},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing", "single": single, "pair": [*single, *single], "special_tokens": special,
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": numbers,
        },
    }  # fmt: skip
