"""Shot scale from known people, and from the structure of pictures without any."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.shots.shot_scale import SCALES, UNKNOWN, FallbackCues, FrameScale, fallback_cues, scale_of_frame, scale_of_shot


def by_face(height_unit: float) -> FrameScale:
    return scale_of_frame(
        face_height_unit=height_unit, body_height_unit=None, upper_body_height_unit=None, fallback=None
    )


def by_body(height_unit: float, *, face: float | None = None) -> FrameScale:
    return scale_of_frame(
        face_height_unit=face, body_height_unit=height_unit, upper_body_height_unit=None, fallback=None
    )


def test_every_scale_is_reached_as_a_face_shrinks_and_never_turns_back() -> None:
    places = [SCALES.index(by_face(height).kind) for height in np.geomspace(1.5, 0.005, 200)]
    assert places == sorted(places)
    assert set(places) == set(range(7))


@pytest.mark.parametrize(
    ("height_unit", "kind"),
    [(1.2, "extreme_close_up"), (0.5, "close_up"), (0.2, "medium"), (0.12, "cowboy"), (0.07, "full"), (0.03, "long")],
)
def test_a_face_of_known_height_has_the_scale_of_its_picture(height_unit: float, kind: str) -> None:
    assert by_face(height_unit).kind == kind
    assert by_face(height_unit).by == "face"


@pytest.mark.parametrize(("height_unit", "kind"), [(0.95, "full"), (0.6, "full"), (0.3, "long"), (0.1, "extreme_long")])
def test_a_whole_body_of_known_height_has_the_scale_of_its_picture(height_unit: float, kind: str) -> None:
    assert by_body(height_unit).kind == kind


def test_who_crouches_is_seen_in_full_though_the_face_is_large() -> None:
    assert by_face(0.14).kind == "cowboy"
    assert by_body(0.7, face=0.14).kind == "full"


def test_a_body_that_does_not_fit_the_face_is_somebody_elses() -> None:
    assert by_body(0.3, face=0.4) == by_face(0.4)
    assert by_body(0.9, face=0.03) == by_face(0.03)


def test_upper_body_counts_where_no_face_and_no_whole_body_is_seen() -> None:
    seen = scale_of_frame(face_height_unit=0, body_height_unit=np.nan, upper_body_height_unit=0.7, fallback=None)
    assert (seen.kind, seen.by) == ("medium", "upper_body")


def test_nearness_to_a_threshold_lowers_confidence() -> None:
    heights = np.geomspace(0.35, 0.8, 50)
    sure = [by_face(height).confidence for height in heights]
    assert max(sure[15:35]) > sure[0]
    assert max(sure) < 1


def test_people_are_believed_more_than_structure() -> None:
    guessed = scale_of_frame(
        face_height_unit=None, body_height_unit=None, upper_body_height_unit=None, fallback=FallbackCues(2, 1, 0, 1)
    )
    assert guessed.by == "fallback"
    assert guessed.confidence < 0.4 < by_face(0.5).confidence


def test_the_shot_has_the_scale_of_most_of_its_frames_with_people() -> None:
    guess = FrameScale("extreme_long", 0.3, "fallback")
    shot = scale_of_shot([guess, by_face(0.5), by_face(0.45), guess, by_face(0.06), by_face(0.5), guess])
    assert (shot.kind, shot.by) == ("close_up", "face")
    assert [frame.kind for frame in shot.frames] == ["close_up"] * 4 + ["full", "close_up", "close_up"]


def test_one_face_in_a_long_landscape_does_not_speak_for_it() -> None:
    guess = FrameScale("extreme_long", 0.3, "fallback")
    assert scale_of_shot([guess] * 9 + [by_face(0.5)]).kind == "extreme_long"


def test_a_shot_without_evidence_has_no_scale() -> None:
    assert scale_of_shot([]).kind is None
    assert scale_of_shot([UNKNOWN, UNKNOWN]) == (None, 0.0, None, (UNKNOWN, UNKNOWN))


def draw_layers(*, soft: bool) -> NDArray[np.uint8]:
    """Sky over land over water with detail, or one blurred round thing."""
    rng = np.random.default_rng(2)
    if soft:
        picture = np.full((180, 320, 3), 60, np.uint8)
        cv2.circle(picture, (160, 90), 60, (220, 120, 40), -1)
        cv2.circle(picture, (60, 40), 30, (40, 160, 90), -1)
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), 9), dtype=np.uint8)
    levels = np.repeat([210, 90, 140], 60).astype(np.int16)[:, None, None]
    return np.clip(levels + rng.integers(-25, 25, (180, 320, 3)), 0, 255).astype(np.uint8)


def test_layers_look_farther_away_than_soft_round_things() -> None:
    near, far = (
        scale_of_frame(
            face_height_unit=None, body_height_unit=None, upper_body_height_unit=None,
            fallback=fallback_cues(draw_layers(soft=soft)),
        ).kind
        for soft in (True, False)
    )  # fmt: skip
    assert (near, far) == ("close_up", "extreme_long")


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (16, 16), (3, 200), (200, 3)])
@pytest.mark.filterwarnings("error")
def test_any_picture_gives_defined_cues(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    for picture in (noise, np.full((*size, 3), 70, np.uint8)):
        assert np.isfinite(fallback_cues(picture)).all()


def test_a_flat_picture_is_at_no_distance() -> None:
    cues = fallback_cues(np.zeros((180, 320, 3), np.uint8))
    judged = scale_of_frame(
        face_height_unit=None, body_height_unit=None, upper_body_height_unit=None, fallback=cues
    )
    assert judged == UNKNOWN


def test_a_flower_looks_nearer_than_a_road_from_above(shared_data: Path) -> None:
    from ava.media.decode import decode_frame
    from ava.media.probe import probe

    layered = {}
    for name, frame_index in (("flower.mp4", 60), ("car-detection.mp4", 170)):
        path = shared_data / "video" / name
        cues = fallback_cues(decode_frame(path, info=probe(path), frame_index=frame_index))
        layered[name] = scale_of_frame(
            face_height_unit=None, body_height_unit=None, upper_body_height_unit=None, fallback=cues
        ).kind
    assert layered == {"flower.mp4": "close_up", "car-detection.mp4": "long"}
