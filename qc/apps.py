"""QC: pixel errors that models flag, reviewers judge, and training learns from."""

from django.apps import AppConfig


class QcConfig(AppConfig):
    name = "qc"
    verbose_name = "Quality control"

    def ready(self) -> None:
        from ava import chunk_watches, stages, trainings
        from qc.chunk_scanning import CHUNK_SCAN
        from qc.pixel_stage import PIXEL_STAGE
        from qc.training_command import PIXEL

        chunk_watches.register(CHUNK_SCAN)
        stages.register(PIXEL_STAGE)
        trainings.register(PIXEL)
