"""AVA's core app: titles, videos, jobs, the frames' annotations and shots."""

from django.apps import AppConfig


class AvaConfig(AppConfig):
    name = "ava"
    verbose_name = "Films"

    def ready(self) -> None:
        from ava import stages
        from ava.film_sounds import SOUND_STAGE
        from ava.inspection import plan_stage
        from ava.progress import INSPECT_STAGE
        from ava.shot_stage import refresh_shots
        from ava.shot_style_stage import describe_shots

        stages.register(stages.Stage(name="shots", label="Finding shots", run=refresh_shots))
        stages.register(
            stages.Stage(
                name=INSPECT_STAGE, label="Looking at people and text", run=plan_stage, unit="frames",
                has_provisional_run=False, is_spread=True,
            )
        )  # fmt: skip
        stages.register(
            stages.Stage(
                name="style", label="Describing shots", run=describe_shots, unit="shots", has_provisional_run=False
            )
        )
        stages.register(SOUND_STAGE)
