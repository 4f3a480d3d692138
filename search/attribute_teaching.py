"""One look at an attribute as it is taught: what is known of it now, and what is asked next."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.models import Video
from search import encoders
from search.attribute_examples import ShotSpan, Standing, match_examples
from search.attribute_vectors import ShotTable, known_encoders, load_shots, team_videos
from search.embed.encoder import UnusableEncoder
from search.models import Attribute, Encoder
from search.train.attribute import Answers, Learned, even_odds, learn
from search.train.attribute_choice import Why, choose_questions
from search.train.attribute_head import Told, tell

_SEEING = (Encoder.Kind.VISION_LANGUAGE, Encoder.Kind.TRAINED, Encoder.Kind.DESCRIPTION)
"""Which of encoders that know equally many shots is taken: those that see more first."""


class Guess(NamedTuple):
    """A shot that is asked about, why, and how probably it has the attribute, with the ends of the interval; None
    where that cannot be told yet."""

    span: ShotSpan
    why: Why
    probability: float | None
    low: float | None
    high: float | None


class Lesson(NamedTuple):
    """What stands and what was learnt from it: all `shots` of the team with a vector, which of them are `answered`,
    and the `learned` head, whose `scores` (N,) and, where it tells them, probabilities `told` are of all shots."""

    encoder: Encoder
    shots: ShotTable
    answered: Standing
    learned: Learned
    scores: NDArray[np.float64]
    told: Told | None


def choose_encoder(attribute: Attribute) -> Encoder | None:
    """The serving encoder that an attribute is taught on: the one its version in use was learnt on, else the one that
    knows most of the team's shots; None where none knows any."""
    serving = list(Encoder.objects.filter(is_serving=True).defer("weights").order_by("pk"))
    known = known_encoders(serving, team_videos(attribute.team_id))
    in_use = attribute.models.filter(is_active=True).values_list("encoder_id", flat=True).first()
    return min(
        (encoder for encoder in serving if known.get(encoder.pk)),
        key=lambda each: (each.pk != in_use, -known[each.pk], _SEEING.index(Encoder.Kind(each.kind)), -each.pk),
        default=None,
    )


def study(attribute: Attribute, encoder: Encoder) -> Lesson:
    """Learn from everything that stands now, on all of the team's films."""
    shots = load_shots(encoder, team_videos(attribute.team_id))
    answered = match_examples(attribute, shots)
    answers = Answers(answered.row, answered.has_it, shots.video_id[answered.row], shots.place[answered.row])
    learned = learn(shots.vectors, answers=answers, name=word_vector(encoder, attribute.name))
    scores = learned.head.score(shots.vectors)
    calibration = learned.head.calibration
    is_telling = calibration is not None and not learned.lacking
    return Lesson(
        encoder, shots, answered, learned, scores, tell(calibration, scores) if calibration and is_telling else None
    )


def ask(lesson: Lesson, *, count: int, video: Video | None = None, words: str = "") -> list[Guess]:
    """What to ask next, of one film or of all; where `words` are given, what is nearest to them first.

    Raises UnusableEncoder where words cannot be looked up.
    """
    scores, boundary = lesson.scores, even_odds(lesson.learned.head) if lesson.told else None
    if words:
        vector = word_vector(lesson.encoder, words)
        if vector is None:
            raise UnusableEncoder("Words cannot be looked up now: the files of the encoder are not installed.")
        scores, boundary = (lesson.shots.vectors @ vector).astype(np.float64), None
    rows = np.flatnonzero(lesson.shots.video_id == video.pk) if video else np.arange(len(lesson.shots))
    place_of = np.full(len(lesson.shots), -1, dtype=np.int64)
    place_of[rows] = np.arange(len(rows))
    answered = place_of[lesson.answered.row]
    questions = choose_questions(
        lesson.shots.vectors[rows] if video else lesson.shots.vectors,
        scores=scores[rows],
        answered=answered[answered >= 0],
        boundary=boundary,
        count=count,
    )
    return [_guess(lesson, int(rows[each.row]), why=each.why) for each in questions]


def span_of(shots: ShotTable, row: int) -> ShotSpan:
    return ShotSpan(int(shots.video_id[row]), int(shots.start_frame[row]), int(shots.end_frame[row]))


@lru_cache(maxsize=256)
def _word_vector(encoder_pk: int, words: str) -> NDArray[np.float32]:
    encoder = Encoder.objects.get(pk=encoder_pk)
    return encoders.text_encoder(encoder).encode_texts([words])[0]


def word_vector(encoder: Encoder, words: str) -> NDArray[np.float32] | None:
    """Words in an encoder's space; None where its files are not installed."""
    try:
        return _word_vector(encoder.pk, words)
    except UnusableEncoder:
        return None


def _guess(lesson: Lesson, row: int, *, why: Why) -> Guess:
    ends = (None, None, None) if lesson.told is None else tuple(float(each[row]) for each in lesson.told)
    return Guess(span_of(lesson.shots, row), why, *ends)
