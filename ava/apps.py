"""AVA's core app: titles, videos, jobs, the frames' annotations and shots."""

from django.apps import AppConfig


class AvaConfig(AppConfig):
    name = "ava"
    verbose_name = "Films"

    def ready(self) -> None:
        from ava import stages
        from ava.shot_stage import refresh_shots

        stages.register(stages.Stage(name="shots", label="Finding shots", run=refresh_shots))
