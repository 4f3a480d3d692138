"""The words of a film: what each shot is found by, its dialogue, and what people write about it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from ava.form_answers import answer
from ava.models import Video
from ava.roles import require_editor
from ava.selectors import access_videos
from search import labels
from search.dialogue_upload import ACTION, MOST_BYTES, UnusableDialogue, bring_dialogue, remove_dialogue
from search.labels import InvalidLabel
from search.selectors import access_shot_labels
from search.words_page import words_page

MOST_BYTES_OF_A_FORM = 2**16
LARGEST_FRAME = 2**31 - 1


@csrf_exempt  # Looking for the token reads the form, and with it the file: its size comes first, then the token.
@require_http_methods(["GET", "HEAD", "POST"])
def dialogue_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """The words of a film; POST brings a subtitle file, or takes what was brought of one language out."""
    video = _video(request, pk)
    if request.method != "POST":
        context = {"page": words_page(video, request.user, request.GET), "title": video.title}
        return render(request, "search/words.html", context)
    require_editor(request.user, title_id=video.title_id, action=ACTION)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES + MOST_BYTES_OF_A_FORM:
        said = {"detail": f"That file is larger than {MOST_BYTES // 2**20} MB; bring an SRT or WebVTT file."}
        return answer(request, said, fallback=_page_of(video), status=413)
    return _bring(request, video)


@csrf_protect
def _bring(request: HttpRequest, video: Video) -> HttpResponse:
    if "remove" in request.POST:
        count = remove_dialogue(video, language=request.POST["remove"].replace("\0", "")[:35])
        said = {"lines": count, "sentence": f"{count:,} lines are taken out; bring the file again to have them back."}
        return answer(request, said, fallback=_page_of(video))
    file = request.FILES.get("file")
    if file is None:
        return answer(request, {"detail": "Choose an SRT or WebVTT file."}, fallback=_page_of(video), status=400)
    try:
        brought = bring_dialogue(video, file, language=request.POST.get("language") or None)
    except UnusableDialogue as error:
        return answer(request, {"detail": str(error)}, fallback=_page_of(video), status=400)
    said = {"language": brought.language, "lines": brought.lines, "sentence": brought.sentence}
    return answer(request, said, fallback=_page_of(video))


@require_POST
def label_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Write about a span of a film."""
    video = _video(request, pk)
    require_editor(request.user, title_id=video.title_id, action=labels.ACTION)
    try:
        span = {name: _frame(request.POST.get(name, "")) for name in ("start_frame", "end_frame")}
        label = labels.add_label(video, **span, text=request.POST.get("text", ""), user=request.user)
    except InvalidLabel as error:
        return answer(request, {"detail": str(error)}, fallback=_page_of(video), status=400)
    said = {"label": label.pk, "text": label.text, "sentence": "The label is there; the shot is found by it now."}
    return answer(request, said, fallback=_page_of(video))


@require_POST
def label_take_back(request: HttpRequest, pk: int, label: int) -> HttpResponse:
    """Take a label back, or with `back` have it count again."""
    video = _video(request, pk)
    found = get_object_or_404(access_shot_labels(request.user).select_related("video"), pk=label, video=video)
    require_editor(request.user, title_id=video.title_id, action=labels.ACTION)
    if not labels.may_take_back(request.user, found):
        raise PermissionDenied("Only who wrote a label, and administrators of the film's teams, take it back.")
    if request.POST.get("back"):
        labels.bring_back(found)
        sentence = "The label counts again."
    else:
        labels.take_back(found)
        sentence = "The label is taken back."
    return answer(request, {"label": found.pk, "sentence": sentence}, fallback=_page_of(video))


def _video(request: HttpRequest, pk: int) -> Video:
    return get_object_or_404(access_videos(request.user).select_related("title"), pk=pk)


def _page_of(video: Video) -> str:
    return reverse("dialogue-upload", args=[video.pk])


def _frame(written: str) -> int:
    if not (written.isascii() and written.isdecimal()) or len(written) > 10 or int(written) > LARGEST_FRAME:
        raise InvalidLabel("Say from which frame to which the label holds, in whole numbers.")
    return int(written)
