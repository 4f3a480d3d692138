"""A catalogue of described shots with vectors of 512 numbers, as large as asked for.

Descriptions are those of random facts; the vector of a shot is the mean of its description's sentences by the sentence
encoder, turned into 512 dimensions, plus what its film has in common and what is its own, the latter in a subspace of
64 dimensions, for embeddings of pictures do not fill their space either. So queries have shots that they mean, and near
ones around them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.embed.encoder import TextEncoder, Vectors

FILMS = 500
DIMENSION = 512
KINDS = 3000
"""Different descriptions: what machines can tell of shots repeats itself."""
FILM_SHARE, OWN_SHARE, OWN_DIMENSIONS = 0.5, 0.8, 64
SHOT_FRAMES = 100
BLOCK = 20_000
ENCODER = "bench-512"

NAMES = ("Ann", "Ben", "Clara", "David", "Emma", "Frank", "Greta", "Hugo", "Ines", "Jonas")
SCALES = ("extreme_close_up", "close_up", "medium", "cowboy", "full", "long", "extreme_long")
CAMERAS = ("static", "pan", "tilt", "zoom", "handheld", "tracking")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey")
EXPRESSIONS = ("laughing", "smiling", "surprised", "eyes closed", "mouth open")
QUERIES = (
    "close-up of Ann smiling", "two people together in blue light", "Ben laughing", "dark picture at night",
    "camera pans left over a green landscape", "extreme long shot, very far away", "Clara alone, handheld camera",
    "a crowd of people", "shallow focus with blurred background", "Emma surprised with open mouth",
    "warm light at sunset", "fast action", "red dress", "tracking shot that follows somebody", "car explosion",
    "black and white picture", "Frank and Greta together", "someone with closed eyes", "long take", "yellow flowers",
    "zoom in on a face", "Hugo medium shot static camera", "purple and pink colours", "calm motionless shot",
    "Ines looking surprised", "a group of three", "low-key light", "bright high-key picture", "Jonas full body",
    "merry christmas",
)  # fmt: skip


class Turned:
    """The sentence encoder with its vectors turned into a space of 512 dimensions; angles stay as they are."""

    dimension = DIMENSION

    def __init__(self, inner: TextEncoder) -> None:
        square = np.random.default_rng(5).standard_normal((DIMENSION, inner.dimension))
        self._inner, self._turn = inner, np.linalg.qr(square)[0].T.astype(np.float32)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return np.ascontiguousarray(self._inner.encode_texts(texts) @ self._turn)


class Kind(NamedTuple):
    """One description with its facts and its vector."""

    text: str
    facts: dict[str, Any]
    vector: NDArray[np.float32]


def make_kinds(encoder: TextEncoder) -> list[Kind]:
    """Random facts, described and encoded."""
    from search.embed.describe import describe_shot
    from search.embed.facts import ShotFacts, tell_facts

    rng = np.random.default_rng(7)
    told = []
    for _ in range(KINDS):
        people = int(rng.integers(0, 10))
        facts = ShotFacts(
            start_frame=0, end_frame=SHOT_FRAMES, duration_s=float(rng.choice([0.8, 2, 4, 9, 15])),
            scale=str(rng.choice(SCALES)), camera=str(rng.choice(CAMERAS)), people=people,
            names=tuple(rng.choice(NAMES, size=min(people, int(rng.integers(0, 3))), replace=False).tolist()),
            expressions=tuple(rng.choice(EXPRESSIONS, size=int(rng.integers(0, 2)), replace=False).tolist()),
            colours=tuple(rng.choice(COLOURS, size=int(rng.integers(1, 4)), replace=False).tolist()),
            brightness_unit=float(rng.uniform(0, 0.9)), saturation_unit=float(rng.uniform(0, 0.6)),
            temperature_k=float(rng.uniform(2500, 10000)), motion_unit_s=float(rng.exponential(0.2)),
            depth_of_field_unit=float(rng.uniform()),
        )  # fmt: skip
        told.append((describe_shot(facts), tell_facts(facts)))
    vectors = _mean_of_sentences([text for text, _ in told], encoder)
    return [Kind(text, facts, vector) for (text, facts), vector in zip(told, vectors, strict=True)]


def _mean_of_sentences(texts: Sequence[str], encoder: TextEncoder) -> NDArray[np.float32]:
    """Descriptions share their sentences: encoding each of these once takes a tenth of what whole texts take."""
    sentences = [text.rstrip(".").split(". ") for text in texts]
    distinct = sorted({each for parts in sentences for each in parts})
    known = dict(zip(distinct, encoder.encode_texts(distinct), strict=True))
    return _unit(np.stack([np.mean([known[each] for each in parts], axis=0) for parts in sentences]))


class Shots(NamedTuple):
    """A block of shots: row of their film and kind ``int64 (N,)``, first frame, and vectors ``float16 (N, 512)``."""

    film: NDArray[np.int64]
    kind: NDArray[np.int64]
    start_frame: NDArray[np.int64]
    vectors: NDArray[np.float16]


def make_shots(count: int, kinds: Sequence[Kind]) -> Iterator[Shots]:
    """The same shots for the same count, film after film."""
    rng = np.random.default_rng(11)
    base = np.stack([kind.vector for kind in kinds])
    films = _unit(rng.standard_normal((FILMS, DIMENSION)))
    own = np.linalg.qr(rng.standard_normal((DIMENSION, OWN_DIMENSIONS)))[0].T
    each = count // FILMS
    for start in range(0, count, BLOCK):
        number = np.arange(start, min(start + BLOCK, count))
        film, kind = np.minimum(number // each, FILMS - 1), rng.integers(0, len(kinds), len(number))
        noise = _unit(rng.standard_normal((len(number), OWN_DIMENSIONS))) @ own
        vectors = _unit(base[kind] + FILM_SHARE * films[film] + OWN_SHARE * noise).astype(np.float16)
        yield Shots(film, kind, (number - film * each) * SHOT_FRAMES, vectors)


def fill(count: int, kinds: Sequence[Kind], *, user: Any) -> Any:
    """Write the catalogue for a user's team; gives the encoder's row, which serves."""
    from django.db import connection

    from ava.models import Team, Title
    from search.models import Encoder, ShotDescription
    from tests.world import make_film

    team = user.teams.get()
    titles = Title.objects.bulk_create([Title(name=f"Film {number:03}") for number in range(FILMS)])
    Team.titles.through.objects.bulk_create([Team.titles.through(team=team, title=title) for title in titles])
    frames = (count // FILMS + FILMS) * SHOT_FRAMES
    films = np.array([make_film(title, frame_count=frames).pk for title in titles])
    encoder = Encoder.objects.create(
        name=ENCODER, version=1, kind=Encoder.Kind.DESCRIPTION, dimension=DIMENSION, is_serving=True, is_wanted=True
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE kind (place bigint, text text, facts jsonb, words tsvector)")
        _copy_kinds(cursor, kinds)
        for index in ("shot_description_words", "shot_description_facts", "shot_vectors_of_video"):
            cursor.execute(f"DROP INDEX IF EXISTS {index}")
        for shots in make_shots(count, kinds):
            _copy_vectors(cursor, shots, films, encoder.pk)
            _copy_descriptions(cursor, shots, films)
        _add_indexes()
        cursor.execute("VACUUM (ANALYZE) search_shotvector")
        cursor.execute("VACUUM (ANALYZE) search_shotdescription")
        cursor.execute("ANALYZE")  # as Postgres does by itself after a while
    assert ShotDescription.objects.count() == count
    return encoder


def _add_indexes() -> None:
    from django.db import connection

    from search.models import ShotDescription, ShotVector

    with connection.schema_editor() as editor:
        for model in (ShotDescription, ShotVector):
            for index in model._meta.indexes:
                editor.add_index(model, index)


def _copy_kinds(cursor: Any, kinds: Sequence[Kind]) -> None:
    with cursor.copy("COPY kind (place, text, facts) FROM STDIN") as copy:
        for place, kind in enumerate(kinds):
            copy.write_row((place, kind.text, json.dumps(kind.facts)))
    cursor.execute("UPDATE kind SET words = to_tsvector('simple', lower(text)) || to_tsvector('english', text)")


def _copy_vectors(cursor: Any, shots: Shots, films: NDArray[np.int64], encoder: int) -> None:
    """Postgres's binary COPY: rows of one length, so that a whole block is one array."""
    layout = np.dtype(
        [("fields", ">i2"), *_field("encoder", ">i8"), *_field("video", ">i8"), *_field("start", ">i4"),
         *_field("end", ">i4"), ("vector_bytes", ">i4"), ("dimension", ">i2"), ("unused", ">i2"),
         ("vector", ">f2", (DIMENSION,)), *_field("made_from", "S64")]
    )  # fmt: skip
    rows = np.zeros(len(shots.film), dtype=layout)
    rows["fields"], rows["vector_bytes"], rows["dimension"] = 6, 4 + 2 * DIMENSION, DIMENSION
    values = {
        "encoder": encoder, "video": films[shots.film], "start": shots.start_frame,
        "end": shots.start_frame + SHOT_FRAMES, "made_from": b"0" * 64,
    }  # fmt: skip
    for name, value in values.items():
        rows[name], rows[f"{name}_bytes"] = value, layout[name].itemsize
    rows["vector"] = shots.vectors
    columns = "encoder_id, video_id, start_frame, end_frame, vector, made_from"
    with cursor.copy(f"COPY search_shotvector ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff")


def _field(name: str, kind: str) -> list[tuple[str, str]]:
    return [(f"{name}_bytes", ">i4"), (name, kind)]


def _copy_descriptions(cursor: Any, shots: Shots, films: NDArray[np.int64]) -> None:
    cursor.execute(
        "INSERT INTO search_shotdescription (video_id, start_frame, end_frame, facts, text, words, made_from) "
        "SELECT film, start, start + %s, facts, text, words, '' "
        "FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS shot (film, start, place) JOIN kind USING (place)",
        [SHOT_FRAMES, films[shots.film].tolist(), shots.start_frame.tolist(), shots.kind.tolist()],
    )


def _unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
