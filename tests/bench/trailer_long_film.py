"""A trailer of 150 shots laid against a film of two hours: how long that takes, and whether it is still right.

The film that the trailer was rendered from stands in the middle of two hours of other footage, which is repeated: its
frames are encoded once, in 720p, and joined as packets. Small pictures, which an installation keeps of every film, are
taken from each piece once.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.video.stream import VideoStream

from ava.media.probe import probe
from curation.moments.film_pictures import FilmPictures, sample_film
from tests.bench.trailer_pairs import Pair, render_film, render_pair
from tests.bench.trailer_plans import (
    ASL_1,
    CARS,
    CHAPLIN,
    FILM_FPS,
    FRIDAY,
    GOOGLE,
    POPEYE_1,
    POPEYE_3,
    SIZE_PX,
    STEAMBOAT,
    Plan,
)

LENGTH_FRAMES = 2 * 3600 * 24
LARGE_PX = (1280, 720)
SHOTS_A_KIND = 9
PLAN = Plan(
    "two hours", (POPEYE_1, GOOGLE, ASL_1, CARS, CHAPLIN), ("nasa_13013.mp4", "flower.mp4", "testvideo.mp4"), SIZE_PX,
    FILM_FPS, 23,
)  # fmt: skip
AROUND = (POPEYE_3, STEAMBOAT, FRIDAY)


class LongPair(NamedTuple):
    """A pair whose film begins at ``first_frame`` of a longer one, and that one's pictures."""

    pair: Pair
    film: FilmPictures
    first_frame: int


def render_long_pair(*, data: Path, folder: Path, seed: int = 7) -> LongPair:
    """Render the trailer, and the film amid other footage until it is two hours long."""
    pair = render_pair(PLAN, data=data, folder=folder, seed=seed, shots_a_kind=SHOTS_A_KIND, film_size_px=LARGE_PX)
    around = folder / "around.mp4"
    render_film(around, AROUND, data=data, size_px=LARGE_PX)
    lengths = {path: probe(path).frame_count for path in (pair.film, around)}
    before = (LENGTH_FRAMES - lengths[pair.film]) // lengths[around] // 2
    parts = [around] * before + [pair.film] + [around] * before
    whole = folder / "whole.mp4"
    join_files(parts, whole)
    sampled = {path: sample_film(path, info=probe(path), area=None) for path in lengths}
    starts = np.cumsum([0, *(lengths[path] for path in parts)])
    film = FilmPictures(
        whole,
        probe(whole),
        None,
        np.concatenate([sampled[path].tiles for path in parts]),
        np.concatenate([start + sampled[path].tile_frames for start, path in zip(starts, parts, strict=False)]),
    )
    return LongPair(pair, film, int(starts[before]))


def join_files(parts: Sequence[Path], path: Path) -> None:
    """Join files of one encoder, rate and size to one film, without decoding: pictures only."""
    with av.open(str(path), "w", format="mp4") as joined, av.open(str(parts[0])) as model:
        target = joined.add_stream_from_template(model.streams.video[0])
        frames = 0
        for part in parts:
            frames += _copy(part, joined, target, after=frames / FILM_FPS)


def _copy(part: Path, joined: av.container.OutputContainer, target: VideoStream, *, after: Fraction) -> int:
    """Append a file's packets behind what is joined already; returns how many there were."""
    count = 0
    with av.open(str(part)) as source:
        stream = source.streams.video[0]
        assert stream.time_base is not None
        shift = round(after / stream.time_base)
        for packet in source.demux(stream):
            if packet.pts is None or packet.dts is None:
                continue
            packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, target
            joined.mux(packet)
            count += 1
    return count
