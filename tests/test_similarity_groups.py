"""Groups of pictures that are one: found without looking at all pairs, never against what people said."""

import json
from functools import cache

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from ava.media.colour import to_bgr
from curation.similarity.best_copy import best_copy, copy_quality
from curation.similarity.candidate_index import CandidateIndex
from curation.similarity.descriptor import describe_picture
from curation.similarity.grouping import group_pictures
from curation.similarity.index import SAME_PICTURE
from curation.similarity.pair_work import compare_pairs
from curation.similarity.picture_set import compare_set
from tests.bench.similarity_pictures import add_title, change_gamma, compress, crop, mirror
from tests.scenes import draw_scene

ORIGINALS = 8


@cache
def scene(number):
    return draw_scene(number, frames=1, width=480, height=270)[0]


@cache
def collection():
    """Eight scenes, each with a crop, a grading and a mirrored copy: picture 10 · n + k is copy k of scene n."""
    found = {}
    for number in range(ORIGINALS):
        rng = np.random.default_rng(number)
        copies = [scene(number), crop(scene(number), rng, share=0.75), change_gamma(scene(number), rng),
                  compress(mirror(scene(number)))]  # fmt: skip
        found |= {10 * number + copy: describe_picture(rgb) for copy, rgb in enumerate(copies)}
    return found


WANTED = [[10 * number + copy for copy in range(4)] for number in range(ORIGINALS)]


@cache
def grouped():
    return group_pictures(collection())


def test_copies_are_grouped_and_scenes_are_kept_apart():
    assert grouped().groups == WANTED


def test_far_fewer_pairs_are_compared_than_there_are():
    index = CandidateIndex()
    pictures = collection()
    index.add(list(pictures), list(pictures.values()))
    for each, descriptor in pictures.items():
        best = index.candidates(descriptor)[:4]
        assert {other // 10 for other in best} == {each // 10}
    assert len(index) == len(pictures)


def test_an_index_that_grew_one_by_one_answers_as_one_filled_at_once():
    pictures = dict(list(collection().items())[:12])
    whole, grown = CandidateIndex(), CandidateIndex()
    whole.add(list(pictures), list(pictures.values()))
    for each, descriptor in pictures.items():
        grown.add([each], [descriptor])
    for descriptor in pictures.values():
        assert grown.candidates(descriptor) == whole.candidates(descriptor)
    with pytest.raises(ValueError, match="added twice"):
        grown.add([0], [pictures[0]])
    assert CandidateIndex().candidates(pictures[0]) == []


def test_not_the_same_is_never_overruled_by_any_chain():
    groups = group_pictures(collection(), known_pairs=_indexes(), compared=collection(), different=[(0, 2)]).groups
    assert all(not {0, 2} <= set(group) for group in groups)
    assert any({0, 2} & set(group) for group in groups)
    assert [group for group in groups if group[0] >= 10] == WANTED[1:]


def test_the_same_is_joined_whatever_the_index_says_unless_it_contradicts():
    said = group_pictures(collection(), known_pairs=_indexes(), compared=collection(), same=[(0, 10)]).groups
    assert said[0] == sorted(WANTED[0] + WANTED[1])
    both = group_pictures(
        collection(), known_pairs=_indexes(), compared=collection(), same=[(0, 10), (5, 5)], different=[(10, 0)]
    ).groups
    assert both == WANTED


def test_only_new_pictures_are_compared_and_the_end_is_the_same():
    pictures = collection()
    old = {each: descriptor for each, descriptor in pictures.items() if each % 10 != 3}
    before = group_pictures(old)
    known = {pair: found.index for pair, found in before.pairs.items()}
    after = group_pictures(pictures, known_pairs=known, compared=old)
    assert after.groups == WANTED
    assert all(any(each % 10 == 3 for each in pair) for pair in after.pairs)


def test_the_order_of_pictures_does_not_matter():
    turned = dict(reversed(collection().items()))
    assert group_pictures(turned).groups == WANTED


def test_a_slow_pan_does_not_end_as_one_group():
    """Frames of which each is like the next, the first and the last not at all."""
    pictures = {number: collection()[0] for number in range(12)}
    near = {(a, b): 0.9 if b - a <= 2 else 0.01 for a in range(12) for b in range(a + 1, 12)}
    groups = group_pictures(pictures, known_pairs=near, compared=pictures).groups
    assert max(len(group) for group in groups) <= 6
    assert sum(len(group) for group in groups) >= 8


def test_none_and_one_picture_give_no_groups():
    assert group_pictures({}).groups == []
    assert group_pictures({7: collection()[0]}).groups == []
    assert compare_set({}).pairs == {}


def test_the_best_copy_is_large_sharp_whole_and_without_title():
    large = draw_scene(3, frames=1, width=1280, height=720)[0]
    small = cv2.resize(large, (480, 270), interpolation=cv2.INTER_AREA)
    enlarged = cv2.resize(small, (1280, 720), interpolation=cv2.INTER_CUBIC)
    titled = add_title(large, np.random.default_rng(1))
    copies = [small, titled, enlarged, crop(large, np.random.default_rng(0)), mirror(large), compress(large), large]
    found = [describe_picture(each) for each in copies]
    assert best_copy(found) == 6
    assert copy_quality(found[6]) > copy_quality(found[0])
    assert copy_quality(found[6]) > copy_quality(found[1])
    assert best_copy(found[:1]) == 0
    with pytest.raises(ValueError, match="no copy"):
        best_copy([])


def test_similar_prints_pairs_and_groups_as_json(tmp_path, capsys):
    rng = np.random.default_rng(0)
    pictures = {"a.png": scene(0), "b.jpg": crop(scene(0), rng, share=0.7), "c.png": scene(1)}
    for name, rgb in pictures.items():
        cv2.imwrite(str(tmp_path / name), to_bgr(rgb))
    call_command("similar", str(tmp_path / "a.png"), str(tmp_path / "b.jpg"), str(tmp_path / "c.png"), "--json")
    printed = json.loads(capsys.readouterr().out)
    assert printed["groups"] == [[str(tmp_path / "a.png"), str(tmp_path / "b.jpg")]]
    assert [(pair["a"][-5:], pair["b"][-5:]) for pair in printed["pairs"]] == [
        ("a.png", "b.jpg"), ("a.png", "c.png"), ("b.jpg", "c.png"),
    ]  # fmt: skip
    assert set(printed["pairs"][0]) == {"a", "b", "index", "parts"}
    assert set(printed["pairs"][0]["parts"]) == {"histogram", "structure", "features", "emd"}
    assert printed["pairs"][0]["index"] >= SAME_PICTURE > printed["pairs"][1]["index"]
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    call_command("similar", str(tmp_path))
    out, err = capsys.readouterr()
    assert "3 pictures, 3 pairs compared, 1 groups" in out
    assert "broken.jpg" in err
    assert "left out" in err


def test_similar_says_what_is_wrong_with_a_file(tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(CommandError, match=r"broken\.jpg"):
        call_command("similar", str(tmp_path / "broken.jpg"))
    with pytest.raises(CommandError, match="There is no file"):
        call_command("similar", str(tmp_path / "none.png"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match="no picture to compare"):
        call_command("similar", str(tmp_path / "empty"))


@cache
def _indexes():
    pairs = [(a, b) for a in collection() for b in collection() if a < b and a // 10 == b // 10]
    found = compare_pairs(pairs, collection())
    return {pair: similarity.index for pair, similarity in found.items()}
