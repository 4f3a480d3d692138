"""Parts of frames that were looked at closely, from made-up signals and real ones: what is good, bad, not known."""

from fractions import Fraction

import numpy as np
import pytest

from curation.stills.closer_parts import NEUTRAL, judge_closer
from curation.stills.film import JudgedFilm
from curation.stills.part_names import PART_NAMES, VECTOR_LABELS
from curation.stills.parts import FRAME_PARTS, ORDER_PARTS, judge_suitability
from curation.stills.table import VECTOR_NAMES
from tests.test_stills_signals import film, one_shot


def judge(**looked_at: list[float]) -> dict[str, list[float]]:
    """Parts of as many frames as the signals, named with a double underscore for the point, have values."""
    count = len(next(iter(looked_at.values())))
    signals = film(count) | {
        name.replace("__", "."): np.array(values, dtype=np.float32) for name, values in looked_at.items()
    }
    parts = judge_closer(JudgedFilm(signals, one_shot(count), Fraction(24)))
    return {name: values.tolist() for name, values in parts.items()}


@pytest.mark.filterwarnings("error")
def test_what_nobody_looked_at_is_neutral_and_what_was_not_measured_is_not_known() -> None:
    signals = film(3)
    signals["exposure.brightness"][2] = np.nan
    parts = judge_closer(JudgedFilm(signals, one_shot(3), Fraction(24)))
    for values in parts.values():
        assert values[:2].tolist() == [NEUTRAL, NEUTRAL] and np.isnan(values[2])


def test_a_face_turned_to_us_with_open_eyes_beats_one_turned_away_and_one_that_blinks() -> None:
    pose = judge(
        face_mesh__yaw_deg=[0, 75, 0, 0, np.nan], face_mesh__pitch_deg=[0, 0, 0, 45, np.nan],
        face_mesh__eyes_open=[0.9, 0.9, 0.9, 0.9, np.nan], face_mesh__least_eyes_open=[0.9, 0.9, 0.1, 0.9, np.nan],
        faces__largest_height=[0.4, 0.4, 0.4, 0.4, 0.0],
    )["pose"]  # fmt: skip
    assert pose[0] == 1 and pose[4] == NEUTRAL
    assert max(pose[1:4]) < NEUTRAL


def test_a_small_face_turned_away_hardly_counts() -> None:
    pose = judge(
        face_mesh__yaw_deg=[80, 80], face_mesh__pitch_deg=[0, 0], face_mesh__eyes_open=[0.9, 0.9],
        faces__largest_height=[0.02, 0.3],
    )["pose"]  # fmt: skip
    assert pose[0] == pytest.approx(0.4) and pose[1] == 0


def test_thirds_or_symmetry_balance_and_a_level_horizon_make_a_composition() -> None:
    made = judge(
        composition__thirds=[0.9, 0.0, 0.0, 0.9], composition__symmetry_left_right=[0.0, 0.9, 0.0, 0.0],
        composition__balance=[0.97, 0.97, 0.65, 0.97], composition__horizon_tilt_deg=[np.nan, 0.0, 0.0, 9.0],
    )["composition"]  # fmt: skip
    assert made[0] == pytest.approx(made[1]) and made[0] > 0.95
    assert made[2] < 0.3 < made[3] < made[0]


def test_room_for_a_title_needs_calm_ground_but_not_nothing_else() -> None:
    room = judge(saliency__negative_space=[0.0, 0.45, 0.45, 0.96], saliency__complexity=[0.3, 0.3, 0.9, 0.1])["space"]
    assert room[0] == room[3] == 0 and room[1] == 1 and room[2] == pytest.approx(0.5)


def test_noise_counts_beside_the_film_s_own_grain_and_texture_is_not_taken_for_it() -> None:
    grainy = judge(noise__sigma=[0.02] * 4 + [0.06])["noise"]
    clean = judge(noise__sigma=[0.002] * 4 + [0.02])["noise"]
    assert clean[0] == 1 and clean[4] == pytest.approx(0, abs=1e-6)
    assert grainy[0] == pytest.approx(NEUTRAL), "all of the film is like that"
    texture = judge(noise__sigma=[0.002] * 4 + [0.02], saliency__negative_space=[0.4] * 4 + [0.01])["noise"]
    assert texture[4] == NEUTRAL


def test_one_subject_before_soft_ground_beats_a_picture_without_any() -> None:
    stands_out = judge(saliency__strength=[0.5, 0.5, 0.03], composition__depth_of_field=[1.0, 0.0, 0.0])["saliency"]
    assert stands_out[0] == 1 > stands_out[1] > stands_out[2] == 0


def test_suitability_is_what_soundness_leaves_of_a_picture() -> None:
    picture = {name: np.array([0.8, 0.8, 0.8]) for name in ("sharpness", "stillness", "exposure", "contrast", "colour")}
    parts = picture | {"clarity": np.array([0.8, np.nan, 0.8]), "soundness": np.array([1.0, 1.0, 0.1])}
    values = judge_suitability(parts, count=3)
    assert values[0] == pytest.approx(0.8) and values[2] == pytest.approx(0.08) and values[1] < values[0]
    assert judge_suitability({}, count=2).tolist() == [0.25, 0.25]


def test_every_part_and_vector_has_a_name_and_a_sentence() -> None:
    assert set(PART_NAMES) == {*FRAME_PARTS, *ORDER_PARTS, "learned", "maturity"}
    assert set(VECTOR_LABELS) == set(VECTOR_NAMES)
    assert all(each.label and each.about.endswith(".") for each in [*PART_NAMES.values(), *VECTOR_LABELS.values()])
