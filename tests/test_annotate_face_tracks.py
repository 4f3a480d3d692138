"""Faces are followed between the frames that were looked at: one person, one track."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.base import Detections
from ava.annotate.face_boxes import find_overlaps
from ava.annotate.face_tracks import FaceTracks, follow_faces

SIZE = (320, 180)
SIDE = 40


def pattern(seed: int) -> NDArray[np.uint8]:
    """Something as uneven as a face, the same for the same seed."""
    coarse = np.random.default_rng(seed).integers(20, 236, (7, 7, 3), dtype=np.uint8)
    return cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


GROUND = cv2.resize(
    np.random.default_rng(99).integers(90, 130, (12, 20, 3), dtype=np.uint8), SIZE, interpolation=cv2.INTER_CUBIC
)


def draw(places: list[tuple[int, float, float]]) -> NDArray[np.uint8]:
    """A frame with patterns (seed, x, y) laid on the ground with fractions of pixels; later ones in front."""
    frame = GROUND.copy()
    for seed, x, y in places:
        shift = np.array([[1, 0, x], [0, 1, y]], np.float64)
        moved = cv2.warpAffine(pattern(seed), shift, SIZE)
        inside = cv2.warpAffine(np.full((SIDE, SIDE), 255, np.uint8), shift, SIZE) > 127
        frame[inside] = moved[inside]
    return frame


def detections(rows: list[tuple[int, float, float]], *, score: float = 0.9) -> Detections:
    values = [[x, y, x + SIDE, y + SIDE, score] for _, x, y in rows]
    return Detections(np.array([row[0] for row in rows], np.int64), np.array(values, np.float32).reshape(-1, 5))


def overlap_with(tracks: FaceTracks, number: int, x: float, y: float) -> float:
    wanted = np.array([[x, y, x + SIDE, y + SIDE]], np.float32)
    return float(find_overlaps(wanted, tracks.boxes[tracks.frame_index == number]).max(initial=0))


def test_a_moving_face_keeps_one_track_with_a_box_in_every_frame():
    place = [(40 + 2.3 * number, 60 + 12 * np.sin(number / 9)) for number in range(60)]
    frames = ((number, draw([(1, *place[number])])) for number in range(60))
    looks = (10, 35, 55)
    tracks = follow_faces(frames, detected=detections([(look, *place[look]) for look in looks]))
    np.testing.assert_array_equal(tracks.frame_index, np.arange(60))
    assert set(tracks.track) == {0}
    assert min(overlap_with(tracks, number, *place[number]) for number in range(60)) > 0.8
    np.testing.assert_array_equal(tracks.frame_index[tracks.is_detected], looks)
    np.testing.assert_array_equal(tracks.row[tracks.is_detected], (0, 1, 2))
    assert (tracks.row[~tracks.is_detected] == -1).all()
    assert ((tracks.score > 0) & (tracks.score <= 0.9 + 1e-6)).all()


def test_two_faces_in_one_frame_are_two_tracks():
    places = [((1, 30 + number, 40.0), (2, 250 - number, 110.0)) for number in range(40)]
    frames = ((number, draw(list(places[number]))) for number in range(40))
    rows = [(look, x, y) for look in (5, 30) for _, x, y in places[look]]
    tracks = follow_faces(frames, detected=detections(rows))
    assert set(tracks.track) == {0, 1}
    for number in range(40):
        here = tracks.track[tracks.frame_index == number]
        assert sorted(here) == [0, 1]
    by_row = dict(zip(tracks.row[tracks.is_detected], tracks.track[tracks.is_detected], strict=True))
    assert by_row[0] == by_row[2] != by_row[1] == by_row[3]


def test_an_occluder_ends_the_track():
    def frame(number: int) -> NDArray[np.uint8]:
        picture = draw([(1, 140, 70)])
        if 18 <= number < 30:
            picture[50:130, 120:200] = 20
        return picture

    tracks = follow_faces(
        ((number, frame(number)) for number in range(48)), detected=detections([(8, 140, 70), (40, 140, 70)])
    )
    assert len(set(tracks.track)) == 2
    assert not np.isin(np.arange(20, 29), tracks.frame_index).any()


def test_another_face_at_the_same_place_is_another_track():
    frames = ((number, draw([(1 if number < 20 else 7, 140, 70)])) for number in range(40))
    tracks = follow_faces(frames, detected=detections([(8, 140, 70), (32, 140, 70)]))
    first, second = (tracks.track[tracks.row == row][0] for row in (0, 1))
    assert first != second
    assert tracks.frame_index[tracks.track == first].max() < 20 <= tracks.frame_index[tracks.track == second].min()


def test_a_look_that_misses_a_steady_face_does_not_end_its_track():
    frames = ((number, draw([(3, 100 + number, 60)])) for number in range(60))
    tracks = follow_faces(frames, detected=detections([(10, 110, 60), (50, 150, 60)]), looks=(10, 30, 50))
    assert set(tracks.track) == {0}
    assert len(tracks.frame_index) == 60


def test_a_face_that_is_never_found_again_ends_half_way_to_the_look_that_missed_it():
    frames = ((number, draw([(3, 100, 60)])) for number in range(80))
    tracks = follow_faces(frames, detected=detections([(10, 100, 60)]), looks=(10, 30, 50, 70))
    assert tracks.frame_index.max() == 19


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (40, 3)])
@pytest.mark.parametrize("level", [0, 128])
def test_flat_and_tiny_frames_give_defined_rows(size: tuple[int, int], level: int):
    frames = ((number, np.full((*size, 3), level, np.uint8)) for number in range(6))
    box = np.array([[0, 0, size[1], size[0], 0.8]], np.float32)
    tracks = follow_faces(frames, detected=Detections(np.array([2]), box))
    assert 2 in tracks.frame_index
    assert np.isfinite(tracks.boxes).all()


def test_a_shot_without_faces_has_no_rows():
    none = Detections(np.empty(0, np.int64), np.empty((0, 5), np.float32))
    assert len(follow_faces(iter([(0, GROUND)]), detected=none).frame_index) == 0
    assert len(follow_faces(iter([]), detected=none).frame_index) == 0
