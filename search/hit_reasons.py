"""Why shots were found, in words: what of their descriptions, dialogue and labels matched."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from search.embed.hits import Reason
from search.embed.word_forms import find_marks
from search.models import Encoder, ShotDescription
from search.query import Query
from search.query_vectors import EncodedQuery
from search.shot_lookup import Span, at_places
from search.word_query import telling_words

MOST_SENTENCES = 2

Key = tuple[int, int]


def describe_hits(
    shots: Sequence[Span],
    found: Mapping[Key, Sequence[Reason]],
    *,
    query: Query,
    encoded: EncodedQuery,
) -> dict[Key, tuple[Reason, ...]]:
    """The reasons of each shot with their words, the strongest first; those without words yet are given theirs."""
    texts = _texts(shots)
    wanted = (*query.phrases, *telling_words(query.text)) if query.words else ()
    kinds = {each.encoder.name: each.encoder.kind for each in encoded.vectors}
    by_example = {each.encoder.name for each in encoded.vectors if each.by_example}
    told: dict[Key, tuple[Reason, ...]] = {}
    for shot in shots:
        reasons = []
        for reason in found[shot.key]:
            if not reason.text:
                sentence = _sentence_of(texts.get(shot.key, ""), wanted)
                like = reason.source in by_example
                reason = _tell(reason, sentence, wanted, kind=kinds.get(reason.source), like=like)
            reasons.append(reason)
        told[shot.key] = tuple(sorted(reasons, key=lambda each: -each.strength_unit))
    return told


def _tell(reason: Reason, sentence: str, wanted: tuple[str, ...], *, kind: str | None, like: bool) -> Reason:
    if kind is None:
        return reason._replace(text=sentence, marks=find_marks(sentence, wanted))
    if like:
        return reason._replace(text="Like the example")
    if kind == Encoder.Kind.DESCRIPTION:
        return reason._replace(text=f"Near in meaning: {sentence}" if sentence else "Near in meaning")
    return reason._replace(text="The picture fits the words")


@lru_cache(maxsize=4096)
def _sentence_of(text: str, wanted: tuple[str, ...]) -> str:
    """The sentences of a description with the most of the wanted words, in their order; its first where none has."""
    sentences = [f"{part.rstrip('.')}." for part in text.split(". ") if part]
    marked = [len(find_marks(sentence, wanted)) for sentence in sentences]
    ranked = sorted(range(len(sentences)), key=lambda place: (-marked[place], place))
    chosen = [place for place in ranked[:MOST_SENTENCES] if marked[place]] or ranked[:1]
    return " ".join(sentences[place] for place in sorted(chosen))


def _texts(shots: Sequence[Span]) -> dict[Key, str]:
    rows = at_places(ShotDescription.objects.order_by(), (shot.key for shot in shots))
    return {(video, frame): text for video, frame, text in rows.values_list("video_id", "start_frame", "text")}
