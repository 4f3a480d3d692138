"""Curation: ranked stills and what editors decide about them, the people in them, and logos that teams look for."""

from django.apps import AppConfig


class CurationConfig(AppConfig):
    name = "curation"
    verbose_name = "Curation"

    def ready(self) -> None:
        _register_stages()
        _register_work()
        _follow_changes()


def _register_stages() -> None:
    """What an analysis does here, and what is known of frames."""
    from ava import frame_findings, stages
    from curation import face_facts, maturity, people_memory, people_stage, services

    stages.register_frames(services.frames_to_inspect)
    stages.register_frames(people_memory.claimed_frames)
    stages.register(
        stages.Stage(
            name="people",
            label="Recognising people",
            run=people_stage.recognise_people,
            unit="portraits",
            has_provisional_run=False,
        )
    )
    stages.register(stages.Stage(name="stills", label="Choosing stills", run=services.refresh_stills))
    frame_findings.register(maturity.describe_maturity)
    frame_findings.register_people(face_facts.describe_people)


def _register_work() -> None:
    """What workers do in the background, and what `train` can train."""
    from ava import janitor, trainings
    from curation import artwork_annotation, export_work, moment_runs, picture_grouping, trailer_work
    from curation.moment_command import MOMENTS

    janitor.register(artwork_annotation.resend_annotation)
    janitor.register(picture_grouping.resend_grouping)
    janitor.register(export_work.resend_lost_exports)
    janitor.register(trailer_work.resend_matchings)
    janitor.register(moment_runs.resend_lost_trainings)
    trainings.register(MOMENTS)


def _follow_changes() -> None:
    """What goes with a row that is deleted, and what is made anew when one changes."""
    from django.db.models.signals import m2m_changed, post_delete, post_save

    from ava import deletion, file_making
    from ava.models import Title
    from curation import artwork, logo_search, logos, picture_rows, ranking_model_tasks, selectors
    from curation.models import Artwork, Export, Logo, RankingProfile

    deletion.register(selectors.still_files)
    post_delete.connect(logos.delete_picture, sender=Logo)
    post_delete.connect(artwork.delete_artwork_files, sender=Artwork)
    post_delete.connect(file_making.delete_file, sender=Export)
    post_delete.connect(picture_rows.artwork_deleted, sender=Artwork)
    m2m_changed.connect(logo_search.title_teams_changed, sender=Title.teams.through)
    for signal in (post_save, post_delete):
        signal.connect(ranking_model_tasks.weights_changed, sender=RankingProfile)
