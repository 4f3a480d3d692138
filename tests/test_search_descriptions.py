"""Shots in words: what is measured is said as editors search for it, and nothing else is."""

import numpy as np
import pytest
from django.contrib.postgres.search import SearchQuery

from ava.annotate.base import Detections
from ava.annotate.face_mesh import FaceMesh
from ava.annotate.objects import OBJECT_NAMES, Objects
from ava.annotate.people import People
from ava.annotate.text import Text
from ava.annotate.text_kinds import TextKind
from ava.models import Shot
from search.embed.describe import CANNOT_KNOW, describe_facts, describe_shot
from search.embed.facts import ScreenText, ShotFacts, Thing, digest_facts, tell_facts
from search.embed.shot_findings import Looks, often_seen, read_findings
from search.embed.shot_signals import read_camera_way, read_signals
from search.models import ShotDescription
from search.shot_descriptions import facts_of, save_descriptions
from search.word_vectors import words_of
from tests.world import World, make_world

NOTHING = ShotFacts(0, 50, 2.0)
FULL = ShotFacts(
    0, 50, 2.0, scale="close_up", scale_by="face", camera="pan", camera_way="left", names=("Anna", "Bert"),
    characters=(1, 2), people=2, expressions=("smiling",), brightness_unit=0.12, saturation_unit=0.3,
    temperature_k=3000.0, colours=("blue", "grey"), motion_unit_s=0.001, text=(ScreenText("scene", "CAFÉ"),),
    objects=(Thing("bus", 2), Thing("apple", 1)),
)  # fmt: skip


def test_a_shot_of_which_nothing_is_known_says_only_how_long_it_is():
    assert describe_shot(NOTHING) == "A shot of 2.0 seconds."


def test_everything_that_is_known_is_said_in_the_words_of_editors():
    text = describe_shot(FULL)
    for words in (
        "Close-up (CU, close up) of two people together (two-shot): Anna and Bert.", "Someone is smiling",
        "“CAFÉ”", "two buses (bus) and an apple", "The camera pans left", "blue and grey (gray)", "Very dark picture",
        "Warm light", "Hardly anything moves",
    ):  # fmt: skip
        assert words in text


def test_each_fact_that_is_taken_away_takes_its_sentence_with_it():
    for name, sentence in (
        ("camera", "camera"), ("colours", "colours"), ("expressions", "expression"), ("text", "text"),
        ("objects", "objects"), ("motion_unit_s", "motion"),
    ):  # fmt: skip
        facts = FULL._replace(**{name: ShotFacts._field_defaults[name]})
        assert sentence in {each.fact for each in describe_facts(FULL)}
        assert sentence not in {each.fact for each in describe_facts(facts)}


def test_night_is_never_told_without_saying_what_it_is_judged_by():
    dark = describe_shot(NOTHING._replace(brightness_unit=0.05, saturation_unit=0.4))
    assert "judged by brightness alone, as at night" in dark
    assert "night" not in describe_shot(NOTHING._replace(brightness_unit=0.4, saturation_unit=0.4))
    assert "what time of day" in CANNOT_KNOW


def test_white_letters_on_black_are_a_card_and_no_night():
    card = NOTHING._replace(
        brightness_unit=0.04, people=0, scale="medium", scale_by="fallback", text=(ScreenText("title", "THE END"),)
    )
    text = describe_shot(card)
    assert "Title card on screen reads: “THE END”" in text
    assert "night" not in text and "Medium shot" not in text


def test_a_black_picture_is_called_that_and_nothing_else():
    black = NOTHING._replace(brightness_unit=0.0, saturation_unit=0.0, camera="static", motion_unit_s=0.0)
    assert describe_shot(black) == "Black picture (black screen)."


def test_an_expression_is_given_to_the_person_only_where_there_is_just_one():
    assert "Anna is smiling" in describe_shot(FULL._replace(names=("Anna",), people=1))
    assert "Someone is smiling" in describe_shot(FULL._replace(names=("Anna",), people=3))


def test_a_long_roll_of_credits_is_cut_at_a_word():
    names = tuple(ScreenText("credits", f"Name{number} Surname{number}") for number in range(100))
    text = describe_shot(NOTHING._replace(text=names))
    assert "…”" in text and len(text) < 320


