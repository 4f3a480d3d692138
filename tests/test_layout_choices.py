"""What people choose for the layout of a picture: nothing is lost, everything can be taken back and done again."""

import threading
import uuid

import cv2
import numpy as np
import pytest
from django.db import connection, transaction

from curation.layout.box import Box
from curation.layout.canvases import DEFAULT_CANVASES
from curation.layout_apply import apply_to
from curation.layout_checks import Choice, InvalidLayoutChoice, fit_ratio, has_ratio
from curation.layout_choices import (
    choose,
    choose_many,
    chosen_for,
    may_undo_and_redo,
    redo_layout,
    reset_layout,
    standing_choices,
    undo_layout,
)
from curation.layout_sources import source_of_frame
from curation.models import LayoutStep, Picture, PictureGroup, Still, TeamCanvas
from curation.picture_layouts import fit_chosen
from curation.picture_rows import refresh_rows, row_of_artwork, row_of_frame
from curation.similarity.descriptor import DESCRIPTOR_VERSION, describe_picture, pack_descriptor
from curation.team_canvases import canvases_of
from tests.world import World, make_artwork, make_person, make_world

pytestmark = pytest.mark.django_db

STORY_ART, HIGH = [0, 0, 320, 180], [10, 0, 210, 300]
"""Crops of a picture of 640 × 360 for the default canvases of 16:9 and 2:3."""


@pytest.fixture
def world() -> World:
    return make_world("lay")


@pytest.fixture
def picture(world: World) -> Picture:
    """A frame's row of which nobody has said anything."""
    return row_of_frame(world.video, 20)


def test_what_is_chosen_holds_and_the_newest_word_wins(world: World, picture: Picture) -> None:
    colleague = make_person("colleague", team=world.team)
    choose(picture, subject="focal", value=[100, 50.04], user=world.editor)
    choose(picture, subject="crop", canvas="story-art", value=STORY_ART, user=world.editor)
    choose(picture, subject="badge", canvas="square", value=[10, 10, 60, 30], user=world.editor)
    choose(picture, subject="focal", value=[200, 60], user=colleague)
    chosen = chosen_for(picture)
    assert chosen.focal_point == (200, 60)
    assert chosen.crops == {"story-art": Box(*STORY_ART)}
    assert chosen.placements == {("square", "badge"): Box(10, 10, 60, 30)}
    assert standing_choices(picture)["", "focal"].user == colleague
    assert LayoutStep.objects.filter(picture=picture).count() == 4, "nothing is overwritten"


