"""What trailers take from films: one matching a pair of film and trailer, and what people said of its parts.

Passages are made anew whenever either is analysed. What people say is bound to frames of both, and outlives that.
"""

from django.db import models
from django.db.models import F, Q

from ava.models import User, Video


class TrailerMatching(models.Model):
    """A trailer laid against a film: what came of it, and what it was made from."""

    film = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="trailer_matchings")
    trailer = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="film_matchings")
    basis = models.CharField(max_length=80, blank=True, help_text="What it was made from; empty: not made yet.")
    share_unit = models.FloatField(default=0.0, help_text="Of the trailer's pictures, how much is in the film, 0–1.")
    belongs = models.BooleanField(default=False, help_text="Enough of it is in the film to be its trailer.")
    error = models.CharField(max_length=500, blank=True, help_text="Why it could not be made.")
    failures = models.PositiveSmallIntegerField(default=0)
    failed_basis = models.CharField(max_length=80, blank=True, help_text="What could not be matched.")
    frames_done = models.PositiveIntegerField(default=0, help_text="Of the trailer, while it is being matched.")
    sent_at = models.DateTimeField(null=True, editable=False)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["film", "trailer"]
        constraints = [
            models.UniqueConstraint(fields=["film", "trailer"], name="trailer_matched_once_with_film"),
            models.CheckConstraint(condition=~Q(film=F("trailer")), name="trailer_not_its_own_film"),
        ]

    def __str__(self) -> str:
        return f"{self.trailer} in {self.film}"


class TrailerPart(models.Model):
    """Frames of a trailer: where in the film they are from, or why they are not of it. Spans are half-open."""

    matching = models.ForeignKey(TrailerMatching, on_delete=models.CASCADE, related_name="parts")
    trailer_start = models.PositiveIntegerField()
    trailer_end = models.PositiveIntegerField()
    film_start = models.PositiveIntegerField(null=True, help_text="Empty: not of the film.")
    film_end = models.PositiveIntegerField(null=True)
    first_frame = models.PositiveIntegerField(
        null=True,
        help_text="The film frame that the first trailer frame shows; the nearest one, for what is not of the film.",
    )
    speed = models.FloatField(null=True, help_text="Film seconds a trailer second; below 0 backwards, 0 frozen.")
    mirrored = models.BooleanField(default=False)
    window = models.JSONField(null=True, help_text="Part of the film's picture, [x0, y0, x1, y1] of 0–1.")
    agreement = models.FloatField(null=True, help_text="Of what stands still, −1 to 1.")
    motion_agreement = models.FloatField(null=True, help_text="Of what moves, −1 to 1; empty: hardly anything does.")
    confidence = models.FloatField(null=True, help_text="0.5–1.")
    reason = models.CharField(max_length=16, blank=True, help_text="Why it is not of the film.")

    class Meta:
        ordering = ["matching", "trailer_start", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(trailer_end__gt=F("trailer_start")), name="trailer_part_not_empty"),
        ]

    def __str__(self) -> str:
        return f"Frames {self.trailer_start}–{self.trailer_end - 1} of {self.matching}"


class TrailerVerdict(models.Model):
    """One thing one person said of one match. Append-only: the newest row about the same frames holds."""

    class Verdict(models.TextChoices):
        NONE = "", "Nothing said"
        RIGHT = "right", "Right"
        WRONG = "wrong", "Wrong"

    film = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="trailer_verdicts")
    trailer = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="film_verdicts")
    trailer_start = models.PositiveIntegerField()
    trailer_end = models.PositiveIntegerField()
    film_start = models.PositiveIntegerField()
    film_end = models.PositiveIntegerField()
    first_frame = models.PositiveIntegerField(help_text="The film frame that the first trailer frame shows.")
    verdict = models.CharField(max_length=5, choices=Verdict, blank=True, default=Verdict.NONE)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="trailer_verdicts")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["film", "trailer"])]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: frames {self.trailer_start}–{self.trailer_end - 1} of {self.trailer}"