def test_people_are_counted_in_words_up_to_crowds():
    def said(people: int) -> str:
        return describe_shot(NOTHING._replace(people=people))

    assert "three-shot" in said(3) and "group shot" in said(5)
    assert "crowd" in said(30) and "30" in said(30)
    assert said(0) == "A shot of 2.0 seconds."  # that nobody was found says nothing sure


def test_told_facts_are_json_and_their_digest_changes_with_them_and_with_the_code():
    told = tell_facts(FULL)
    assert told["objects"] == [{"name": "bus", "count": 2}, {"name": "apple", "count": 1}]
    assert "transition" not in told and "objects" not in tell_facts(NOTHING)
    digests = {
        digest_facts(told, versions=(1, 1)), digest_facts(told, versions=(1, 2)),
        digest_facts(told | {"camera": "tilt"}, versions=(1, 1)),
    }  # fmt: skip
    assert len(digests) == 3
    assert digest_facts(tell_facts(FULL), versions=(1, 1)) in digests


def test_light_and_colours_are_read_from_the_frames_of_the_shot_alone():
    signals = {
        "exposure.brightness": np.r_[np.full(50, 0.9), np.full(50, 0.1)].astype(np.float32),
        "colour_names.blue": np.r_[np.full(50, 0.0), np.full(50, 0.5)].astype(np.float32),
        "colour_names.black": np.r_[np.full(50, 0.0), np.full(50, 0.3)].astype(np.float32),
        "motion.flow_magnitude": np.full(100, 0.002, dtype=np.float32),
        "palette.saturation": np.full(100, np.nan, dtype=np.float32),
    }
    first = read_signals(signals, start_frame=0, end_frame=50, fps=25)
    second = read_signals(signals, start_frame=50, end_frame=100, fps=25)
    assert (first.brightness_unit, first.colours) == (0.9, ())
    assert (second.brightness_unit, second.colours) == (0.1, ("blue",))  # so little black does not stand out
    assert first.motion_unit_s == pytest.approx(0.05)
    assert first.saturation_unit is None and first.temperature_k is None


@pytest.mark.parametrize(
    ("camera", "step", "way"),
    [("pan", 0.01, "right"), ("pan", -0.01, "left"), ("tilt", 0.01, "up"), ("zoom", -0.01, "out")],
)
def test_the_camera_goes_the_way_of_its_steps(camera, step, way):
    steps = {f"motion.{camera}": np.full(30, step, dtype=np.float32)}
    assert read_camera_way(steps, camera=camera, start_frame=0, end_frame=30) == way


def test_a_camera_that_sways_or_stands_goes_no_way():
    swaying = {"motion.pan": np.tile([0.01, -0.01], 15).astype(np.float32)}
    assert read_camera_way(swaying, camera="pan", start_frame=0, end_frame=30) is None
    assert read_camera_way(swaying, camera="static", start_frame=0, end_frame=30) is None
    assert read_camera_way({}, camera="pan", start_frame=0, end_frame=30) is None


def _looks(detector, rows, *, frames, words=()):
    """Rows of (frame, {column: value}); other columns are unknown."""
    values = np.full((len(rows), len(detector.columns)), np.nan, dtype=np.float32)
    for row, (_, known) in enumerate(rows):
        for column, value in known.items():
            values[row, detector.columns.index(column)] = value
    numbers = np.array([frame for frame, _ in rows], dtype=np.int64)
    return Looks(Detections(numbers, values, tuple(words)), np.array(frames, dtype=np.int64))


def test_what_one_look_of_many_sees_is_not_believed():
    assert often_seen([5, 2, 2], looks=6) == 2
    assert often_seen([5], looks=6) == 0
    assert often_seen([1], looks=1) == 1
    rows = [(frame, {}) for frame in (10, 20, 20, 30, 30, 40, 40, 40)]
    looks = {People.name: _looks(People, rows, frames=[10, 20, 30, 40, 50, 60])}
    assert read_findings(looks, start_frame=0, end_frame=70).people == 2
    assert read_findings(looks, start_frame=45, end_frame=70).people == 0
    assert read_findings({}, start_frame=0, end_frame=70).people is None


