"""Words and vectors that are stale are found and renewed, by one worker at a time, whatever dies."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from ava import leases
from ava.leases import WorkLost
from ava.models import Job, Shot, WorkState
from search import encoders, renewal
from search.film_making import make_searchable
from search.labels import add_label
from search.models import Encoder, FilmRenewal, ShotDescription, ShotVector
from search.renewal import ask_renewal, cast_changed, renew_film, renew_stale
from tests.encoder_files import install_sentence_encoder, sentence_files  # noqa: F401
from tests.search_world import make_encoder
from tests.world import World, make_world


@pytest.fixture(autouse=True)
def no_beats(monkeypatch) -> None:
    """A heart beats in a thread that does not see a test's transaction: on a busy machine it would give the work up."""
    monkeypatch.setattr(leases, "HEARTBEAT_S", 1000.0)


@pytest.fixture
def world(db) -> World:
    world = make_world("renewing")
    ShotVector.objects.all().delete()
    ShotDescription.objects.all().delete()
    Encoder.objects.update(is_wanted=False, is_serving=False)
    Shot.objects.filter(video=world.video).update(provisional=False)
    Job.objects.all().update(state=WorkState.DONE)
    return world


@pytest.fixture
def sent(monkeypatch) -> list[tuple]:
    """The messages that workers would get."""
    messages_sent: list[tuple] = []
    monkeypatch.setattr(renewal, "send_task", lambda task, *arguments: messages_sent.append((task, *arguments)))
    return messages_sent


def _row(world: World) -> FilmRenewal:
    return FilmRenewal.objects.get(video=world.video)


def _renewals(sent: list[tuple]) -> list[int]:
    return [message[1] for message in sent if message[0] == renewal.RENEW_TASK]


def test_a_film_analysed_before_there_was_search_is_found_and_made(world, sent, sentence_files):  # noqa: F811
    assert renew_stale() == 1 and _renewals(sent) == [world.video.pk]
    renew_film(world.video.pk)
    assert _row(world).state == WorkState.DONE and _row(world).claim is None
    assert ShotVector.objects.filter(video=world.video, encoder=encoders.default_encoder()).count() == 1


def test_what_is_up_to_date_is_not_sent_again(world, sent, sentence_files):  # noqa: F811
    renew_stale()
    renew_film(world.video.pk)
    sent.clear()
    assert renew_stale() == 0 and renew_stale() == 0 and _renewals(sent) == []


def test_a_renamed_character_is_found_stale_though_nobody_told(world, sent, sentence_files):  # noqa: F811
    renew_stale()
    renew_film(world.video.pk)
    type(world.character).objects.filter(pk=world.character.pk).update(name="Ottoline")
    FilmRenewal.objects.update(checked_at=timezone.now() - timedelta(hours=1))
    assert renew_stale() == 1
    renew_film(world.video.pk)
    assert "Ottoline" in ShotDescription.objects.get(video=world.video).text
    assert _row(world).state == WorkState.DONE


