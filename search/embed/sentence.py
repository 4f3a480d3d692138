"""The sentence encoder: texts to vectors of which close ones mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ava.annotate.compute_device import prepare_torch
from search.embed.bert import Bert, encode_pieces, load_bert
from search.embed.encoder import UnusableEncoder, Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LONGEST_TEXT_PIECES = 256
"""What all-MiniLM-L6-v2 was trained for; later words of a longer text say nothing."""
LONGEST_TEXT_LETTERS = 20_000
"""Far more than those pieces hold; what lies behind is not even cut into pieces."""
PIECES_AT_ONCE = 1024
"""By measurement (tests/bench/search_encoders.py): more at once is no faster and takes more memory."""


class SentenceEncoder:
    """Texts to the mean of their word pieces' vectors, of length 1.

    Source: Reimers and Gurevych, Sentence-BERT, 2019. The same text gives the same vector to 1e-6, whatever else is
    encoded with it. Empty texts have a vector, too: that of the two marks around nothing.
    """

    def __init__(self, bert: Bert, tokenizer: Tokenizer) -> None:
        self.dimension = bert.width
        self._bert = bert
        self._tokenizer = tokenizer

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Encode any number of texts: ``float32 (N, dimension)``."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        sequences = [self._cut(text) for text in texts]
        for numbers in _batches([len(sequence) for sequence in sequences]):
            outcomes = encode_pieces(self._bert, [sequences[number] for number in numbers])
            for number, outcome in zip(numbers, outcomes, strict=True):
                mean = outcome.mean(dim=0).numpy().astype(np.float64)
                vectors[number] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return vectors

    def _cut(self, text: str) -> list[int]:
        readable = text[:LONGEST_TEXT_LETTERS].encode("utf-8", "replace").decode()  # lone surrogates end tokenizing
        return list(self._tokenizer.encode(readable).ids)


def load_sentence_encoder(weights: Path, *, tokenizer: Path) -> SentenceEncoder:
    """Load a sentence encoder of safetensors weights and a tokenizer file.

    Raises UnusableEncoder where one of them cannot be read or they do not go together.
    """
    from tokenizers import Tokenizer

    prepare_torch()
    bert = load_bert(weights)
    try:
        cutter = Tokenizer.from_file(str(tokenizer))
    except Exception as error:  # the library raises nothing more exact
        raise UnusableEncoder(f"{tokenizer.name} is no tokenizer file; install the model file again.") from error
    if cutter.get_vocab_size() > bert.pieces.shape[0]:
        raise UnusableEncoder(f"{weights.name} does not know all word pieces of {tokenizer.name}; install both again.")
    cutter.no_padding()
    cutter.enable_truncation(max_length=min(LONGEST_TEXT_PIECES, bert.longest))
    return SentenceEncoder(bert, cutter)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Numbers of sequences to run together, in their order."""
    batch: list[int] = []
    pieces = 0
    for number, length in enumerate(lengths):
        if batch and pieces + length > PIECES_AT_ONCE:
            yield batch
            batch, pieces = [], 0
        batch.append(number)
        pieces += length
    if batch:
        yield batch
