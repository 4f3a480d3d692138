"""The similarity index: the same for what was cropped, graded, titled, mirrored; low for what only looks alike."""

from functools import cache

import cv2
import numpy as np
import pytest

from ava.media.colour import from_bgr
from curation.similarity.content_area import ContentArea, find_content_area
from curation.similarity.descriptor import (
    UnreadableDescriptor,
    describe_picture,
    pack_descriptor,
    unpack_descriptor,
)
from curation.similarity.index import PARTS, SAME_PICTURE, compare_pictures, compare_placed
from curation.similarity.keypoints import MIRRORED
from curation.similarity.lettering_mask import mask_lettering
from tests.bench.similarity_pictures import DERIVE, add_title, as_artwork, compress, crop, mirror
from tests.scenes import draw_scene


@cache
def scene(number):
    return draw_scene(number, frames=1, width=640, height=360)[0]


@cache
def described(number):
    return describe_picture(scene(number))


def index_of(rgb, number=1):
    return compare_pictures(described(number), describe_picture(rgb)).index


@pytest.mark.parametrize("kind", [kind for kind in DERIVE if kind != "crop, grade, title, JPEG"])
def test_a_derivative_is_the_same_picture_whatever_was_done(kind):
    found = compare_pictures(described(1), describe_picture(DERIVE[kind](scene(1), np.random.default_rng(2))))
    assert found.index >= SAME_PICTURE, found
    assert all(0 <= getattr(found, part) <= 1 for part in PARTS)


def test_most_artworks_made_of_a_picture_in_four_steps_are_found():
    """Cropped, graded, titled and compressed at once: not every one is, as a hand that moved must not be either."""
    found = [
        compare_pictures(described(number), describe_picture(as_artwork(scene(number), np.random.default_rng(number))))
        for number in range(1, 7)
    ]
    assert sum(each.index >= SAME_PICTURE for each in found) >= 4, found


def test_another_moment_of_a_static_shot_is_another_picture():
    """Only something the size of a head has moved, by a fifth of the width."""

    def with_head(x):
        rgb = scene(1).copy()
        cv2.ellipse(rgb, (x, 200), (40, 60), 0, 0, 360, (225, 190, 165), -1, cv2.LINE_AA)
        return rgb

    found = compare_pictures(describe_picture(with_head(300)), describe_picture(with_head(420)))
    assert found.index < SAME_PICTURE, found


def test_titles_of_two_languages_on_one_picture_change_nothing():
    rng = np.random.default_rng(5)
    titled = [describe_picture(add_title(scene(1), rng, language=language)) for language in ("english", "other")]
    assert compare_pictures(*titled).index >= SAME_PICTURE


def test_a_turned_and_cropped_and_compressed_picture_is_still_found():
    assert index_of(compress(mirror(crop(scene(1), np.random.default_rng(3), share=0.7)))) >= SAME_PICTURE


def test_a_black_and_white_copy_is_the_same_picture():
    grey = cv2.cvtColor(cv2.cvtColor(scene(1), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert index_of(grey) >= SAME_PICTURE


def test_other_pictures_are_not_the_same_even_under_one_title_or_bars():
    assert index_of(scene(2)) < 0.1
    titled = [add_title(scene(number), np.random.default_rng(9), number=0) for number in (1, 2)]
    barred = [np.pad(scene(number), ((70, 70), (0, 0), (0, 0))) for number in (1, 2)]
    for first, second in (titled, barred):
        assert compare_pictures(describe_picture(first), describe_picture(second)).index < 0.1


def test_one_set_with_other_people_is_less_the_same_than_a_derivative():
    def with_figure(x, tone):
        rgb = scene(1).copy()
        cv2.ellipse(rgb, (x, 230), (70, 150), 0, 0, 360, tone, -1)
        cv2.circle(rgb, (x, 80), 45, tone[::-1], -1)
        return rgb

    first, second = with_figure(180, (180, 40, 60)), with_figure(430, (40, 90, 190))
    moved = compare_pictures(describe_picture(first), describe_picture(second)).index
    derived = compare_pictures(describe_picture(first), describe_picture(compress(first[10:-10, 10:-10]))).index
    assert moved < SAME_PICTURE <= derived


def test_the_order_of_two_pictures_does_not_matter_and_nothing_is_random():
    first, second = described(1), describe_picture(crop(scene(1), np.random.default_rng(1)))
    assert compare_pictures(first, second) == compare_pictures(second, first)
    assert pack_descriptor(describe_picture(scene(1))) == pack_descriptor(first)


def test_equal_pictures_are_one_in_every_part():
    found = compare_pictures(described(3), describe_picture(scene(3).copy()))
    assert (found.index, *(getattr(found, part) for part in PARTS)) == (1.0, 1.0, 1.0, 1.0, 1.0)


def test_where_a_crop_lies_in_the_whole_is_found_from_both_sides():
    placing = compare_placed(described(1), describe_picture(scene(1)[60:300, 120:520])).placing
    # Thumbnails are 128 px wide: the whole's pixel is 640 / 128 = 5, the crop's 400 / 128 px of the picture.
    assert placing.scale_x == pytest.approx(400 / 640, abs=0.02)
    assert placing.shift_x * 5 == pytest.approx(120, abs=8)
    assert placing.shift_y * 5 == pytest.approx(60, abs=8)
    back = compare_placed(describe_picture(scene(1)[60:300, 120:520]), described(1)).placing
    assert back.scale_x == pytest.approx(640 / 400, abs=0.05)


def test_a_mirrored_descriptor_is_the_same_one_in_another_order():
    luma = cv2.GaussianBlur(cv2.cvtColor(scene(1), cv2.COLOR_RGB2GRAY), (0, 0), 1)
    detector = cv2.SIFT.create()
    _, plain = detector.compute(luma, [cv2.KeyPoint(200, 150, 12.0, 0.0)])
    turned = np.ascontiguousarray(luma[:, ::-1])
    _, mirrored = detector.compute(turned, [cv2.KeyPoint(639 - 200, 150, 12.0, 0.0)])
    assert np.abs(plain[0] - mirrored[0][MIRRORED]).mean() < 0.5 < np.abs(plain[0] - mirrored[0]).mean()


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (1, 500), (500, 1), (2, 3), (15, 15), (20, 4000), (4000, 20), (360, 640)]
)
def test_pictures_without_content_of_any_shape_are_compared_without_a_word(height, width, recwarn):
    black, white = (describe_picture(np.full((height, width, 3), tone, np.uint8)) for tone in (0, 255))
    noisy = describe_picture(np.random.default_rng(0).integers(0, 9, (height, width, 3)).astype(np.uint8))
    assert compare_pictures(black, black).index == 1.0
    for first, second in ((black, white), (black, noisy), (white, described(1)), (noisy, described(1))):
        found = compare_pictures(first, second)
        assert all(np.isfinite(value) and 0 <= value <= 1 for value in (found.index, found.structure, found.emd))
    assert compare_pictures(black, white).index < SAME_PICTURE
    assert compare_pictures(black, described(1)).index < SAME_PICTURE
    assert not recwarn.list


