"""A team's logos: looked for in every still once, found where they are, told to nobody else."""

import io
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageFont
from skimage import data

from ava import detectors, findings, services
from ava.annotate.base import find_detectors
from ava.annotate.logos import LogoMatcher
from ava.deletion import delete_titles
from ava.frame_findings import describe_frame
from ava.models import Detection, Team, Title, User, Video, WorkState
from ava.packing import pack_integers, pack_values
from ava.weights.store import WeightsStore
from curation import logo_looks, logo_search, maturity, tasks
from curation.logo_signals import AVOIDED, WANTED
from curation.logos import access_sightings, delete_logo, save_logo
from curation.models import Logo, LogoLook
from curation.stills import logo_finds
from curation.stills.maturity import HOW_TO_ENABLE
from tests import workers
from tests.drawn_logos import draw_logos, plant
from tests.films import make_title, make_user, store_video
from tests.footage import write_film
from tests.world import make_film, make_look, make_still

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_detectors", "no_chunk_watches")]

LOGOS = draw_logos()
CUT, FRAMES, BAR_PX = 30, 90, 30
WIDTH, HEIGHT = 640, 360


def background(source: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(source, (WIDTH, HEIGHT - 2 * BAR_PX), interpolation=cv2.INTER_AREA))


SHOWN, BOX = plant(background(data.astronaut()), LOGOS["wave"], width_px=130, rng=np.random.default_rng(4))
FILM_BOX = (BOX[0], BOX[1] + BAR_PX, BOX[2], BOX[3] + BAR_PX)


SHOTS = (SHOWN, background(data.coffee()), background(data.chelsea()))


