"""QC: pixel errors that models flag, reviewers judge, and training learns from."""

from django.apps import AppConfig


class QcConfig(AppConfig):
    name = "qc"
    verbose_name = "Quality control"
