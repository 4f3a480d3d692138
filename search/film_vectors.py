"""Vectors of a film's shots by every wanted encoder: what they are made of, which are stale, and making them."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from django.db import transaction
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from ava.media.decode import decode_frame_set
from ava.models import Video
from ava.storage import local_path
from ava.turns import take_turn
from ava.video_facts import video_info
from search import encoders
from search.dialogue import said_within
from search.embed.encoder import ImageEncoder, UnusableEncoder
from search.models import Encoder, ShotLabel, ShotVector

VECTORS_VERSION = 1
"""Counts up when vectors are made of other things."""

FRAMES_OF_SHOT = 4
"""Evenly spread inside a shot; mean-pooled embeddings hardly gain from more (Luo and others 2021, CLIP4Clip, figure 3,
with 12 frames of half-minute clips)."""

SHOTS_AT_ONCE = 32
DECODED_SIDE_PX = 512
MOST_SAID_LETTERS = 600

Report = Callable[[int], None]


class ShotSource(NamedTuple):
    """What one shot's vector is made from: its texts, for encoders of words, or its frames, for those of pictures."""

    start_frame: int
    end_frame: int
    texts: tuple[str, ...] = ()
    frames: tuple[int, ...] = ()

    @property
    def made_from(self) -> str:
        """The sha-256 of all of it, as hex digits."""
        return hashlib.sha256(repr((VECTORS_VERSION, *self)).encode()).hexdigest()


class Usable(NamedTuple):
    """A wanted encoder that works here; ``image`` is None where it knows words only."""

    encoder: Encoder
    image: ImageEncoder | None


def wanted_encoders() -> list[Encoder]:
    """Encoders that every shot is to have a vector of, and whose files are here, in the order of their making.

    What still serves is kept up until something else does.
    """
    encoders.default_encoder()
    rows = Encoder.objects.filter(Q(is_wanted=True) | Q(is_serving=True)).defer("weights").order_by("pk")
    return [row for row in rows if not encoders.why_unusable(row)]


def load_wanted() -> tuple[list[Usable], list[str]]:
    """Load the wanted encoders; those that fail are told in sentences."""
    usable, errors = [], []
    for encoder in wanted_encoders():
        try:
            usable.append(Usable(encoder, encoders.image_encoder(encoder)))
        except UnusableEncoder as error:
            errors.append(str(error))
    return usable, errors


def embed_shots(video: Video, usable: Sequence[Usable], *, report: Report) -> int:
    """Make the vectors of a film that are missing or made from something else; returns how many shots had any made.

    They are saved some shots at a time, so that whoever takes over from a killed worker goes on from there. Frames
    are decoded once for all encoders of pictures. ``report`` is called with how many shots are done.
    """
    texts, pictures = text_sources(video), picture_sources(video)
    stale = {
        each.encoder.pk: _stale(video, each.encoder, pictures if each.image else texts) for each in usable
    }
    made = 0
    for each in usable:
        if each.image is None:
            for batch in _batches(stale[each.encoder.pk]):
                made += _embed_texts(video, each.encoder, batch)
                report(made)
    of_pictures = [each for each in usable if each.image is not None]
    wanted = sorted({source for each in of_pictures for source in stale[each.encoder.pk]})
    for batch in _batches(wanted):
        _embed_pictures(video, of_pictures, batch, stale=stale)
        made += len(batch)
        report(made)
    return made


def text_sources(video: Video) -> list[ShotSource]:
    """The texts of each described shot: its description, what people wrote about it, and what is said in it.

    Each is embedded by itself and they are pooled with equal weight: joined into one text, a label of three words
    drowns in the measured facts. Of 69 shots of six films, five with labels were asked for in other words: they came
    out 1st each, joined 10th, 1st, 1st, 1st and 2nd; six by the meaning of what is said: 2nd and five times 1st, joined
    3rd, 7th, 3rd, 1st, 20th and 5th. Queries for measured facts ranked alike.
    """
    labels = _Spoken(list(_labels(video)))
    said = _Spoken(said_within(video))
    sources = []
    for start, end, text in video.shot_descriptions.values_list("start_frame", "end_frame", "text"):
        written = ". ".join(dict.fromkeys(labels.within(start, end)))
        spoken = " ".join(said.within(start, end))[:MOST_SAID_LETTERS]
        sources.append(ShotSource(start, end, texts=tuple(each for each in (text, written, spoken) if each)))
    return sources


