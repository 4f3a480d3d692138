"""A trailer of about 150 shots in a film of two hours: whether all is still found, in how much time and memory."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from ava.media.colour import to_gray
from ava.media.decode import decode_frames
from ava.media.probe import probe
from tests.bench.accuracy_trailer_match import is_right, judge_passage, match_file, without_black
from tests.bench.figures import Figure
from tests.bench.trailer_long_film import LongPair, render_long_pair

SECTION = "trailer match, a film of two hours"


def measure(data: Path | None) -> list[Figure]:
    """Recall, precision and processor time; nothing without footage."""
    if data is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        return _judge(render_long_pair(data=data, folder=Path(folder)))


def _judge(long_pair: LongPair) -> list[Figure]:
    pair, first = long_pair.pair, long_pair.first_frame
    began = time.process_time()
    match, seconds = match_file(pair.trailer, long_pair.film)
    own_s = time.process_time() - began
    info = probe(pair.film)
    pictures = np.stack([to_gray(frame.rgb) for frame in decode_frames(pair.film, info=info, max_side_px=160)])
    origins = [without_black(origin, pictures) for origin in pair.origins]
    passages = [
        each._replace(
            film_start=each.film_start - first, film_end=each.film_end - first, first_frame=each.first_frame - first
        )
        for each in match.passages
    ]
    reused = [origin for origin in origins if origin.film_frames is not None]
    found = [any(is_right(each, origin, pictures) for each in passages) for origin in reused]
    right = [judge_passage(each, origins, pictures)[1] for each in passages]
    film_s = long_pair.film.info.frame_count / long_pair.film.fps
    truth = f"{len(reused)} reused shots of {len(origins)}, {len(passages)} passages told, {film_s / 60:.0f} minutes"
    return [
        Figure(SECTION, "recall of reused shots", float(np.mean(found)), "", truth),
        Figure(SECTION, "precision of what is told", float(np.mean(right)), "", truth),
        Figure(SECTION, "matching the trailer", seconds, "s", "from analysed files, one thread, small pictures given"),
        Figure(SECTION, "processor time, the trailer's own analysis included", own_s, "s", "720p, H.264"),
    ]
