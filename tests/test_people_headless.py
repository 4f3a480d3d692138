"""Who is who without a database: as the workers find it, and as result.json tells it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ava import detectors
from ava.annotate.looks import Span
from ava.findings import load_detections, looked_at_frames
from ava.models import Video
from ava.render.sample_film import render_test_film
from ava.stages import StageRun
from curation.cast import prominences, read_cast
from curation.headless_people import describe_characters, describe_faces_of_frame, describe_interactions
from curation.models import Face
from curation.people.film import (
    SCENE_S,
    SHOT_S,
    FilmPeopleKnown,
    FilmTiming,
    choose_encoder,
    know_people,
    people_signals,
)
from curation.people_signals import load_people_signals
from curation.people_stage import recognise_people
from tests.films import store_video
from tests.footage import write_film
from tests.found_people import NAMES, Sighting, available, lay_down
from tests.test_analyze import analyze

ANNA, BERT, CARL = 1, 2, 3
FILM = (
    Sighting(ANNA, 0), Sighting(BERT, 0, x0=350), Sighting(ANNA, 1), Sighting(BERT, 2), Sighting(ANNA, 3),
    Sighting(CARL, 4), Sighting(ANNA, 5, x0=350),
)  # fmt: skip


@pytest.fixture
def video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hints) -> Video:
    """Six shots of a second in three scenes, in which detectors have found exactly these people."""
    monkeypatch.setattr(detectors, "available_detectors", available)
    path = tmp_path / "film.mp4"
    render_test_film(path, seconds=6, cuts=[], width=640, height=360)
    video = store_video(path)
    lay_down(video, FILM)
    return video


def find_people(video: Video, *, names: tuple[str, ...] = NAMES) -> FilmPeopleKnown:
    """What the headless command finds out from the same findings."""
    shots = list(video.shots.all())
    timing = FilmTiming(
        [Span(shot.start_frame, shot.end_frame) for shot in shots],
        np.array([shot.scene for shot in shots], dtype=np.int64),
        video.fps,
        np.arange(video.frame_count + 1) / video.fps,
    )
    tables = {name: load_detections(video, name) for name in names}
    return know_people(tables, timing=timing, size=(video.width, video.height), dialogue=None)


@pytest.mark.django_db(transaction=True)
def test_the_shell_finds_the_same_people_prominences_meetings_and_signals_as_the_workers(video: Video) -> None:
    recognise_people(StageRun(video, video.frame_count, True, lambda done, total: None))
    known = find_people(video)
    owner, faces = known.character_of_faces(), known.recognition.people.faces
    saved = {
        (face.frame_index, face.row): face.track.character_id for face in Face.objects.select_related("track")
    }
    pairs = {
        (int(character), saved[int(frame), int(row)])
        for character, frame, row in zip(owner, faces.frame_index, faces.row, strict=True)
    }
    assert len(pairs) == len({mine for mine, _ in pairs}) == len({theirs for _, theirs in pairs}) == 3
    by_workers = prominences(video)
    for mine, theirs in pairs:
        place = int(np.flatnonzero(known.prominences.character == mine)[0])
        assert known.prominences.prominence[place] == pytest.approx(by_workers[theirs])
    theirs_of = dict(pairs)
    edges = {
        (frozenset((theirs_of[edge["a"]], theirs_of[edge["b"]])), round(edge["together_s"], 3), edge["scenes"])
        for edge in describe_interactions(known)
    }
    cast = read_cast(video.title, Video.objects.filter(pk=video.pk))
    assert edges == {
        (frozenset((edge.first, edge.second)), round(edge.together_s, 3), edge.scenes) for edge in cast.edges
    }
    mine_signals = people_signals(
        known, looks=looked_at_frames(video, "faces"), height_px=video.height, frame_count=video.frame_count
    )
    for name, signal in load_people_signals(video).items():
        np.testing.assert_allclose(mine_signals[name], signal, atol=1e-6)


@pytest.mark.django_db(transaction=True)
def test_characters_are_told_with_all_their_faces_and_pairs_with_the_time_that_they_share(video: Video) -> None:
    known = find_people(video)
    characters = describe_characters(known)
    assert [each["prominence"] for each in characters] == sorted((c["prominence"] for c in characters), reverse=True)
    assert characters[0]["prominence"] <= 1 and characters[0]["importance"] == "main"
    assert [len(each["faces"]) for each in characters] == [12, 6, 3], "three looks a shot: Anna, Bert, Carl"
    anna, bert, carl = (each["id"] for each in characters)
    first = characters[0]["faces"][0]
    assert first["frame_index"] == 0 and first["box"] == pytest.approx(FILM[0].box(0).tolist(), abs=0.06)
    met = {(each["a"], each["b"]): each for each in describe_interactions(known)}
    assert set(met) == {tuple(sorted(pair)) for pair in ((anna, bert), (anna, carl))}
    both = met[tuple(sorted((anna, bert)))]
    assert (both["shots"], both["scenes"]) == (1, 2) and both["together_s"] == pytest.approx(1.0, abs=0.05)
    assert both["weight"] == pytest.approx(both["together_s"] + SHOT_S + 2 * SCENE_S, abs=1e-3)
    apart = met[tuple(sorted((anna, carl)))]
    assert (apart["together_s"], apart["shots"], apart["scenes"], apart["weight"]) == (0, 0, 1, SCENE_S)
    assert describe_faces_of_frame(known, 0) == {
        0: {"character": anna, "suitability": pytest.approx(float(known.expression[0]), abs=1e-4)},
        1: {"character": bert, "suitability": pytest.approx(float(known.expression[1]), abs=1e-4)},
    }
    assert describe_faces_of_frame(known, 1) == {}, "nobody looked"


@pytest.mark.django_db(transaction=True)
def test_without_an_encoder_there_are_faces_but_nobody_is_made_up(video: Video) -> None:
    names = NAMES[:2]
    assert choose_encoder(dict.fromkeys(NAMES)).detector == NAMES[2]
    assert choose_encoder(dict.fromkeys(names)) is None
    known = find_people(video, names=names)
    assert describe_characters(known) == describe_interactions(known) == []
    assert [face["character"] for face in describe_faces_of_frame(known, 0).values()] == [None, None]
    signals = people_signals(known, looks=np.array([0, 5]), height_px=360, frame_count=video.frame_count)
    assert signals["people.prominence"][5] == 0 and np.isnan(signals["people.prominence"][6])


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("error")
def test_a_film_without_any_face_has_no_characters(video: Video) -> None:
    lay_down(video, ())
    known = find_people(video)
    assert describe_characters(known) == describe_interactions(known) == []
    assert describe_faces_of_frame(known, 0) == {}
    signals = people_signals(known, looks=np.array([0]), height_px=360, frame_count=10)
    assert np.isnan(signals["people.expression"]).all()


# --- the command, with real faces ----------------------------------------------------------------------------

PICTURES = ("picture-obama", "picture-obama2", "picture-biden")
SHOT_FRAMES = 30
WIDTH, HEIGHT = 640, 360
SRT = "1\n00:00:00,100 --> 00:00:01,100\nGood evening.\n"


@pytest.fixture(scope="module")
def told(model_files: Callable, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """One man beside another, the first alone in another picture, a rocket, the second alone."""
    files = model_files(["face-resnet", "face-landmarks", "eye-landmarks", *PICTURES])
    one, again, other = (np.asarray(Image.open(files[name]).convert("RGB")) for name in PICTURES)
    folder = tmp_path_factory.mktemp("people")
    film = folder / "film.mp4"

    def picture(number: int) -> np.ndarray:
        shot, aside = divmod(number, SHOT_FRAMES)
        if shot == 0:
            return np.hstack([fit(one, width=WIDTH // 2, aside=aside), fit(other, width=WIDTH // 2, aside=-aside)])
        return fit((one, again, data.rocket(), other)[shot], width=WIDTH, aside=aside)

    write_film(film, frames=4 * SHOT_FRAMES, width=WIDTH, height=HEIGHT, picture=picture)
    (folder / "film.srt").write_text(SRT)
    (folder / "home").mkdir()
    (folder / "home" / "weights").symlink_to(files["face-resnet"].parent)
    finished = analyze(
        str(film), "--out", str(folder / "out"), "--subtitles", str(folder / "film.srt"), home=folder / "home"
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads((folder / "out" / "result.json").read_text())


def fit(rgb: np.ndarray, *, width: int, aside: int) -> np.ndarray:
    """A picture in the middle of a grey frame, going slowly to the side."""
    scale = HEIGHT / rgb.shape[0]
    small = Image.fromarray(rgb).resize((round(rgb.shape[1] * scale), HEIGHT))
    frame = Image.new("RGB", (width, HEIGHT), (90, 95, 100))
    frame.paste(small, ((width - small.width) // 2 + aside, 0))
    return np.asarray(frame)


def test_the_command_tells_two_men_apart_and_knows_each_again(told: dict) -> None:
    seen = {each["id"]: {face["frame_index"] // SHOT_FRAMES for face in each["faces"]} for each in told["characters"]}
    assert sorted(map(sorted, seen.values())) == [[0, 1], [0, 3]]
    assert {each["importance"] for each in told["characters"]} == {"main"}
    (pair,) = told["interactions"]
    assert {pair["a"], pair["b"]} == set(seen)
    assert pair["shots"] == 1 and pair["together_s"] == pytest.approx(SHOT_FRAMES / 25, abs=0.2)
    assert "characters" not in [each["what"] for each in told["unavailable"]]


def test_each_still_says_who_is_in_it_and_is_ranked_by_it(told: dict) -> None:
    ids = {each["id"] for each in told["characters"]}
    for still in told["stills"]:
        shot = still["frame_index"] // SHOT_FRAMES
        assert len(still["faces"]) == {0: 2, 2: 0}.get(shot, 1)
        assert {face["character"] for face in still["faces"]} <= ids
        assert all(0 <= face["suitability"] <= 1 for face in still["faces"])
        if shot == 2:
            assert (still["explanation"]["people"], still["explanation"]["expression"]) == (0.5, 0.5)
        else:
            assert still["explanation"]["people"] > 0.5


def test_subtitles_that_cannot_be_read_are_refused_with_a_sentence(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    render_test_film(film, seconds=1)
    finished = analyze(
        str(film), "--out", str(tmp_path / "out"), "--subtitles", str(tmp_path / "no.srt"), home=tmp_path
    )
    assert finished.returncode != 0 and "There is no file named no.srt" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "out").exists()