def picture(number: int) -> np.ndarray:
    """A shot that shows the wave, then two without it; black bars above and below, a little life."""
    frame = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    frame[BAR_PX:-BAR_PX] = np.clip(SHOTS[number // CUT].astype(np.int16) + number % 3, 0, 255)
    return frame


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "logo.mp4"
    return write_film(path, frames=FRAMES, width=WIDTH, height=HEIGHT, gop=15, picture=picture)


@pytest.fixture
def team() -> Team:
    return Team.objects.get_or_create(name="Artwork")[0]


@pytest.fixture
def editor(team) -> User:
    return User.objects.filter(username="editor").first() or make_user("editor", team=team)


@pytest.fixture
def video(film, team) -> Video:
    return store_video(film, title=make_title("With a logo", team=team))


@pytest.fixture
def analysed(made_once, request, hints) -> Video:
    """The film after its analysis for a team without logos; tests ask for it before they ask for the team."""
    made_once(lambda: analyse(request.getfixturevalue("video"), hints))
    return Video.objects.get()


def png(picture: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(picture).save(written, "PNG")
    return written.getvalue()


def add(name: str, *, user, team, **fields) -> Logo:
    upload = png(LOGOS[name]) if name in LOGOS else None
    return save_logo(Logo(team=team, name=name, **fields), user=user, upload=upload)


work_off = partial(workers.work_off, more={"curation.tasks.look_for_logos": tasks.look_for_logos})


def analyse(video, hints, **options) -> None:
    job = services.analyse_again(video, **options)
    work_off(hints)
    job.refresh_from_db()
    assert job.state == WorkState.DONE, job.error


def overlap(first, second) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(width, 0) * max(height, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared / (sum(areas) - shared)


def test_an_analysis_finds_the_logo_in_the_shot_that_shows_it_in_film_pixels_and_nowhere_else(
    video, hints, editor, team
):
    add("wave", user=editor, team=team)
    add("gear", user=editor, team=team, is_wanted=True)
    analyse(video, hints)
    stills = {still.frame_index: still for still in video.stills.all()}
    assert any(frame < CUT for frame in stills) and any(frame >= CUT for frame in stills)
    assert LogoLook.objects.count() == 2 * len(stills)
    for frame, still in stills.items():
        wave = LogoLook.objects.get(frame_index=frame, logo__name="wave")
        assert (wave.probability > 0.8) == (frame < CUT), frame
        assert still.signals["maturity.logos"] == wave.probability
        assert still.signals["maturity.wanted_logos"] == 0
        if frame < CUT:
            assert overlap(wave.found[0]["box"], FILM_BOX) > 0.75
            assert wave.found[0]["by"] == "picture" and len(wave.found[0]["quadrilateral"]) == 4
        else:
            assert wave.found == []


def test_a_frame_of_the_film_tells_its_maturity_or_why_it_is_not_known(video, hints, editor, team):
    add("wave", user=editor, team=team)
    analyse(video, hints)
    still = video.stills.filter(frame_index__lt=CUT).first()
    told = describe_frame(video, still.frame_index)["maturity"]
    assert told["logos"] == {"probability": still.signals["maturity.logos"], "why": ""}
    for kind in ("nudity", "text", "violence"):
        assert told[kind]["probability"] is None and told[kind]["why"].endswith("."), kind
    other = next(n for n in range(FRAMES) if not video.stills.filter(frame_index=n).exists())
    assert describe_frame(video, other)["maturity"]["logos"] == {"probability": None, "why": maturity.NO_STILL}


def test_without_logos_nothing_is_said_to_be_free_of_them(analysed, hints, editor, team):
    frame = analysed.stills.first().frame_index
    assert describe_frame(analysed, frame)["maturity"]["logos"]["why"] == HOW_TO_ENABLE["logos"]
    assert not any("maturity.logos" in still.signals for still in analysed.stills.all())
    add("gear", user=editor, team=team, is_wanted=True)
    work_off(hints)
    assert describe_frame(analysed, frame)["maturity"]["logos"]["why"] == maturity.NOTHING_TO_AVOID
    still = analysed.stills.get(frame_index=frame)
    assert "maturity.logos" not in still.signals and still.signals["maturity.wanted_logos"] == 0


def test_what_a_detector_said_of_a_frame_is_told_of_that_frame_only(video, monkeypatch):
    make_look(video, frame=10, detector="nudity")
    version = Detection.objects.get().version
    monkeypatch.setattr(findings, "detector_versions", lambda: {"nudity": version})
    told = describe_frame(video, 10)["maturity"]["nudity"]
    assert told == {"probability": 0.0, "why": ""}
    told = describe_frame(video, 11)["maturity"]["nudity"]
    assert told["probability"] is None and "looked at closely" in told["why"]


def test_a_new_logo_is_looked_for_in_the_background_and_looks_are_never_made_twice(
    analysed, hints, editor, team, monkeypatch
):
    logo = add("wave", user=editor, team=team)
    assert hints == [("curation.tasks.look_for_logos", team.pk)]
    assert not LogoLook.objects.exists()
    work_off(hints)
    looks = dict(LogoLook.objects.values_list("frame_index", "pk"))
    assert set(looks) == set(analysed.stills.values_list("frame_index", flat=True))
    assert any(still.signals["maturity.logos"] > 0.8 for still in analysed.stills.all())
    monkeypatch.setattr(logo_finds, "LogoMatcher", lambda logos: pytest.fail("matched what was matched already"))
    tasks.look_for_logos(team.pk)
    analyse(analysed, hints, everything=True)
    assert Logo.objects.get() == logo
    assert {frame: pk for frame, pk in LogoLook.objects.values_list("frame_index", "pk") if frame in looks} == looks
    assert all("maturity.logos" in still.signals for still in analysed.stills.all())


def test_a_search_that_is_killed_goes_on_where_it_was_and_ends_equal(analysed, hints, editor, team, monkeypatch):
    add("wave", user=editor, team=team)
    hints.clear()
    match, matched = LogoMatcher.match, []

    def die_at_the_second(self, rgb):
        matched.append(rgb)
        if len(matched) == 2:
            raise KeyboardInterrupt
        return match(self, rgb)

    monkeypatch.setattr(logo_looks, "FRAMES_A_SAVE", 1)
    monkeypatch.setattr(LogoMatcher, "match", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        tasks.look_for_logos(team.pk)
    assert LogoLook.objects.count() == 1
    tasks.look_for_logos(team.pk)
    stills = analysed.stills.count()
    assert LogoLook.objects.count() == stills >= 3
    assert len(matched) == 2 + stills - 1, "what was saved is not matched again"
    found = dict(LogoLook.objects.values_list("frame_index", "found"))
    LogoLook.objects.all().delete()
    tasks.look_for_logos(team.pk)
    assert dict(LogoLook.objects.values_list("frame_index", "found")) == found


def test_a_long_search_lets_other_work_pass_and_asks_for_its_rest(analysed, hints, editor, team, monkeypatch):
    monkeypatch.setattr(logo_search, "SEARCH_FOR_S", 0.0)
    monkeypatch.setattr(logo_looks, "FRAMES_A_SAVE", 1)
    add("wave", user=editor, team=team)
    calls = 0
    while hints:
        assert hints == [("curation.tasks.look_for_logos", team.pk)]
        hints.clear()
        tasks.look_for_logos(team.pk)
        calls += 1
        assert LogoLook.objects.count() == calls
    assert calls == analysed.stills.count()


def test_a_film_whose_file_is_gone_stops_no_search_and_is_not_asked_for_without_end(
    analysed, hints, editor, team, film, monkeypatch
):
    gone = make_film(make_title("Gone", team=team))
    make_still(gone, 5, rank=1)
    add("wave", user=editor, team=team)
    work_off(hints)
    assert logo_search.pending_frames(team.pk) == {gone.pk: 1}
    assert analysed.stills.filter(signals__has_key="maturity.logos").count() == analysed.stills.count()


def test_what_cannot_be_read_is_said_to_be_unsearched_and_stops_nothing(analysed, hints, editor, team):
    beyond = make_still(analysed, FRAMES + 5, rank=99)  # as a frame that cannot be decoded
    lost = add("gear", user=editor, team=team, is_wanted=True)
    add("wave", user=editor, team=team)
    default_storage.delete(lost.picture.name)
    work_off(hints)
    assert logo_search.pending_frames(team.pk) == {}
    assert set(lost.looks.values_list("probability", flat=True)) == {None}
    look = beyond.video.logo_looks.get(frame_index=beyond.frame_index, logo__name="wave")
    assert (look.probability, look.found) == (None, [])
    told = describe_frame(analysed, beyond.frame_index)["maturity"]["logos"]
    assert told == {"probability": None, "why": maturity.NOT_SEARCHABLE}
    assert access_sightings(editor).filter(logo__name="wave").exists()


def test_brand_words_are_found_among_what_was_read_where_it_was_read(video, editor, team, monkeypatch):
    read_in(video, 10, ["Bellanar coffee", "open"], monkeypatch=monkeypatch)
    for rank, frame in enumerate((10, 40), start=1):
        make_still(video, frame, rank=rank, signals={})
    add("Bellamar", user=editor, team=team, brand_words=["Bellamar"])
    logo_looks.look_for_logos(video)
    read, unread = LogoLook.objects.order_by("frame_index")
    assert (unread.probability, unread.text_version, unread.found) == (None, None, [])
    (find,) = read.found
    assert (find["by"], find["words"], find["box"]) == ("words", "Bellanar", [20.0, 30.0, 220.0, 60.0])
    assert read.probability == find["probability"] == pytest.approx(0.8 * 14 / 16, abs=1e-4)
    assert video.stills.get(frame_index=10).signals == {"maturity.logos": read.probability}
    assert video.stills.get(frame_index=40).signals == {}, "nobody has read that frame"
    assert describe_frame(video, 40)["maturity"]["logos"]["why"] == maturity.NOT_SEARCHABLE


def test_other_words_are_looked_for_without_matching_the_picture_again(analysed, hints, editor, team, monkeypatch):
    logo = add("wave", user=editor, team=team, brand_words=["wave"])
    work_off(hints)
    found = dict(LogoLook.objects.values_list("frame_index", "found"))
    monkeypatch.setattr(logo_finds, "LogoMatcher", lambda logos: pytest.fail("matched again"))
    logo.brand_words = [" waves ", "Waves", ""]
    save_logo(logo, user=editor)
    assert [word.casefold() for word in logo.brand_words] == ["waves"]
    assert logo_search.pending_frames(team.pk) == {analysed.pk: analysed.stills.count()}
    work_off(hints)
    assert dict(LogoLook.objects.values_list("frame_index", "found")) == found
    assert logo_search.pending_frames(team.pk) == {}


def test_another_picture_is_looked_for_anew_and_the_one_before_is_gone(analysed, hints, editor, team):
    logo = add("gear", user=editor, team=team)
    work_off(hints)
    before = logo.picture.name
    assert not access_sightings(editor).exists()
    save_logo(logo, user=editor, upload=png(LOGOS["wave"]))
    assert not LogoLook.objects.exists() and not default_storage.exists(before)
    work_off(hints)
    assert access_sightings(editor).filter(logo=logo).exists()


def test_a_logo_that_changed_while_it_was_matched_is_matched_again(analysed, hints, editor, team, monkeypatch):
    logo = add("wave", user=editor, team=team)
    match = LogoMatcher.match

    def change_meanwhile(self, rgb):
        monkeypatch.setattr(LogoMatcher, "match", match)
        save_logo(Logo.objects.get(pk=logo.pk), user=editor, upload=png(LOGOS["gear"]))
        return match(self, rgb)

    monkeypatch.setattr(LogoMatcher, "match", change_meanwhile)
    work_off(hints)
    assert LogoLook.objects.count() == analysed.stills.count()
    assert set(LogoLook.objects.values_list("picture", flat=True)) == {Logo.objects.get().picture.name}
    assert not access_sightings(editor).exists()


def test_switching_and_deleting_a_logo_tells_the_stills_at_once(analysed, hints, editor, team):
    logo = add("wave", user=editor, team=team)
    work_off(hints)
    measured = {still.pk: set(still.signals) - {AVOIDED} for still in analysed.stills.all()}
    logo.is_wanted = True
    save_logo(logo, user=editor)
    for still in analysed.stills.all():
        assert WANTED in still.signals and AVOIDED not in still.signals
    stored = logo.picture.name
    delete_logo(logo, user=editor)
    assert not LogoLook.objects.exists() and not default_storage.exists(stored)
    assert {still.pk: set(still.signals) for still in analysed.stills.all()} == measured


def test_deleting_a_title_forgets_its_looks_and_keeps_the_logo(video, hints, editor, team):
    logo = add("wave", user=editor, team=team)
    analyse(video, hints)
    assert LogoLook.objects.exists()
    delete_titles(Title.objects.filter(pk=video.title_id))
    assert not LogoLook.objects.exists()
    assert Logo.objects.get() == logo and default_storage.exists(logo.picture.name)


def test_deleting_a_team_takes_its_logos_files_along(editor, team):
    stored = add("wave", user=editor, team=team).picture.name
    team.delete()
    assert not default_storage.exists(stored)


def test_teams_that_share_a_title_learn_nothing_of_each_others_logos(video, hints, editor, team):
    others = Team.objects.create(name="Others")
    colleague = make_user("colleague", team=others)
    add("wave", user=editor, team=team)
    add("wave", user=colleague, team=others, is_wanted=True)
    analyse(video, hints)
    frame = access_sightings(editor).first().frame_index
    assert AVOIDED in video.stills.first().signals
    video.title.teams.add(others)
    work_off(hints)
    assert not any(AVOIDED in still.signals or WANTED in still.signals for still in video.stills.all())
    told = describe_frame(Video.objects.get(pk=video.pk), frame)["maturity"]["logos"]
    assert told == {"probability": None, "why": maturity.SHARED_TITLE}
    for user, its in ((editor, team), (colleague, others)):
        assert {look.logo.team for look in access_sightings(user)} == {its}
    video.title.teams.remove(team)
    assert not access_sightings(editor).exists(), "its own logo in a title that it has given away"
    still = video.stills.get(frame_index=frame)
    assert still.signals[WANTED] > 0.8 and AVOIDED not in still.signals


def test_a_brand_is_read_in_an_analysis_with_the_real_models(tmp_path, hints, editor, team, monkeypatch, model_files):
    store = WeightsStore(next(iter(model_files(["text-detection", "text-recognition"]).values())).parent)
    monkeypatch.setattr(detectors, "weights_store", lambda: store)
    text = [each for each in find_detectors() if each.name == "text"]
    monkeypatch.setattr(detectors, "available_detectors", lambda store: text)
    x0, y0, x1, y1 = ImageFont.load_default(110).getbbox("Bellamar")  # as the plate is lettered, from 24, 20 on
    word = [300 + 0.3 * (24 + x0), 60 + 0.3 * (20 + y0), 300 + 0.3 * (24 + x1), 60 + 0.3 * (20 + y1)]
    sign = cv2.resize(LOGOS["plate"][..., :3], (156, 66), interpolation=cv2.INTER_AREA)

    def street(number: int) -> np.ndarray:
        frame = np.clip(cv2.resize(data.coffee(), (WIDTH, HEIGHT)).astype(np.int16) + number % 3, 0, 255)
        frame[60:126, 300:456] = sign
        return frame.astype(np.uint8)

    path = write_film(tmp_path / "sign.mp4", frames=30, width=WIDTH, height=HEIGHT, gop=15, picture=street)
    video = store_video(path, title=make_title("Sign", team=team))
    add("Coffee house", user=editor, team=team, brand_words=["Bellamar", "Kvanto"])
    analyse(video, hints)
    looks = list(access_sightings(editor))
    assert len(looks) == video.stills.count() >= 1
    for look in looks:
        (find,) = look.found
        assert find["words"] == "Bellamar" and look.probability > 0.8
        assert overlap(find["box"], word) > 0.6
        assert describe_frame(video, look.frame_index)["maturity"]["text"]["probability"] > 0.8


def read_in(video, frame: int, lines: list[str], *, monkeypatch) -> None:
    """As if the text detector had read these lines in a frame, one below the other, 80 % sure each."""
    text = next(each for each in find_detectors() if each.name == "text")
    values = np.zeros((len(lines), len(text.columns)), dtype=np.float32)
    for number in range(len(lines)):
        values[number, :5] = 20, 30 + 50 * number, 220, 60 + 50 * number, 0.8
    row = make_look(video, frame=frame, detector="text")
    row.frames, row.values = pack_integers(np.full(len(lines), frame, dtype=np.int64)), pack_values(values)
    row.words = lines
    row.save()
    for module in (logo_looks, findings):
        monkeypatch.setattr(module, "detector_versions", lambda: {"text": text.version})
