"""Stills AVA proposes and what editors decide about frames."""

from django.db import models

from ava.models import Shot, User, Video


class Still(models.Model):
    """A frame proposed as artwork, ranked and explained. Renewed by every analysis; decided frames always stay."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="stills")
    shot = models.ForeignKey(Shot, on_delete=models.SET_NULL, null=True, blank=True, related_name="stills")
    frame_index = models.PositiveIntegerField()
    timecode = models.CharField(max_length=16)
    rank = models.PositiveIntegerField(help_text="1 is best.")
    score = models.FloatField()
    explanation = models.JSONField(help_text="Part of the score → 0–1.")
    signals = models.JSONField(
        default=dict, help_text="The measurements filters use, copied from the annotations."
    )
    image = models.FileField(
        upload_to="stills/%Y/%m/", max_length=300, blank=True, help_text="Preview, 640 px wide."
    )
    provisional = models.BooleanField(default=False)

    class Meta:
        ordering = ["rank", "id"]
        constraints = [models.UniqueConstraint(fields=["video", "frame_index"], name="still_once_in_video")]
        indexes = [models.Index(fields=["video", "rank"])]

    def __str__(self) -> str:
        return f"{self.video} at {self.timecode}"


class Decision(models.Model):
    """One thing one editor said about one frame. Append-only: the newest row is the current state.

    Bound to the video's frame and not to the Still row, so that it survives every re-analysis.
    Undo appends the state that was there before; nothing is ever overwritten.
    """

    class Verdict(models.TextChoices):
        NONE = "", "Undecided"
        PICK = "pick", "Picked"
        REJECT = "reject", "Rejected"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="decisions")
    frame_index = models.PositiveIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=6, choices=Verdict, blank=True, default=Verdict.NONE)
    stars = models.PositiveSmallIntegerField(default=0)
    undoes = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=models.Q(stars__lte=5), name="stars_up_to_five")]
        indexes = [models.Index(fields=["video", "frame_index", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} {'★' * self.stars} frame {self.frame_index} of {self.video}"
