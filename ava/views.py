"""Pages of titles, films and jobs: permission, one call, response."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse_lazy
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ava import pages, services
from ava.form_numbers import read_number
from ava.forms import TitleForm
from ava.models import Title, WorkState
from ava.page_parts import redirect_back, render_page, wants_json, wants_part
from ava.roles import is_editor_somewhere, may_edit, may_review, require_administrator, require_editor
from ava.selectors import (
    ADMINISTERING_ROLES,
    EDITING_ROLES,
    access_jobs,
    access_titles,
    access_videos,
)
from ava.signals import known_columns, summarise_signals

CURVE_POINTS, MOST_CURVE_POINTS = 2000, 20_000


class SignIn(LoginView):
    template_name = "ava/sign_in.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Only by POST, so that no picture on another site can sign anybody out."""


class Account(LoginRequiredMixin, SuccessMessageMixin, PasswordChangeView):
    template_name = "ava/account.html"
    success_url = reverse_lazy("account")
    success_message = "Your password is changed."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        memberships = self.request.user.memberships.select_related("team").order_by("team__name", "role")
        return super().get_context_data(memberships=memberships, **kwargs)


@require_GET
def titles(request: HttpRequest) -> HttpResponse:
    filters = pages.TitleFilters.read(request.GET)
    page = pages.titles_page(request.user, filters=filters, number=request.GET.get("page", 1))
    context = {
        "page": page,
        "edits": pages.titles_among(request.user, [title.pk for title in page], roles=EDITING_ROLES),
        "filters": filters,
        "kinds": Title.Kind.choices,
        "states": pages.TITLE_STATES,
        "sorts": pages.TITLE_SORTS,
        "may_create": is_editor_somewhere(request.user),
    }
    return render_page(request, page="ava/titles.html", part="ava/_titles.html", context=context)


@require_GET
def title(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    page = pages.title_page(request.user, found, query=request.GET)
    context = {
        "page": page,
        "title": found,
        "may_edit": may_edit(request.user, title_id=pk),
        "may_review": may_review(request.user, title_id=pk),
        "may_administer": access_titles(request.user, roles=ADMINISTERING_ROLES).filter(pk=pk).exists(),
    }
    return render(request, "ava/title.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def title_new(request: HttpRequest) -> HttpResponse:
    if not is_editor_somewhere(request.user):
        raise PermissionDenied("Only editors and administrators of a team add titles.")
    form = TitleForm(request.POST or None, user=request.user)
    return _title_form(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def title_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(access_titles(request.user), pk=pk)
    require_editor(request.user, title_id=pk, action="change it")
    return _title_form(request, TitleForm(request.POST or None, instance=found, user=request.user))


def _title_form(request: HttpRequest, form: TitleForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        return redirect(form.save_for(request.user))
    return render(request, "ava/title_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    page, counts = pages.jobs_page(request.user, state=state, number=request.GET.get("page", 1))
    shown = {message["title_id"] for message in page.object_list}
    context = {
        "page": page,
        "state": state,
        "states": [(value, label, counts.get(value, 0)) for value, label in WorkState.choices],
        "total": sum(counts.values()),
        "edits": pages.titles_among(request.user, shown, roles=EDITING_ROLES),
        "administers": pages.titles_among(request.user, shown, roles=ADMINISTERING_ROLES),
    }
    return render_page(request, page="ava/jobs.html", part="ava/_jobs.html", context=context)


@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One job; as its partial alone when a page fetches it because its state changed."""
    found = get_object_or_404(access_jobs(request.user).select_related("video"), pk=pk)
    title_id = found.video.title_id
    context = {
        "job": pages.job_messages(access_jobs(request.user).filter(pk=pk))[0],
        "show_title": "titled" in request.GET or not wants_part(request),
        "may_edit": may_edit(request.user, title_id=title_id),
        "may_review": may_review(request.user, title_id=title_id),
        "may_administer": access_titles(request.user, roles=ADMINISTERING_ROLES).filter(pk=title_id).exists(),
        "next": request.GET.get("next", ""),
    }
    return render_page(request, page="ava/job.html", part="ava/_job.html", context=context)


@require_POST
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(access_jobs(request.user).select_related("video__title"), pk=pk)
    require_administrator(request.user, title_id=found.video.title_id, action="cancel its jobs")
    try:
        services.cancel_job(found)
    except services.JobNotActive as error:
        messages.error(request, str(error))
    return redirect_back(request, fallback=found.video.title.get_absolute_url())


@require_POST
def job_retry(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(access_jobs(request.user).select_related("video__title"), pk=pk)
    require_editor(request.user, title_id=found.video.title_id, action="analyse its films")
    try:
        services.retry_job(found)
    except (services.JobNotFailed, services.AnalysisRunning) as error:
        messages.error(request, str(error))
    return redirect_back(request, fallback=found.video.title.get_absolute_url())


@require_POST
def video_analyse(request: HttpRequest, pk: int) -> HttpResponse:
    video = get_object_or_404(access_videos(request.user).select_related("title"), pk=pk)
    require_editor(request.user, title_id=video.title_id, action="analyse its films")
    try:
        services.analyse_again(video, user=request.user, everything="everything" in request.POST)
    except services.AnalysisRunning as error:
        messages.error(request, str(error))
    return redirect_back(request, fallback=video.title.get_absolute_url())


@require_GET
def film(request: HttpRequest, pk: int) -> JsonResponse:
    video = get_object_or_404(access_videos(request.user), pk=pk)
    facts = pages.film_facts(video, shots=list(video.shots.all()))
    if "times" in request.GET:
        facts["times_s"] = pages.frame_times_s(video)
    return JsonResponse(facts)


@require_GET
def signals(request: HttpRequest, pk: int) -> JsonResponse:
    video = get_object_or_404(access_videos(request.user), pk=pk)
    known = known_columns()
    columns = [name for name in request.GET.get("columns", "").split(",") if name in known] or known
    points = read_number(request.GET.get("points", ""))
    count = CURVE_POINTS if points is None else min(points, MOST_CURVE_POINTS)
    return JsonResponse(summarise_signals(video, columns=columns, points=count))


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 403, str(exception) or "You may not do this.")


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 404, "There is nothing here, or it belongs to a team that you are not in.")


@requires_csrf_token
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _refuse(request, 403, "This page was open for too long or in another session. Reload it and try again.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors: they may be what failed."""
    return HttpResponse(render_to_string("500.html"), status=500)


def _refuse(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    """A page for people, a sentence as JSON for scripts and pipelines."""
    if wants_json(request):
        return JsonResponse({"detail": sentence}, status=status)
    return render(request, f"{status}.html", {"sentence": sentence}, status=status)
