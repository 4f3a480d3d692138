"""The admin console's door: who runs the installation or administers a team comes in, for others it is not there."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.templatetags.static import static
from django.urls import URLPattern, reverse, reverse_lazy
from django.utils.decorators import method_decorator
from unfold.sites import UnfoldAdminSite


class AvaAdminSite(UnfoldAdminSite):
    index_title = "Overview"

    def has_permission(self, request: HttpRequest) -> bool:
        from ava.roles import is_administrator

        return request.user.is_active and request.user.is_authenticated and is_administrator(request.user)

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return guarded(request, *args, **kwargs)

        inner.__dict__.update(guarded.__dict__)
        return inner

    def get_urls(self) -> list[URLPattern]:
        """Without the page that finds the address of any object of any team by its number."""
        return [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one place to sign in, with its own limits."""
        target = request.GET.get("next") or reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(target, resolve_url(settings.LOGIN_URL))
        if not self.has_permission(request):
            raise Http404
        return HttpResponseRedirect(reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("account"))


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """unfold's side bar."""

    def item(title: str, icon: str, name: str) -> dict[str, Any]:
        return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}")}

    return [
        {
            "items": [
                item("Overview", "dashboard", "index"),
                {"title": "Models", "icon": "deployed_code", "link": reverse_lazy("models")},
            ],
        },
        {
            "title": "Films",
            "items": [
                item("Titles", "movie", "ava_title_changelist"),
                item("Videos", "theaters", "ava_video_changelist"),
                item("Jobs", "progress_activity", "ava_job_changelist"),
                item("Uploads", "upload_file", "ava_upload_changelist"),
            ],
        },
        {
            "title": "Results",
            "items": [
                item("Stills", "image", "curation_still_changelist"),
                item("Decisions", "fact_check", "curation_decision_changelist"),
                item("Characters", "diversity_3", "curation_character_changelist"),
                item("Face tracks", "face", "curation_facetrack_changelist"),
                item("Changes to casts", "history", "curation_peopleaction_changelist"),
                item("Pixel flags", "flare", "qc_pixelflag_changelist"),
                item("Words on pixel flags", "gavel", "qc_pixeldecision_changelist"),
                item("Shots", "content_cut", "ava_shot_changelist"),
                item("Chunks", "view_week", "ava_chunk_changelist"),
                item("Annotations", "ssid_chart", "ava_annotation_changelist"),
                item("Inspections", "frame_inspect", "ava_inspection_changelist"),
                item("Detections", "person_search", "ava_detection_changelist"),
                item("Pixel scans", "scan", "qc_chunkscan_changelist"),
            ],
        },
        {
            "title": "People",
            "items": [
                item("Users", "person", "ava_user_changelist"),
                item("Teams", "groups", "ava_team_changelist"),
            ],
        },
    ]


def style_sheet(request: HttpRequest) -> str:
    return static("css/admin.css")


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """What unfold's menu of the person offers besides signing out."""
    return [{"title": "Your account", "link": reverse("account")}]
