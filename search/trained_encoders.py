"""Encoders that were trained here: heads over the vectors of an installed one, which stays as it is."""

from collections.abc import Sequence

from search.embed.encoder import TextEncoder, UnusableEncoder, Vectors
from search.embed.towers import Towers
from search.models import Encoder


def base_of(encoder: Encoder) -> Encoder:
    """The row of the encoder that a trained one stands on. Raises UnusableEncoder where it is not known."""
    name, version = encoder.recipe.get("base") or ("", None)
    base = Encoder.objects.filter(name=name, version=version).exclude(kind=Encoder.Kind.TRAINED).first()
    if base is None:
        raise UnusableEncoder(f"What {encoder} was trained over is not known here; train it anew or switch to another.")
    return base


def load_trained(encoder: Encoder, *, base: Towers) -> Towers:
    """The trained towers over loaded ones of its base. Raises UnusableEncoder where its weights do not fit."""
    from search.train.heads import read_heads

    heads = read_heads(bytes(encoder.weights or b""), dimension=base.text.dimension, name=str(encoder))

    class TurnedTexts:
        dimension = heads.dimension

        def encode_texts(self, texts: Sequence[str]) -> Vectors:
            return heads.turn_texts(base.text.encode_texts(texts))

    text: TextEncoder = TurnedTexts()
    return Towers(text, base.image, heads.turn_shots)
