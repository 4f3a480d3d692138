"""Kinds of lettering: place tells a guess, time tells what is in the scene, rolls, stays or changes."""

import numpy as np
import pytest

from ava.annotate.text_kinds import FilmLines, TextKind, classify_lines, guess_kinds, kinds_of_shots

SIZE = (1000, 500)
SHOTS = np.array([0, 100, 200])
Line = tuple[int, float, float, float, str]
"""Frame, centre x and centre y (parts of the picture), height (part), words."""


def film(*lines: Line, tilt_deg: float = 0.0) -> FilmLines:
    boxes = []
    for _, x, y, height, words in lines:
        width = len(words) * height * 0.25
        boxes.append(((x - width / 2) * 1000, (y - height / 2) * 500, (x + width / 2) * 1000, (y + height / 2) * 500))
    return FilmLines(
        np.array([line[0] for line in lines], dtype=np.int64),
        np.array(boxes, dtype=np.float32).reshape(-1, 4),
        np.full(len(lines), tilt_deg, dtype=np.float32),
        tuple(line[4] for line in lines),
    )


def classify(lines: FilmLines) -> list[TextKind]:
    return [TextKind(kind) for kind in classify_lines(lines, size=SIZE, shot_starts=SHOTS)]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ((5, 0.5, 0.9, 0.05, "What did you say?"), TextKind.SUBTITLE),
        ((5, 0.2, 0.8, 0.05, "Jane Marino"), TextKind.CAPTION),
        ((5, 0.5, 0.5, 0.15, "HARVEST"), TextKind.TITLE),
        ((5, 0.3, 0.3, 0.05, "Hotel"), TextKind.SCENE),
    ],
)
def test_one_line_is_judged_by_its_place(line: Line, kind: TextKind) -> None:
    assert classify(film(line)) == [kind]


def test_small_cards_are_titles_when_they_stand_exactly_in_the_middle() -> None:
    assert classify(film((5, 0.5, 0.5, 0.03, "COMING SOON"))) == [TextKind.TITLE]
    assert classify(film((5, 0.53, 0.5, 0.03, "COMING SOON"))) == [TextKind.SCENE]


def test_a_long_second_line_of_a_caption_belongs_to_it() -> None:
    lines = film((5, 0.1, 0.78, 0.04, "A name"), (5, 0.5, 0.85, 0.04, "x" * 86))
    assert lines.boxes[0, 0] == pytest.approx(lines.boxes[1, 0], abs=8)
    assert classify(lines) == [TextKind.CAPTION, TextKind.CAPTION]
    assert classify(lines._replace(boxes=lines.boxes + np.array([[30, 0, 30, 0], [0, 0, 0, 0]], np.float32))) == [
        TextKind.CAPTION,
        TextKind.SUBTITLE,
    ]


def test_what_stands_askew_is_in_the_scene() -> None:
    assert classify(film((5, 0.5, 0.5, 0.15, "HARVEST"), tilt_deg=8)) == [TextKind.SCENE]


def test_many_level_lines_are_credits() -> None:
    lines = film(*((5, 0.5, 0.15 + 0.12 * row, 0.04, f"name {row}") for row in range(6)))
    assert set(classify(lines)) == {TextKind.CREDITS}


def test_two_lines_that_rise_together_are_credits_and_one_is_not() -> None:
    rolling = [
        (frame, 0.5, y - frame * 0.004, 0.04, words)
        for frame in (0, 20, 40)
        for y, words in ((0.5, "Music"), (0.6, "Editor"))
    ]
    assert set(classify(film(*rolling))) == {TextKind.CREDITS}
    assert set(classify(film(*rolling[::2]))) == {TextKind.SCENE}


def test_a_sign_that_passes_is_in_the_scene_even_where_a_title_would_stand() -> None:
    passing = film(*((frame, 0.46 + frame / 600, 0.5, 0.1, "HOTEL") for frame in (0, 10, 20, 30)))
    assert set(classify(passing)) == {TextKind.SCENE}


def test_a_title_that_grows_on_the_spot_stays_a_title() -> None:
    growing = film(*((frame, 0.5, 0.5, 0.1 + frame / 400, "SINTEL") for frame in (0, 10, 20, 30)))
    assert set(classify(growing)) == {TextKind.TITLE}
    nearing = film(*((frame, 0.5 + frame / 1000, 0.5, 0.1 + frame / 400, "HOTEL") for frame in (0, 10, 20, 30)))
    assert set(classify(nearing)) == {TextKind.SCENE}


def test_a_mark_that_outlives_cuts_is_burned_in() -> None:
    lines = film(*((frame, 0.85, 0.1, 0.05, "NEWS 24") for frame in (10, 50, 150, 250)))
    assert set(classify(lines)) == {TextKind.CAPTION}
    once = film(*((frame, 0.85, 0.1, 0.05, "NEWS 24") for frame in (10, 50)))
    assert set(classify(once)) == {TextKind.SCENE}


def test_many_words_on_one_base_line_are_subtitles() -> None:
    lines = film(*((frame, 0.5, 0.69, 0.07, f"line of words {frame}") for frame in (10, 40, 150, 220)))
    assert set(classify(lines)) == {TextKind.SUBTITLE}
    assert classify(film((10, 0.5, 0.69, 0.07, "THE HARVEST"))) == [TextKind.TITLE]


def test_shots_are_told_what_they_show() -> None:
    lines = film((5, 0.5, 0.9, 0.05, "Hello"), (205, 0.5, 0.5, 0.2, "END"), (206, 0.2, 0.8, 0.05, "A name"))
    kinds = classify_lines(lines, size=SIZE, shot_starts=SHOTS)
    assert kinds_of_shots(kinds, frame_index=lines.frame_index, shot_starts=SHOTS) == [
        {TextKind.SUBTITLE},
        set(),
        {TextKind.TITLE, TextKind.CAPTION},
    ]


def test_a_film_without_lettering_has_no_kinds() -> None:
    assert classify(film()) == []
    none = np.empty((0, 4), dtype=np.float32)
    assert guess_kinds(none, tilt_deg=np.empty(0, dtype=np.float32), size=SIZE).shape == (0,)
