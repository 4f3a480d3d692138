"""Groups of like pictures of a title: found, kept steady, put right by people, and never against what they said."""

import functools
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from ava.models import Title
from curation.decisions import current_decisions, decide
from curation.models import Artwork, Picture, PictureAction, PictureGroup, Sameness, SimilarPair, Still
from curation.picture_actions import (
    InvalidPictureAction,
    choose_best,
    join_pictures,
    keep_best,
    separate,
    take_out,
)
from curation.picture_grouping import group_title, titles_due
from curation.picture_groups import regroup
from curation.picture_numbers import LetteredPicture, group_stills
from curation.picture_rows import refresh_rows, row_of_frame
from curation.picture_undo import undo
from curation.picture_verdicts import Word, settle
from curation.similarity.descriptor import PictureDescriptor, describe_picture, pack_descriptor, unpack_descriptor
from curation.similarity.index import Similarity, compare_pictures
from tests.world import World, make_artwork, make_still, make_world

pytestmark = pytest.mark.django_db


def drawn(seed: int, *, size: tuple[int, int] = (640, 360)) -> np.ndarray:
    """A picture of shapes of its own, the same for the same seed."""
    rng = np.random.default_rng(seed)
    width, height = 640, 360
    rgb = np.full((height, width, 3), rng.integers(30, 220, 3), dtype=np.uint8)
    for _ in range(60):
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        centre = int(rng.integers(0, width)), int(rng.integers(0, height))
        axes = int(rng.integers(6, 70)), int(rng.integers(6, 50))
        cv2.ellipse(rgb, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return np.clip(rgb + rng.normal(0, 3, rgb.shape), 0, 255).astype(np.uint8)


def store(rgb: np.ndarray, name: str, *, format: str = "JPEG") -> str:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, format, quality=92)
    return default_storage.save(name, ContentFile(file.getvalue()))


def add_still(world: World, frame: int, rgb: np.ndarray) -> Picture:
    image = store(rgb, f"stills/{world.video.pk}/{frame}.jpg")
    make_still(world.video, frame, rank=frame + 2, provisional=False, image=image)
    return row_of_frame(world.video, frame)


def add_artwork(world: World, name: str, rgb: np.ndarray) -> Picture:
    picture = store(rgb, f"artwork/{name}", format="PNG")
    artwork = make_artwork(
        world.title, name, picture=picture, width=rgb.shape[1], height=rgb.shape[0], created_by=world.editor
    )
    return Picture.objects.create(title=world.title, artwork=artwork)


@functools.cache
def described(pixels: bytes, shape: tuple[int, int, int]) -> PictureDescriptor:
    return describe_picture(np.frombuffer(pixels, dtype=np.uint8).reshape(shape))


@functools.cache
def compared(first: bytes, second: bytes) -> Similarity:
    return compare_pictures(unpack_descriptor(first), unpack_descriptor(second))