def _labels(video: Video) -> QuerySet[ShotLabel, tuple[int, int, str]]:
    standing = video.shot_labels.filter(stands=True).order_by("start_frame", "pk")
    return standing.values_list("start_frame", "end_frame", "text")


class _Spoken:
    """Texts with their half-open frames, looked up by the shots they reach into."""

    def __init__(self, rows: Sequence[tuple[int, int, str]]) -> None:
        spans = np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2)
        self._starts, self._ends = spans.T
        self._texts = [text for *_, text in rows]

    def within(self, start: int, end: int) -> list[str]:
        """The texts that share a frame with a span, in their order."""
        return [self._texts[row] for row in np.flatnonzero((self._starts < end) & (self._ends > start))]


def picture_sources(video: Video) -> list[ShotSource]:
    """The frames of each described shot that encoders of pictures are shown."""
    return [
        ShotSource(start, end, frames=_spread(start, end))
        for start, end in video.shot_descriptions.values_list("start_frame", "end_frame")
    ]


def drop_gone(video: Video) -> None:
    """Delete vectors of shots that are no more, of all encoders; call it in the transaction that saves the shots'
    descriptions."""
    spans = set(video.shot_descriptions.values_list("start_frame", "end_frame"))
    rows = ShotVector.objects.filter(video=video).values_list("pk", "start_frame", "end_frame")
    gone = [pk for pk, start, end in rows.iterator() if (start, end) not in spans]
    ShotVector.objects.filter(pk__in=gone).delete()


def _spread(start: int, end: int) -> tuple[int, ...]:
    count = min(FRAMES_OF_SHOT, end - start)
    return tuple(start + int((step + 0.5) * (end - start) / count) for step in range(count))


def _stale(video: Video, encoder: Encoder, sources: Sequence[ShotSource]) -> list[ShotSource]:
    rows = ShotVector.objects.filter(video=video, encoder=encoder)
    known = {start: (end, made) for start, end, made in rows.values_list("start_frame", "end_frame", "made_from")}
    return [each for each in sources if known.get(each.start_frame) != (each.end_frame, each.made_from)]


def _batches(sources: Sequence[ShotSource]) -> Iterator[list[ShotSource]]:
    rest = iter(sources)
    while batch := list(islice(rest, SHOTS_AT_ONCE)):
        yield batch


def _embed_texts(video: Video, encoder: Encoder, batch: Sequence[ShotSource]) -> int:
    texts = [text for source in batch for text in source.texts]
    vectors = encoders.description_encoder(encoder).encode_texts(texts)
    edges = np.cumsum([len(source.texts) for source in batch])[:-1]
    _save(video, encoder, batch, encoders.shot_vectors(encoder, np.split(vectors, edges)))
    return len(batch)


def _embed_pictures(
    video: Video, usable: Sequence[Usable], batch: Sequence[ShotSource], *, stale: dict[int, list[ShotSource]]
) -> None:
    """Shots none of whose frames can be decoded have no vector: nothing is made up."""
    wanted = {frame for source in batch for frame in source.frames}
    decoded = decode_frame_set(
        local_path(video.file), info=video_info(video), frame_indices=wanted, max_side_px=DECODED_SIDE_PX
    )
    pictures = {frame.index: frame.rgb for frame in decoded}
    for encoder, image in usable:
        mine = [
            source
            for source in batch
            if source in stale[encoder.pk] and any(frame in pictures for frame in source.frames)
        ]
        if image is None or not mine:
            continue
        shown = [[pictures[frame] for frame in source.frames if frame in pictures] for source in mine]
        vectors = image.encode_pictures([picture for each in shown for picture in each])
        edges = np.cumsum([len(each) for each in shown])[:-1]
        _save(video, encoder, mine, encoders.shot_vectors(encoder, np.split(vectors, edges)))


@transaction.atomic
def _save(video: Video, encoder: Encoder, batch: Sequence[ShotSource], vectors: NDArray[np.float32]) -> None:
    """Keep vectors of shots that are still there; one without a direction stands for nothing and is left out."""
    take_turn(video)
    spans = set(video.shot_descriptions.values_list("start_frame", "end_frame"))
    rows = [
        ShotVector(
            encoder=encoder, video=video, start_frame=source.start_frame, end_frame=source.end_frame, vector=vector,
            made_from=source.made_from,
        )
        for source, vector in zip(batch, vectors, strict=True)
        if (source.start_frame, source.end_frame) in spans and np.any(vector)
    ]  # fmt: skip
    ShotVector.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["encoder", "video", "start_frame"],
        update_fields=["end_frame", "vector", "made_from"],
    )
