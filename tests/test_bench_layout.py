"""How the benchmark of layouts judges: a judge that passes everything would measure nothing."""

import json

import numpy as np
import pytest

from ava.render.demo_lettering import lower_third, title
from ava.render.lettering import draw_cue
from curation.layout.box import Box
from curation.layout.canvases import DEFAULT_CANVASES
from tests.bench.accuracy_layout import cuts, fits, is_whole, usual_place
from tests.bench.layout_peers import crop_middle
from tests.bench.layout_truth import LABELS, KnownPicture, _letter

STORY, TALL = DEFAULT_CANVASES[0], DEFAULT_CANVASES[-1]
FACE = Box(600, 200, 800, 450)
KNOWN = KnownPicture("", "", np.zeros((1080, 1920, 3), np.uint8), (FACE,))
LABELLED = KNOWN._replace(is_exact=False)


def test_a_face_is_whole_or_cut_or_outside() -> None:
    assert is_whole(FACE, Box(590, 190, 900, 500), KNOWN) and not cuts(Box(590, 190, 900, 500), FACE, KNOWN)
    assert not is_whole(FACE, Box(610, 0, 900, 500), KNOWN) and cuts(Box(610, 0, 900, 500), FACE, KNOWN)
    assert not is_whole(FACE, Box(810, 0, 900, 500), KNOWN) and not cuts(Box(810, 0, 900, 500), FACE, KNOWN)


def test_labels_by_eye_are_allowed_their_error_and_no_more() -> None:
    assert is_whole(FACE, Box(625, 200, 900, 500), LABELLED)
    assert not is_whole(FACE, Box(640, 200, 900, 500), LABELLED)
    assert not is_whole(FACE, Box(625, 200, 900, 500), KNOWN)


def test_a_face_fits_a_canvas_only_if_the_largest_window_holds_it() -> None:
    whole = Box(0, 0, 1920, 1080)
    assert fits(FACE, TALL, whole)
    assert not fits(Box(600, 200, 920, 600), TALL, whole), "the largest window is 309 wide"
    assert not fits(FACE, STORY, Box(0, 0, 700, 1080)), "part of it lies in a bar"


@pytest.mark.parametrize("canvas", DEFAULT_CANVASES, ids=lambda canvas: canvas.key)
def test_the_middle_and_usual_places_lie_where_canvases_have_them(canvas) -> None:
    crop = crop_middle(1920, 1080, canvases=DEFAULT_CANVASES)[canvas.key]
    assert crop.centre == pytest.approx((960, 540)) and crop.width / crop.height == pytest.approx(canvas.aspect)
    assert crop.width == pytest.approx(1920) or crop.height == pytest.approx(1080)
    for overlay in canvas.overlays:
        place = usual_place(overlay, canvas, crop)
        assert crop.holds(place) and place.width == pytest.approx(overlay.width_unit * crop.width)
        if overlay.anchor == "top right":
            assert place.x1 == pytest.approx(crop.x1 - canvas.safe.right * crop.width)
            assert place.y0 == pytest.approx(crop.y0 + canvas.safe.top * crop.height)


def test_known_lines_hold_all_that_is_written_and_nothing_else() -> None:
    black = np.zeros((720, 1280, 3), np.uint8)
    span = {"start_frame": 0, "end_frame": 40}
    cues = (title("NIGHT LAUNCH", "a very short film", **span), lower_third("Ada Byron", "keeper", **span))
    rgb, boxes = _letter(black, cues, frame=20)
    assert len(boxes) == 4
    written = rgb.max(axis=2) > 8
    assert written.any()
    for box in boxes:
        rows, columns = slice(int(box.y0), int(box.y1)), slice(int(box.x0), int(box.x1))
        assert written[rows, columns].any()
        written[rows, columns] = False
    assert not written.any()
    assert not draw_cue(np.zeros((720, 1280, 3), np.uint8), cues[0], frame=50).any(), "gone by then"


def test_every_label_lies_within_its_picture() -> None:
    for row in json.loads(LABELS.read_text())["pictures"]:
        assert row["subjects"], row["file"]
        for x0, y0, x1, y1 in (*row["subjects"], *row["faces"], *row["text"]):
            assert 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1, row
