import hashlib
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.render.camera import CameraMove, Shake, View, hold, whip
from ava.render.film import Cut, Dissolve, Fade, PlannedDefect, describe_film, draw_film, lay_out, render_film
from ava.render.layer import Layer, Pose, stay
from ava.render.lettering import Line, TextCue
from ava.render.plate import Face, Plate, mirror_plate, scale_plate
from ava.render.sample_film import draw_sample_scene, plan_sample_film, render_test_film, sample_shot
from ava.render.shot import ShotSpec, ramp
from qc.defects.gaussian import GaussianDot
from qc.defects.plant import plant as plant_defects

WIDTH, HEIGHT = 192, 108


def decode(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def shot(index: int, frames: int = 24, **details) -> ShotSpec:
    return sample_shot(index, frames, width=WIDTH, height=HEIGHT, **details)


def difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(np.abs(a.astype(int) - b).mean())


def test_cuts_in_the_file_are_where_the_truth_says(tmp_path: Path) -> None:
    truth = render_test_film(tmp_path / "film.mp4", seconds=4, cuts=(17, 40, 77))
    frames = decode(tmp_path / "film.mp4")
    assert truth.cuts == (17, 40, 77) and len(frames) == truth.frame_count == 96
    jumps = [difference(frames[i], frames[i - 1]) for i in range(1, 96)]
    assert sorted(int(i) + 1 for i in np.argsort(jumps)[-3:]) == [17, 40, 77]


def test_film_has_the_stated_rate_size_and_sound(tmp_path: Path) -> None:
    render_test_film(tmp_path / "film.mp4", seconds=2, fps=Fraction(24000, 1001), with_sound=True)
    with av.open(str(tmp_path / "film.mp4")) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.average_rate == Fraction(24000, 1001)
        assert (video.width, video.height, video.codec_context.name) == (WIDTH, HEIGHT, "h264")
        samples = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
    assert audio.codec_context.name == "aac"
    assert abs(samples.shape[1] / 48_000 - 2.0) < 0.1
    assert 0.01 < np.abs(samples).max() <= 1.0


def test_same_film_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in ("a.mp4", "b.mp4"):
        render_test_film(tmp_path / name, seconds=1, with_sound=True)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_render_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(frames, rng):
        raise RuntimeError("out of luck")

    film = plan_sample_film([shot(0)], defects=(PlannedDefect(5, fail),))
    with pytest.raises(RuntimeError):
        render_film(film, tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def test_dissolve_mixes_both_shots_within_its_span_only() -> None:
    film = plan_sample_film([shot(0, 30, travel_unit=0), shot(1, 30, travel_unit=0)], [Dissolve(10)])
    timeline = lay_out(film)
    assert [tuple(t) for t in timeline.transitions] == [("dissolve", 20, 30)]
    assert timeline.frame_count == 50
    assert timeline.shots[1].start_frame == 25
    frames = list(draw_film(film))
    assert difference(frames[19], frames[0]) == 0
    assert difference(frames[30], frames[49]) == 0
    steps = [difference(frames[i], frames[i - 1]) for i in range(20, 31)]
    assert max(steps) < 2.0 * min(steps)
    middle = (frames[0].astype(int) + frames[49]) / 2
    assert np.abs((frames[24].astype(int) + frames[25]) / 2 - middle).mean() < 2


def test_fade_is_black_in_its_middle_and_the_truth_says_where() -> None:
    film = plan_sample_film([shot(0, 24), shot(1, 24)], [Fade(6, 4, 6)])
    truth = describe_film(film)
    assert [tuple(t) for t in truth.transitions] == [("fade", 18, 34)]
    assert [tuple(s) for s in truth.black] == [(24, 28)]
    assert [s.start_frame for s in truth.shots] == [0, 26] and truth.shots[1].transition == "fade"
    brightness = [float(frame.mean()) for frame in draw_film(film)]
    assert max(brightness[24:28]) == 0
    assert all(a > b for a, b in pairwise(brightness[17:25]))
    assert min(brightness[:18]) > 60


def test_opening_and_ending_are_black() -> None:
    film = plan_sample_film([shot(0, 24)], opening=Fade(0, 3, 5), ending=Fade(5, 4, 0))
    truth = describe_film(film)
    frames = list(draw_film(film))
    assert len(frames) == truth.frame_count == 31
    assert [tuple(s) for s in truth.black] == [(0, 3), (27, 31)]
    assert frames[2].max() == 0 and frames[27].max() == 0 and frames[12].mean() > 60


def test_defocused_span_is_blurred_in_the_picture() -> None:
    film = plan_sample_film([shot(0, 24, travel_unit=0, defocus=ramp(0.03, 0.0, begin_unit=0.3, end_unit=0.5))])
    truth = describe_film(film)
    (span,) = truth.defocused
    frames = list(draw_film(film))
    detail = [float(np.abs(np.diff(frame.astype(int), axis=1)).mean()) for frame in frames]
    assert span.start_frame == 0 and 9 <= span.end_frame <= 12
    assert max(detail[: span.end_frame - 2]) < 0.7 * min(detail[13:])


def test_exposure_brightens_by_stops() -> None:
    dark, plain, bright = (
        next(draw_film(plan_sample_film([shot(0, 1, exposure=ramp(stops, stops))]))).mean() for stops in (-1, 0, 1)
    )
    assert dark < 0.8 * plain and bright > 1.15 * plain


def test_pan_moves_the_picture_by_what_the_truth_of_the_camera_says() -> None:
    view = View(WIDTH * 0.75, HEIGHT * 0.625, WIDTH)
    plate = draw_sample_scene(3, width=WIDTH * 3 // 2, height=135)
    moving = CameraMove("pan", view._replace(x=view.x - 12), view._replace(x=view.x + 12), ease=lambda u: u)
    film = plan_sample_film([ShotSpec("pan", 25, (Layer(plate),), moving)])
    frames = list(draw_film(film))
    shifted = difference(frames[24][:, : WIDTH - 24], frames[0][:, 24:])
    assert shifted < 0.2 * difference(frames[24], frames[0])


def test_whip_pan_is_fast_and_smeared_only_in_its_middle() -> None:
    view = View(60, 60, 80)
    plate = draw_sample_scene(2, width=400, height=120)
    move = CameraMove("whip", view, view._replace(x=340), ease=whip(0.4, 0.6))
    film = plan_sample_film([ShotSpec("whip", 40, (Layer(plate),), move)])
    (span,) = describe_film(film).fast_motion
    assert 13 <= span.start_frame <= 17 and 22 <= span.end_frame <= 26
    frames = list(draw_film(film))
    detail = [float(np.abs(np.diff(frame.astype(int), axis=1)).mean()) for frame in frames]
    assert detail[20] < 0.5 * min(detail[5], detail[35])


def test_hand_held_camera_sways_within_its_amount() -> None:
    view = View(100, 60, 90)
    move = hold(view, shake=Shake(0.01))
    seen = np.array([move.view(t / 100, time_s=t / 24) for t in range(100)])
    assert 0.3 < np.abs(seen[:, 0] - view.x).max() <= 0.9 + 1e-9
    assert np.all(seen[:, 2] == view.width)


def test_subject_moves_over_its_ground_and_covers_it() -> None:
    ground = Plate(np.full((HEIGHT, WIDTH, 3), 40, np.uint8))
    matte = np.zeros((30, 30), np.uint8)
    matte[5:25, 5:25] = 255
    subject = Plate(np.full((30, 30, 3), 200, np.uint8), matte)
    layers = (Layer(ground), Layer(subject, lambda time_s: Pose(20 + 48 * time_s, 40)))
    film = plan_sample_film([ShotSpec("walk", 25, layers, hold(View(WIDTH / 2, HEIGHT / 2, WIDTH)))])
    frames = list(draw_film(film))
    for index in (0, 12, 24):
        columns = np.flatnonzero(frames[index][55, :, 0] > 120)
        assert abs(columns.mean() + 0.5 - (20 + 2 * index + 15)) < 1
        assert abs(len(columns) - 20) <= 2
        assert set(np.unique(frames[index][10])) == {40}


def test_face_boxes_follow_camera_and_subject() -> None:
    """A white square stands for a face: its box in the truth is where it is white in the picture."""
    rgb = np.full((120, 160, 3), 30, np.uint8)
    rgb[40:70, 60:80] = 255
    plate = scale_plate(mirror_plate(Plate(rgb, faces=(Face("square", (60, 40, 80, 70)),))), factor=1.5)
    camera = CameraMove("push_in", View(140, 90, 200), View(125, 85, 120))
    spec = ShotSpec("face", 20, (Layer(plate, stay(5, 3)),), camera)
    film = plan_sample_film([spec])
    truth = describe_film(film)
    assert truth.people == ("square",) and len(truth.shots[0].faces) == 20
    for frame, face in zip(draw_film(film), truth.shots[0].faces, strict=True):
        rows, columns = np.nonzero(frame[..., 0] > 142)
        measured = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert np.abs(np.array(measured) - face.box).max() <= 1.5


def test_letters_stay_within_their_box_and_span() -> None:
    cue = TextCue("subtitle", (Line("Known words", 0.1),), 6, 18, y_unit=0.7, fade_frames=0)
    plain = plan_sample_film([shot(0, 24, travel_unit=0)])
    lettered = plan_sample_film([shot(0, 24, travel_unit=0, texts=(cue,))])
    (text,) = describe_film(lettered).texts
    assert text.text == "Known words" and (text.start_frame, text.end_frame) == (6, 18)
    for index, (a, b) in enumerate(zip(draw_film(plain), draw_film(lettered), strict=True)):
        brighter = np.argwhere((b.astype(int) - a).max(axis=2) > 40)
        assert bool(len(brighter)) == (6 <= index < 18)
        if len(brighter):
            (top, left), (bottom, right) = brighter.min(axis=0), brighter.max(axis=0) + 1
            x0, y0, x1, y1 = text.box
            assert x0 <= left and y0 <= top and right <= x1 and bottom <= y1
            assert right - left > 0.9 * (x1 - x0)


def test_credits_roll_from_below_to_above_the_frame() -> None:
    lines = tuple(Line(f"Name {i}", 0.12) for i in range(4))
    black = Plate(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    cue = TextCue("credits", lines, 0, 40)
    spec = ShotSpec("credits", 40, (Layer(black),), hold(View(96, 54, 192)), texts=(cue,))
    rows = [np.flatnonzero(frame.max(axis=(1, 2)) > 100) for frame in draw_film(plan_sample_film([spec]))]
    tops = [int(row.min()) for row in rows[1:20] if len(row)]
    bottoms = [int(row.max()) for row in rows[20:-1] if len(row)]
    assert len(tops) > 10 and tops[0] > 0.8 * HEIGHT and bottoms[-1] < 0.2 * HEIGHT
    assert tops == sorted(tops, reverse=True) and bottoms == sorted(bottoms, reverse=True)
    assert not len(rows[0]) and not len(rows[-1])


def test_planted_pixel_error_is_in_its_frame_at_its_place_and_nowhere_else(tmp_path: Path) -> None:
    def plant(frames, rng):
        planted = plant_defects(frames, rng=rng, defects=(GaussianDot(),), amplitudes=(150, 200))
        return planted.frames, planted.mask

    scenes = [shot(0, 24, exposure=ramp(-3, -3), travel_unit=0)]
    film = plan_sample_film(scenes, defects=(PlannedDefect(10, plant), PlannedDefect(17, plant)))
    truth = render_film(film, tmp_path / "film.mp4", crf=16)
    assert [defect.frame_index for defect in truth.defects] == [10, 17]
    frames = np.array(decode(tmp_path / "film.mp4")).astype(int).max(axis=3)
    for defect in truth.defects:
        x, y = round(defect.x), round(defect.y)
        patch = frames[:, y - 3 : y + 4, x - 3 : x + 4].max(axis=(1, 2))
        assert patch[defect.frame_index] > patch[defect.frame_index - 1] + 60
        assert patch[defect.frame_index] > patch[defect.frame_index + 1] + 60


def test_wrong_number_of_joins_is_refused() -> None:
    with pytest.raises(ValueError, match="2 shots need 1 joins"):
        plan_sample_film([shot(0), shot(1)], [Cut(), Cut()])
