"""When there is dialogue, as subtitles tell, and how much of it falls into the time of each track."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections
from ava.annotate.text import Text
from ava.annotate.text_kinds import TextKind
from ava.media.subtitles import Cue, is_speech
from ava.media.video_info import VideoInfo

NEAR_S = 1.0
"""So long before and after its subtitle a line may be spoken, or heard and answered by a look."""

LEAST_SHARE = 0.02
"""Subtitles that cover less of a film are for signs and foreign words; they do not tell when there is dialogue."""

LONGEST_LINE_S = 4.0
"""How far from a frame in which burned-in words were seen they may still have stood; most lines stand 2 to 6 s."""

LEAST_BURNED_IN = 3
"""So many different texts make subtitles of what might be a sign."""


def spans_of_cues(cues: Sequence[Cue], *, duration_s: float) -> NDArray[np.float64] | None:
    """Give the spans in which something is said: ``float64 (S, 2)`` starts and ends in seconds, apart and rising.

    None where the cues do not tell: there are none, or next to none for a film of ``duration_s``. Cues that only
    name sounds or songs are no dialogue.
    """
    if not cues:
        return None
    spoken = np.array([(cue.start_s, cue.end_s) for cue in cues if is_speech(cue.text)], dtype=np.float64)
    return _unless_sparse(join_spans(spoken.reshape(-1, 2)), duration_s=duration_s)


def spans_of_burned_in(
    text: Detections, *, looked_at: NDArray[np.int64], times_s: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Estimate when subtitles that are part of the picture stand there, as ``spans_of_cues`` does.

    ``text`` is the settled table of the detector of that name, ``looked_at`` ``int64 (L,)`` the frames it has looked
    at, rising, ``times_s`` as from ``frame_times``. A subtitle stands until half-way to the next look, at most
    ``LONGEST_LINE_S``; None where there are too few.
    """
    is_subtitle = text.values[:, Text.columns.index("kind")] == TextKind.SUBTITLE
    texts = {"".join(text.words[row].casefold().split()) for row in np.flatnonzero(is_subtitle)}
    if len(texts) < LEAST_BURNED_IN:
        return None
    looked_s, seen_s = times_s[looked_at], times_s[np.unique(text.frame_index[is_subtitle])]
    edges = np.concatenate([times_s[:1], (looked_s[1:] + looked_s[:-1]) / 2, times_s[-1:]])
    look = np.searchsorted(looked_s, seen_s)
    start = np.maximum(edges[look], seen_s - LONGEST_LINE_S / 2)
    end = np.minimum(edges[look + 1], seen_s + LONGEST_LINE_S / 2)
    spans = join_spans(np.stack([start, end], axis=1))
    return _unless_sparse(spans, duration_s=float(times_s[-1] - times_s[0]))


def frame_times(info: VideoInfo) -> NDArray[np.float64]:
    """When players show each frame, and when the last one ends: ``float64 (N + 1,)`` seconds."""
    times_s = info.frame_pts * float(info.time_base) - float(info.time_origin_s)
    return np.append(times_s, max(times_s[0] + info.duration_s, times_s[-1]))


def join_spans(spans: NDArray[np.float64]) -> NDArray[np.float64]:
    """Join spans ``(S, 2)`` of seconds that overlap or touch; the result rises, those of no length are left out."""
    spans = spans[spans[:, 1] > spans[:, 0]]
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    if not len(spans):
        return spans
    reach = np.maximum.accumulate(spans[:, 1])
    heads = np.flatnonzero(np.concatenate([[True], spans[1:, 0] > reach[:-1]]))
    return np.stack([spans[heads, 0], reach[np.append(heads[1:], len(spans)) - 1]], axis=1)


def dialogue_share(
    spans: NDArray[np.float64] | None, tracks: NDArray[np.float64], *, near_s: float = NEAR_S
) -> NDArray[np.float32]:
    """Give the share of each track's time that lies in dialogue or within ``near_s`` of it: ``float32 (T,)`` 0–1.

    ``spans`` as from ``spans_of_cues``, ``tracks`` ``float64 (T, 2)`` starts and ends in seconds. NaN without spans,
    and for a track of no length.
    """
    if spans is None:
        return np.full(len(tracks), np.nan, dtype=np.float32)
    near = join_spans(spans + np.array([-near_s, near_s]))
    edges = near.ravel()
    spoken = np.cumsum(np.stack([np.zeros(len(near)), near[:, 1] - near[:, 0]], axis=1).ravel())
    # Dialogue until a moment grows within spans and stands still between them.
    until = np.interp(tracks, edges, spoken) if len(edges) else np.zeros_like(tracks)
    length = tracks[:, 1] - tracks[:, 0]
    share = np.divide(until[:, 1] - until[:, 0], length, out=np.full(len(tracks), np.nan), where=length > 0)
    return np.asarray(np.clip(share, 0, 1), dtype=np.float32)


def _unless_sparse(spans: NDArray[np.float64], *, duration_s: float) -> NDArray[np.float64] | None:
    covered_s = float((spans[:, 1] - spans[:, 0]).sum())
    return spans if covered_s > 0 and covered_s >= LEAST_SHARE * duration_s else None
