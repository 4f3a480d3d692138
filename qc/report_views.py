"""Reports of a title's flags: whoever sees the title may take them along."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ava.selectors import access_titles
from qc.report_files import REPORT_KINDS, report_response
from qc.report_request import InvalidReport, read_report_request


@require_safe
def pixel_report(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The report as a file of one kind; `states`, `video` and `kind` in the address say of which flags."""
    title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    if kind not in REPORT_KINDS:
        raise Http404("There is no report of this kind.")
    try:
        asked = read_report_request(request.GET, title=title)
        return report_response(title, kind=kind, user=request.user, asked=asked)
    except InvalidReport as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
