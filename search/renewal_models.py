"""What the words and vectors of each film were made from, and who renews them."""

from django.db import models

from ava.models import Lease, Video, WorkState


class FilmRenewal(Lease):
    """One film's descriptions, dialogue and vectors: whether they are to be made anew, and what they were made for."""

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="search_renewal")
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.QUEUED)
    asked = models.PositiveIntegerField(default=1, help_text="Counts up whenever something asks for a renewal.")
    kit = models.CharField(max_length=200, blank=True, help_text="Versions of code and encoders that it was made by.")
    basis = models.CharField(max_length=64, blank=True, help_text="sha-256 of what facts and labels were made from.")
    dialogue_version = models.PositiveSmallIntegerField(default=0, help_text="Of the code that read its tracks.")
    notes = models.JSONField(default=list, help_text="What could not be read, in sentences.")
    error = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True, help_text="When it was last compared with what it was made from.")

    def __str__(self) -> str:
        return f"Words and vectors of {self.video} ({self.get_state_display()})"
