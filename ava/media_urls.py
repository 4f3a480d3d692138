"""Addresses of uploads, films, frames and their pictures."""

from ava import frames, media_serving, overlays, uploads

urlpatterns = [
    *uploads.urlpatterns,
    *media_serving.urlpatterns,
    *frames.urlpatterns,
    *overlays.urlpatterns,
]
