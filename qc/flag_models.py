"""Pixel errors that were flagged, and what reviewers said of them."""

from django.db import models
from django.db.models import Q

from ava.models import Shot, Title, User, Video
from qc.model_models import PixelModel


class Verdict(models.TextChoices):
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Rejected"
    UNSURE = "unsure", "Unsure"


_UNSETTLED = Q(state__in=["open", "disputed"])


class PixelFlag(models.Model):
    """One suspected pixel error of a video, at one place of its picture.

    Flags outlive analyses: a later scan finds the same error again (same kind, place within a pixel or two, same
    frame) and renews the row. What nobody has spoken of is deleted when it is no longer raised; what somebody has
    spoken of stays, with `is_current` false.
    """

    class Kind(models.TextChoices):
        HOT = "hot", "Hot"  # lit in a single frame (or in its exact repeats)
        STUCK = "stuck", "Stuck"  # does not answer to light, lit or dead

    class State(models.TextChoices):
        """What reviewers have said so far, kept by qc.decisions whenever a decision is made or taken back."""

        OPEN = "open", "Open"
        CONFIRMED = "confirmed", "Confirmed"
        REJECTED = "rejected", "Rejected"
        UNSURE = "unsure", "Unsure"
        DISPUTED = "disputed", "Disputed"  # two reviewers disagree

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="pixel_flags")
    kind = models.CharField(max_length=5, choices=Kind)
    frame_index = models.PositiveIntegerField(help_text="The frame it is in; of a stuck pixel the first one.")
    x = models.FloatField(help_text="Centroid in pixels of the upright picture; 0.0 is the middle of the first pixel.")
    y = models.FloatField()
    area_px = models.FloatField(help_text="Pixels above the threshold.")
    peak = models.FloatField(help_text="Highest probability of error in it.")
    confidence = models.FloatField(help_text="0–1.")
    amplitude = models.FloatField(help_text="Difference from its surroundings in 8-bit luma levels; negative: darker.")
    spans = models.JSONField(help_text="Half-open spans of frames [[start, end], …] in which it shows.")
    shot = models.ForeignKey(Shot, on_delete=models.SET_NULL, null=True, blank=True, related_name="pixel_flags")
    raised_by = models.ForeignKey(
        PixelModel, on_delete=models.PROTECT, null=True, blank=True, related_name="raised_flags",
        help_text="The version that raised it first; empty for stuck pixels and those that a person added.",
    )  # fmt: skip
    last_raised_by = models.ForeignKey(
        PixelModel, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="The newest version that raised it.",
    )  # fmt: skip
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_current = models.BooleanField(default=True, help_text="The newest scan raises it, or a person added it.")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    reviews = models.PositiveSmallIntegerField(default=0, help_text="How many people's word stands.")
    place = models.PositiveIntegerField(
        null=True, editable=False, help_text="Number of its place on the sensor; 0 is the title's with the most flags."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["video", "frame_index", "y", "x", "id"]
        indexes = [
            models.Index(fields=["video", "frame_index"], name="pixel_flags_by_frame"),
            models.Index(fields=["video", "state", "-confidence"], name="pixel_flags_by_confidence"),
            # What reviewers are given next, in every order of qc.review_queue, however much is judged already.
            models.Index(fields=["-confidence", "id"], condition=_UNSETTLED, name="open_pixels_by_confidence"),
            models.Index(
                fields=["place", "video", "frame_index", "id"], condition=_UNSETTLED, name="open_pixels_by_place"
            ),
            models.Index(
                fields=["video", "frame_index", "y", "x", "id"], condition=_UNSETTLED, name="open_pixels_by_frame"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} pixel at {self.x:.0f}, {self.y:.0f} in frame {self.frame_index}"


class FlagPatch(models.Model):
    """The pixels around a flag in its window of five frames, as they were stored in the film.

    What reviewers look at and what the next model learns from; kept so that neither decodes the film again.
    """

    flag = models.OneToOneField(PixelFlag, on_delete=models.CASCADE, related_name="patch")
    x0 = models.IntegerField(help_text="Left edge of the patch in pixels of the stored (coded) picture; may be < 0.")
    y0 = models.IntegerField()
    side_px = models.PositiveSmallIntegerField()
    pixels = models.BinaryField(help_text="zlib of uint8 (5, side, side, 3) Y, Cb, Cr; see qc.pixel.patches.")


class PixelDecision(models.Model):
    """What one person said of one flag. Append-only: undo marks it, and the newest that stands of a person counts."""

    class Scope(models.TextChoices):
        ONE = "one", "This flag"
        POSITION = "position", "All at this place of the sensor"
        SHOT = "shot", "All in this shot"

    flag = models.ForeignKey(PixelFlag, on_delete=models.CASCADE, related_name="decisions")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="pixel_decisions")
    verdict = models.CharField(max_length=9, choices=Verdict)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.ONE)
    action = models.UUIDField(help_text="What was done in one go is taken back in one go.")
    stands = models.BooleanField(default=True, help_text="False: undone.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["flag", "user", "-id"], name="pixel_decisions_of_flag"),
            models.Index(fields=["user", "-id"], name="pixel_decisions_of_user"),
            models.Index(fields=["action"], name="pixel_decisions_of_action"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.user}: {self.flag}"


class FlagClaim(models.Model):
    """Who has a flag before them now, so that nobody else is given it; it runs out by itself."""

    flag = models.OneToOneField(PixelFlag, on_delete=models.CASCADE, related_name="claim")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)


class PixelReview(models.Model):
    """How a title's flags are to be reviewed."""

    title = models.OneToOneField(Title, on_delete=models.CASCADE, related_name="pixel_review")
    reviews_wanted = models.PositiveSmallIntegerField(
        default=1, help_text="2: every flag is judged by two people who do not see each other's word."
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(reviews_wanted__in=[1, 2]), name="pixel_reviews_wanted")]
