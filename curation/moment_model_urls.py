"""Addresses of rankers of moments and of their trainings."""

from django.urls import path

from curation import moment_model_views as views

urlpatterns = [
    path("moment-models/", views.moment_models, name="moment-models"),
    path("moment-models/train/", views.moment_models_train, name="moment-models-train"),
    path("moment-models/use/", views.moment_models_use, name="moment-models-use"),
    path("moment-models/add/", views.moment_models_add, name="moment-models-add"),
    path("moment-models/<int:pk>/file/", views.moment_model_file, name="moment-model-file"),
    path("moment-trainings/<int:pk>/", views.moment_trainings.show, name="moment-training"),
    path("moment-trainings/<int:pk>/curve.json", views.moment_trainings.curve, name="moment-training-curve"),
    path("moment-trainings/<int:pk>/cancel/", views.moment_trainings.cancel, name="moment-training-cancel"),
    path("moment-trainings/<int:pk>/retry/", views.moment_trainings.retry, name="moment-training-retry"),
]
