"""Reviewing flags: permission, one call, and an answer for forms and scripts alike."""

import math
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from ava.form_answers import answer
from ava.form_numbers import KEY_DIGITS, read_number
from ava.models import Title, Video
from ava.page_parts import render_page
from ava.roles import may_review, require_reviewer
from ava.selectors import access_titles
from qc.claims import claim_flag, claim_next, release, renew
from qc.decision_undo import redo, undo
from qc.decisions import FlagHeld, InvalidDecision, decide
from qc.emptiness import explain_emptiness
from qc.flag_adding import add_flag
from qc.flag_cards import describe_flag
from qc.models import PixelFlag
from qc.review_pages import (
    ORDER_NAMES,
    SHOWN_WITH,
    Sitting,
    flag_of,
    neighbour,
    progress_message,
    review_page,
)
from qc.review_queue import ANY_STATE, progress
from qc.scan_services import may_scan
from qc.selectors import access_pixel_flags

ACTION = "judge its pixel flags"
MOST_HELD = 20
"""Claims that a page takes again at a time."""


@require_GET
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One flag of a title's queue; a script gets the flag's part alone."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    if "before" in request.GET or "after" in request.GET:
        return _step(request, title)
    is_reviewer = may_review(request.user, title_id=title.pk)
    page = review_page(title, user=request.user, may_review=is_reviewer, query=request.GET)
    context = {
        "title": title,
        "page": page,
        "card": page.card,
        "may_review": is_reviewer,
        "may_scan": may_scan(request.user, title_id=pk),
        "orders": ORDER_NAMES,
        "kinds": PixelFlag.Kind.choices,
        "states": [("", "Waiting for you"), *PixelFlag.State.choices, (ANY_STATE, "All")],
        "empty": None if page.card else explain_emptiness(title, progress=page.progress),
    }
    return render_page(request, page="qc/review.html", part="qc/_review_flag.html", context=context)


@require_GET
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """Any flag by its number: leads to the review page with it."""
    found = get_object_or_404(access_pixel_flags(request.user).select_related("video__title"), pk=pk)
    return HttpResponseRedirect(Sitting.read(request.GET).address(found.video.title, flag=found.pk))


@require_POST
def decide_flag(request: HttpRequest, pk: int) -> HttpResponse:
    flags = access_pixel_flags(request.user).select_related("video__title", "shot")
    found = get_object_or_404(flags, pk=pk)
    title = found.video.title
    require_reviewer(request.user, title_id=title.pk, action=ACTION)
    sitting = Sitting.read(request.POST)
    fields = request.POST
    try:
        done = decide(found, user=request.user, verdict=fields.get("verdict", ""), scope=fields.get("scope", "one"))
    except InvalidDecision as error:
        status = 409 if isinstance(error, FlagHeld) else 400
        return answer(request, {"detail": str(error)}, fallback=sitting.address(title), status=status)
    told = {"sentence": done.sentence, "flags": done.flags, "progress": _progress(request, title)}
    return answer(request, told, fallback=sitting.address(title))


@require_POST
def undo_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the person's last action, or, with `again`, do again what they took back last."""
    title = _title_to_review(request, pk)
    sitting, is_again = Sitting.read(request.POST), "again" in request.POST
    undone = redo(title, user=request.user) if is_again else undo(title, user=request.user)
    if undone is None:
        told = {"detail": f"There is nothing left to {'do again' if is_again else 'undo'}."}
        return answer(request, told, fallback=sitting.address(title), status=409)
    told = {"sentence": undone.sentence, "flags": undone.flags, "progress": _progress(request, title)}
    return answer(request, told, fallback=sitting.address(title, flag=undone.flags[0]))


