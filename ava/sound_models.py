"""What a film sounds like, as it was measured."""

from django.db import models


class MeasuredSound(models.Model):
    """A film's first sound stream in steps of a tenth of a second; see `ava.sound.film_sound`.

    It is read through `ava.film_sounds`. A file never changes, so only a new version has it measured again.
    """

    video = models.OneToOneField("ava.Video", on_delete=models.CASCADE, related_name="sound")
    version = models.PositiveSmallIntegerField(
        help_text="Of the measures; 0: could not be measured, the next analysis tries again."
    )
    hops = models.PositiveIntegerField(help_text="How many tenths of a second.")
    is_heard = models.BooleanField(help_text="False: no sound stream, or none of it can be decoded.")
    notes = models.JSONField(default=list, help_text="Sentences about what could not be heard.")
    values = models.BinaryField(help_text="Packed by ava.sound.packed.")
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Sound of {self.video}"
