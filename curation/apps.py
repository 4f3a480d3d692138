"""Curation: ranked stills and what editors decide about them."""

from django.apps import AppConfig


class CurationConfig(AppConfig):
    name = "curation"
    verbose_name = "Curation"

    def ready(self) -> None:
        from ava import deletion, stages
        from curation import selectors, services

        stages.register_frames(services.frames_to_inspect)
        stages.register(stages.Stage(name="stills", label="Choosing stills", run=services.refresh_stills))
        deletion.register(selectors.still_files)
