"""Results as the API and the shell tell them: plain values, ready for JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from ava.models import User, Video
from ava.selectors import access_videos
from search.embed.hits import Hit, Reason
from search.engine import Results


def tell_results(results: Results, *, user: User) -> dict[str, Any]:
    """``results`` as the page lists them, ``notes``, whether all are weak, and milliseconds by step."""
    titles = _titles(results.hits, user=user)
    return {
        "results": [_tell_hit(hit, titles) for hit in results.hits if hit.video_id in titles],
        "notes": list(results.notes),
        "is_weak": results.is_weak,
        "took_ms": results.took_ms,
    }


def _tell_hit(hit: Hit, titles: Mapping[int, Video]) -> dict[str, Any]:
    video = titles[hit.video_id]
    return {
        "title": video.title.name,
        "title_id": video.title_id,
        "video": video.pk,
        "start_frame": hit.start_frame,
        "end_frame": hit.end_frame,
        "score": round(hit.score, 6),
        "why": [_tell_reason(reason) for reason in hit.reasons],
    }


def _tell_reason(reason: Reason) -> dict[str, Any]:
    return {
        "source": reason.source,
        "text": reason.text,
        "strength": round(reason.strength_unit, 4),
        "marks": [list(mark) for mark in reason.marks],
        "frame": reason.frame,
    }


def _titles(hits: Sequence[Hit], *, user: User) -> dict[int, Video]:
    """Asked for anew: a film that was taken away since the search is not told of."""
    videos = access_videos(user).filter(pk__in={hit.video_id for hit in hits})
    return {video.pk: video for video in videos.select_related("title").only("title__name")}
