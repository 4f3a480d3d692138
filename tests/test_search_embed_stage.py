"""The stage that makes films searchable: words always, vectors by every wanted encoder, once and not twice."""

import numpy as np
import pytest

from ava import stages
from ava.models import Shot
from ava.stages import StageRun
from search import encoders, film_vectors
from search.embed_stage import EMBED_STAGE, embed_film
from search.film_vectors import picture_sources, text_sources
from search.models import Encoder, FilmRenewal, ShotDescription, ShotVector
from tests.encoder_files import sentence_files  # noqa: F401
from tests.search_world import make_encoder, make_shot_vector
from tests.world import World, make_world


@pytest.fixture
def world(db) -> World:
    """A film of two shots whose analysis is finished; nothing of search is made yet."""
    world = make_world("embedding")
    ShotVector.objects.all().delete()
    ShotDescription.objects.all().delete()
    Encoder.objects.update(is_wanted=False, is_serving=False)
    half = world.video.frame_count // 2
    Shot.objects.filter(pk=world.shot.pk).update(end_frame=half, provisional=False, scale="close_up", camera="static")
    Shot.objects.create(
        video=world.video, index=1, start_frame=half, end_frame=world.video.frame_count, transition="cut", camera="pan"
    )
    return world


def _run(world: World, *, is_final: bool = True) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    embed_film(StageRun(world.video, world.video.frame_count, is_final, lambda done, total: told.append((done, total))))
    return told


def _vectors(encoder: Encoder) -> dict[int, tuple[int, np.ndarray, str]]:
    rows = ShotVector.objects.filter(encoder=encoder).order_by("start_frame")
    return {row.start_frame: (row.pk, np.array(row.vector), row.made_from) for row in rows}


def test_the_stage_is_the_last_of_an_analysis_and_not_of_scans():
    names = [stage.name for stage in stages.registered()]
    assert names.index("embed") > max(names.index("style"), names.index("people"))
    assert not EMBED_STAGE.is_of_scans and not EMBED_STAGE.has_provisional_run


def test_every_shot_gets_its_description_and_vector(world, sentence_files):  # noqa: F811
    assert _run(world)[-1] == (2, 2)
    vectors = _vectors(encoders.default_encoder())
    assert ShotDescription.objects.filter(video=world.video).count() == len(vectors) == 2
    for _, vector, _ in vectors.values():
        assert np.linalg.norm(vector) == pytest.approx(1, abs=2e-3)


def test_a_second_run_changes_nothing(world, sentence_files):  # noqa: F811
    _run(world)
    before = _vectors(encoders.default_encoder())
    _run(world)
    after = _vectors(encoders.default_encoder())
    assert {key: (pk, made) for key, (pk, _, made) in before.items()} == {
        key: (pk, made) for key, (pk, _, made) in after.items()
    }


def test_a_vector_is_that_of_what_the_shot_is_described_by(world, sentence_files):  # noqa: F811
    world.shot_label.delete()
    world.dialogue_line.delete()
    _run(world)
    encoder = encoders.default_encoder()
    texts = [row.text for row in ShotDescription.objects.filter(video=world.video)]
    wanted = encoders.text_encoder(encoder).encode_texts(texts)
    for (_, vector, _), direct in zip(_vectors(encoder).values(), wanted, strict=True):
        assert vector @ direct == pytest.approx(1, abs=5e-3)


def test_without_an_encoder_only_the_words_are_made(world, settings, tmp_path):
    settings.AVA_WEIGHTS_DIR = tmp_path / "none"
    _run(world)
    assert ShotDescription.objects.filter(video=world.video).count() == 2 and not ShotVector.objects.exists()
    assert FilmRenewal.objects.get(video=world.video).state == "done"


def test_a_provisional_run_makes_nothing(world):
    _run(world, is_final=False)
    assert not ShotDescription.objects.exists() and not FilmRenewal.objects.exists()