def test_a_picture_without_a_word_has_nothing_chosen(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert chosen_for(None).focal_point is None


def test_reset_is_a_word_of_its_own_and_can_be_taken_back(world: World, picture: Picture) -> None:
    choose(picture, subject="focal", value=[100, 50], user=world.editor)
    choose(picture, subject="crop", canvas="story-art", value=STORY_ART, user=world.editor)
    choose(picture, subject="crop", canvas="story-art", value=None, user=world.editor)
    assert chosen_for(picture).crops == {} and chosen_for(picture).focal_point == (100, 50)
    undo_layout(picture, user=world.editor)
    assert chosen_for(picture).crops == {"story-art": Box(*STORY_ART)}
    assert "reset" in reset_layout(picture, user=world.editor).sentence
    assert chosen_for(picture).focal_point is None and chosen_for(picture).crops == {}
    undo_layout(picture, user=world.editor)
    assert chosen_for(picture).focal_point == (100, 50) and "story-art" in chosen_for(picture).crops


def test_one_canvas_can_be_reset_alone(world: World, picture: Picture) -> None:
    choose(picture, subject="focal", value=[100, 50], user=world.editor)
    choose(picture, subject="crop", canvas="story-art", value=STORY_ART, user=world.editor)
    reset_layout(picture, user=world.editor, canvas="story-art")
    assert chosen_for(picture).crops == {} and chosen_for(picture).focal_point == (100, 50)
    again = reset_layout(picture, user=world.editor, canvas="story-art")
    assert again.steps == () and "Nothing was chosen" in again.sentence


def test_what_is_so_already_takes_no_step(world: World, picture: Picture) -> None:
    choose(picture, subject="focal", value=[100, 50], user=world.editor)
    again = choose(picture, subject="focal", value=[100.0, 50.0], user=world.editor)
    assert again.steps == () and LayoutStep.objects.filter(picture=picture).count() == 1


def test_several_choices_are_one_action_and_all_or_none(world: World, picture: Picture) -> None:
    change = choose(
        picture, subject="focal", value=[100, 50], user=world.editor,
        also=[Choice("crop", "story-art", STORY_ART), Choice("crop", "box-art", HIGH)],
    )  # fmt: skip
    assert len({step.action for step in change.steps}) == 1 and len(change.steps) == 3
    undo_layout(picture, user=world.editor)
    assert chosen_for(picture).crops == {} and chosen_for(picture).focal_point is None
    with pytest.raises(InvalidLayoutChoice):
        choose_many(picture, [Choice("focal", "", [5, 5]), Choice("crop", "nowhere", HIGH)], user=world.editor)
    assert chosen_for(picture).focal_point is None


def test_undo_and_redo_walk_through_a_persons_own_actions(world: World, picture: Picture) -> None:
    for x in (10, 20, 30):
        choose(picture, subject="focal", value=[x, 5], user=world.editor)
    assert may_undo_and_redo(picture, user=world.editor) == (True, False)
    for before in ((20, 5), (10, 5), None):
        assert "Taken back" in undo_layout(picture, user=world.editor).sentence
        assert chosen_for(picture).focal_point == before
    assert undo_layout(picture, user=world.editor) is None
    assert may_undo_and_redo(picture, user=world.editor) == (False, True)
    for after in ((10, 5), (20, 5), (30, 5)):
        assert "Done again" in redo_layout(picture, user=world.editor).sentence
        assert chosen_for(picture).focal_point == after
    assert redo_layout(picture, user=world.editor) is None


def test_a_new_choice_ends_what_could_be_done_again(world: World, picture: Picture) -> None:
    choose(picture, subject="focal", value=[10, 5], user=world.editor)
    undo_layout(picture, user=world.editor)
    choose(picture, subject="focal", value=[20, 5], user=world.editor)
    assert redo_layout(picture, user=world.editor) is None
    assert chosen_for(picture).focal_point == (20, 5)


def test_undo_leaves_what_a_colleague_said_later(world: World, picture: Picture) -> None:
    colleague = make_person("colleague", team=world.team)
    choose(picture, subject="focal", value=[10, 5], user=world.editor)
    choose(picture, subject="focal", value=[20, 5], user=colleague)
    undone = undo_layout(picture, user=world.editor)
    assert chosen_for(picture).focal_point == (20, 5) and "colleague" in undone.sentence
    undo_layout(picture, user=colleague)
    assert chosen_for(picture).focal_point is None
    redo_layout(picture, user=world.editor)
    assert chosen_for(picture).focal_point == (10, 5)


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        (Choice("nose", "", [1, 1]), "Choose one of focal"),
        (Choice("focal", "square", [1, 1]), "of no canvas"),
        (Choice("focal", "", [700, 1]), "outside the picture, which is 640 × 360"),
        (Choice("focal", "", [1]), "Give [x, y]"),
        (Choice("focal", "", "ab"), "Give [x, y]"),
        (Choice("focal", "", [float("nan"), 1]), "numbers"),
        (Choice("focal", "", [10**400, 1]), "numbers"),
        (Choice("focal", "", [True, 1]), "numbers"),
        (Choice("crop", "", STORY_ART), "no canvas of that key; it has story-art, box-art"),
        (Choice("crop", "nowhere", None), "no canvas of that key"),
        (Choice("crop", "story-art", [0, 0, 320, 300]), "1536 to 864; this one is 320 to 300"),
        (Choice("crop", "story-art", [400, 0, 720, 180]), "leaves the picture"),
        (Choice("crop", "story-art", [320, 180, 0, 0]), "no area"),
        (Choice("crop", "story-art", [0, 0, 16, 9]), "16 pixels"),
        (Choice("subtitle", "square", [0, 0, 16, 9]), "Square 1:1 has no subtitle"),
        (Choice("title", "square", [-5, 0, 16, 9]), "leaves the picture"),
        (Choice("title", "square", {"x": 1}), "Give [x0, y0, x1, y1]"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(world: World, picture: Picture, choice: Choice, says: str) -> None:
    with pytest.raises(InvalidLayoutChoice) as refused:
        choose_many(picture, [choice], user=world.editor)
    assert says in str(refused.value)
    assert not LayoutStep.objects.filter(picture=picture).exists()


def test_crops_are_kept_in_whole_pixels_within_the_picture(world: World, picture: Picture) -> None:
    choose(picture, subject="crop", canvas="story-art", value=[319.6, 179.8, 640.4, 360.2], user=world.editor)
    assert chosen_for(picture).crops["story-art"] == Box(320, 180, 640, 360)


@pytest.mark.parametrize("size", [(16, 16), (320, 20), (12, 400)])
def test_tiny_pictures_have_crops_that_can_be_chosen_too(world: World, size: tuple[int, int]) -> None:
    artwork = make_artwork(world.title, "tiny.png", width=size[0], height=size[1])
    picture = row_of_artwork(artwork)
    for canvas in DEFAULT_CANVASES:
        largest = fit_ratio(Box(0, 0, *size), aspect=canvas.aspect, size=size)
        choose(picture, subject="crop", canvas=canvas.key, value=list(largest), user=world.editor)
        assert chosen_for(picture).crops[canvas.key] == largest, canvas.key
    with pytest.raises(InvalidLayoutChoice, match="choose a larger one"):
        choose(picture, subject="crop", canvas="square", value=[0, 0, 5, 5], user=world.editor)


def test_an_artworks_choices_are_in_its_own_pixels(world: World) -> None:
    world.artwork.width, world.artwork.height = 4000, 3000
    world.artwork.save()
    picture = row_of_artwork(world.artwork)
    choose(picture, subject="focal", value=[3900, 2900], user=world.editor)
    assert chosen_for(picture).focal_point == (3900, 2900)


def test_choices_outlive_the_still_and_every_new_analysis(world: World, picture: Picture) -> None:
    choose(picture, subject="focal", value=[10, 5], user=world.editor)
    Still.objects.filter(video=world.video).delete()
    refresh_rows(world.title)
    assert chosen_for(source_of_frame(world.video, 20).known_picture()).focal_point == (10, 5)
    undo_layout(picture, user=world.editor)
    refresh_rows(world.title)
    assert redo_layout(source_of_frame(world.video, 20).picture(), user=world.editor), "undone is not forgotten"


def test_a_crop_follows_its_canvas_when_that_changes(world: World, picture: Picture) -> None:
    choose(picture, subject="crop", canvas="story-art", value=[100, 90, 420, 270], user=world.editor)
    own = TeamCanvas.objects.create(team=world.team, key="story-art", name="Ours", width_px=400, height_px=400)
    chosen = fit_chosen(chosen_for(picture), canvases=canvases_of(world.title), size=(640, 360))
    crop = chosen.crops["story-art"]
    assert crop.width == crop.height == 240 and crop.centre == (260, 180), "middle and area stay"
    own.delete()
    back = fit_chosen(chosen_for(picture), canvases=canvases_of(world.title), size=(640, 360))
    assert back.crops["story-art"] == Box(100, 90, 420, 270), "what was said is what is kept"


def test_what_was_chosen_for_a_canvas_that_is_gone_can_be_reset(world: World, picture: Picture) -> None:
    own = TeamCanvas.objects.create(team=world.team, key="own", name="Own", width_px=400, height_px=400)
    choose(picture, subject="crop", canvas="own", value=[0, 0, 100, 100], user=world.editor)
    own.delete()
    choose(picture, subject="crop", canvas="own", value=None, user=world.editor)
    assert chosen_for(picture).crops == {}


@pytest.mark.parametrize("size", [(640, 360), (17, 4000), (1, 1), (8000, 16)])
@pytest.mark.parametrize("aspect", [16 / 9, 2 / 7, 1.0, 20.0])
@pytest.mark.parametrize("box", [Box(0, 0, 1, 1), Box(5, 2, 16, 15), Box(-50, -50, 9000, 9000)])
def test_a_crop_brought_to_a_ratio_lies_within_the_picture(size: tuple[int, int], aspect: float, box: Box) -> None:
    fitted = fit_ratio(box, aspect=aspect, size=size)
    assert Box(0, 0, *size).holds(fitted) and fitted.area > 0
    assert all(side == int(side) for side in fitted)
    assert has_ratio(fitted, aspect=aspect) or min(fitted.width, fitted.height) == 1


@pytest.mark.django_db(transaction=True)
def test_two_editors_who_choose_at_once_lose_nothing() -> None:
    world = make_world("race")
    picture = row_of_frame(world.video, 20)
    colleague = make_person("colleague", team=world.team)
    errors: list[BaseException] = []

    def work(user: object, canvas: str, crop: list[float]) -> None:
        try:
            for x in range(5):
                choose(picture, subject="focal", value=[x, 5], user=user, also=[Choice("crop", canvas, crop)])
                undo_layout(picture, user=user)
                redo_layout(picture, user=user)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    both = [
        threading.Thread(target=work, args=(world.editor, "story-art", STORY_ART)),
        threading.Thread(target=work, args=(colleague, "box-art", HIGH)),
    ]
    for each in both:
        each.start()
    for each in both:
        each.join(timeout=30)
    assert errors == []
    assert chosen_for(picture).crops == {"story-art": Box(*STORY_ART), "box-art": Box(*HIGH)}
    assert chosen_for(picture).focal_point == (4, 5)


@pytest.mark.django_db(transaction=True)
def test_whoever_comes_second_waits_for_the_first() -> None:
    world = make_world("turn")
    picture = row_of_frame(world.video, 20)
    done = threading.Event()

    def choose_second() -> None:
        choose(picture, subject="focal", value=[2, 2], user=world.editor)
        done.set()
        connection.close()

    with transaction.atomic():
        choose(picture, subject="focal", value=[1, 1], user=world.editor)
        second = threading.Thread(target=choose_second)
        second.start()
        assert not done.wait(0.2), "the second waits while the first is not through"
    second.join(timeout=30)
    assert chosen_for(picture).focal_point == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_a_row_does_not_go_while_somebody_chooses_for_it() -> None:
    world = make_world("tidy")
    picture = row_of_frame(world.video, 20)  # of no still, and nobody has said anything of it yet

    def tidy() -> None:
        refresh_rows(world.title)
        connection.close()

    with transaction.atomic():
        choose(picture, subject="focal", value=[1, 1], user=world.editor)
        tidying = threading.Thread(target=tidy)
        tidying.start()
        tidying.join(timeout=0.2)
    tidying.join(timeout=30)
    assert chosen_for(picture).focal_point == (1, 1)
    undo_layout(picture, user=world.editor)
    LayoutStep.objects.filter(picture=picture).delete()
    refresh_rows(world.title)
    assert not Picture.objects.filter(pk=picture.pk).exists(), "what nothing needs still goes"


def test_everybody_who_sees_the_title_is_told(
    world: World, picture: Picture, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    told = []
    monkeypatch.setattr("ava.progress._send", lambda title_id, message: told.append(message))
    with django_capture_on_commit_callbacks(execute=True):
        choose(picture, subject="focal", value=[1, 1], user=world.editor, also=[Choice("crop", "story-art", STORY_ART)])
        undo_layout(picture, user=world.editor)
    assert [message["type"] for message in told] == ["layout", "layout"]
    assert told[0]["picture"] == picture.pk and told[0]["frame_index"] == 20


def test_a_picture_that_is_gone_is_said_to_be(world: World, picture: Picture) -> None:
    Picture.objects.filter(pk=picture.pk).delete()
    with pytest.raises(InvalidLayoutChoice, match="gone"):
        choose(picture, subject="focal", value=[1, 1], user=world.editor, action=uuid.uuid4())


def drawn(seed: int) -> np.ndarray:
    """A picture of shapes of its own, 640 × 360."""
    rng = np.random.default_rng(seed)
    rgb = np.full((360, 640, 3), 90, dtype=np.uint8)
    for _ in range(80):
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        centre = int(rng.integers(0, 640)), int(rng.integers(0, 360))
        cv2.ellipse(rgb, centre, (int(rng.integers(6, 60)), int(rng.integers(6, 40))), 30.0, 0, 360, colour, -1)
    return rgb


def bring(world: World, rgb: np.ndarray, *, group: PictureGroup | None) -> Picture:
    """An artwork of these pixels, described as the worker describes it."""
    artwork = make_artwork(world.title, f"{uuid.uuid4().hex}.png", width=rgb.shape[1], height=rgb.shape[0])
    return Picture.objects.create(
        title=world.title, artwork=artwork, group=group, descriptor=pack_descriptor(describe_picture(rgb)),
        descriptor_version=DESCRIPTOR_VERSION,
    )  # fmt: skip


@pytest.fixture
def original(world: World) -> Picture:
    """A picture with a focal point at (400, 200), a crop for 16:9 and a badge there."""
    picture = bring(world, drawn(1), group=PictureGroup.objects.create(title=world.title))
    choose(
        picture, subject="focal", value=[400, 200], user=world.editor,
        also=[Choice("crop", "story-art", [240, 110, 560, 290]), Choice("badge", "story-art", [300, 120, 360, 150])],
    )  # fmt: skip
    return picture


def near(one: object, other: object, *, px: float = 3.0) -> bool:
    return bool(np.allclose(one, other, atol=px))


def test_a_crop_of_the_picture_gets_the_same_part_of_it(world: World, original: Picture) -> None:
    zoomed = cv2.resize(drawn(1)[60:340, 120:620], (1000, 560), interpolation=cv2.INTER_CUBIC)
    copy = bring(world, zoomed, group=original.group)
    change = apply_to([copy], original, user=world.editor)
    chosen = chosen_for(copy)
    assert near(chosen.focal_point, (560, 280)), "twice as large, and 120 and 60 pixels less left of and above it"
    assert near(chosen.crops["story-art"], (240, 100, 880, 460))
    assert near(chosen.placements["story-art", "badge"], (360, 120, 480, 180))
    assert "where they show the same" in change.sentence


def test_a_mirrored_copy_gets_it_on_the_other_side(world: World, original: Picture) -> None:
    copy = bring(world, np.ascontiguousarray(drawn(1)[:, ::-1]), group=original.group)
    apply_to([copy], original, user=world.editor)
    assert near(chosen_for(copy).focal_point, (240, 200))
    assert near(chosen_for(copy).crops["story-art"], (80, 110, 400, 290))


def test_other_pictures_get_the_same_relative_place(world: World, original: Picture) -> None:
    other = bring(world, cv2.resize(drawn(2), (1280, 720)), group=None)
    frame = row_of_frame(world.video, 30)
    change = apply_to([other, frame, original], original, user=world.editor)
    assert chosen_for(other).focal_point == (800, 400)
    assert chosen_for(other).crops["story-art"] == Box(480, 220, 1120, 580)
    assert chosen_for(frame).focal_point == (400, 200)
    assert change.sentence == "Applied to 2 pictures, at the same relative place."


def test_what_a_copy_does_not_show_is_left_as_it_was(world: World, original: Picture) -> None:
    left = bring(world, np.ascontiguousarray(drawn(1)[:, :330]), group=original.group)
    choose(left, subject="focal", value=[7, 7], user=world.editor)
    apply_to([left], original, user=world.editor)
    chosen = chosen_for(left)
    assert chosen.focal_point == (7, 7) and "story-art" not in chosen.crops
    assert near(chosen.placements["story-art", "badge"], (300, 120, 330, 150)), "the half of it that is there"


def test_applying_is_one_action(world: World, original: Picture) -> None:
    frames = [row_of_frame(world.video, frame) for frame in (30, 40, 50)]
    apply_to(frames, original, user=world.editor)
    undo_layout(frames[1], user=world.editor)
    assert [chosen_for(frame).focal_point for frame in frames] == [None] * 3
    redo_layout(frames[2], user=world.editor)
    assert [chosen_for(frame).focal_point for frame in frames] == [(400, 200)] * 3
    again = apply_to(frames, original, user=world.editor)
    assert again.steps == () and "already" in again.sentence


def test_applying_and_undoing_ask_as_much_for_any_number_of_pictures(
    world: World, original: Picture, django_assert_max_num_queries
) -> None:
    frames = [row_of_frame(world.video, frame) for frame in range(30, 60)]
    with django_assert_max_num_queries(12):
        apply_to(frames, original, user=world.editor)
    with django_assert_max_num_queries(9):
        undo_layout(frames[0], user=world.editor)


def test_applying_says_what_is_missing(world: World, original: Picture, picture: Picture) -> None:
    with pytest.raises(InvalidLayoutChoice, match="at least one other"):
        apply_to([original], original, user=world.editor)
    with pytest.raises(InvalidLayoutChoice, match="nothing to apply"):
        apply_to([original], picture, user=world.editor)
    with pytest.raises(InvalidLayoutChoice, match="of one title"):
        apply_to([row_of_frame(make_world("other").video, 5)], original, user=world.editor)