def test_objects_are_counted_and_people_are_no_objects():
    kinds = {name: number for number, name in OBJECT_NAMES.items()}
    rows = [(10, {"kind": kinds["dog"]}), (10, {"kind": kinds["dog"]}), (10, {"kind": kinds["person"]})]
    looks = {Objects.name: _looks(Objects, rows, frames=[10])}
    assert read_findings(looks, start_frame=0, end_frame=20).objects == (Thing("dog", 2),)


def test_readings_of_one_text_are_one_and_doubtful_letters_are_none():
    line = {"kind": TextKind.SCENE, "score": 0.9, "reading": 0.9}
    rows = [(10, line), (20, line | {"score": 0.99}), (20, line | {"reading": 0.3}),
            (30, line | {"kind": TextKind.SUBTITLE})]  # fmt: skip
    looks = {Text.name: _looks(Text, rows, frames=[10, 20, 30], words=["GRAND HOTFL", "GRAND HOTEL", "0O", "Hello"])}
    assert read_findings(looks, start_frame=0, end_frame=40).text == (ScreenText("scene", "GRAND HOTEL"),)


def test_expressions_come_from_faces_whose_landmarks_are_known():
    smile = {"eyes_open": 0.9, "mouth_open": 0.1, "smile": 0.9, "brows_raised": 0.1}
    looks = {FaceMesh.name: _looks(FaceMesh, [(10, smile), (20, smile), (30, {})], frames=[10, 20, 30])}
    assert read_findings(looks, start_frame=0, end_frame=40).expressions == ("smiling",)


@pytest.fixture
def world(db) -> World:
    return make_world("descriptions")


def _describe(world: World) -> list[ShotDescription]:
    save_descriptions(world.video, facts_of(world.video))
    return list(world.video.shot_descriptions.all())


def test_a_film_is_described_from_its_shots_signals_and_named_characters(world):
    Shot.objects.filter(video=world.video).update(scale="close_up", scale_by="face", camera="static", provisional=False)
    (described,) = _describe(world)
    assert f"Close-up (CU, close up) of {world.character.name}" in described.text
    assert described.facts["characters"] == [world.character.pk]
    query = SearchQuery(f'"close up" {world.character.name}', search_type="websearch")
    assert list(ShotDescription.objects.filter(words=query)) == [described]


def test_descriptions_keep_their_rows_until_a_fact_changes(world):
    (first,) = _describe(world)
    (again,) = _describe(world)
    assert again.pk == first.pk
    world.character.name = "Zenobia"
    world.character.save()
    (renamed,) = _describe(world)
    assert renamed.pk != first.pk and "Zenobia" in renamed.text and renamed.made_from != first.made_from


def test_a_character_without_a_name_is_known_by_its_number_and_not_named(world):
    world.character.name = ""
    world.character.save()
    (described,) = _describe(world)
    assert "names" not in described.facts and "Person" not in described.text


def test_shots_that_are_gone_lose_their_description_and_provisional_ones_have_none(world):
    _describe(world)
    Shot.objects.filter(video=world.video).update(provisional=True)
    assert facts_of(world.video) == [] and _describe(world) == []


def test_an_unmeasured_film_is_described_by_the_length_of_its_shots(world):
    world.video.chunks.all().delete()
    world.video.inspections.all().delete()
    world.video.face_tracks.all().delete()
    Shot.objects.filter(video=world.video).update(scale="", camera="", transition="cut", provisional=False)
    (described,) = _describe(world)
    assert described.text == f"A shot of {world.video.frame_count / 25:.1f} seconds."


def test_synonyms_that_editors_type_find_the_shot(db, world):
    text = describe_shot(FULL._replace(scale="long", camera="zoom", camera_way="in"))
    row = ShotDescription(video=world.video, start_frame=1, end_frame=9, text=text, made_from="0" * 64)
    row.words = words_of(text)
    row.save()
    for query in ('"two people"', "wide shot", "LS", "push in", "smile", "gray", "two-shot", "zooming", "bus"):
        wanted = SearchQuery(query, search_type="websearch", config="english")
        assert ShotDescription.objects.filter(pk=row.pk, words=wanted).exists(), query
