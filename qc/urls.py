"""Addresses of quality control's pages."""

from django.urls import URLPattern, path

from qc import (
    flag_pictures,
    home_views,
    model_views,
    report_views,
    review_views,
    scan_views,
    sensor_views,
    views,
    watch_views,
)

urlpatterns: list[URLPattern] = [
    path("qc/", home_views.qc_home, name="qc-home"),
    path("videos/<int:pk>/scan/", scan_views.scan_video, name="pixel-scan"),
    path("qc/watch/", watch_views.watch_folders, name="watch-folders"),
    path("qc/watch/new/", watch_views.watch_folder_new, name="watch-folder-new"),
    path("qc/watch/<int:pk>/", watch_views.watch_folder, name="watch-folder"),
    path("qc/watch/<int:pk>/delete/", watch_views.watch_folder_delete, name="watch-folder-delete"),
    path("titles/<int:pk>/pixels/", views.pixel_flags, name="pixel-flags"),
    path("titles/<int:pk>/pixels/review/", review_views.review, name="pixel-review"),
    path("titles/<int:pk>/pixels/next/", review_views.next_flag, name="pixel-next"),
    path("titles/<int:pk>/pixels/undo/", review_views.undo_decision, name="pixel-undo"),
    path("titles/<int:pk>/pixels/add/", review_views.flag_add, name="pixel-add"),
    path("titles/<int:pk>/pixels/reviews/", views.pixel_reviews, name="pixel-reviews"),
    path("qc/flags/<int:pk>/", review_views.flag, name="pixel-flag"),
    path("qc/flags/<int:pk>/strip.png", flag_pictures.flag_strip, name="pixel-strip"),
    path("qc/flags/<int:pk>/decide/", review_views.decide_flag, name="pixel-decide"),
    path("titles/<int:pk>/pixels/sensor/", sensor_views.pixel_sensor, name="pixel-sensor"),
    path("titles/<int:pk>/pixels/report/<slug:kind>", report_views.pixel_report, name="pixel-report"),
    path("qc/models/", model_views.pixel_models, name="pixel-models"),
    path("qc/models/train/", model_views.pixel_models_train, name="pixel-models-train"),
    path("qc/models/use/", model_views.pixel_models_use, name="pixel-models-use"),
    path("qc/models/add/", model_views.pixel_models_add, name="pixel-models-add"),
    path("qc/models/<int:pk>/file", model_views.pixel_model_file, name="pixel-model-file"),
    path("qc/trainings/<int:pk>/", model_views.pixel_trainings.show, name="pixel-training"),
    path("qc/trainings/<int:pk>/curve.json", model_views.pixel_trainings.curve, name="pixel-training-curve"),
    path("qc/trainings/<int:pk>/cancel/", model_views.pixel_trainings.cancel, name="pixel-training-cancel"),
    path("qc/trainings/<int:pk>/retry/", model_views.pixel_trainings.retry, name="pixel-training-retry"),
]
