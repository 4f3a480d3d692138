"""Chunks cover a film once, begin on keyframes where they can, and grow from short to long."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ava.media.chunks import Chunk, plan_chunks
from ava.media.decode import decode_frames
from ava.media.probe import probe
from ava.media.video_info import VideoInfo
from tests.footage import noisy_picture, write_film


@pytest.fixture(scope="module")
def short_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", frames=90, gop=9, picture=noisy_picture)


def long_film(short: Path, *, length_s: float, keyframes_s: list[float], fps: int = 25) -> VideoInfo:
    """What probing a long film with these keyframes would tell."""
    count = round(length_s * fps)
    return replace(
        probe(short),
        time_base=Fraction(1, 1000),
        frame_pts=np.arange(count, dtype=np.int64) * (1000 // fps),
        keyframes=np.unique(np.round(np.array([at_s for at_s in keyframes_s if at_s < length_s - 1]) * fps)).astype(
            np.int64
        ),
        seek_stamps=None,
    )


def assert_covers_once(chunks: list[Chunk], *, frame_count: int) -> None:
    assert chunks[0].start_frame == 0
    assert chunks[-1].end_frame == frame_count
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    for before, after in pairwise(chunks):
        assert before.start_frame < before.end_frame == after.start_frame


def lengths_s(chunks: list[Chunk], *, fps: int = 25) -> list[float]:
    return [(chunk.end_frame - chunk.start_frame) / fps for chunk in chunks]


def test_chunks_grow_and_begin_on_keyframes(short_film: Path) -> None:
    info = long_film(short_film, length_s=600, keyframes_s=list(np.arange(0, 600, 2.0)))
    chunks = plan_chunks(info)
    assert_covers_once(chunks, frame_count=info.frame_count)
    assert lengths_s(chunks)[:8] == [6, 6, 12, 12, 24, 24, 48, 48]
    assert max(lengths_s(chunks)) <= 90
    assert {chunk.start_frame for chunk in chunks} <= set(info.keyframes.tolist())


def test_the_plan_is_the_same_every_time(short_film: Path) -> None:
    keyframes_s = list(np.cumsum(np.random.default_rng(5).uniform(0.4, 10, 300)))
    info = long_film(short_film, length_s=1500, keyframes_s=[0.0, *keyframes_s])
    assert plan_chunks(info) == plan_chunks(info)
    assert_covers_once(plan_chunks(info), frame_count=info.frame_count)
    assert max(lengths_s(plan_chunks(info))) <= 90


def test_a_film_with_one_keyframe_is_not_decoded_again_and_again(short_film: Path) -> None:
    chunks = plan_chunks(long_film(short_film, length_s=7200, keyframes_s=[0.0]))
    assert_covers_once(chunks, frame_count=7200 * 25)
    assert len(chunks) == 2
    assert lengths_s(chunks)[0] == 6


def test_long_groups_of_pictures_cost_at_most_double(short_film: Path) -> None:
    info = long_film(short_film, length_s=1200, keyframes_s=list(np.arange(0, 1200, 30.0)))
    chunks = plan_chunks(info)
    assert_covers_once(chunks, frame_count=info.frame_count)
    for chunk in chunks:
        keyframe = info.keyframes[np.searchsorted(info.keyframes, chunk.start_frame, side="right") - 1]
        assert chunk.start_frame - keyframe <= chunk.end_frame - chunk.start_frame


def test_a_short_film_is_one_chunk(short_film: Path) -> None:
    assert plan_chunks(probe(short_film)) == [Chunk(0, 0, 90)]


def test_one_frame_and_long_pauses_are_covered(short_film: Path) -> None:
    info = probe(short_film)
    one = replace(info, frame_pts=info.frame_pts[:1], keyframes=info.keyframes[:1])
    assert plan_chunks(one) == [Chunk(0, 0, 1)]
    slides = replace(info, frame_pts=np.arange(90, dtype=np.int64) * 100 * info.time_base.denominator)
    assert_covers_once(plan_chunks(slides), frame_count=90)


def test_chunks_together_are_the_whole_film_to_the_last_bit(short_film: Path) -> None:
    info = probe(short_film)
    whole = {frame.index: frame.rgb for frame in decode_frames(short_film, info=info, max_side_px=48)}
    seen: list[int] = []
    for chunk in plan_chunks(info, first_s=0.3, longest_s=0.9):
        for frame in decode_frames(
            short_film, info=info, start_frame=chunk.start_frame, end_frame=chunk.end_frame, max_side_px=48
        ):
            assert np.array_equal(frame.rgb, whole[frame.index])
            seen.append(frame.index)
    assert seen == list(range(90))
