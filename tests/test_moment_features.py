"""What is known of a film's shots when moments are ranked, where it comes from, and how long scores hold."""

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ava.models import Job, Team, Video, WorkState
from ava.packing import pack_values
from ava.turns import Gone
from curation import moment_features, moment_scores
from curation.models import FaceTrack, MomentScoring, TrailerVerdict
from curation.moment_features import NO_LINES, NO_TEXT, NO_VECTORS, NOT_HEARD, film_shots
from curation.moment_scores import film_moments
from curation.moments.film_measures import SIGNALS, SeenFaces, measure_shots
from curation.moments.packed import UnfitBytes, pack_moments, unpack_moments
from curation.moments.prior import score_by_prior
from curation.moments.shot_features import FEATURE_AT, FilmShots
from search.models import DialogueLine, Encoder, ShotVector
from tests.moment_films import (
    MEASURED,
    SHOT_FRAMES,
    make_analysed_film,
    make_face,
    make_sound,
    make_trailer,
    shot_levels,
)
from tests.world import make_person

FPS = 25


@pytest.fixture(autouse=True)
def no_warning() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def film(db: None) -> Video:
    return make_analysed_film("Film", team=Team.objects.create(name="Team"), shots=12)


def column(shots: FilmShots, name: str) -> np.ndarray:
    return shots.values[:, FEATURE_AT[name]]


def known_shots(video: Video) -> FilmShots:
    shots = film_shots(video)
    assert shots is not None
    return shots


def test_shots_are_measured_by_their_own_frames(film: Video) -> None:
    shots = known_shots(film)
    levels = shot_levels(12, seed=0)
    assert shots.spans.tolist() == [[at * SHOT_FRAMES, (at + 1) * SHOT_FRAMES] for at in range(12)]
    assert np.allclose(column(shots, "length_s"), SHOT_FRAMES / FPS)
    assert np.allclose(column(shots, "motion_unit_s"), levels[:, MEASURED.index("motion")] * FPS)
    assert np.allclose(column(shots, "brightness_unit"), levels[:, MEASURED.index("exposure")])
    assert np.allclose(column(shots, "saturation_unit"), levels[:, MEASURED.index("palette")])
    assert np.allclose(column(shots, "warmth"), 1e6 / (2000 + 8000 * levels[:, MEASURED.index("colour_cast")]))
    assert column(shots, "scale_unit")[:3] == pytest.approx([1 / 6, 4 / 6, 5 / 6])
    assert np.isnan(column(shots, "scale_unit")[3])


def test_a_shot_measures_the_same_whatever_film_it_is_in() -> None:
    rng = np.random.default_rng(3)
    signals = {name: rng.random(400).astype(np.float32) for name in SIGNALS}
    times_s = np.arange(401) / 24
    spans = np.array([[0, 37], [37, 211], [211, 400]])
    whole = measure_shots(spans, frame_times_s=times_s, signals=signals)
    for number, (start, end) in enumerate(spans.tolist()):
        alone = measure_shots(
            np.array([[0, end - start]]),
            frame_times_s=times_s[start : end + 1],
            signals={name: values[start:end] for name, values in signals.items()},
        )
        same = np.isclose(alone.values[0], whole.values[number], rtol=1e-6, equal_nan=True)
        assert same.all()


def test_motion_a_second_follows_the_real_times_of_a_film_of_uneven_frames() -> None:
    motion = {"motion.flow_magnitude": np.array([9.0, 0.1, 0.1, 0.1, 9.0, 0.2, 0.2, 0.2], dtype=np.float32)}
    times_s = np.array([0.0, 0.04, 0.08, 0.12, 0.16, 0.26, 0.36, 0.46, 0.5])
    shots = measure_shots(np.array([[0, 4], [4, 8]]), frame_times_s=times_s, signals=motion)
    assert column(shots, "motion_unit_s") == pytest.approx([0.1 * 3 / 0.12, 0.2 * 3 / 0.3])


def test_nothing_is_made_up_for_what_was_not_measured() -> None:
    shots = measure_shots(np.array([[0, 1], [1, 30]]), frame_times_s=np.arange(31) / 25, signals={})
    known = np.isfinite(shots.values).any(axis=0)
    assert known.nonzero()[0].tolist() == [FEATURE_AT["length_s"]]
    empty = measure_shots(np.empty((0, 2), np.int64), frame_times_s=np.arange(31) / 25, signals={})
    assert empty.values.shape == (0, shots.values.shape[1])


def test_people_are_counted_by_looks_and_followed_faces_whichever_saw_more() -> None:
    looks = np.full(100, np.nan, dtype=np.float32)
    looks[[5, 20, 35]] = [3, 3, 0]  # three people in two of three looks
    looks[[60, 80, 90]] = [1, 0, 0]
    faces = SeenFaces(np.array([52, 55, 90]), np.array([80, 70, 99]), np.array([0.3, 0.5, 0.1], dtype=np.float32))
    shots = measure_shots(
        np.array([[0, 50], [50, 100]]), frame_times_s=np.arange(101) / 25, signals={"people.count": looks}, faces=faces
    )
    assert column(shots, "people").tolist() == [3, 2]
    assert column(shots, "prominence_unit") == pytest.approx([0, 0.5])


def test_faces_count_as_people_have_put_them_right(film: Video) -> None:
    make_face(film, shot=2, height_unit=0.4)
    make_face(film, shot=3, height_unit=0.9, is_static=True)
    wrong = make_face(film, shot=4, height_unit=0.7)
    before = film_moments(film)
    assert before is not None
    assert column(before.shots, "prominence_unit")[:5] == pytest.approx([0, 0, 0.4, 0, 0.7])
    FaceTrack.objects.filter(pk=wrong.pk).update(is_face=False)
    after = film_moments(film)
    assert after is not None
    assert column(after.shots, "prominence_unit")[4] == 0


