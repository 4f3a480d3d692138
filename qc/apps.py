"""QC: pixel errors that models flag, reviewers judge, and training learns from."""

from django.apps import AppConfig


class QcConfig(AppConfig):
    name = "qc"
    verbose_name = "Quality control"

    def ready(self) -> None:
        from ava import chunk_watches, janitor, stages, trainings
        from qc.chunk_scanning import CHUNK_SCAN
        from qc.model_measuring import resend_measuring
        from qc.pixel_stage import PIXEL_STAGE
        from qc.training_command import PIXEL
        from qc.training_runs import resend_lost_trainings
        from qc.verifier_command import PIXEL_VERIFIER
        from qc.watch_folders import send_looks

        chunk_watches.register(CHUNK_SCAN)
        stages.register(PIXEL_STAGE)
        trainings.register(PIXEL)
        trainings.register(PIXEL_VERIFIER)
        janitor.register(resend_lost_trainings)
        janitor.register(resend_measuring)
        janitor.register(send_looks)
