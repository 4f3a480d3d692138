"""Every address of AVA. Handlers answer people with pages and scripts with JSON."""

from django.contrib import admin
from django.urls import include, path

from ava import views

urlpatterns = [
    path("", views.titles, name="titles"),
    path("titles/new/", views.title_new, name="title-new"),
    path("titles/<int:pk>/", views.title, name="title"),
    path("titles/<int:pk>/edit/", views.title_edit, name="title-edit"),
    path("videos/<int:pk>/analyse/", views.video_analyse, name="video-analyse"),
    path("videos/<int:pk>/film.json", views.film, name="film"),
    path("videos/<int:pk>/signals.json", views.signals, name="signals"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<int:pk>/", views.job, name="job"),
    path("jobs/<int:pk>/cancel/", views.job_cancel, name="job-cancel"),
    path("jobs/<int:pk>/retry/", views.job_retry, name="job-retry"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("account/", views.Account.as_view(), name="account"),
    path("", include("curation.urls")),
    path("", include("qc.urls")),
    path("", include("search.urls")),
    path("", include("ava.media_urls")),
    path("", include("ava.model_file_urls")),
    path("", include("ava.api_urls")),
    path("admin/", admin.site.urls),
]

handler403 = "ava.views.forbidden"
handler404 = "ava.views.not_found"
handler500 = "ava.views.server_error"
