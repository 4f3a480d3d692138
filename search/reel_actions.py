"""What forms and scripts do to a reel: each reads its fields, does one thing, and says what it did."""

from collections.abc import Callable

from django.http import HttpRequest

from ava.selectors import access_videos
from search import reels as made
from search.models import Reel, ReelClip
from search.reel_forms import frame_reader, read_before, read_clip, read_spans
from search.reel_lengths import tell_proposed
from search.reels import InvalidReel
from search.string_out_wishes import read_changes
from search.string_outs import add_more_like, fit_to_length, propose_again, wish_of
from search.views import REEL_IN_USE


def _add(request: HttpRequest, found: Reel) -> str:
    spans = read_spans(request.POST.getlist("clip"))
    made.add_clips(found, spans, user=request.user, before=read_before(request.POST.get("before", "")))
    return "Added." if len(spans) == 1 else f"{len(spans)} clips are added."


def _move(request: HttpRequest, found: Reel) -> str:
    clip = read_clip(found, request.POST.get("number", ""))
    step = made.move_clip(clip, before=read_before(request.POST.get("before", "")), user=request.user)
    return "Moved." if step else ""


def _trim(request: HttpRequest, found: Reel) -> str:
    clip = _seen_clip(request, found)
    read = frame_reader(clip.video)
    ends = {name: read(request.POST.get(name, "")) for name in ("in_frame", "out_frame")}
    # A form sends both ends as it showed them: what its person left alone stays as a colleague may have set it.
    shown = {name: request.POST.get(f"{name}_shown", "") for name in ends}
    ends = {name: None if read(shown[name]) == value else value for name, value in ends.items()}
    step = made.trim_clip(clip, user=request.user, **ends)
    return "Trimmed." if step else ""


def _note(request: HttpRequest, found: Reel) -> str:
    clip = _seen_clip(request, found)
    step = made.note(clip, text=request.POST.get("text", ""), user=request.user)
    return "Noted." if step else ""


def _take_out(request: HttpRequest, found: Reel) -> str:
    made.take_out(read_clip(found, request.POST.get("number", "")), user=request.user)
    return "Taken out. It can be brought back."


def _bring_back(request: HttpRequest, found: Reel) -> str:
    made.bring_back(read_clip(found, request.POST.get("number", "")), user=request.user)
    return "It is back."


def _rename(request: HttpRequest, found: Reel) -> str:
    made.rename_reel(found, name=request.POST.get("name", ""), user=request.user)
    return "Saved."


def _delete(request: HttpRequest, found: Reel) -> str:
    made.delete_reel(found, user=request.user)
    return f"“{found}” is deleted. It can be brought back here."


def _restore(request: HttpRequest, found: Reel) -> str:
    made.restore_reel(found, user=request.user)
    return f"“{found}” is back."


def _use(request: HttpRequest, found: Reel) -> str:
    request.session[REEL_IN_USE] = found.pk
    return f"What you collect goes into “{found}”."


def _propose_again(request: HttpRequest, found: Reel) -> str:
    step = propose_again(found, read_changes(request.POST, wish_of(found)), user=request.user)
    return tell_proposed(found, user=request.user) if step else "Nothing else is proposed: this is it already."


def _fit(request: HttpRequest, found: Reel) -> str:
    step = fit_to_length(found, user=request.user)
    return tell_proposed(found, user=request.user) if step else "What people did to the clips leaves nothing to fit."


def _more_like(request: HttpRequest, found: Reel) -> str:
    add_more_like(_seen_clip(request, found), user=request.user)
    return "The moment most like it is behind it."


ACTIONS: dict[str, Callable[[HttpRequest, Reel], str]] = {
    "add": _add,
    "move": _move,
    "trim": _trim,
    "note": _note,
    "take-out": _take_out,
    "bring-back": _bring_back,
    "rename": _rename,
    "delete": _delete,
    "restore": _restore,
    "use": _use,
    "propose-again": _propose_again,
    "fit": _fit,
    "more-like": _more_like,
}


def _seen_clip(request: HttpRequest, found: Reel) -> ReelClip:
    """A clip of which one may know more than that it is there."""
    clip = read_clip(found, request.POST.get("number", ""))
    if not access_videos(request.user).filter(pk=clip.video_id).exists():
        raise InvalidReel("This clip is no longer yours to see; you can move it or take it out.")
    return clip
