"""Pairs of shots and texts: held out by name, read from hostile files, made by the renderer."""

from fractions import Fraction

import numpy as np
import pytest

from ava.csv_table import UnusableTable
from search.train.pairs import Pair, choose_split, link_pairs, split_pairs
from search.train.pairs_csv import FilmClock, PairRow, read_pairs, span_of, write_pairs
from search.train.rendered import COLOURS, SCALES, SHAPES, Scene, draw_scene, render_pairs
from search.train.small_towers import find_words, number_words

HEAD = "video,start,end,text\n"


def pairs_of(films: int, *, shots: int = 5) -> list[Pair]:
    places = [(film, 10 * shot) for film in range(films) for shot in range(shots)]
    return [Pair(str(film), start, start + 10, f"{film} {start}") for film, start in places]


def test_whole_films_are_held_out_and_stay_so_whatever_comes_later() -> None:
    pairs = pairs_of(60)
    split = split_pairs(pairs, by="film")
    held_out = {pairs[number].film for number in split.held_out}
    assert held_out.isdisjoint(pairs[number].film for number in split.learnt)
    assert 0.1 < len(held_out) / 60 < 0.3
    more = [*pairs_of(90), *pairs]
    later = {more[number].film for number in split_pairs(more, by="film").held_out}
    assert {film for film in later if int(film) < 60} == held_out


def test_all_texts_of_a_shot_are_on_one_side() -> None:
    pairs = [each._replace(text=f"{text} {each.text}") for each in pairs_of(4, shots=30) for text in ("one", "two")]
    split = split_pairs(pairs, by="shot")
    held_out = {pairs[number][:3] for number in split.held_out}
    assert held_out and held_out.isdisjoint(pairs[number][:3] for number in split.learnt)


def test_text_that_is_learnt_is_never_measured() -> None:
    pairs = [*pairs_of(60), *(each._replace(text="A close-up") for each in pairs_of(60, shots=1))]
    split = split_pairs(pairs, by="film")
    learnt, held_out = ({pairs[number].text.casefold() for number in side} for side in split[:2])
    assert held_out and held_out.isdisjoint(learnt) and "a close-up" in learnt
    films = {pairs[number].film for number in split.held_out}
    assert len(split.left_out) == len(films) and sum(map(len, split)) == len(pairs)
    links = link_pairs(pairs).links
    assert not len(split.in_the_way(links))  # each of their shots has a text of its own, too


def test_copies_of_one_film_are_on_one_side() -> None:
    pairs = pairs_of(60)
    names = {str(film): str(film - 30) for film in range(30, 60)}
    split = split_pairs(pairs, by="film", names=names)
    learnt, held_out = ({names.get(pairs[number].film, pairs[number].film) for number in side} for side in split[:2])
    assert held_out and held_out.isdisjoint(learnt)


def test_few_films_are_split_by_shots_and_many_by_films() -> None:
    assert choose_split(pairs_of(1, shots=60), least=5) == "shot"
    assert choose_split(pairs_of(60), least=5) == "film"
    assert choose_split([], least=5) == "shot"


def test_texts_that_differ_by_case_spacing_and_form_are_one() -> None:
    told = ["A red car", "a  RED car ", "ａ red car", "a blue car"]
    linked = link_pairs([Pair("1", 10 * number, 10 * number + 10, text) for number, text in enumerate(told)])
    assert linked.texts == ("A red car", "a blue car")
    assert linked.links.tolist() == [[0, 0], [1, 0], [2, 0], [3, 1]]
    assert link_pairs([]).links.shape == (0, 2)


def test_rendered_pairs_are_the_same_bytes_for_the_same_seed_and_say_what_they_show() -> None:
    first, again, other = (render_pairs(30, seed=seed) for seed in (5, 5, 6))
    assert first.pairs == again.pairs and np.array_equal(first.shots, again.shots)
    assert first.pairs != other.pairs
    assert first.shots.shape == (30, 4, 36, 64, 3) and first.shots.dtype == np.uint8
    for pair in first.pairs:
        colour, shape = pair.film.split()
        assert colour in COLOURS and shape in SHAPES and colour in pair.text and shape in pair.text
        assert sum(scale in pair.text.lower() for scale in SCALES) == 1
    with pytest.raises(ValueError, match="1 to 5,040"):
        render_pairs(5041, seed=0)