def test_a_finished_analysis_has_the_index_of_vectors_reconsidered_and_a_provisional_one_not(world, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr("search.embed_stage.make_searchable", lambda video, report: None)
    monkeypatch.setattr("search.embed_stage.send_task", asked.append)
    _run(world, is_final=False)
    assert asked == []
    _run(world)
    assert asked == ["search.tasks.renew_vector_indexes"]


def test_shots_cut_anew_leave_no_vectors_behind_not_even_of_encoders_that_are_not_wanted(world, sentence_files):  # noqa: F811
    retired = make_encoder("retired", dimension=8)
    _run(world)
    half = world.video.frame_count // 2
    for start, end in ((0, half), (half, world.video.frame_count)):
        make_shot_vector(retired, world.video, start=start, end=end)
    Shot.objects.filter(video=world.video, index=1).delete()
    Shot.objects.filter(video=world.video, index=0).update(end_frame=half - 5)
    _run(world)
    assert ShotVector.objects.filter(encoder=retired).count() == 0
    rows = ShotVector.objects.filter(video=world.video).values_list("start_frame", "end_frame")
    assert list(rows) == [(0, half - 5)]


def test_a_label_changes_the_vectors_of_its_shots_alone(world, sentence_files):  # noqa: F811
    world.shot_label.delete()
    _run(world)
    before = _vectors(encoders.default_encoder())
    half = world.video.frame_count // 2
    world.video.shot_labels.create(start_frame=half, end_frame=half + 1, text="explosion at night", user=world.editor)
    _run(world)
    after = _vectors(encoders.default_encoder())
    assert [before[start][2] == after[start][2] for start in (0, half)] == [True, False]
    night = encoders.text_encoder(encoders.default_encoder()).encode_texts(["explosion at night"])[0]
    assert after[half][1] @ night > before[half][1] @ night


class _Pictures:
    """An encoder of pictures that tells how bright they are."""

    dimension, side_px = 8, 32

    def encode_pictures(self, pictures):
        level = np.array([picture.mean() / 255 for picture in pictures], dtype=np.float32)
        vectors = np.zeros((len(pictures), 8), dtype=np.float32)
        vectors[:, 0], vectors[:, 1] = level, 1 - level
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_encoders_of_pictures_see_each_frame_once_whatever_their_number(world, monkeypatch):
    first, second = (make_encoder(name, dimension=8, is_wanted=True) for name in ("one", "two"))
    monkeypatch.setattr(encoders, "why_unusable", lambda row: "" if row in (first, second) else "not here")
    monkeypatch.setattr(encoders, "image_encoder", lambda row: _Pictures())
    monkeypatch.setattr(
        encoders, "shot_vectors", lambda row, shots: np.stack([shot.mean(axis=0) for shot in shots])
    )
    asked = []

    def decode(path, *, info, frame_indices, max_side_px):
        asked.append(sorted(frame_indices))
        from ava.media.decode import Frame

        half = world.video.frame_count // 2
        for index in sorted(frame_indices):
            yield Frame(index, np.full((8, 8, 3), 255 if index < half else 0, dtype=np.uint8))

    monkeypatch.setattr(film_vectors, "decode_frame_set", decode)
    _run(world)
    assert len(asked) == 1 and len(asked[0]) == 8 and len(set(asked[0])) == 8
    for encoder in (first, second):
        bright, dark = (vector for _, vector, _ in _vectors(encoder).values())
        assert bright[0] > 0.99 and dark[1] > 0.99


def test_shots_that_cannot_be_decoded_have_no_vector_instead_of_one_made_up(world, monkeypatch):
    encoder = make_encoder("blind", dimension=8, is_wanted=True)
    monkeypatch.setattr(encoders, "why_unusable", lambda row: "" if row == encoder else "not here")
    monkeypatch.setattr(encoders, "image_encoder", lambda row: _Pictures())
    monkeypatch.setattr(film_vectors, "decode_frame_set", lambda *args, **kwargs: iter(()))
    _run(world)
    assert not ShotVector.objects.exists()


def test_frames_of_short_shots_are_each_taken_once(world, sentence_files):  # noqa: F811
    _run(world)
    ShotDescription.objects.filter(start_frame=0).update(end_frame=2)
    first, second = picture_sources(world.video)
    assert first.frames == (0, 1) and len(second.frames) == 4
    assert len({source.made_from for source in (first, second, *text_sources(world.video))}) == 4