def test_a_film_says_what_is_not_known_of_it_until_it_is(film: Video) -> None:
    Encoder.objects.create(name="looks", version=1, kind="vision-language", dimension=3, is_serving=True)
    before = film_moments(film)
    assert before is not None
    assert {NOT_HEARD, NO_LINES, NO_TEXT, NO_VECTORS} <= set(before.missing)
    make_sound(film)
    after = film_moments(film)
    assert after is not None
    assert NOT_HEARD not in after.missing
    loud = column(after.shots, "relative_lu")
    assert loud[:6].min() > loud[6:].max() + 20
    assert np.isfinite(column(after.shots, "sound_brightness_hz")).all()


def test_dialogue_is_the_share_of_a_shot_in_which_something_is_said(film: Video) -> None:
    lines = {(10, 35): "We have to go.", (75, 100): "Now!", (110, 130): "[thunder]"}
    for (start, end), text in lines.items():
        DialogueLine.objects.create(video=film, source="uploaded", start_frame=start, end_frame=end, text=text)
    said = column(known_shots(film), "dialogue_unit")
    assert said[:3] == pytest.approx([0.5, 0.5, 0])


def test_shots_have_the_vectors_of_the_encoder_that_serves_and_none_of_another(film: Video) -> None:
    words = Encoder.objects.create(name="words", version=1, kind="description", dimension=3, is_serving=True)
    looks = Encoder.objects.create(name="looks", version=2, kind="vision-language", dimension=3)
    for encoder, axis in ((words, 0), (looks, 1)):
        vector = [float(at == axis) for at in range(3)]
        span = {"start_frame": SHOT_FRAMES, "end_frame": 2 * SHOT_FRAMES}
        ShotVector.objects.create(encoder=encoder, video=film, vector=vector, made_from="x", **span)
    vectors = known_shots(film).vectors
    assert vectors is not None
    assert vectors.tolist() == [[0, 0, 0], [1, 0, 0], *[[0, 0, 0]] * 10]
    Encoder.objects.filter(pk=looks.pk).update(is_serving=True)
    seen = known_shots(film).vectors
    assert seen is not None and seen[1].tolist() == [0, 1, 0]
    assert film_shots(film, space="nothing 7")._replace().vectors is None  # type: ignore[union-attr]


def test_scores_are_kept_until_something_they_were_made_from_is_different(
    film: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = film_moments(film)
    assert first is not None and first.model is None and "prior" in first.how
    matching = make_trailer(film, uses=[1, 2, 3])
    TrailerVerdict.objects.create(
        film=film, trailer=matching.trailer, trailer_start=0, trailer_end=25, film_start=60, film_end=85,
        first_frame=60, verdict="wrong", user=make_person("editor"),
    )  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(moment_scores, "gather_shots", None)  # calling it would fail
        again = film_moments(film)
    assert again is not None
    assert np.array_equal(again.scores.score_unit, first.scores.score_unit)
    assert np.array_equal(again.shots.values, first.shots.values, equal_nan=True)
    row = MomentScoring.objects.get(video=film)
    Job.objects.create(video=film, state=WorkState.DONE)
    assert film_moments(film) is not None
    assert MomentScoring.objects.get(video=film).basis != row.basis


def test_scores_that_cannot_be_read_are_made_anew(film: Video) -> None:
    first = film_moments(film)
    assert first is not None
    MomentScoring.objects.filter(video=film).update(packed=b"torn")
    again = film_moments(film)
    assert again is not None and np.array_equal(again.scores.score_unit, first.scores.score_unit)
    with pytest.raises(UnfitBytes):
        unpack_moments(pack_moments(first.shots, first.scores)[:-40], by="prior")


def test_before_shots_are_final_there_are_no_moments(film: Video) -> None:
    film.shots.update(provisional=True)
    assert film_moments(film) is None
    assert film_shots(film) is None


def test_a_film_of_one_shot_has_one_moment(db: None) -> None:
    film = make_analysed_film("Short", team=Team.objects.create(name="Team"), shots=1)
    moments = film_moments(film)
    assert moments is not None and moments.scores.score_unit.tolist() == [0.5]


def test_a_film_that_goes_while_it_is_scored_is_gone(film: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    def gather(video: Video, **options: str) -> object:
        found = moment_features.gather_shots(video, **options)
        Video.objects.filter(pk=video.pk).delete()
        return found

    monkeypatch.setattr(moment_scores, "gather_shots", gather)
    with pytest.raises(Gone):
        film_moments(film)


def test_longer_films_take_no_more_queries(film: Video) -> None:
    long = make_analysed_film("Long", team=film.title.teams.get(), shots=60)
    counted = []
    for video in (film, long):
        with CaptureQueriesContext(connection) as queries:
            assert film_moments(video) is not None
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_what_is_no_number_among_signals_is_not_measured(film: Video) -> None:
    annotation = film.chunks.get().annotations.get(annotator="exposure")
    values = np.full((film.frame_count, len(annotation.columns)), np.nan, dtype=np.float32)
    values[:SHOT_FRAMES] = np.inf
    annotation.values = pack_values(values)
    annotation.save()
    moments = film_moments(film)
    assert moments is not None
    assert np.isnan(column(moments.shots, "brightness_unit")).all()
    assert np.isfinite(moments.scores.score_unit).all()
    assert np.array_equal(score_by_prior(moments.shots).score_unit, moments.scores.score_unit)
