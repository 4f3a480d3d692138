"""What people teach of shots: kept for ever, never lost between two, and told of every shot by what is in use."""

from threading import Barrier, Thread
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.db import connection
from numpy.typing import NDArray

from ava.models import Role, Team, Title, User, Video
from curation.board_order import kept_by_maturity
from curation.maturity import describe_maturity
from curation.maturity_overrides import say_maturity
from curation.still_tables import load_table
from curation.violence_signal import NOT_TAUGHT
from search import attribute_vectors
from search.attribute_actions import InvalidAttribute, delete_attribute, make_attribute, restore_attribute
from search.attribute_board import SHARED_TITLE
from search.attribute_examples import InvalidAnswer, ShotSpan, match_examples, say, undo
from search.attribute_renewal import renew_attribute, renew_film, renew_spans, resend_renewals, stale_films
from search.attribute_teaching import ask, choose_encoder, study
from search.attribute_vectors import load_shots, read_film, team_videos
from search.attribute_versions import NotReady, make_version, stop_using, switches, use_version
from search.attributes import attribute_filter, shot_probabilities, usable_attributes
from search.models import Attribute, AttributeExample, Encoder, ShotAttribute, ShotDescription, ShotVector
from tests.search_world import make_encoder
from tests.world import make_film, make_person, make_still

pytestmark = pytest.mark.django_db

DIMENSION = 16
SHOT_FRAMES = 10


class Studio:
    """A team with a film whose every third shot points along one axis, and an attribute that is to be taught that."""

    def __init__(self, *, shots: int = 60) -> None:
        self.team = Team.objects.create(name="Studio")
        self.editor = make_person("ella", team=self.team, role=Role.EDITOR)
        self.colleague = make_person("carl", team=self.team, role=Role.EDITOR)
        self.title = make_title(self.team, "Film")
        self.video = make_film(self.title, frame_count=shots * SHOT_FRAMES)
        self.encoder = make_encoder("eyes", dimension=DIMENSION, is_serving=True, is_wanted=True)
        self.has_it = np.arange(shots) % 3 == 0
        make_vectors(self.encoder, self.video, self.has_it)
        self.attribute = make_attribute(self.team, name="Fire", user=self.editor)

    def span(self, shot: int) -> ShotSpan:
        return ShotSpan(self.video.pk, shot * SHOT_FRAMES, (shot + 1) * SHOT_FRAMES)

    def teach(self, shots: range, *, truth: NDArray[np.bool_] | None = None) -> None:
        truth = self.has_it if truth is None else truth
        for has_it in (True, False):
            spans = [self.span(shot) for shot in shots if bool(truth[shot]) is has_it]
            if spans:
                say(self.attribute, spans, has_it=has_it, user=self.editor)

    def put_to_use(self) -> Any:
        version = make_version(self.attribute, user=self.editor)
        use_version(version, user=self.editor)
        renew_attribute(self.attribute)
        return version


def make_title(team: Team, name: str) -> Title:
    title = Title.objects.create(name=name)
    title.teams.add(team)
    return title


def make_vectors(encoder: Encoder, video: Video, has_it: NDArray[np.bool_], *, seed: int = 0, word: str = "0") -> None:
    rng = np.random.default_rng(seed)
    axis = np.eye(encoder.dimension)[seed % encoder.dimension]
    vectors = 1 + 0.3 * rng.standard_normal((len(has_it), encoder.dimension)) + 4 * has_it[:, None] * axis
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ShotVector.objects.filter(encoder=encoder, video=video).delete()
    ShotVector.objects.bulk_create(
        ShotVector(
            encoder=encoder, video=video, start_frame=shot * SHOT_FRAMES, end_frame=(shot + 1) * SHOT_FRAMES,
            vector=vector, made_from=f"{word}{shot}".ljust(64, "0"),
        )
        for shot, vector in enumerate(vectors)
    )  # fmt: skip


