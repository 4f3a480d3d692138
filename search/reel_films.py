"""The films of a reel's clips, as far as somebody may see them, and the clips as a list of cuts to hand on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.utils import timezone

from ava.handoff.cut_list import CutList, CutSpan, Layout, lay_out, mixed_remark
from ava.handoff.films import Film, Span, describe_film, describe_spans
from ava.media.video_info import VideoInfo
from ava.models import User, Video
from ava.selectors import access_videos
from ava.video_facts import video_info
from search.models import Reel, ReelClip
from search.reel_steps import REEL
from search.reels import standing_clips


class ReelFilm(NamedTuple):
    """A film of which something is in a reel."""

    video: Video
    info: VideoInfo
    film: Film


class ReelCut(NamedTuple):
    """A clip that its reader may see, with its film and span."""

    clip: ReelClip
    film: ReelFilm
    span: Span


def seen_films(clips: Iterable[ReelClip], *, user: User | None) -> dict[int, ReelFilm]:
    """The clips' films that the user may see, by their numbers; two queries however many there are."""
    if user is None:
        return {}
    wanted = {clip.video_id for clip in clips}
    found = access_videos(user).filter(pk__in=wanted).select_related("title")
    films = {}
    for video in found:
        info = video_info(video)
        films[video.pk] = ReelFilm(video, info, describe_film(info, name=video.original_name))
    return films


def cut_of(clip: ReelClip, films: Mapping[int, ReelFilm]) -> ReelCut | None:
    """The clip with its film and span; None where it is not to be seen."""
    film = films.get(clip.video_id)
    if film is None:
        return None
    told = describe_spans(film.info, spans=[(clip.in_frame, clip.out_frame)])
    return ReelCut(clip, film, told[0]) if told else None


def seen_cuts(reel: Reel, *, user: User | None) -> list[ReelCut]:
    """The clips in a reel that the user may see, in their order."""
    clips = standing_clips(reel)
    films = seen_films(clips, user=user)
    return [cut for clip in clips if (cut := cut_of(clip, films)) is not None]


def cut_span(cut: ReelCut) -> CutSpan:
    """A clip as hand-offs tell it."""
    return CutSpan(str(cut.film.video.title), cut.film.film, cut.span, cut.clip.note)


def layout_of(cuts: Sequence[ReelCut]) -> Layout:
    """Where each of the clips comes in what they make."""
    return lay_out([cut_span(cut) for cut in cuts])


def cut_list(reel: Reel, *, user: User, handle_frames: int = 0) -> CutList:
    """A reel as a hand-off: what the user may see of it, with sentences on what is left out or fitted.

    With handles, every clip has so many frames more at both ends, as far as its film goes.
    """
    cuts = [_with_handles(cut, handle_frames) for cut in seen_cuts(reel, user=user)]
    spans = tuple(cut_span(cut) for cut in cuts)
    hidden = reel.clips.filter(is_in=True).count() - len(cuts)
    handles = f"Every clip has up to {handle_frames} frames more at both ends." if handle_frames else ""
    remarks = [tell_hidden(hidden), tell_gone(reel), mixed_remark(lay_out(spans)), handles]
    return CutList(
        reel.name, timezone.now().isoformat(timespec="seconds"), spans, tuple(each for each in remarks if each)
    )


def _with_handles(cut: ReelCut, frames: int) -> ReelCut:
    start, end = cut.span.start_frame - frames, cut.span.end_frame + frames
    (wider,) = describe_spans(cut.film.info, spans=[(start, end)])
    return cut._replace(span=wider)


def tell_hidden(count: int) -> str:
    """A sentence on clips that are no longer the reader's to see; "" for none."""
    if not count:
        return ""
    return "1 clip is no longer yours to see and stays out." if count == 1 else (
        f"{count} clips are no longer yours to see and stay out."
    )  # fmt: skip


def tell_gone(reel: Reel) -> str:
    """A sentence on clips that went with their films, which somebody has deleted; "" for none."""
    was_in: dict[str, bool] = {}
    for after in reel.steps.filter(stands=True).order_by("id").values_list("after", flat=True):
        for key, fields in after.items():
            if key != REEL:
                was_in[key] = (fields or {}).get("is_in", was_in.get(key, True))
    there = {str(pk) for pk in reel.clips.values_list("pk", flat=True)}
    count = sum(is_in for key, is_in in was_in.items() if key not in there)
    if not count:
        return ""
    return "1 clip went with its film, which has been deleted." if count == 1 else (
        f"{count} clips went with their films, which have been deleted."
    )  # fmt: skip
