"""A reel as a file of each kind, and as a film that a worker makes."""

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from ava.file_making import cancel
from ava.file_responses import guard
from ava.form_numbers import read_number
from ava.handoff.cut_list import mixed_remark
from ava.handoff.edl_lines import UnfitForEdl
from ava.handoff.kinds import HANDOFF_KINDS
from ava.handoff.render_plan import FULL, PREVIEW, canvas_size
from ava.messages import send_task
from ava.models import User
from ava.selectors import access_videos
from ava.work_models import OPEN_STATES
from curation.exports.file_names import safe_name
from search.models import Reel, ReelRender
from search.reel_films import ReelCut, cut_list, layout_of, seen_cuts, tell_hidden
from search.reel_live import publish_reel
from search.reel_steps import take_reel
from search.reels import InvalidReel

LONGEST_FILM_S = 3600
RENDER_TASK = "search.reel_tasks.render_reel"
MOST_OPEN = 3
"""Films that one person may have in the making."""


EXPORT_KINDS = HANDOFF_KINDS
MOST_HANDLE_FRAMES = 1000


def export_response(reel: Reel, *, kind: str, user: User, handles: str = "") -> HttpResponse:
    """The reel as a file to save, each clip with so many frames more at both ends.

    Raises InvalidReel for one that a file of that kind cannot hold, and for handles that are no number.
    """
    known = EXPORT_KINDS[kind]
    cuts = cut_list(reel, user=user, handle_frames=_read_handles(handles))
    if not cuts.spans:
        raise InvalidReel("There is no clip to export.")
    try:
        content = known.write(cuts)
    except UnfitForEdl as error:
        raise InvalidReel(str(error)) from error
    response = HttpResponse(content.encode(errors="replace"), content_type=known.content_type)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, file_name(reel, known.suffix)))
    response.headers["Cache-Control"] = "private, no-store"
    guard(response)
    return response


def file_name(reel: Reel, suffix: str) -> str:
    """What a browser saves the file as."""
    return f"{safe_name(reel.name, otherwise='reel')}{suffix}"


def _read_handles(text: str) -> int:
    if not text.strip():
        return 0
    frames = read_number(text.strip())
    if frames is None or frames > MOST_HANDLE_FRAMES:
        raise InvalidReel(f"Handles are a number of frames from 0 to {MOST_HANDLE_FRAMES}.")
    return frames


@transaction.atomic
def request_render(reel: Reel, *, user: User, preview: bool = False) -> ReelRender:
    """Have a worker make a film of what the user may see of a reel, or a preview of it, which is made sooner.

    Raises InvalidReel with a sentence.
    """
    reel = take_reel(reel)
    if open_render := reel.renders.filter(state__in=OPEN_STATES).first():
        raise InvalidReel(f"A film of this reel is {open_render.get_state_display().lower()} already.")
    if ReelRender.objects.filter(created_by=user, state__in=OPEN_STATES).count() >= MOST_OPEN:
        raise InvalidReel(f"You have {MOST_OPEN} films in the making; wait for one of them, or cancel it.")
    cuts = seen_cuts(reel, user=user)
    if not cuts:
        raise InvalidReel("There is no clip to make a film of.")
    layout = layout_of(cuts)
    if layout.frame_count / layout.rate > LONGEST_FILM_S:
        raise InvalidReel(f"A film is at most {LONGEST_FILM_S // 60} minutes long; take clips out or trim them.")
    hidden = reel.clips.filter(is_in=True).count() - len(cuts)
    remarks = [each for each in (tell_hidden(hidden), mixed_remark(layout), tell_bars(cuts, preview=preview)) if each]
    spans = [[cut.clip.video_id, cut.span.start_frame, cut.span.end_frame] for cut in cuts]
    render = ReelRender.objects.create(
        reel=reel, spans=spans, total_count=layout.frame_count, remarks=remarks, created_by=user, is_preview=preview
    )
    send_task(RENDER_TASK, render.pk)
    publish_reel(reel)
    return render


def tell_bars(cuts: list[ReelCut], *, preview: bool) -> str:
    """A sentence on pictures of other sizes than the first one's; "" where there are none."""
    quality = PREVIEW if preview else FULL
    width, height = canvas_size(cuts[0].film.info, quality=quality)
    others = sorted({canvas_size(cut.film.info, quality=quality) for cut in cuts} - {(width, height)})
    if not others:
        return ""
    told = ", ".join(f"{other[0]} × {other[1]}" for other in others)
    return f"Pictures of {told} are fitted into {width} × {height}, with black bars where their shape is another."


def cancel_render(render: ReelRender) -> bool:
    """Stop a film that waits or is being made; False when it is over already."""
    return cancel(render, publish=lambda stopped: publish_reel(stopped.reel))


def newest_render(reel: Reel, *, user: User) -> ReelRender | None:
    """The film of a reel that was asked for last, of those whose every picture the user may see."""
    for render in reel.renders.select_related("created_by", "reel")[:10]:
        videos = {span[0] for span in render.spans}
        if access_videos(user).filter(pk__in=videos).count() == len(videos):
            return render
    return None


def render_to_send(reel: Reel, *, user: User) -> ReelRender:
    """The newest film that is whole; raises Http404 where there is none for the user."""
    render = newest_render(reel, user=user)
    if render is None or not render.file:
        raise Http404("There is no film of this reel.")
    return render
