"""The "sound" stage: a film's sound is measured once, stored, and read as it was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ava import film_sounds, stages
from ava.decoder_process import DecoderDied
from ava.film_sounds import NOT_MEASURED, SOUND_STAGE, known_sound, measure_film, save_sound
from ava.media.probe import probe
from ava.models import MeasuredSound, Video
from ava.sound.film_sound import NO_SOUND, SOUND_VERSION, FilmSound, measure_sound
from ava.sound.packed import pack_sound
from ava.stages import StageRun
from ava.turns import Gone
from tests.films import store_video
from tests.sounding_films import clicks, write_sounding_film

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(tmp_path: Path) -> Video:
    return store_video(write_sounding_film(tmp_path / "film.mkv", clicks([0.5, 1.25], length_s=2), length_s=2))


def run(video: Video) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    measure_film(StageRun(video, video.frame_count, True, lambda done, total: told.append((done, total))))
    return told


def no_decoder(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
    def measure(video: Video, *, report: object) -> FilmSound:
        raise error or AssertionError("the film was measured again")

    monkeypatch.setattr(film_sounds, "_measure_apart", measure)


def test_the_stage_comes_before_whatever_ranks_and_is_not_of_scans() -> None:
    names = [stage.name for stage in stages.registered()]
    assert names.index("sound") < names.index("stills")
    assert not SOUND_STAGE.is_of_scans and not SOUND_STAGE.has_provisional_run


def test_what_is_stored_is_what_was_measured(video: Video) -> None:
    assert known_sound(video) is None
    assert run(video)[-1] == (2, 2)
    path = Path(video.file.path)
    measured, known = measure_sound(path, info=probe(path)), known_sound(video)
    assert known is not None and pack_sound(known) == pack_sound(measured)
    assert known.is_heard and np.flatnonzero(known.onsets).tolist() == [5, 12]


def test_a_sound_is_measured_once_and_again_for_a_new_version(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    run(video)
    no_decoder(monkeypatch)
    assert run(video) == [(2, 2)]
    monkeypatch.setattr(film_sounds, "SOUND_VERSION", SOUND_VERSION + 1)
    assert known_sound(video) is None
    with pytest.raises(AssertionError, match="measured again"):
        run(video)


def test_a_film_without_sound_is_stored_as_silent(tmp_path: Path) -> None:
    video = store_video(write_sounding_film(tmp_path / "film.mkv", None, length_s=1))
    run(video)
    known = known_sound(video)
    assert known is not None and not known.is_heard and known.notes == (NO_SOUND,) and len(known.onsets) == 10


def test_a_sound_that_brings_the_decoder_down_is_silent_until_the_next_analysis(
    video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        no_decoder(broken, DecoderDied("the decoder crashed (signal 11)"))
        assert run(video)[-1] == (2, 2)
    known = known_sound(video)
    assert known is not None and not known.is_heard and len(known.loudness_lufs) == 20
    assert known.notes == ("The sound cannot be measured: the decoder crashed (signal 11).",)
    assert MeasuredSound.objects.get().version == NOT_MEASURED
    run(video)
    assert MeasuredSound.objects.get().version == SOUND_VERSION


def test_a_film_that_was_deleted_meanwhile_keeps_no_sound(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    run(video)
    sound = known_sound(video)
    assert sound is not None
    gone = Video.objects.get()
    Video.objects.all().delete()
    with pytest.raises(Gone):
        save_sound(gone, sound, version=SOUND_VERSION)
    assert not MeasuredSound.objects.exists()
