"""Text: boxes from a map, reading, views, the joined probability, and the detector on tiny and on real networks."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from ava.annotate.base import Detections
from ava.annotate.text import Text
from ava.annotate.text_boxes import TiltedBox, find_boxes
from ava.annotate.text_kinds import TextKind
from ava.annotate.text_reading import LINE_HEIGHT_PX, Reading, decode_letters, straighten
from ava.annotate.text_score import DOUBTFUL, agree, judge
from ava.annotate.text_views import VIEWS
from tests.bench.accuracy_text import read_photograph, tally_real_lines
from tests.bench.drawn_lettering import KINDS, draw_lettering
from tests.bench.text_labels import LETTERED_PHOTOGRAPHS
from tests.scenes import draw_scene
from tests.tiny_onnx import node, write_onnx

X0, Y0, X1, Y1, SCORE, READING, VIEWS_AGREE, HEIGHT, TILT, KIND = range(10)


def blob(*, centre: tuple[float, float], size: tuple[float, float], angle_deg: float = 0.0) -> np.ndarray:
    """A map 200 × 300 with one bright turned rectangle."""
    lettering = np.zeros((200, 300), dtype=np.float32)
    corners = cv2.boxPoints((centre, size, angle_deg))
    cv2.fillPoly(lettering, [np.round(corners).astype(np.int32)], (0.9,))
    return lettering


@pytest.fixture(scope="module")
def tiny_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Networks that take every bright pixel for lettering, and read every white stripe as an "a"."""
    folder = tmp_path_factory.mktemp("weights")
    mean = node("ReduceMean", ["x"], "bright", axes=[1], keepdims=1)
    detection = write_onnx(
        folder / "detection.onnx",
        nodes=[mean, node("Relu", ["bright"], "map")],
        constants={},
        inputs={"x": ("n", 3, "h", "w")},
        outputs={"map": ("n", 1, "h", "w")},
    )
    recognition = write_onnx(
        folder / "recognition.onnx",
        nodes=[
            node("ReduceMax", ["x"], "bright", axes=[1, 2], keepdims=0),
            node("Reshape", ["bright", "steps"], "cells"),
            node("ReduceMean", ["cells"], "letter", axes=[2], keepdims=1),
            node("Relu", ["letter"], "likely"),
            node("Sub", ["one", "likely"], "blank"),
            node("Concat", ["blank", "likely"], "answer", axis=2),
        ],
        constants={"steps": np.array([0, -1, 8]), "one": np.ones((1, 1, 1))},
        inputs={"x": ("n", 3, 48, "w")},
        outputs={"answer": ("n", "t", 2)},
        metadata={"character": "a"},
    )
    return {"text-detection": detection, "text-recognition": recognition}


@pytest.fixture(scope="module")
def tiny(tiny_files: dict[str, Path]) -> Text:
    text = Text()
    text.load(tiny_files)
    return text


@pytest.fixture(scope="module")
def real(model_files: Callable[[Iterable[str]], dict[str, Path]]) -> Text:
    text = Text()
    text.load(model_files(Text.weights))
    return text


def look(text: Text, frames: np.ndarray) -> Detections:
    return text.detect(frames, frame_index=np.arange(len(frames)), found={})


@pytest.mark.parametrize("angle_deg", [0, 12, -20, 40])
def test_a_box_lies_around_its_line_and_is_grown_on_every_side(angle_deg: float) -> None:
    (box,) = find_boxes(blob(centre=(150, 100), size=(120, 20), angle_deg=angle_deg))
    margin = 120 * 20 / (2 * (120 + 20))
    assert box.width_px == pytest.approx(120 + 2 * margin, abs=5)
    assert box.height_px == pytest.approx(20 + 2 * margin, abs=5)
    assert box.tilt_deg == pytest.approx(angle_deg, abs=2)
    np.testing.assert_allclose(box.corners.mean(axis=0), (150, 100), atol=1)
    top_left, top_right, bottom_right, bottom_left = box.corners
    assert top_left[0] < top_right[0] and bottom_left[0] < bottom_right[0]
    assert top_left[1] < bottom_left[1] and top_right[1] < bottom_right[1]


def test_faint_and_tiny_marks_are_no_lines() -> None:
    assert find_boxes(blob(centre=(150, 100), size=(120, 20)) * np.float32(0.42)) == []
    assert find_boxes(blob(centre=(150, 100), size=(40, 1))) == []
    assert find_boxes(np.zeros((1, 1), dtype=np.float32)) == []


