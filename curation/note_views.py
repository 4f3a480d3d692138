"""Notes on frames, and the page of what mentions one: permission, one call, an answer."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from ava.form_answers import answer
from ava.models import Video
from ava.page_parts import wants_json
from ava.roles import require_editor
from ava.selectors import access_videos
from curation import notes
from curation.notes import InvalidNote
from curation.selectors import access_mentions, access_notes

MENTIONS_A_PAGE = 30


@require_POST
def still_note(request: HttpRequest, pk: int, frame: int) -> HttpResponse:
    """Write a note on a frame; everybody who sees the film reads it, its editors write."""
    video = get_object_or_404(access_videos(request.user).select_related("title"), pk=pk)
    require_editor(request.user, title_id=video.title_id, action="write notes on its stills")
    page = still_address(video, frame)
    try:
        note = notes.write_note(video, frame_index=frame, user=request.user, text=request.POST.get("text", ""))
    except InvalidNote as error:
        return answer(request, {"detail": str(error)}, fallback=page, status=400)
    return answer(request, {"note": note.pk, "sentence": "The note is there."}, fallback=page)


@require_POST
def note_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own note away; it is kept and no longer shown."""
    note = get_object_or_404(access_notes(request.user).select_related("video__title", "user"), pk=pk)
    if note.user_id != request.user.pk:
        raise PermissionDenied("Only who has written a note can withdraw it.")
    notes.withdraw_note(note)
    page = still_address(note.video, note.frame_index)
    return answer(request, {"note": note.pk, "sentence": "The note is withdrawn."}, fallback=page)


@require_http_methods(["GET", "HEAD", "POST"])
def mentions(request: HttpRequest) -> HttpResponse:
    """Where one is named, newest first; for scripts how much of it is new. POST marks all of it as seen."""
    if request.method == "POST":
        notes.see_all_mentions(request.user)
        return redirect("mentions")
    if wants_json(request):
        return JsonResponse({"unseen": notes.count_unseen(request.user)})
    found = access_mentions(request.user).select_related("note__user", "note__video__title").order_by("-pk")
    found = found.defer("note__video__frame_pts", "note__video__keyframes")
    page = Paginator(found, MENTIONS_A_PAGE).get_page(request.GET.get("page", 1))
    return render(request, "curation/mentions.html", {"page": page})


def still_address(video: Video, frame: int) -> str:
    """The board with a frame open."""
    return f"{reverse('stills', args=[video.title_id])}?video={video.pk}&still={frame}"