@pytest.fixture(autouse=True)
def measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same pictures are compared in every test: what is measured of them is kept from one to the next."""
    monkeypatch.setattr(
        "curation.picture_looks.describe_picture", lambda rgb, text_boxes: described(rgb.tobytes(), rgb.shape)
    )
    monkeypatch.setattr(
        "curation.picture_comparing.compare_pictures",
        lambda *pair: compared(*(pack_descriptor(each) for each in pair)),
    )


@pytest.fixture
def world(settings: object, tmp_path: Path) -> Iterator[World]:
    settings.MEDIA_ROOT = tmp_path
    made = make_world("groups")
    Picture.objects.all().delete()
    PictureGroup.objects.all().delete()
    Artwork.objects.all().delete()
    yield made


def members() -> list[list[int]]:
    groups = PictureGroup.objects.order_by("pk")
    return [list(group.members.order_by("pk").values_list("pk", flat=True)) for group in groups]


def numbers_of_groups() -> dict[int, int | None]:
    return dict(Picture.objects.values_list("pk", "group"))


@pytest.fixture
def copies(world: World) -> list[Picture]:
    """Two scenes: of the first a still, a crop and a small copy; of the second a still and a graded artwork."""
    first, second = drawn(1), drawn(2)
    made = [
        add_still(world, 20, first),
        add_still(world, 21, first[30:330, 60:600]),
        add_artwork(world, "small.png", cv2.resize(first, (320, 180), interpolation=cv2.INTER_AREA)),
        add_still(world, 50, second),
        add_artwork(world, "graded.png", np.clip(second * 0.8 + 20, 0, 255).astype(np.uint8)),
        add_still(world, 70, drawn(3)),
    ]
    group_title(world.title)
    return made


def test_copies_are_grouped_and_strangers_are_not(copies: list[Picture]) -> None:
    first, crop, small, second, graded, alone = (picture.pk for picture in copies)
    assert members() == [[first, crop, small], [second, graded]]
    assert numbers_of_groups()[alone] is None
    best = PictureGroup.objects.order_by("pk").values_list("best", flat=True)
    assert best[0] == first
    for pair in SimilarPair.objects.filter(first__in=[first, crop, small], second__in=[first, crop, small]):
        assert 0.5 <= pair.index <= 1
        assert all(0 <= part <= 1 for part in (pair.histogram, pair.structure, pair.features, pair.emd))


def test_grouping_twice_and_piece_by_piece_ends_the_same_and_measures_nothing_twice(
    world: World, copies: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = members(), numbers_of_groups(), list(SimilarPair.objects.order_by("pk").values_list())
    assert not titles_due().exists()
    calls = []
    monkeypatch.setattr("curation.picture_comparing.compare_pictures", lambda *pair: calls.append(pair))
    monkeypatch.setattr("curation.picture_looks.describe_picture", lambda *pair, **_: calls.append(pair))
    group_title(world.title)
    assert (members(), numbers_of_groups(), list(SimilarPair.objects.order_by("pk").values_list())) == before
    assert calls == []


def test_a_grouping_that_stops_anywhere_goes_on_to_the_same_end(
    world: World, copies: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = members()
    Picture.objects.update(descriptor=None, descriptor_version=0, compared_version=0, group=None)
    PictureGroup.objects.all().delete()
    SimilarPair.objects.all().delete()
    monkeypatch.setattr("curation.picture_looks.ROWS_A_SAVE", 2)
    monkeypatch.setattr("curation.picture_comparing.PICTURES_A_SAVE", 2)
    monkeypatch.setattr("curation.picture_grouping.GROUP_FOR_S", -1.0)
    sent = []
    monkeypatch.setattr("curation.picture_grouping.send_grouping", sent.append)
    for _ in range(20):
        group_title(world.title)
        if not titles_due().exists():
            break
    monkeypatch.setattr("curation.picture_grouping.GROUP_FOR_S", 30.0)
    group_title(world.title)
    assert sent
    assert members() == whole


def test_a_picture_that_comes_later_joins_its_group_and_the_groups_keep_their_numbers(
    world: World, copies: list[Picture]
) -> None:
    before = numbers_of_groups()
    late = add_artwork(world, "late.png", cv2.resize(drawn(2), (1280, 720), interpolation=cv2.INTER_CUBIC))
    assert titles_due().get() == world.title
    group_title(world.title)
    after = numbers_of_groups()
    assert {picture: after[picture] for picture in before} == before
    assert after[late.pk] == before[copies[3].pk]


def test_not_the_same_takes_a_picture_out_for_good(world: World, copies: list[Picture]) -> None:
    group = numbers_of_groups()[copies[0].pk]
    action = take_out(copies[1], user=world.editor)
    assert action.sentence == "Frame 21 is not the same as 2 others."
    assert members()[0] == [copies[0].pk, copies[2].pk]
    assert numbers_of_groups()[copies[0].pk] == group
    Picture.objects.update(descriptor=None, descriptor_version=0)  # an analysis anew
    SimilarPair.objects.all().delete()
    group_title(world.title)
    assert members()[0] == [copies[0].pk, copies[2].pk]
    undo(world.title, user=world.editor)
    assert members()[0] == [copies[0].pk, copies[1].pk, copies[2].pk]
    assert undo(world.title, user=world.editor) is None


def test_the_same_joins_what_looks_nothing_alike_for_good(world: World, copies: list[Picture]) -> None:
    first, alone = copies[0], copies[5]
    join_pictures([first, copies[3], alone], user=world.editor)
    assert members() == [sorted(picture.pk for picture in copies)]
    group_title(world.title)
    assert members() == [sorted(picture.pk for picture in copies)]
    undo(world.title, user=world.editor)
    assert [len(group) for group in members()] == [3, 2]


def test_the_same_about_two_strangers_makes_a_group_of_its_own(world: World) -> None:
    pictures = [row_of_frame(world.video, frame) for frame in (3, 4)]  # no file at all: only the word counts
    join_pictures(pictures, user=world.editor)
    assert members() == [[each.pk for each in pictures]]


def test_the_newest_word_holds_where_people_contradict_each_other(world: World, copies: list[Picture]) -> None:
    take_out(copies[1], user=world.editor)
    join_pictures([copies[0], copies[1]], user=world.administrator)
    assert copies[1].pk in members()[0]
    separate(copies[0], copies[1], user=world.editor)
    assert numbers_of_groups()[copies[0].pk] != numbers_of_groups()[copies[1].pk]
    words = [Word(1, 3, False), Word(2, 3, True), Word(1, 2, True)]  # the newest first
    settled = settle(words)
    assert (settled.same, settled.different) == ([(2, 3)], [(1, 3)])


def test_words_in_any_number_never_contradict_one_another_once_settled() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        pairs = [tuple(rng.choice(8, 2, replace=False).tolist()) for _ in range(12)]
        words = [Word(*pair, bool(rng.integers(2))) for pair in pairs]
        settled = settle(words)
        group = {picture: index for index, each in enumerate(settled.unite(range(8))) for picture in each}
        assert all(group[one] == group[other] for one, other in settled.same)
        assert all(group.get(one, -1 - one) != group.get(other, -1 - other) for one, other in settled.different)
        assert words[0].is_same == (tuple(sorted(words[0][:2])) in settled.same)


def test_a_chosen_best_copy_stays_and_goes_with_its_undoing(world: World, copies: list[Picture]) -> None:
    group = PictureGroup.objects.get(members=copies[0])
    choose_best(copies[2], user=world.editor)
    group.refresh_from_db()
    assert (group.best_id, group.is_best_chosen) == (copies[2].pk, True)
    with pytest.raises(InvalidPictureAction, match="already"):
        choose_best(copies[2], user=world.editor)
    regroup(world.title)
    group.refresh_from_db()
    assert (group.best_id, group.is_best_chosen) == (copies[2].pk, True)
    undo(world.title, user=world.editor)
    group.refresh_from_db()
    assert (group.best_id, group.is_best_chosen) == (copies[0].pk, False)


def test_keeping_the_best_picks_it_and_rejects_the_other_stills_and_undo_brings_back_what_was(
    world: World, copies: list[Picture]
) -> None:
    decide(world.video, frame_index=21, user=world.administrator, stars=4)
    action = keep_best(PictureGroup.objects.get(members=copies[0]), user=world.editor)
    assert action.sentence == "Frame 20 is kept, 1 still rejected."
    states = current_decisions(world.video)
    assert (states[20].verdict, states[21].verdict, states[21].stars) == ("pick", "reject", 4)
    decide(world.video, frame_index=20, user=world.administrator, verdict="reject")  # a colleague's word stays
    sentence = undo(world.title, user=world.editor).sentence
    assert sentence.endswith("What was changed again since then stays as it is.")
    states = current_decisions(world.video)
    assert (states[20].verdict, states[21].verdict, states[21].stars) == ("reject", "", 4)


def test_rows_come_with_stills_and_go_with_them_unless_somebody_said_something(world: World) -> None:
    for frame in (20, 21, 22):
        make_still(world.video, frame, rank=frame, provisional=False, image=f"stills/{frame}.jpg")
    make_still(world.video, 23, rank=23, provisional=True, image="stills/23.jpg")
    refresh_rows(world.title)
    assert list(Picture.objects.values_list("frame_index", flat=True)) == [20, 21, 22]
    one, other, _ = Picture.objects.all()
    separate(one, other, user=world.editor)
    Still.objects.filter(video=world.video).delete()
    refresh_rows(world.title)
    assert list(Picture.objects.values_list("frame_index", flat=True)) == [20, 21]
    assert not Still.objects.filter(video=world.video).exists()


def test_an_action_that_cannot_be_done_says_so_and_leaves_nothing_behind(world: World, copies: list[Picture]) -> None:
    with pytest.raises(InvalidPictureAction, match="in no group"):
        take_out(copies[5], user=world.editor)
    with pytest.raises(InvalidPictureAction, match="at least 2"):
        join_pictures([copies[0], copies[0]], user=world.editor)
    other = make_world("other")
    with pytest.raises(InvalidPictureAction, match="one title"):
        join_pictures([copies[0], other.artwork.picture_row], user=world.editor)
    separate(copies[0], copies[5], user=world.editor)
    with pytest.raises(InvalidPictureAction, match="already"):
        separate(copies[5], copies[0], user=world.editor)
    assert Sameness.objects.filter(first__title=world.title).count() == 1
    assert PictureAction.objects.filter(title=world.title).count() == 1
    assert Title.objects.filter(pk=world.title.pk).exists()


def test_the_groups_do_not_hang_on_the_order_in_which_pictures_came(world: World) -> None:
    scenes = {"a": drawn(11), "b": drawn(12)}
    for number, (name, factor) in enumerate(itertools.product("abab", (1.0, 0.5))):
        rgb = cv2.resize(scenes[name], None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        add_artwork(world, f"{number}.png", rgb)
        if number % 3 == 0:
            group_title(world.title)
    group_title(world.title)
    one_by_one = members()
    assert sorted(len(group) for group in one_by_one) == [4, 4]
    Picture.objects.update(descriptor_version=0, compared_version=0)
    SimilarPair.objects.all().delete()
    group_title(world.title)
    assert members() == one_by_one


def test_stills_without_a_database_get_one_number_a_picture() -> None:
    scene, other = drawn(1), drawn(2)
    small = cv2.resize(scene, (320, 180), interpolation=cv2.INTER_AREA)
    assert group_stills([LetteredPicture(each) for each in (scene, other, small, scene)]).tolist() == [0, 1, 0, 0]
    assert group_stills([]).tolist() == []
    assert group_stills([LetteredPicture(other, [])]).tolist() == [0]


def test_a_copy_without_lettering_is_kept_rather_than_one_with_a_subtitle(world: World) -> None:
    plain = cv2.GaussianBlur(drawn(4), (0, 0), 1.2)
    titled = plain.copy()
    for line, words in enumerate(("Twenty minutes", "before dawn and", "far from home")):
        cv2.putText(
            titled, words, (60, 190 + 60 * line), cv2.FONT_HERSHEY_SIMPLEX, 1.8, (255, 255, 255), 4, cv2.LINE_AA
        )
    lettered, clean = add_still(world, 20, titled), add_still(world, 30, plain)
    group_title(world.title)
    group = PictureGroup.objects.get(title=world.title)
    assert set(group.members.all()) == {lettered, clean}
    assert group.best_id == clean.pk
