"""A reel as a file of each kind, and as a film that a worker makes."""

from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from ava.file_making import cancel
from ava.file_responses import guard
from ava.handoff.cut_list import CutList, mixed_remark
from ava.handoff.cut_tables import csv_text, json_text
from ava.handoff.edl import edl_text
from ava.handoff.edl_lines import UnfitForEdl
from ava.handoff.fcpxml import fcpxml_text
from ava.handoff.otio_timeline import otio_text
from ava.handoff.picture_fit import canvas_size
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


class ExportKind(NamedTuple):
    """One kind of file: its suffix is its name; what it is for, in a line."""

    label: str
    content_type: str
    about: str
    write: Callable[[CutList], str]


EXPORT_KINDS = {
    "otio": ExportKind("OTIO", "application/json", "OpenTimelineIO: every clip at its own rate, exact.", otio_text),
    "edl": ExportKind("EDL", "text/plain; charset=utf-8", "CMX 3600 for Avid, Premiere and Resolve.", edl_text),
    "fcpxml": ExportKind("FCPXML", "application/xml", "For Final Cut Pro and Resolve.", fcpxml_text),
    "csv": ExportKind("CSV", "text/csv; charset=utf-8", "For spreadsheets: one row for each clip.", csv_text),
    "json": ExportKind("JSON", "application/json", "For programs: everything, to the frame.", json_text),
}


def export_response(reel: Reel, *, kind: str, user: User) -> HttpResponse:
    """The reel as a file to save. Raises InvalidReel for one that a file of that kind cannot hold."""
    known = EXPORT_KINDS[kind]
    cuts = cut_list(reel, user=user)
    if not cuts.spans:
        raise InvalidReel("There is no clip to export.")
    try:
        content = known.write(cuts)
    except UnfitForEdl as error:
        raise InvalidReel(str(error)) from error
    response = HttpResponse(content.encode(errors="replace"), content_type=known.content_type)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, file_name(reel, kind)))
    response.headers["Cache-Control"] = "private, no-store"
    guard(response)
    return response


def file_name(reel: Reel, kind: str) -> str:
    """What a browser saves the file as."""
    return f"{safe_name(reel.name, otherwise='reel')}.{kind}"


@transaction.atomic
def request_render(reel: Reel, *, user: User) -> ReelRender:
    """Have a worker make a film of what the user may see of a reel; raises InvalidReel with a sentence."""
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
    remarks = [each for each in (tell_hidden(hidden), mixed_remark(layout), tell_bars(cuts)) if each]
    spans = [[cut.clip.video_id, cut.span.start_frame, cut.span.end_frame] for cut in cuts]
    render = ReelRender.objects.create(
        reel=reel, spans=spans, total_count=layout.frame_count, remarks=remarks, created_by=user
    )
    send_task(RENDER_TASK, render.pk)
    publish_reel(reel)
    return render


def tell_bars(cuts: list[ReelCut]) -> str:
    """A sentence on pictures of other sizes than the first one's; "" where there are none."""
    width, height = canvas_size(cuts[0].film.info)
    others = sorted({canvas_size(cut.film.info) for cut in cuts} - {(width, height)})
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
