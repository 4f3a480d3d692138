"""The words for faces follow from what eyes, mouth and brows do."""

import numpy as np
import pytest

from ava.annotate.expression import LOWER_LIP, MOUTH_CORNERS, UPPER_LIP, measure_expression, name_expression
from ava.annotate.face_landmarks import LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS

WORDS = {
    "neutral": (0.9, 0.1, 0.1, 0.1),
    "mouth open": (0.9, 0.9, 0.1, 0.1),
    "smiling": (0.9, 0.1, 0.9, 0.1),
    "laughing": (0.2, 0.9, 0.9, 0.1),
    "surprised": (0.9, 0.9, 0.1, 0.9),
    "eyes closed": (0.1, 0.1, 0.1, 0.9),
    "": (np.nan, 0.1, 0.1, 0.1),
}


@pytest.mark.parametrize("word", WORDS)
def test_each_word(word: str):
    eyes, mouth, smile, brows = WORDS[word]
    assert name_expression(eyes_open=eyes, mouth_open=mouth, smile=smile, brows_raised=brows) == word


def face(*, lid_gap: float = 8.0, lip_gap: float = 0.5, mouth_width: float = 50.0, lift: float = -2.0, left_gap=None):
    """Landmarks of a frontal face in mm, and its lids: eyes 30 wide, all else as given."""
    frontal = np.zeros((468, 3))
    lids = np.zeros((2, 16, 2))
    for eye, (corners, side) in enumerate(((LEFT_EYE_CORNERS, -1), (RIGHT_EYE_CORNERS, 1))):
        frontal[corners[0]], frontal[corners[1]] = (side * 45, 6, 0), (side * 15, 6, 0)
        gap = lid_gap if left_gap is None or eye else left_gap
        x = side * np.linspace(45, 15, 9)
        lids[eye, :9] = np.column_stack([x, np.full(9, 6 + gap / 2)])
        lids[eye, 9:] = np.column_stack([x[1:8], np.full(7, 6 - gap / 2)])
    frontal[UPPER_LIP], frontal[LOWER_LIP] = (0, 70, 0), (0, 70 + lip_gap, 0)
    for corner, side in zip(MOUTH_CORNERS, (-1, 1), strict=True):
        frontal[corner] = (side * mouth_width / 2, 70 - lift, 0)
    return frontal, lids


def measure(yaw_deg: float = 0.0, **shape):
    frontal, lids = face(**shape)
    return measure_expression(frontal, mesh=frontal, lids=lids, yaw_deg=yaw_deg)


def test_lids_apart_are_open_eyes_and_lids_together_closed_ones():
    assert measure(lid_gap=8).eyes_open > 0.9
    assert measure(lid_gap=3).eyes_open < 0.1


def test_of_a_turned_head_the_nearer_eye_counts():
    right, left = measure(40, left_gap=2), measure(-40, left_gap=2)
    assert right.eyes_open == right.left_eye_open < 0.5
    assert left.eyes_open == left.right_eye_open > 0.5


def test_parted_lips_are_an_open_mouth():
    assert measure(lip_gap=0.5).mouth_open < 0.1
    assert measure(lip_gap=10).mouth_open > 0.9


def test_a_wide_mouth_with_lifted_corners_smiles_and_a_wide_open_one_does_not():
    assert measure(mouth_width=62, lift=2).smile > 0.9
    assert measure(mouth_width=55, lift=-8, lip_gap=20).smile < 0.1
    assert measure().smile < 0.1


def test_a_face_without_extent_has_defined_values():
    nothing = measure_expression(np.zeros((468, 3)), mesh=np.zeros((468, 3)), lids=np.zeros((2, 16, 2)), yaw_deg=0)
    assert np.isfinite(nothing).all()