def test_an_action_on_the_cast_asks_for_its_films(world, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        cast_changed(world.people_action)
    assert _renewals(sent) == [world.video.pk]


def test_a_new_version_is_embedded_while_the_old_one_serves(world, sent, sentence_files, monkeypatch):  # noqa: F811
    old = encoders.default_encoder()
    renew_stale()
    renew_film(world.video.pk)
    new = make_encoder("better", dimension=old.dimension, is_wanted=True)
    words, pool = encoders.text_encoder(old), encoders.shot_vectors
    monkeypatch.setattr(encoders, "why_unusable", lambda row: "")
    monkeypatch.setattr(encoders, "description_encoder", lambda row: words)
    monkeypatch.setattr(encoders, "image_encoder", lambda row: None)
    monkeypatch.setattr(encoders, "shot_vectors", lambda row, shots: pool(old, shots))
    Encoder.objects.filter(pk=old.pk).update(is_wanted=False, is_serving=True)  # as a release in the making is
    kept = ShotVector.objects.get(encoder=old).pk
    assert renew_stale() == 1
    renew_film(world.video.pk)
    assert ShotVector.objects.get(encoder=new).video == world.video and ShotVector.objects.get(encoder=old).pk == kept


def test_an_encoder_installed_later_makes_up_for_its_vectors(world, sent, tmp_path, settings, monkeypatch):
    settings.AVA_WEIGHTS_DIR = tmp_path / "none"
    renew_stale()
    renew_film(world.video.pk)
    assert not ShotVector.objects.exists() and ShotDescription.objects.filter(video=world.video).exists()
    install_sentence_encoder(tmp_path / "some", settings=settings, monkeypatch=monkeypatch)
    assert renew_stale() == 1
    renew_film(world.video.pk)
    assert ShotVector.objects.filter(video=world.video).count() == 1


def test_what_is_said_while_a_film_is_renewed_is_not_lost(world, sent, sentence_files, monkeypatch):  # noqa: F811
    renew_stale()
    real = renewal.make_searchable

    def with_a_label_meanwhile(video, *, report):
        def say(done):
            if not video.shot_labels.filter(text="meanwhile").exists():
                add_label(video, start_frame=0, end_frame=5, text="meanwhile", user=world.editor)
            report(done)

        real(video, report=say)

    monkeypatch.setattr(renewal, "make_searchable", with_a_label_meanwhile)
    renew_film(world.video.pk)
    assert _row(world).state == WorkState.QUEUED and _renewals(sent)[-1] == world.video.pk
    monkeypatch.setattr(renewal, "make_searchable", real)
    renew_film(world.video.pk)
    assert _row(world).state == WorkState.DONE


def test_a_renewal_whose_worker_was_killed_is_taken_up_again(world, sent, sentence_files):  # noqa: F811
    renew_stale()
    long_ago = timezone.now() - timedelta(minutes=5)
    FilmRenewal.objects.update(
        state=WorkState.RUNNING, claim=uuid.uuid4(), heartbeat_at=long_ago, sent_at=long_ago, attempts=1
    )
    assert renew_stale() == 1
    renew_film(world.video.pk)
    assert _row(world).state == WorkState.DONE and ShotVector.objects.filter(video=world.video).exists()


def test_a_film_that_somebody_works_on_is_left_alone(world, sent, sentence_files):  # noqa: F811
    renew_stale()
    claim = uuid.uuid4()
    FilmRenewal.objects.update(state=WorkState.RUNNING, claim=claim, heartbeat_at=timezone.now())
    assert renew_stale() == 0
    renew_film(world.video.pk)
    assert _row(world).claim == claim and not ShotVector.objects.exists()


def test_a_film_in_analysis_is_left_to_its_analysis(world, sent):
    FilmRenewal.objects.create(video=world.video)
    Job.objects.filter(video=world.video).update(state=WorkState.RUNNING, kind=Job.Kind.ANALYSIS)
    assert renew_stale() == 0
    renew_film(world.video.pk)
    assert _row(world).state == WorkState.QUEUED


def test_a_lost_claim_saves_nothing_more_and_is_no_failure(world, sent, sentence_files, monkeypatch):  # noqa: F811
    renew_stale()

    def lose(video, *, report):
        raise WorkLost

    monkeypatch.setattr(renewal, "make_searchable", lose)
    renew_film(world.video.pk)
    assert _row(world).error == ""


def test_a_failure_is_told_and_tried_again_after_a_while(world, sent, monkeypatch):
    renew_stale()

    def fail(video, *, report):
        raise OSError("the disk is gone")

    monkeypatch.setattr(renewal, "make_searchable", fail)
    renew_film(world.video.pk)
    assert _row(world).state == WorkState.FAILED and "the disk is gone" in _row(world).error
    assert renew_stale() == 0
    FilmRenewal.objects.update(checked_at=timezone.now() - timedelta(minutes=30))
    assert renew_stale() == 1


def test_a_worker_that_dies_every_time_is_given_up(world, sent):
    FilmRenewal.objects.create(video=world.video, attempts=renewal.MOST_ATTEMPTS)
    renew_film(world.video.pk)
    assert _row(world).state == WorkState.FAILED and "died every time" in _row(world).error


def test_only_so_many_are_sent_at_once_and_each_sends_for_the_next(world, sent, sentence_files):  # noqa: F811
    others = [make_world(f"more-{number}") for number in range(3)]
    Shot.objects.update(provisional=False)
    Job.objects.all().update(state=WorkState.DONE)
    assert renew_stale(limit=2) == 2 and len(_renewals(sent)) == 2
    first = _renewals(sent)[0]
    renew_film(first)
    assert len(_renewals(sent)) == 3 and len(set(_renewals(sent))) == 3
    for film in [world.video, *(other.video for other in others)]:
        renew_film(film.pk)
    assert set(FilmRenewal.objects.values_list("state", flat=True)) == {WorkState.DONE}
    assert sent[-1] == (renewal.INDEX_TASK,), "after the last one, indexes are built or dropped"


def test_a_film_deleted_meanwhile_ends_quietly(world, sent, sentence_files, monkeypatch):  # noqa: F811
    renew_stale()
    pk = world.video.pk
    real = renewal.make_searchable

    def deleted(video, *, report):
        type(video).objects.filter(pk=video.pk).delete()
        real(video, report=report)

    monkeypatch.setattr(renewal, "make_searchable", deleted)
    renew_film(pk)
    assert not FilmRenewal.objects.filter(video=pk).exists()


def test_asking_for_nothing_or_for_unknown_work_is_harmless(world, sent):
    ask_renewal([])
    renew_film(10**9)
    assert not FilmRenewal.objects.exists()


def test_what_depends_on_vectors_is_called_for_when_they_changed_and_not_otherwise(world, sentence_files, monkeypatch):  # noqa: F811
    asked: list[str] = []
    monkeypatch.setattr("search.film_making.send_task", lambda task, *rest: asked.append(task))
    monkeypatch.setattr("search.film_making.film_became_searchable", lambda video: asked.append("saved searches"))
    make_searchable(world.video, report=lambda done: None)
    assert asked == ["search.attribute_tasks.renew_film_attributes", "saved searches"]
    make_searchable(world.video, report=lambda done: None)
    assert len(asked) == 2