@require_POST
def next_flag(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the claims of an open page (`hold`), let go of others (`release`), and claim one more flag (`want`).

    JSON: `flag` and its `part` of the page, null and empty when none is left; `held`, the flags still held. A plain
    form, or a page that is being left, which asks for nothing, is led to the flag.
    """
    title = _title_to_review(request, pk)
    sitting = Sitting.read(request.POST)
    held = _hold(request, title)
    release(request.user, _numbers(request, "release"))
    wants = request.POST.get("want", "1") != "0"
    found = _claim(request, title, sitting=sitting) if wants else None
    told: dict[str, Any] = {"flag": found.pk if found else None, "part": "", "held": sorted(held)}
    if found:
        context = {"title": title, "card": describe_flag(found, user=request.user), "may_review": True}
        context |= {"sitting": sitting}
        told["part"] = render_to_string("qc/_flag.html", context, request)
    told["progress"] = _progress(request, title)
    more = {"flag": found.pk} if found else {}
    return answer(request, told, fallback=sitting.address(title, **more))


@require_POST
def flag_add(request: HttpRequest, pk: int) -> HttpResponse:
    """A reviewer marks an error that no scan raised: `video`, `frame`, and `x`, `y` in pixels of the upright frame."""
    title = _title_to_review(request, pk)
    sitting = Sitting.read({})  # `video` names the film that the place is in, and narrows no queue
    try:
        video = title.videos.get(pk=_whole(request, "video"))
        place = {"frame_index": _whole(request, "frame"), "x": _real(request, "x"), "y": _real(request, "y")}
        added = add_flag(video, **place, user=request.user)
    except (Video.DoesNotExist, InvalidDecision) as error:
        detail = str(error) if isinstance(error, InvalidDecision) else "This title has no such film."
        seen = flag_of(title, request.POST.get("flag", ""))
        more = {"flag": seen.pk} if seen else {}
        return answer(request, {"detail": detail}, fallback=sitting.address(title, **more), status=400)
    sentence = f"Added: a pixel error at {added.x:.0f}, {added.y:.0f} in frame {added.frame_index}."
    told = {"sentence": sentence, "flag": added.pk, "progress": _progress(request, title)}
    return answer(request, told, fallback=sitting.address(title, flag=added.pk))


def _whole(request: HttpRequest, name: str) -> int:
    number = read_number(request.POST.get(name, ""), digits=KEY_DIGITS)
    if number is None:
        raise InvalidDecision(f"Give {name} as a whole number.")
    return number


def _real(request: HttpRequest, name: str) -> float:
    try:
        number = float(request.POST.get(name, ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidDecision(f"Give {name} as a number of pixels.")
    return number


def _hold(request: HttpRequest, title: Title) -> set[int]:
    """Keep claims, and take those again that were let go or ran out; returns the flags that are held."""
    asked = _numbers(request, "hold")
    held = renew(request.user, asked)
    lost = PixelFlag.objects.filter(video__title=title, pk__in=set(asked) - held)
    return held | {flag.pk for flag in lost[:MOST_HELD] if claim_flag(flag, user=request.user)}


def _claim(request: HttpRequest, title: Title, *, sitting: Sitting) -> PixelFlag | None:
    skip = _numbers(request, "hold", "passed")
    found = claim_next(title, user=request.user, order=sitting.order, filters=sitting.filters, skip=skip)
    return PixelFlag.objects.select_related(*SHOWN_WITH).get(pk=found.pk) if found else None


def _step(request: HttpRequest, title: Title) -> HttpResponse:
    """Lead to the flag before or after one; at the queue's end, back to it with a sentence."""
    is_after, sitting = "after" in request.GET, Sitting.read(request.GET)
    found = flag_of(title, request.GET["after" if is_after else "before"])
    if found is None:
        return HttpResponseRedirect(sitting.address(title))
    beyond = neighbour(title, user=request.user, sitting=sitting, flag=found, is_after=is_after)
    if beyond is None:
        messages.info(request, f"This is the {'last' if is_after else 'first'} flag of the queue.")
    return HttpResponseRedirect(sitting.address(title, flag=beyond or found.pk))


def _progress(request: HttpRequest, title: Title) -> dict[str, Any]:
    return progress_message(progress(title, user=request.user))


def _numbers(request: HttpRequest, *names: str) -> list[int]:
    """Flags that a form names, separated by commas; what is no number is left out."""
    words = [word for name in names for word in request.POST.get(name, "").split(",")]
    return [number for word in words if (number := read_number(word, digits=KEY_DIGITS)) is not None][-500:]


def _title_to_review(request: HttpRequest, pk: int) -> Title:
    title = get_object_or_404(access_titles(request.user), pk=pk)
    require_reviewer(request.user, title_id=title.pk, action=ACTION)
    return title
