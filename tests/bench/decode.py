"""Decoding against bare PyAV decoding of the same film in the same process: ratios, printed, never judged.

`manage.py bench decode FILM`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import av

from ava.media.decode import decode_frames
from ava.media.probe import probe

ROUNDS = 3
SIDES_PX = (320, 640, 960, None)


def frames_a_second(pictures: Callable[[], Iterable[object]]) -> float:
    """Pictures per second of processor time, so that a busy machine counts little."""
    start = time.process_time()
    count = sum(1 for _ in pictures())
    return count / (time.process_time() - start)


def bare(path: Path) -> Iterable[object]:
    """The film's pictures as plain PyAV gives them, on one thread."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        yield from container.decode(stream)


def main(arguments: Sequence[str]) -> None:
    """Print one line a round: bare frames per second, and the share of it that is left at each size."""
    path = Path(arguments[0])
    start = time.process_time()
    info = probe(path)
    print(f"{info.width} × {info.height}, {info.frame_count} frames, probed in {time.process_time() - start:.2f} s")
    for _ in range(ROUNDS):
        base = frames_a_second(lambda: bare(path))
        shares = {
            side: frames_a_second(lambda side=side: decode_frames(path, info=info, max_side_px=side)) / base  # type: ignore[misc]
            for side in SIDES_PX
        }
        print(f"bare {base:.0f}/s; " + ", ".join(f"{side or 'full'}: {share:.2f}" for side, share in shares.items()))
