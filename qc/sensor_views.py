"""The sensor map: whoever sees the title may look at it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ava.page_parts import render_page
from ava.selectors import access_titles
from qc.models import PixelFlag
from qc.sensor_pages import sensor_page


@require_safe
def pixel_sensor(request: HttpRequest, pk: int) -> HttpResponse:
    """All flags of a title over the picture; a script gets the map's part alone."""
    title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    context = {
        "title": title,
        "page": sensor_page(title, query=request.GET),
        "states": PixelFlag.State.choices,
        "kinds": PixelFlag.Kind.choices,
    }
    return render_page(request, page="qc/sensor.html", part="qc/_sensor.html", context=context)
