"""Pages of a title's artwork: everyone in its teams sees it, editors and administrators bring and delete it."""

from django.contrib import messages
from django.core.exceptions import TooManyFilesSent, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from ava.models import Title
from ava.page_parts import render_page, wants_json
from ava.roles import may_edit
from ava.selectors import access_titles
from curation.artwork import annotate_again, delete_artwork, require_artwork_editor, set_language
from curation.artwork_filters import ARTWORK_FACETS, NO_LANGUAGE, SHAPES, SIZES, SORTS, STATES
from curation.artwork_import import Delivery, NoRoom, bring_artwork, publish_reading
from curation.artwork_pages import open_artwork, read_library, results_of
from curation.artwork_uploads import TITLE_GONE, UnusableUpload, as_given_files, refuse_too_large, sent_files
from curation.models import Artwork
from curation.selectors import access_artworks

OVERLAYS = [("F", "faces", "Faces"), ("G", "grid", "Thirds"), ("T", "text", "Text"), ("B", "bodies", "Bodies")]


@csrf_exempt  # Looking for the token reads the form, and with it the files: their size comes first, then the token.
@require_http_methods(["GET", "HEAD", "POST"])
def artworks(request: HttpRequest, pk: int) -> HttpResponse:
    """The library; POST brings pictures and ZIP files as `files`, with `paths` for the folders that they lay in."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    if request.method != "POST":
        return _library(request, title)
    require_artwork_editor(request.user, title_id=title.pk)
    try:
        refuse_too_large(request)
        return _bring(request, title)
    except TooManyFilesSent:  # the token was looked for in the form
        return _refuse(request, title, "Send a hundred files at once at most, or pack them into a ZIP file.")
    except Title.DoesNotExist as error:
        raise Http404(TITLE_GONE) from error
    except (UnusableUpload, NoRoom) as error:
        return _refuse(request, title, str(error), status=507 if isinstance(error, NoRoom) else 400)


@csrf_protect
def _bring(request: HttpRequest, title: Title) -> HttpResponse:
    files = sent_files(request)
    with as_given_files(files, paths=request.POST.getlist("paths")) as given:
        delivery = bring_artwork(title, given, user=request.user, report=publish_reading(title))
    if wants_json(request):
        return JsonResponse(_as_json(delivery))
    return _library(request, title, delivery=delivery)


def _as_json(delivery: Delivery) -> dict[str, object]:
    pictures = [each._asdict() | {"outcome": each.outcome.value} for each in delivery.pictures]
    for picture in pictures:
        picture["url"] = reverse("artwork", args=[picture["artwork"]]) if picture["artwork"] else None
    return {"pictures": pictures, "leftovers": delivery.leftovers}


def _library(request: HttpRequest, title: Title, *, delivery: Delivery | None = None) -> HttpResponse:
    context = {
        "title": title,
        "library": read_library(request.user, title, query=request.GET),
        "delivery": delivery,
        "facets": ARTWORK_FACETS,
        "sizes": SIZES,
        "shapes": SHAPES,
        "sorts": SORTS,
        "states": STATES,
        "no_language": NO_LANGUAGE,
        "may_edit": may_edit(request.user, title_id=title.pk),
    }
    return render_page(request, page="curation/artworks.html", part="curation/_artworks.html", context=context)


@require_http_methods(["GET", "HEAD", "POST"])
def artwork(request: HttpRequest, pk: int) -> HttpResponse:
    """One artwork; POST with `language` says what its lettering is in, with `again` has it measured again."""
    found = _artwork(request, pk)
    sentence = ""
    if request.method == "POST":
        require_artwork_editor(request.user, title_id=found.title_id)
        try:
            return _change(request, found)
        except ValidationError as error:
            sentence = " ".join(error.messages)
    context = {
        "title": found.title,
        "open": open_artwork(request.user, found),
        "overlays": OVERLAYS,
        "may_edit": may_edit(request.user, title_id=found.title_id),
        "sentence": sentence,
    }
    return render(request, "curation/artwork.html", context, status=400 if sentence else 200)


def _change(request: HttpRequest, found: Artwork) -> HttpResponseBase:
    if "again" in request.POST:
        annotate_again(found, user=request.user)
    elif "language" in request.POST:
        set_language(found, request.POST["language"], user=request.user)
        messages.success(request, f"“{found}” is kept as {found.language or 'without a language'}.")
    else:
        raise ValidationError("Say what to change: its language, or that it is to be measured again.")
    return redirect("artwork", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def artwork_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks before it deletes."""
    found = _artwork(request, pk)
    require_artwork_editor(request.user, title_id=found.title_id)
    if request.method != "POST":
        context = {"title": found.title, "artwork": found, "results": results_of(found).count()}
        return render(request, "curation/artwork_delete.html", context)
    delete_artwork(found, user=request.user)
    messages.success(request, f"“{found}” is deleted.")
    return redirect("artworks", found.title_id)


def _artwork(request: HttpRequest, pk: int) -> Artwork:
    rows = access_artworks(request.user).select_related("title", "created_by", "picture_row__group")
    return get_object_or_404(rows, pk=pk)




def _refuse(request: HttpRequest, title: Title, sentence: str, *, status: int = 400) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"detail": sentence}, status=status)
    messages.error(request, sentence)
    return redirect("artworks", title.pk)
