"""The page of a film's clusters."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from ava.page_parts import render_page
from ava.selectors import access_titles
from curation.cluster_pages import read_clusters_page


@require_GET
def clusters(request: HttpRequest, pk: int) -> HttpResponse:
    """The clusters of a film's stills under the weights of the address; alone when a script asks for them."""
    title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    context = {"title": title, "page": read_clusters_page(title, query=request.GET)}
    return render_page(request, page="curation/clusters.html", part="curation/_clusters.html", context=context)
