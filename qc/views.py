"""Pages of quality control: permission, one call, response."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from ava.form_answers import answer
from ava.models import Title
from ava.page_parts import render_page
from ava.roles import may_review, require_administrator
from ava.selectors import ADMINISTERING_ROLES, access_titles
from qc.models import PixelFlag
from qc.pages import CONFIDENCES, flags_page
from qc.review_pages import ORDER_NAMES
from qc.review_queue import ANY_STATE
from qc.reviewing import InvalidReview, set_reviews_wanted
from qc.scan_services import may_scan


@require_GET
def pixel_flags(request: HttpRequest, pk: int) -> HttpResponse:
    """The flags of a title with their states, and the ways into the review."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    page = flags_page(title, user=request.user, query=request.GET)
    context = {
        "title": title,
        "page": page,
        "orders": ORDER_NAMES,
        "kinds": PixelFlag.Kind.choices,
        "states": [(ANY_STATE, "All"), ("", "Waiting for you"), *PixelFlag.State.choices],
        "confidences": CONFIDENCES,
        "empty": page.empty,
        "may_review": may_review(request.user, title_id=pk),
        "may_scan": may_scan(request.user, title_id=pk),
        "may_administer": access_titles(request.user, roles=ADMINISTERING_ROLES).filter(pk=pk).exists(),
    }
    return render_page(request, page="qc/flags.html", part="qc/_flags.html", context=context)


@require_POST
def pixel_reviews(request: HttpRequest, pk: int) -> HttpResponse:
    """Have every flag of a title judged by one person, or by two who do not see each other's word."""
    title: Title = get_object_or_404(access_titles(request.user), pk=pk)
    require_administrator(request.user, title_id=pk, action="ask for a second review")
    fallback = reverse("pixel-flags", args=[pk])
    asked = request.POST.get("wanted", "")
    try:
        moved = set_reviews_wanted(title, wanted=int(asked) if asked in {"1", "2"} else 0)
    except InvalidReview as error:
        return answer(request, {"detail": str(error)}, fallback=fallback, status=400)
    sentence = f"Every flag is judged by {'two people' if asked == '2' else 'one person'} from now on."
    return answer(request, {"sentence": sentence, "changed": moved}, fallback=fallback)
