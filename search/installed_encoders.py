"""Which encoders the model files of this installation make up, whether or not they are all there.

There are three kinds: the sentence encoder of descriptions, models that OpenCLIP knows by name and whose files are in
the catalogue, and whole models that an administrator added (search.encoder_adding).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from ava.annotate.compute_device import pick_device
from ava.model_files import weights_store
from ava.weights.fingerprint import fingerprint
from ava.weights.store import WeightsStore
from search.embed.bert import read_width
from search.embed.clip_tokens import clip_tokenizer
from search.embed.encoder import UnusableEncoder
from search.embed.encoder_folder import load_folder
from search.embed.openclip import load_openclip
from search.embed.sentence import load_sentence_encoder
from search.embed.towers import Towers
from search.models import Encoder

SENTENCE_ENCODER = "sentence-minilm"
SENTENCE_FILES = (SENTENCE_ENCODER, "sentence-minilm-tokenizer")
SENTENCE_DIMENSION = 384
OPENCLIP_ARCHITECTURES: Mapping[str, tuple[str, int]] = {
    "openclip-vit-b-32": ("ViT-B-32", 512),
    "openclip-vit-b-16": ("ViT-B-16", 512),
    "openclip-vit-l-14": ("ViT-L-14", 768),
}
"""Of each such file in the catalogue: the name that OpenCLIP has for its network, and how long its vectors are."""
RECORD = "encoder.json"
"""Lies beside an added model's files and tells their fingerprints and the vectors' dimension."""


@dataclass(frozen=True, slots=True)
class InstalledEncoder:
    """One encoder as its files tell of it.

    ``fingerprints``: the sha-256 of each file by name, which together make a version. ``reason``: why it cannot be
    used and what to do, in a sentence; empty where it can.
    """

    name: str
    kind: str
    dimension: int
    fingerprints: dict[str, str]
    reason: str
    load: Callable[[], Towers]

    def require(self) -> None:
        """Raise UnusableEncoder where its files are not all there."""
        if self.reason:
            raise UnusableEncoder(self.reason)


def list_installed() -> Iterator[InstalledEncoder]:
    """Every encoder that files can make up here, the default first."""
    yield sentence_encoder()
    for name in OPENCLIP_ARCHITECTURES:
        yield _openclip_encoder(name)
    for record in sorted(added_folder().glob(f"*/{RECORD}")):
        yield _added_encoder(record.parent)


def added_folder() -> Path:
    """Where models lie that administrators added, each in a folder of its name."""
    return weights_store().folder / "encoders"


def find_installed(name: str) -> InstalledEncoder | None:
    """The encoder of that name; None where no file here makes it up."""
    return next((each for each in list_installed() if each.name == name), None)


def sentence_encoder() -> InstalledEncoder:
    """The default: the sentence encoder that descriptions of shots are found by."""
    store = weights_store()
    reason = next((reason for name in SENTENCE_FILES if (reason := store.reason_unavailable(name))), "")
    fingerprints = {name: store.expected_fingerprint(name) or "" for name in SENTENCE_FILES}
    dimension = SENTENCE_DIMENSION if reason else _width(fingerprints[SENTENCE_ENCODER], store.path(SENTENCE_ENCODER))
    return InstalledEncoder(
        name=SENTENCE_ENCODER,
        kind=Encoder.Kind.DESCRIPTION,
        dimension=dimension,
        fingerprints=fingerprints,
        reason=reason,
        load=lambda: _load_sentence_encoder(store),
    )


def _openclip_encoder(name: str) -> InstalledEncoder:
    store = weights_store()
    architecture, dimension = OPENCLIP_ARCHITECTURES[name]

    def load() -> Towers:
        device = pick_device(settings.AVA_DEVICE)
        return load_openclip(store.path(name), architecture=architecture, tokenize=clip_tokenizer(), device=device)

    return InstalledEncoder(
        name=name,
        kind=Encoder.Kind.VISION_LANGUAGE,
        dimension=dimension,
        fingerprints={name: store.expected_fingerprint(name) or ""},
        reason=store.reason_unavailable(name),
        load=load,
    )


def _added_encoder(folder: Path) -> InstalledEncoder:
    told: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        told = json.loads((folder / RECORD).read_text())
    files = told.get("files") or {}
    is_sound = bool(files) and all(_has_fingerprint(folder / name, sha256) for name, sha256 in files.items())
    reason = f"The files of the encoder {folder.name} have changed on the disk since it was added; add it again."
    return InstalledEncoder(
        name=folder.name,
        kind=Encoder.Kind.VISION_LANGUAGE,
        dimension=told.get("dimension") or 0,
        fingerprints=files,
        reason="" if is_sound else reason,
        load=lambda: load_folder(folder, device=pick_device(settings.AVA_DEVICE)),
    )


def _has_fingerprint(path: Path, sha256: str) -> bool:
    """Whether a file is the one that was added; it is read whole once in a process."""
    try:
        return fingerprint(path) == sha256
    except OSError:
        return False


@lru_cache(maxsize=8)
def _width(fingerprint: str, path: Path) -> int:
    """Of a sound file, whose content its fingerprint stands for."""
    return read_width(path)


def _load_sentence_encoder(store: WeightsStore) -> Towers:
    weights, tokenizer = (store.path(name) for name in SENTENCE_FILES)
    return Towers(load_sentence_encoder(weights, tokenizer=tokenizer), None)
