"""A text encoder that remembers what it was asked last: people type the same words again, and pages turn."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np

from search.embed.encoder import TextEncoder, Vectors

REMEMBERED = 1024
LARGEST_QUERY = 8
"""More texts at once are the catalogue's and not a person's, and are asked for once."""


class RememberedTexts:
    """Gives what another text encoder gives, at once for what was asked lately; safe to use from several threads."""

    def __init__(self, encoder: TextEncoder) -> None:
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """As TextEncoder's."""
        if not 0 < len(texts) <= LARGEST_QUERY:
            return self._encoder.encode_texts(texts)
        found = self._recall(texts)
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        if missing:
            found |= dict(zip(missing, self._encoder.encode_texts(missing), strict=True))
            self._remember(found)
        return np.stack([found[text] for text in texts])

    def _recall(self, texts: Sequence[str]) -> dict[str, Vectors]:
        with self._lock:
            return {text: self._known[text] for text in texts if text in self._known}

    def _remember(self, found: dict[str, Vectors]) -> None:
        with self._lock:
            for text, vector in found.items():
                self._known[text] = vector
                self._known.move_to_end(text)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