def test_rendered_camera_and_scale_are_what_the_description_tells() -> None:
    def red(scale: str, move: str) -> list[int]:
        frames = draw_scene(Scene("red", "square", scale, "plain", "by day", move), rng=np.random.default_rng(1))  # type: ignore[arg-type]
        return [int(((frame[..., 0] > 120) & (frame[..., 1] < 90)).sum()) for frame in frames]

    closer, away = red("medium shot", "push_in"), red("medium shot", "pull_out")
    assert closer == sorted(closer) and closer[-1] > 1.5 * closer[0]
    assert away == sorted(away, reverse=True)
    assert red("close-up", "static")[0] > 2 * red("medium shot", "static")[0] > 4 * red("wide shot", "static")[0]


def test_words_are_numbered_by_frequency_and_unknown_ones_are_told_apart_from_none() -> None:
    words = find_words(["a red car", "A red dog", "a dog"])
    assert words == ("a", "dog", "red", "car")
    numbers = number_words(["Red unicorn!", "", "🚗 " * 60 + "a " * 60], words=words)
    assert numbers[0, :3].tolist() == [4, 1, 0] and not numbers[1].any() and (numbers[2] == 2).all()


def test_table_of_pairs_is_read_in_any_order_of_columns_and_written_again() -> None:
    rows = read_pairs("text;end;video;start\n=a “red” car;20;film.mp4;5\n".encode())
    assert rows == [PairRow(2, "film.mp4", "5", "20", "=a “red” car")]
    written = write_pairs(rows)
    assert "'=a" in written  # no spreadsheet runs it
    assert read_pairs(written.encode())[0].text == "=a “red” car"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "UTF-8|NUL"),
        (b"video,text\nx,y\n", "start and end"),
        (HEAD.encode(), "no pairs below"),
        ((HEAD + "f,1,2\n").encode(), "Line 2: 4 values are expected and 3 given"),
        ((HEAD + "f,1,2,\n,1,2,words\nf,,2,words\n").encode(), "Line 2: the text.*3: the video.*4: the start"),
        ((HEAD + "f,1,2,words\nf,1,2,WORDS\n").encode(), "Line 3: this pair is in line 2"),
        ((HEAD + f"f,1,2,{'x' * 1001}\n").encode(), "longer than 1,000"),
        ((HEAD + "f,1,2,!!!\n").encode(), "write what the shot shows"),
        ((HEAD + f"{'v' * 400},1,2,words\n").encode(), "is no video"),
        ((HEAD + 'f,1,2,"never closed\n').encode(), "no CSV"),
        ((HEAD + "f,1,2,nul\0l\n").encode(), "NUL"),
    ],
)
def test_hostile_tables_are_refused_whole_with_line_numbers(data: bytes, said: str) -> None:
    with pytest.raises(UnusableTable, match=f"(?s){said}"):
        read_pairs(data)


def test_spans_are_frames_or_timecodes_of_the_film_and_nothing_else() -> None:
    clock = FilmClock(Fraction(25), 100, "10:00:00:00")

    def span(start: str, end: str) -> tuple[int, int]:
        return span_of(PairRow(2, "f", start, end, "words"), clock=clock)

    assert span("0", "100") == (0, 100) and span("10:00:01:00", "10:00:02:05") == (25, 55)
    for start, end in (("5", "5"), ("9", "3"), ("0", "101"), ("00:00:01:00", "10:00:02:00"), ("0", "9" * 19)):
        with pytest.raises(ValueError, match="no span of this film"):
            span(start, end)
    for wrong in ("-1", "1.5", "٣", "soon", "10:00:00:30"):
        with pytest.raises(ValueError, match="neither a frame number nor a timecode"):
            span("0", wrong)
