"""Words to the rows of pieces that a vision–language model's text tower takes."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.embed.encoder import UnusableEncoder

LONGEST_TEXT_LETTERS = 2_000
"""Far more than 77 pieces hold; what lies behind is not even cut into pieces."""

Tokens = NDArray[np.int64]
"""``int64 (N, context)``: beginning, pieces, end, and filled up."""
Tokenize = Callable[[Sequence[str]], Tokens]

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def clip_tokenizer(*, context: int = 77) -> Tokenize:
    """The tokenizer of CLIP, whose vocabulary comes with OpenCLIP. Source: Radford and others, CLIP, 2021."""
    tokenizer = _simple_tokenizer()

    def tokenize(texts: Sequence[str]) -> Tokens:
        readable = [readable_text(text) for text in texts]
        return np.asarray(tokenizer(readable, context_length=context).numpy(), np.int64).reshape(-1, context)

    return tokenize


def file_tokenizer(
    path: Path, *, context: int, pad_token: str, is_canonical: bool = False
) -> tuple[Tokenize, int]:
    """A tokenizer of a tokenizer.json and the number of the piece that it fills up with.

    ``is_canonical``: lower case without punctuation, as SigLIP wants it.

    Raises UnusableEncoder, naming the file, where it is none or does not know its ``pad_token``.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more exact
        raise UnusableEncoder(f"{path.name} is no tokenizer file; add the model again.") from error
    number = tokenizer.token_to_id(pad_token)
    if number is None:
        raise UnusableEncoder(f"{path.name} does not know the piece {pad_token!r} that fills up; add the model again.")
    tokenizer.enable_padding(length=context, pad_id=number, pad_token=pad_token)
    tokenizer.enable_truncation(max_length=context)

    def tokenize(texts: Sequence[str]) -> Tokens:
        readable = [" ".join(readable_text(text).split()) for text in texts]
        if is_canonical:
            bare = [text.replace("_", " ").translate(_NO_PUNCTUATION).lower() for text in readable]
            readable = [" ".join(text.split()) for text in bare]
        rows = [each.ids for each in tokenizer.encode_batch(readable)]
        return np.array(rows, np.int64).reshape(-1, context)

    return tokenize, int(number)


def readable_text(text: str) -> str:
    """A text without what ends a tokenizer: lone halves of characters, and more letters than it could use."""
    return text[:LONGEST_TEXT_LETTERS].encode("utf-8", "replace").decode()


@lru_cache(maxsize=1)
def _simple_tokenizer() -> Callable[..., Any]:
    from ava.annotate.torchvision_operators import provide_torchvision_operators

    provide_torchvision_operators()
    from open_clip.tokenizer import SimpleTokenizer

    made: Callable[..., Any] = SimpleTokenizer()
    return made
