"""What lettering is for, told by the whole film and kept beside what each frame gave."""

import numpy as np
import pytest

from ava.annotate.base import Detections
from ava.annotate.film_text import settle_kinds
from ava.annotate.inspect import join_detections
from ava.annotate.text import Text
from ava.annotate.text_kinds import TextKind

KIND = Text.columns.index("kind")


def line(frame: int, box: tuple[float, ...], words: str) -> Detections:
    values = np.zeros((1, len(Text.columns)), dtype=np.float32)
    values[0, :5] = [*box, 0.9]
    return Detections(np.array([frame]), values, (words,))


def film(lines: list[Detections]) -> Detections:
    return join_detections(lines, columns=len(Text.columns))


def kinds(table: Detections, **options) -> list[TextKind]:
    return [TextKind(int(kind)) for kind in settle_kinds(table, **options).values[:, KIND]]


@pytest.mark.parametrize("bar_px", [0, 60])
def test_a_sign_that_drifts_with_the_scene_is_no_caption(bar_px: int):
    drifting = [
        line(10 * step, (40 + 30 * step, 200 + bar_px, 140 + 30 * step, 220 + bar_px), "BAKERY") for step in range(5)
    ]
    table, area = film(drifting), (0, bar_px, 640, 360 + bar_px)
    assert set(kinds(table, area=area, shot_starts=[0])) == {TextKind.SCENE}


def test_low_centred_lines_that_change_on_one_base_line_are_subtitles():
    spoken = ["Where were you?", "Out.", "All night?", "I walked home.", "Of course."]
    lines = [
        line(40 * step, (320 - 6 * len(words), 310, 320 + 6 * len(words), 330), words)
        for step, words in enumerate(spoken)
    ]
    assert set(kinds(film(lines), area=(0, 0, 640, 360), shot_starts=[0, 60, 120])) == {TextKind.SUBTITLE}


def test_settling_twice_changes_nothing_and_a_film_without_letters_stays_empty():
    table = film([line(10 * step, (40 + 30 * step, 200, 140 + 30 * step, 220), "BAKERY") for step in range(5)])
    once = settle_kinds(table, area=(0, 0, 640, 360), shot_starts=[0])
    twice = settle_kinds(once, area=(0, 0, 640, 360), shot_starts=[0])
    np.testing.assert_array_equal(once.values, twice.values)
    assert len(settle_kinds(film([]), area=(0, 0, 640, 360), shot_starts=[0]).values) == 0
