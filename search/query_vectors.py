"""A query as every encoder sees it: its words, its example, or both, as one vector of the encoder's space."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.models import User
from search import encoders
from search.embed.encoder import ImageEncoder, UnusableEncoder
from search.example_pictures import (
    Example,
    NoExample,
    describe_picture,
    example_pixels,
    find_example,
    needs_pixels,
)
from search.models import Encoder
from search.query import Query
from search.shot_lookup import Span
from search.vector_search import vector_of_shot

logger = logging.getLogger(__name__)

BY_COLOURS_ALONE = (
    "No encoder that knows pictures is in use, so that the picture is looked for by its measured colours and light "
    "alone; installing a vision–language model enables more."
)


class QueryVector(NamedTuple):
    """What to look for among an encoder's vectors; `without` is the shot that is the example itself, and
    `by_example` tells vectors of shots and pictures from those of words."""

    encoder: Encoder
    vector: NDArray[np.float32]
    by_example: bool
    without: Span | None = None


class EncodedQuery(NamedTuple):
    """The query by every encoder that can say something of it; sentences on those that cannot, and on the example."""

    vectors: tuple[QueryVector, ...]
    notes: tuple[str, ...]
    like_text: str = ""


def encode_query(query: Query, serving: Sequence[Encoder], *, user: User) -> EncodedQuery:
    """Encode a query for each of some encoders. What fails is told, and the others go on."""
    notes: list[str] = []
    example, like_text = None, ""
    if query.like is not None:
        try:
            example = find_example(query.like, user=user)
            if needs_pixels(query) and any(_image_tower(each) is None for each in serving):
                like_text = describe_picture(example_pixels(example, query.region))
                if all(_image_tower(each) is None for each in serving):
                    notes.append(f"{BY_COLOURS_ALONE} Measured: {like_text}" if like_text else BY_COLOURS_ALONE)
        except NoExample as error:
            notes.append(str(error))
            example = None
    vectors = []
    for encoder in serving:
        try:
            vectors += _encode(query, encoder, example, like_text)
        except (UnusableEncoder, NoExample) as error:
            notes.append(str(error))
    return EncodedQuery(tuple(vectors), tuple(dict.fromkeys(notes)), like_text)


def _encode(query: Query, encoder: Encoder, example: Example | None, like_text: str) -> list[QueryVector]:
    """One vector, or none where the encoder cannot tell anything of the query."""
    parts: list[NDArray[np.float32]] = []
    without = None
    if example is not None:
        like = _example_vector(query, encoder, example, like_text)
        if like is not None:
            parts.append(like[1])
            without = like[0]
    by_example = bool(parts)
    if query.words:
        parts.append(encoders.text_encoder(encoder).encode_texts([query.words])[0])
    if not parts:
        return []
    joined = np.sum(parts, axis=0, dtype=np.float64)
    length = float(np.linalg.norm(joined))
    if not np.isfinite(length) or length == 0:
        return []
    return [QueryVector(encoder, (joined / length).astype(np.float32), by_example, without)]


def _example_vector(
    query: Query, encoder: Encoder, example: Example, like_text: str
) -> tuple[Span | None, NDArray[np.float32]] | None:
    """The example's vector, and the shot it is of where it is one."""
    if needs_pixels(query):
        if (tower := _image_tower(encoder)) is not None:
            return None, _picture_vector(encoder, tower, example, query)
        return (None, encoders.text_encoder(encoder).encode_texts([like_text])[0]) if like_text else None
    assert example.video is not None and query.like is not None
    around = vector_of_shot(encoder, example.video.pk, frame=example.frame)
    if query.like.kind == "still" and (tower := _image_tower(encoder)) is not None:  # one moment of its shot
        return around and around[0], _picture_vector(encoder, tower, example, query)
    return around


def _picture_vector(encoder: Encoder, tower: ImageEncoder, example: Example, query: Query) -> NDArray[np.float32]:
    frames = tower.encode_pictures([example_pixels(example, query.region)])
    return encoders.shot_vectors(encoder, [frames])[0]


def _image_tower(encoder: Encoder) -> ImageEncoder | None:
    try:
        return encoders.image_encoder(encoder)
    except UnusableEncoder as error:
        logger.warning("%s cannot look at pictures: %s", encoder, error)
        return None
