"""One decode for all annotators: blocks, context, sizes, gaps."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import ava.annotate.run as run
from ava.annotate.base import AnnotationTable, InvalidAnnotator, RgbFrames, find_annotators
from ava.annotate.run import annotate_span, collect_signals, size_chain
from ava.media.probe import probe
from ava.media.video_info import VideoInfo
from tests.footage import write_film
from tests.scenes import draw_scene

FRAMES = 130


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = draw_scene(5, frames=FRAMES, pan_px=1.2, width=1280, height=96)
    return write_film(
        tmp_path_factory.mktemp("film") / "film.mp4",
        frames=FRAMES,
        width=1280,
        height=96,
        fps=Fraction(24000, 1001),
        gop=30,
        picture=lambda number: pictures[number],
    )


class Neighbours:
    """Writes down which frames it saw around each frame."""

    name = "neighbours"
    version = 1
    columns: tuple[str, ...] = ("before", "after")
    max_side_px = 64

    def __init__(self, halo: int) -> None:
        self.halo = halo
        self.sizes: set[tuple[int, ...]] = set()
        self.longest = 0

    def load(self) -> None:
        pass

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        self.sizes.add(frames.shape[1:])
        self.longest = max(self.longest, len(frames))
        known = set(frame_index.tolist())
        rows = [
            [sum(index + side * lag in known for lag in range(1, self.halo + 1)) for side in (-1, 1)]
            for index in frame_index.tolist()
        ]
        return AnnotationTable(frame_index, np.array(rows, dtype=np.float32))


def test_values_are_equal_to_the_last_bit_however_the_film_is_chunked(film: Path) -> None:
    info = probe(film)

    def measure(*seams: int) -> dict[str, NDArray[np.float32]]:
        annotators = find_annotators()
        spans = list(zip((0, *seams), (*seams, FRAMES), strict=True))
        parts = [
            annotate_span(film, info=info, annotators=annotators, start_frame=start, end_frame=end)
            for start, end in reversed(spans)
        ]
        tables = {each.name: [part[each.name] for part in parts] for each in annotators}
        return dict(collect_signals(tables, annotators=annotators, frame_count=FRAMES))

    whole = measure()
    for seams in ((30, 60, 90, 120), (1, 2, 77), (24, 25, 48, 129)):
        chunked = measure(*seams)
        assert whole.keys() == chunked.keys()
        for name, signal in whole.items():
            assert signal.tobytes() == chunked[name].tobytes(), (name, seams)


def test_an_annotator_run_alone_measures_what_it_measures_beside_the_others(film: Path) -> None:
    info, annotators = probe(film), find_annotators()
    together = annotate_span(film, info=info, annotators=annotators, start_frame=20, end_frame=50)
    for annotator in annotators:
        alone = annotate_span(film, info=info, annotators=[annotator], start_frame=20, end_frame=50)
        assert alone[annotator.name].values.tobytes() == together[annotator.name].values.tobytes()


@pytest.mark.parametrize("halo", [0, 1, 5, 40])
def test_every_frame_gets_its_context_even_across_seams(film: Path, halo: int) -> None:
    annotator = Neighbours(halo)
    table = annotate_span(film, info=probe(film), annotators=[annotator], start_frame=37, end_frame=111)[
        "neighbours"
    ]
    np.testing.assert_array_equal(table.frame_index, np.arange(37, 111))
    expected = [[min(halo, index), min(halo, FRAMES - 1 - index)] for index in range(37, 111)]
    np.testing.assert_array_equal(table.values, expected)


def test_blocks_are_bounded_and_pictures_no_larger_than_asked(film: Path) -> None:
    annotator = Neighbours(2)
    annotate_span(film, info=probe(film), annotators=[annotator], start_frame=0, end_frame=FRAMES)
    assert annotator.longest <= run.BLOCK_FRAMES + 4
    ((height, width, channels),) = annotator.sizes
    assert (max(height, width), channels) == (64, 3)


def test_frame_that_cannot_be_decoded_leaves_a_gap_and_moves_nothing(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = run.decode_frames

    def damaged(path: Path, *, info: VideoInfo, **span: int) -> object:
        for frame in decode(path, info=info, **span):
            if not 60 <= frame.index < 63:
                yield frame

    info, annotators = probe(film), find_annotators()
    whole = annotate_span(film, info=info, annotators=annotators, start_frame=0, end_frame=FRAMES)
    monkeypatch.setattr(run, "decode_frames", damaged)
    for start, end in ((0, FRAMES), (50, 62), (61, 80)):
        holed = annotate_span(film, info=info, annotators=annotators, start_frame=start, end_frame=end)
        signals = collect_signals(
            {name: [table] for name, table in holed.items()}, annotators=annotators, frame_count=FRAMES
        )
        assert np.isnan(signals["exposure.brightness"][60:63]).all()
        if start <= 63 < end:
            assert np.isnan(signals["motion.residual"][63])
        for annotator in annotators:
            for place, column in enumerate(annotator.columns):
                for index in {*range(start, end)} - {60, 61, 62, 63}:
                    expected = whole[annotator.name].values[index, place]
                    np.testing.assert_equal(signals[f"{annotator.name}.{column}"][index], expected)


def test_progress_counts_up_to_the_length_of_the_span(film: Path) -> None:
    told: list[int] = []
    annotate_span(
        film,
        info=probe(film),
        annotators=[Neighbours(1)],
        start_frame=10,
        end_frame=100,
        on_progress=told.append,
    )
    assert told == sorted(told)
    assert told[-1] == 90


def test_empty_span_gives_empty_tables(film: Path) -> None:
    tables = annotate_span(film, info=probe(film), annotators=[Neighbours(1)], start_frame=7, end_frame=7)
    assert tables["neighbours"].values.shape == (0, 2)


def test_span_outside_the_film_is_refused(film: Path) -> None:
    with pytest.raises(ValueError, match="not within the film's 130 frames"):
        annotate_span(film, info=probe(film), annotators=[], start_frame=0, end_frame=131)


def test_sizes_are_halves_of_640_and_then_the_one_asked_for() -> None:
    assert list(size_chain((640, 360), side_px=640)) == []
    assert list(size_chain((640, 360), side_px=320)) == [(320, 180)]
    assert list(size_chain((640, 360), side_px=100)) == [(320, 180), (160, 90), (100, 56)]
    assert list(size_chain((320, 180), side_px=160)) == [(160, 90)]
    assert list(size_chain((50, 40), side_px=160)) == []


def test_two_annotators_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from ava.annotate.exposure import Exposure
    from ava.annotate.motion import Motion

    monkeypatch.setattr(Motion, "name", Exposure.name)
    with pytest.raises(InvalidAnnotator, match="is taken"):
        find_annotators()


def test_gap_between_tables_stays_unmeasured() -> None:
    annotator = Neighbours(0)
    table = AnnotationTable(np.array([1, 3]), np.array([[1, 2], [3, 4]], dtype=np.float32))
    signals = collect_signals({"neighbours": [table]}, annotators=[annotator], frame_count=5)
    np.testing.assert_array_equal(
        signals["neighbours.after"], np.array([np.nan, 2, np.nan, 4, np.nan], np.float32)
    )
