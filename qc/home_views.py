"""The first page of quality control."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ava.page_parts import render_page
from qc.home_pages import home_page


@require_safe
def qc_home(request: HttpRequest) -> HttpResponse:
    """Titles of the user's teams whose flags wait, and scans at work on them."""
    context = {"page": home_page(request.user, query=request.GET)}
    return render_page(request, page="qc/home.html", part="qc/_home.html", context=context)