def test_what_is_no_picture_is_refused_in_a_sentence():
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(ValueError, match="A picture is uint8"):
            describe_picture(wrong)


def test_a_descriptor_is_small_and_survives_packing():
    packed = pack_descriptor(described(1))
    assert len(packed) <= 32 * 1024
    assert pack_descriptor(unpack_descriptor(packed)) == packed
    other = describe_picture(crop(scene(1), np.random.default_rng(1)))
    assert compare_pictures(unpack_descriptor(packed), other) == compare_pictures(described(1), other)
    for broken in (b"", packed[:40], packed[:-1], packed + b"x", b"nope" + packed[4:]):
        with pytest.raises(UnreadableDescriptor, match="describe the picture again"):
            unpack_descriptor(broken)


def test_bars_of_one_tone_are_removed_and_dark_pictures_keep_theirs():
    barred = np.pad(scene(1), ((40, 40), (60, 60), (0, 0)))
    assert find_content_area(barred) == ContentArea(60, 40, 700, 400)
    assert find_content_area(np.zeros((90, 160, 3), np.uint8)) == ContentArea(0, 0, 160, 90)
    sky = scene(1).copy()
    sky[:80] = (90, 140, 220)  # a lone plain stretch
    assert find_content_area(sky).y0 == 0


def test_lettering_is_masked_where_boxes_say_and_where_rows_of_letters_stand():
    rgb = np.full((216, 384, 3), (60, 90, 60), np.uint8)
    cv2.putText(rgb, "HARVEST MOON", (60, 110), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (240, 240, 240), 3, cv2.LINE_AA)
    found = mask_lettering(rgb)
    letters = rgb[..., 0] > 200
    assert found[letters].mean() > 0.8
    assert found.mean() < 0.3
    boxed = mask_lettering(np.zeros((100, 100, 3), np.uint8), boxes=[(20, 30, 60, 40)])
    assert boxed[30:40, 20:60].all()
    assert not boxed[:20].any()


def test_a_caption_on_a_plate_does_not_hide_the_picture():
    rgb = scene(1).copy()
    rgb[280:325] = 0
    cv2.putText(rgb, "THE TITLE OF A FILM", (60, 312), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (255, 255, 255), 2, cv2.LINE_AA)
    assert index_of(rgb) >= SAME_PICTURE
    assert mask_lettering(rgb)[285:320].mean() > 0.9


def test_variants_of_real_photographs_are_told_from_each_other(shared_data):
    folder = shared_data / "near_duplicates"
    files = [folder / f"{name}__{kind}.jpg" for name in ("543390", "546583", "555699")
             for kind in ("orig", "crop80", "title", "hflip", "grey", "letterbox")]  # fmt: skip
    found = [describe_picture(from_bgr(cv2.imread(str(file)))) for file in files]
    for place, first in enumerate(found):
        for later in range(place + 1, len(found)):
            is_same = place // 6 == later // 6
            called_same = compare_pictures(first, found[later]).index >= SAME_PICTURE
            assert called_same == is_same, (files[place], files[later])
