"""Which encoders the model files of this installation make up, whether or not they are all there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ava.model_files import weights_store
from ava.weights.store import WeightsStore
from search.embed.bert import read_width
from search.embed.encoder import UnusableEncoder
from search.embed.sentence import load_sentence_encoder
from search.embed.towers import Towers
from search.models import Encoder

SENTENCE_ENCODER = "sentence-minilm"
SENTENCE_FILES = (SENTENCE_ENCODER, "sentence-minilm-tokenizer")
SENTENCE_DIMENSION = 384


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


@lru_cache(maxsize=8)
def _width(fingerprint: str, path: Path) -> int:
    """Of a sound file, whose content its fingerprint stands for."""
    return read_width(path)


def _load_sentence_encoder(store: WeightsStore) -> Towers:
    weights, tokenizer = (store.path(name) for name in SENTENCE_FILES)
    return Towers(load_sentence_encoder(weights, tokenizer=tokenizer), None)