def test_a_grown_box_has_the_same_margin_on_every_side() -> None:
    box = TiltedBox(np.array([(10, 10), (50, 10), (50, 20), (10, 20)], dtype=np.float32), 1.0)
    np.testing.assert_allclose(box.grown(0.2).corners, [(8, 8), (52, 8), (52, 22), (8, 22)])


@pytest.mark.parametrize("angle_deg", [0, 15, -30])
def test_straightening_brings_a_turned_line_upright(angle_deg: float) -> None:
    """A ramp from left to right along the line must come out as a ramp, whatever the turn."""
    rows, columns = np.mgrid[0:200, 0:300].astype(np.float32)
    turn = np.radians(angle_deg)
    along = (columns - 150) * np.cos(turn) + (rows - 100) * np.sin(turn)
    picture = np.clip(128 + along, 0, 255).astype(np.uint8)[..., None]
    right, down = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    corners = [(150, 100) + 60 * x * right + 12 * y * down for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    line = straighten(picture, TiltedBox(np.array(corners, dtype=np.float32), 1.0))
    assert line.shape == (LINE_HEIGHT_PX, 240, 1)
    np.testing.assert_allclose(line[24, [0, 120, 239], 0], (68, 128, 187), atol=2)
    np.testing.assert_allclose(line[2, :, 0], line[-3, :, 0], atol=2.1)


def test_letters_are_decoded_without_repeats_and_blanks() -> None:
    best = [0, 1, 1, 0, 1, 2, 2, 0, 3]
    steps = np.full((len(best), 4), 0.05, dtype=np.float32)
    steps[np.arange(len(best)), best] = 0.8
    steps[1, 1] = 0.6
    reading = decode_letters(steps, letters=("a", "b", " "))
    assert reading.words == "aab"
    assert reading.confidence == pytest.approx((0.6 + 0.8 + 0.8 + 0.8) / 4)
    assert decode_letters(np.eye(4, dtype=np.float32)[[0, 0]], letters=("a", "b", " ")) == Reading("", 0.0)


def test_agreement_is_the_share_of_letters_that_views_repeat() -> None:
    seen = Reading("HOTEL", 0.9)
    assert agree(seen, [Reading("HO TEL", 0.4), Reading("HOTEL", 0.2)]) == 1.0
    assert agree(seen, [Reading("HOTEL", 0.9), Reading("", 0.0)]) == 0.5
    assert agree(Reading("", 0.0), [seen]) == 0.0


def test_probability_rises_with_every_witness_and_chance_stays_low() -> None:
    sure, doubted = Reading("HOTEL", 0.98), Reading("HOTEL", 0.6)
    assert judge(0.8, sure) > DOUBTFUL[1]
    assert judge(0.8, doubted, agreement=0.9) > judge(0.8, doubted, agreement=0.1)
    assert judge(0.8, sure) > judge(0.5, sure) and judge(0.8, sure) > judge(0.8, doubted)
    assert judge(0.8, Reading("HOTEL", 0.9)) > judge(0.8, Reading("H", 0.9))
    assert judge(0.9, Reading("::!", 1.0)) == 0.0
    assert judge(0.6, Reading("m", 0.3), agreement=0.0) < 0.02


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.filterwarnings("error")
def test_views_part_letters_from_a_changing_ground(name: str) -> None:
    gray = np.tile(np.linspace(60, 90, 240).astype(np.uint8), (48, 1))
    letters = np.zeros_like(gray)
    for left in range(12, 230, 24):
        cv2.rectangle(letters, (left, 8), (left + 8, 40), (1,), thickness=cv2.FILLED)
    view = VIEWS[name](np.where(letters > 0, gray + 100, gray).astype(np.uint8))
    inner, outer = cv2.erode(letters, np.ones((5, 5))) > 0, cv2.dilate(letters, np.ones((5, 5))) == 0
    assert view.shape == gray.shape and view.dtype == np.uint8
    assert view[inner].mean() > 200 and view[outer].mean() < 100
    for odd in (
        np.zeros((48, 8), np.uint8),
        np.full((1, 1), 9, np.uint8),
        np.arange(96, dtype=np.uint8).reshape(48, 2),
    ):
        assert VIEWS[name](odd).shape == odd.shape


def test_the_detector_puts_networks_together(tiny: Text) -> None:
    frames = np.zeros((2, 90, 260, 3), dtype=np.uint8)
    frames[1, 40:60, 30:216] = 172
    for left in range(30, 216, 40):
        frames[1, 40:60, left : left + 16] = 255
    found = look(tiny, frames)
    assert found.frame_index.tolist() == [1]
    assert set(found.words[0]) == {"a"} and len(found.words[0]) == 5
    boxes = found.values[:, :4]
    assert (boxes >= 0).all() and (boxes[:, [0, 2]] <= 260).all() and (boxes[:, [1, 3]] <= 90).all()
    assert boxes[0, 0] < 31 and boxes[0, 1] < 41 and boxes[0, 2] > 215 and boxes[0, 3] > 59


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [(1, 1), (2, 2), (16, 16), (3, 200), (200, 3), (9, 400), (90, 160)])
def test_any_picture_gives_defined_values(tiny: Text, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (2, *size, 3), dtype=np.uint8)
    for frames in (noise, np.full((2, *size, 3), 255, np.uint8), np.zeros((0, *size, 3), np.uint8)):
        found = look(tiny, frames)
        assert found.values.shape == (len(found.words), len(Text.columns))
        known = found.values[:, [column for column in range(10) if column != VIEWS_AGREE]]
        assert np.isfinite(known).all()
        summary = tiny.summarise(found, frame_index=np.arange(len(frames)), size=size[::-1])
        assert summary.shape == (len(frames), 4) and np.isfinite(summary).all()