@pytest.fixture(autouse=True)
def always_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes in a test counts at once."""
    monkeypatch.setattr(attribute_vectors, "HELD_S", 0)


@pytest.fixture
def studio(hints: list) -> Studio:
    return Studio()


def test_stored_vectors_are_read_as_they_were_written(studio: Studio) -> None:
    shots = read_film(studio.encoder, studio.video.pk)
    stored = ShotVector.objects.filter(encoder=studio.encoder).order_by("start_frame")
    rng = np.random.default_rng(0)
    written = 1 + 0.3 * rng.standard_normal((60, DIMENSION)) + 4 * studio.has_it[:, None] * np.eye(DIMENSION)[0]
    expected = (written / np.linalg.norm(written, axis=1, keepdims=True)).astype(np.float16)
    np.testing.assert_array_equal(shots.vectors, expected)
    assert shots.place.tolist() == list(range(60))
    assert shots.end_frame.tolist() == [row.end_frame for row in stored]


def test_shots_are_read_anew_only_where_they_changed(studio: Studio, django_assert_num_queries) -> None:
    other = make_film(studio.title, name="other.mp4", frame_count=200)
    make_vectors(studio.encoder, other, np.zeros(20, dtype=bool), seed=3)
    films = team_videos(studio.team)
    before = load_shots(studio.encoder, films)
    with django_assert_num_queries(2):
        assert load_shots(studio.encoder, films) is before
    make_vectors(studio.encoder, other, np.ones(20, dtype=bool), seed=4, word="new")
    after = load_shots(studio.encoder, films)
    fresh = read_film(studio.encoder, other.pk)
    np.testing.assert_array_equal(after.vectors[after.video_id == other.pk], fresh.vectors)
    np.testing.assert_array_equal(after.vectors[:60], before.vectors[:60])


def test_what_vectors_there_are_is_not_looked_at_for_every_mark(
    studio: Studio, django_assert_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribute_vectors, "HELD_S", 60)
    films = team_videos(studio.team)
    before, chosen = load_shots(studio.encoder, films), choose_encoder(studio.attribute)
    with django_assert_num_queries(1):
        assert load_shots(studio.encoder, films) is before
    with django_assert_num_queries(3):
        assert choose_encoder(studio.attribute) == chosen == studio.encoder
    other = make_film(studio.title, name="other.mp4", frame_count=200)
    make_vectors(studio.encoder, other, np.zeros(20, dtype=bool), seed=3)
    assert len(load_shots(studio.encoder, films)) == 80  # films that joined are known at once, and those that left
    studio.title.videos.filter(pk=studio.video.pk).delete()
    assert set(load_shots(studio.encoder, films).video_id) == {other.pk}


def test_a_dozen_answers_find_the_other_shots(studio: Studio) -> None:
    studio.teach(range(18))
    version = studio.put_to_use()
    told = shot_probabilities(studio.video, studio.attribute)
    assert len(told.start_frame) == 60
    others = told.probability[18:]
    assert (others[studio.has_it[18:]] > 0.5).all() and (others[~studio.has_it[18:]] < 0.5).all()
    assert version.measures["positive"] == 6 and version.measures["negative"] == 12


def test_what_people_said_of_a_shot_is_certain_whatever_the_version_would_tell(studio: Studio) -> None:
    studio.teach(range(18))
    studio.put_to_use()
    wrong = studio.span(30)
    assert studio.has_it[30]
    say(studio.attribute, [wrong], has_it=False, user=studio.editor)
    renew_spans(studio.attribute, [wrong])
    assert shot_probabilities(studio.video, studio.attribute).at(np.array([305]))[0] == 0.0
    undo(studio.attribute, user=studio.editor)
    renew_spans(studio.attribute, [wrong])
    assert shot_probabilities(studio.video, studio.attribute).at(np.array([305]))[0] > 0.5


def test_too_few_answers_make_no_version_and_say_what_is_lacking(studio: Studio) -> None:
    studio.teach(range(6))
    with pytest.raises(NotReady, match="3 more examples that have it and 1 more counterexample"):
        make_version(studio.attribute, user=studio.editor)
    assert not studio.attribute.models.exists()


def test_answers_by_chance_make_no_version(studio: Studio) -> None:
    studio.teach(range(40), truth=np.random.default_rng(7).random(60) < 0.5)
    with pytest.raises(NotReady, match="cannot tell them apart"):
        make_version(studio.attribute, user=studio.editor)


def test_guesses_leave_out_what_is_answered_and_keep_to_the_film_asked_for(studio: Studio) -> None:
    other = make_film(studio.title, name="other.mp4", frame_count=200)
    make_vectors(studio.encoder, other, np.arange(20) % 2 == 0, seed=0)
    studio.teach(range(18))
    lesson = study(studio.attribute, studio.encoder)
    asked = ask(lesson, count=10, video=studio.video)
    assert len(asked) == 10 and {guess.span.video_id for guess in asked} == {studio.video.pk}
    assert all(guess.span.start_frame >= 180 for guess in asked)
    assert studio.has_it[asked[0].span.start_frame // SHOT_FRAMES] and asked[0].probability is not None


def test_undo_takes_back_the_whole_last_action_and_a_colleagues_word_stays(studio: Studio) -> None:
    both = [studio.span(0), studio.span(1)]
    say(studio.attribute, both, has_it=True, user=studio.editor)
    say(studio.attribute, [studio.span(0)], has_it=False, user=studio.colleague)
    assert len(undo(studio.attribute, user=studio.editor)) == 2
    shots = read_film(studio.encoder, studio.video.pk)
    standing = match_examples(studio.attribute, shots)
    assert (standing.row.tolist(), standing.has_it.tolist()) == ([0], [False])
    assert AttributeExample.objects.count() == 3
    assert undo(studio.attribute, user=studio.editor) == []


def test_the_newest_word_of_a_shot_holds_and_the_one_before_when_it_is_taken_back(studio: Studio) -> None:
    shots = read_film(studio.encoder, studio.video.pk)
    say(studio.attribute, [studio.span(4)], has_it=True, user=studio.editor)
    say(studio.attribute, [studio.span(4)], has_it=False, user=studio.colleague)
    assert not match_examples(studio.attribute, shots).has_it[0]
    undo(studio.attribute, user=studio.colleague)
    assert match_examples(studio.attribute, shots).has_it[0]


@pytest.mark.parametrize(
    ("cut", "has_it", "expected"),
    [
        ([(0, 13), (13, 40)], True, [(13, True)]),  # a boundary that moved
        ([(0, 13), (13, 40)], False, [(13, False)]),
        ([(0, 12), (12, 16), (16, 40)], True, [(16, True)]),  # split: most of what was seen
        ([(0, 400)], True, [(0, True)]),  # joined: some part of it has it
        ([(0, 400)], False, []),  # joined: most of it was never looked at
    ],
)
def test_answers_hold_for_the_shots_of_a_new_cut(
    studio: Studio, cut: list, has_it: bool, expected: list[tuple[int, bool]]
) -> None:
    say(studio.attribute, [ShotSpan(studio.video.pk, 12, 40)], has_it=has_it, user=studio.editor)
    ShotVector.objects.filter(video=studio.video).delete()
    for start, end in cut:
        vector = np.eye(DIMENSION, dtype=np.float32)[0]
        ShotVector.objects.create(
            encoder=studio.encoder, video=studio.video, start_frame=start, end_frame=end, vector=vector, made_from="x"
        )
    shots = read_film(studio.encoder, studio.video.pk)
    found = match_examples(studio.attribute, shots)
    starts = shots.start_frame[found.row].tolist()
    assert list(zip(starts, found.has_it.tolist(), strict=True)) == expected


@pytest.mark.parametrize(
    ("spans", "sentence"),
    [([], "at least one"), ([(0, 0)], "ends after"), ([(5, 4)], "ends after"), ([(0, 601)], "frames 0 to 599")],
)
def test_what_is_no_answer_is_refused(studio: Studio, spans: list, sentence: str) -> None:
    with pytest.raises(InvalidAnswer, match=sentence):
        say(studio.attribute, [ShotSpan(studio.video.pk, *each) for each in spans], has_it=True, user=studio.editor)


def test_films_of_other_teams_are_never_learnt_from(studio: Studio) -> None:
    theirs = make_film(make_title(Team.objects.create(name="Others"), "Theirs"), name="theirs.mp4")
    make_vectors(studio.encoder, theirs, np.ones(5, dtype=bool))
    with pytest.raises(InvalidAnswer, match="none of the attribute's team"):
        say(studio.attribute, [ShotSpan(theirs.pk, 0, 10)], has_it=True, user=studio.editor)
    assert theirs.pk not in study(studio.attribute, studio.encoder).shots.video_id


def test_new_vectors_and_new_films_are_told_anew(studio: Studio) -> None:
    studio.teach(range(18))
    version = studio.put_to_use()
    assert stale_films(version) == []
    other = make_film(studio.title, name="other.mp4", frame_count=200)
    make_vectors(studio.encoder, other, np.arange(20) % 2 == 0, seed=0)
    make_vectors(studio.encoder, studio.video, studio.has_it[:50], seed=0, word="new")
    assert stale_films(version) == [studio.video.pk, other.pk]
    assert renew_attribute(studio.attribute) == 2
    assert stale_films(version) == [] and renew_attribute(studio.attribute) == 0
    assert ShotAttribute.objects.filter(video=studio.video).count() == 50  # what is no shot any more is gone
    assert ShotAttribute.objects.filter(video=other).count() == 20


def test_a_film_that_left_the_team_is_told_no_more(studio: Studio) -> None:
    studio.teach(range(18))
    studio.put_to_use()
    studio.title.teams.clear()
    renew_attribute(studio.attribute)
    assert not ShotAttribute.objects.exists()


def test_the_janitor_has_what_is_stale_renewed_and_nothing_else(
    studio: Studio, hints: list, django_capture_on_commit_callbacks
) -> None:
    studio.teach(range(18))
    studio.put_to_use()
    for is_stale in (False, True):
        if is_stale:
            make_vectors(studio.encoder, studio.video, studio.has_it, seed=0, word="new")
        hints.clear()
        cache.delete("search-attributes-looked-at")
        with django_capture_on_commit_callbacks(execute=True):
            resend_renewals()
        assert (("search.attribute_tasks.renew_attribute", studio.attribute.pk) in hints) is is_stale


def test_rolling_back_tells_by_the_version_before_and_stands_in_the_log(studio: Studio) -> None:
    studio.teach(range(18))
    first = studio.put_to_use()
    studio.teach(range(18, 36))
    second = studio.put_to_use()
    assert (second.version, second.measures["positive"]) == (2, 12)
    use_version(first, user=studio.colleague)
    renew_attribute(studio.attribute)
    assert set(ShotAttribute.objects.values_list("model", flat=True)) == {first.pk}
    assert [entry.user for entry in switches(studio.attribute)] == [studio.colleague, studio.editor, studio.editor]
    stop_using(studio.attribute, user=studio.editor)
    assert not usable_attributes(studio.editor).exists()
    assert len(shot_probabilities(studio.video, studio.attribute).start_frame) == 0


def test_a_version_that_is_not_in_use_any_more_writes_nothing(studio: Studio) -> None:
    studio.teach(range(18))
    first = studio.put_to_use()
    studio.teach(range(18, 36))
    second = studio.put_to_use()
    renew_film(first, studio.video.pk)  # a worker that was slow
    assert set(ShotAttribute.objects.values_list("model", flat=True)) == {second.pk}


def test_an_encoder_that_is_not_used_any_more_is_followed_by_a_version_on_another(studio: Studio) -> None:
    studio.teach(range(18))
    studio.put_to_use()
    newer = make_encoder("other-eyes", dimension=8, is_serving=True, is_wanted=True)
    make_vectors(newer, studio.video, studio.has_it, seed=2)
    Encoder.objects.filter(pk=studio.encoder.pk).update(is_serving=False, is_wanted=False)
    renew_attribute(studio.attribute)
    active = studio.attribute.models.get(is_active=True)
    assert (active.version, active.encoder) == (2, newer)
    told = shot_probabilities(studio.video, studio.attribute)
    assert (told.probability[18:] > 0.5).tolist() == studio.has_it[18:].tolist()
    assert choose_encoder(studio.attribute) == newer


def test_filters_leave_only_what_has_every_attribute(studio: Studio) -> None:
    studio.teach(range(18))
    studio.put_to_use()
    for shot in (19, 20, 21):
        ShotDescription.objects.create(
            video=studio.video, start_frame=shot * 10 + 2, end_frame=shot * 10 + 8, text=str(shot), made_from="x"
        )
    vectors = attribute_filter(ShotVector.objects.filter(video=studio.video), [studio.attribute])
    assert vectors.count() == 20
    assert [row.text for row in attribute_filter(ShotDescription.objects.all(), [studio.attribute.pk])] == ["21"]
    assert attribute_filter(ShotVector.objects.all(), [studio.attribute], least_unit=1.01).count() == 0
    never_taught = make_attribute(studio.team, name="Water", user=studio.editor)
    assert attribute_filter(ShotVector.objects.all(), [studio.attribute, never_taught]).count() == 0


def test_probabilities_are_only_told_of_frames_inside_told_shots(studio: Studio) -> None:
    studio.teach(range(18))
    studio.put_to_use()
    told = shot_probabilities(studio.video, studio.attribute)
    assert np.isnan(told.at(np.array([600, 10_000]))).all()
    assert told.at(np.array([0, 9, 10])).tolist() == [1.0, 1.0, 0.0]
    assert told.at(np.array([], dtype=np.int64)).tolist() == []


def test_a_deleted_attribute_tells_nothing_and_comes_back_with_everything(studio: Studio) -> None:
    studio.teach(range(18))
    studio.put_to_use()
    delete_attribute(studio.attribute)
    assert len(shot_probabilities(studio.video, studio.attribute).start_frame) == 0
    make_attribute(studio.team, name="Fire", user=studio.colleague)
    with pytest.raises(InvalidAttribute, match="another attribute “Fire”"):
        restore_attribute(studio.attribute)
    Attribute.objects.filter(created_by=studio.colleague).delete()
    restore_attribute(studio.attribute)
    assert len(shot_probabilities(studio.video, studio.attribute).start_frame) == 60


# --- maturity and stills -------------------------------------------------------------------------------------


def violence_of(video: Video, frame: int) -> dict[str, Any]:
    from ava.frame_findings import FrameLooks

    return describe_maturity(video, frame, FrameLooks({}, looked_at=False))["maturity"]["violence"]


def make_violent(studio: Studio) -> None:
    studio.teach(range(18))
    studio.put_to_use()
    Attribute.objects.filter(pk=studio.attribute.pk).update(use=Attribute.Use.VIOLENCE)


def test_maturity_asks_to_teach_an_attribute_until_one_is_used_for_it(studio: Studio) -> None:
    assert violence_of(studio.video, 5) == {"probability": None, "why": NOT_TAUGHT}
    make_violent(studio)
    assert violence_of(studio.video, 5)["probability"] == 1.0
    assert violence_of(studio.video, 15)["probability"] == 0.0
    assert 0.5 < violence_of(studio.video, 305)["probability"] < 1.0


def test_one_teams_violence_is_not_told_of_a_title_of_two_teams(studio: Studio) -> None:
    make_violent(studio)
    studio.title.teams.add(Team.objects.create(name="Others"))
    assert violence_of(studio.video, 5) == {"probability": None, "why": SHARED_TITLE}


def test_a_still_has_the_violence_of_its_shot_and_editors_overrule_it(studio: Studio) -> None:
    for rank, frame in enumerate((5, 15, 305), start=1):
        make_still(studio.video, frame, rank=rank)
    assert np.isnan(load_table(studio.video).maturity["violence"]).all()
    make_violent(studio)
    table = load_table(studio.video)  # made anew, since something else is told now
    told = [violence_of(studio.video, frame)["probability"] for frame in (5, 15, 305)]
    np.testing.assert_allclose(table.maturity["violence"], told, atol=1e-3)
    kept = kept_by_maturity(studio.video, table)
    assert kept.whole[0] < 1 and kept.whole[1] == 1
    say_maturity(studio.video, frame_index=5, kind="violence", verdict="allow", user=studio.editor)
    assert kept_by_maturity(studio.video, table).whole[0] == 1


def test_a_corrected_answer_renews_the_table_of_stills(studio: Studio) -> None:
    make_still(studio.video, 5, rank=1)
    make_violent(studio)
    assert load_table(studio.video).maturity["violence"][0] == 1.0
    say(studio.attribute, [studio.span(0)], has_it=False, user=studio.editor)
    renew_spans(studio.attribute, [studio.span(0)])
    assert load_table(studio.video).maturity["violence"][0] == 0.0


# --- two at once ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_teach_at_once_lose_nothing(hints: list) -> None:
    studio = Studio()
    gate, failures = Barrier(2), []

    def teach(user: User, has_it: bool) -> None:
        try:
            gate.wait(10)
            for shot in range(12):
                say(studio.attribute, [studio.span(shot)], has_it=has_it, user=user)
                renew_spans(studio.attribute, [studio.span(shot)])
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    people = [(studio.editor, True), (studio.colleague, False)]
    threads = [Thread(target=teach, args=each) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert AttributeExample.objects.filter(stands=True).count() == 24
    last = {row.start_frame: row.has_it for row in AttributeExample.objects.order_by("id")}
    found = match_examples(studio.attribute, read_film(studio.encoder, studio.video.pk))
    assert found.has_it.tolist() == [last[row * SHOT_FRAMES] for row in found.row.tolist()]
