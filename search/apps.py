"""Search: moments of films found by words, pictures, shots and dialogue, and gathered into reels."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save

        from ava import deletion, file_making, janitor, stages, trainings
        from curation import board_narrowing, shot_embeddings, spoken_lines, violence_signal
        from search import attribute_board, attribute_renewal, dialogue, reel_render_work, renewal, uploaded_pictures
        from search.contrastive_command import CONTRASTIVE
        from search.contrastive_runs import resend_lost_trainings
        from search.embed_stage import EMBED_STAGE
        from search.encoder_versions import serve_ready
        from search.models import ReelRender
        from search.moment_vectors import ServedVectors

        stages.register(EMBED_STAGE)
        trainings.register(CONTRASTIVE)
        janitor.register(renewal.renew_stale)
        janitor.register(resend_lost_trainings)
        janitor.register(serve_ready)
        post_save.connect(renewal.cast_changed, sender="curation.PeopleAction")
        janitor.register(reel_render_work.resend_lost_renders)
        post_delete.connect(file_making.delete_file, sender=ReelRender)
        deletion.register(reel_render_work.rendered_files)
        violence_signal.register(attribute_board.TaughtViolence())
        shot_embeddings.register(ServedVectors())
        spoken_lines.register(dialogue.said_within)
        board_narrowing.register(
            read=attribute_board.read_board_attributes, offer=attribute_board.offer_board_attributes
        )
        janitor.register(attribute_renewal.resend_renewals)
        janitor.register(uploaded_pictures.tidy_pictures)