def test_looking_before_loading_says_what_to_do() -> None:
    with pytest.raises(RuntimeError, match="load"):
        look(Text(), np.zeros((1, 20, 20, 3), dtype=np.uint8))


def test_frames_are_summed_up_and_empty_ones_have_a_row() -> None:
    def row(*box: float, score: float, kind: TextKind) -> Sequence[float]:
        return (*box, score, 1.0, np.nan, 1.0, 0.0, kind)

    values = np.array(
        [
            row(0, 0, 50, 20, score=0.9, kind=TextKind.TITLE),
            row(0, 10, 50, 40, score=0.6, kind=TextKind.SCENE),
            row(0, 0, 100, 10, score=0.7, kind=TextKind.SUBTITLE),
        ],
        dtype=np.float32,
    )
    found = Detections(np.array([3, 3, 8]), values, ("A", "B", "C"))
    summary = Text().summarise(found, frame_index=np.array([3, 5, 8]), size=(100, 80))
    np.testing.assert_allclose(
        summary, [[2, 2000 / 8000, 0.9, 1000 / 8000], [0, 0, 0, 0], [1, 1000 / 8000, 0.7, 0]], rtol=1e-5
    )


@pytest.mark.parametrize("kind", KINDS)
def test_drawn_lettering_is_found_and_read(real: Text, kind: str) -> None:
    known, read, right = 0, 0, 0
    for seed in range(4):
        ground = draw_scene(seed, frames=1, width=960, height=540)[0]
        drawn = draw_lettering(ground, kind=kind, rng=np.random.default_rng(seed))
        # Gaps between words are the least sure: letters count.
        found = {"".join(words.split()) for words in look(real, drawn.rgb[None]).words}
        lines = {"".join(line.words.split()) for line in drawn.lines}
        known, read, right = known + len(lines), read + len(found), right + len(lines & found)
    assert right / known > 0.8
    assert right / read > 0.8


def test_real_titles_captions_and_signs_are_read(real: Text, shared_data: Path) -> None:
    tally = tally_real_lines(real, shared_data)
    assert tally.f1 > 0.85
    assert tally.letter_accuracy > 0.9


def test_photographs_without_lettering_give_hardly_an_alarm(real: Text, shared_data: Path) -> None:
    files = sorted((shared_data / "images" / "documerica").glob("*.jpg"))
    bare = [read_photograph(file) for file in files if file.stem not in LETTERED_PHOTOGRAPHS][:30]
    assert sum(len(real.find_lines(picture)) for picture in bare) <= 3


def test_a_frame_alone_gives_what_it_gives_among_others(real: Text) -> None:
    rng = np.random.default_rng(2)
    scene = draw_scene(2, frames=1, width=640, height=360)[0]
    frames = np.stack([draw_lettering(scene, kind=kind, rng=rng).rgb for kind in ("subtitle", "title", "caption")])
    whole = look(real, frames)
    alone = real.detect(frames[1:2], frame_index=np.array([1]), found={})
    np.testing.assert_array_equal(whole.values[whole.frame_index == 1], alone.values)
    assert tuple(word for word, index in zip(whole.words, whole.frame_index, strict=True) if index == 1) == alone.words
