"""What was measured in a video, and the shots that were found in it."""

from django.db import models
from django.db.models import F, Q

from ava.work_models import Chunk, Inspection


class Annotation(models.Model):
    """What one version of one annotator measured in one chunk: float32 (frames of the chunk, columns)."""

    chunk = models.ForeignKey(Chunk, on_delete=models.CASCADE, related_name="annotations")
    annotator = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    columns = models.JSONField(help_text="Column names in order.")
    values = models.BinaryField(
        help_text="Little-endian float32, frame by frame; NaN where nothing was measured."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chunk", "annotator", "version"], name="annotation_once_in_chunk"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.annotator} v{self.version} of {self.chunk}"


class Detection(models.Model):
    """What one version of one detector found at the looked-at frames of one inspection, one row a thing."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="detections")
    detector = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    columns = models.JSONField(help_text="Column names in order.")
    frames = models.BinaryField(help_text="Each row's frame number, packed as a video's frame times are.")
    values = models.BinaryField(help_text="Little-endian float32, row by row; NaN for what is not known.")
    words = models.JSONField(default=list, help_text="One text a row, for detectors that read.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inspection", "detector", "version"], name="detection_once_in_inspection"),
        ]

    def __str__(self) -> str:
        return f"{self.detector} v{self.version} of {self.inspection}"


class Shot(models.Model):
    class Transition(models.TextChoices):
        START = "start", "Start of the film"
        CUT = "cut", "Cut"
        DISSOLVE = "dissolve", "Dissolve"
        FADE = "fade", "Fade"

    class Camera(models.TextChoices):
        STATIC = "static", "Static"
        PAN = "pan", "Pan"
        TILT = "tilt", "Tilt"
        ZOOM = "zoom", "Zoom or dolly"
        HANDHELD = "handheld", "Handheld"
        TRACKING = "tracking", "Tracking"

    class Scale(models.TextChoices):
        EXTREME_CLOSE_UP = "extreme_close_up", "Extreme close-up"
        CLOSE_UP = "close_up", "Close-up"
        MEDIUM = "medium", "Medium"
        COWBOY = "cowboy", "Cowboy"
        FULL = "full", "Full"
        LONG = "long", "Long"
        EXTREME_LONG = "extreme_long", "Extreme long"

    video = models.ForeignKey("ava.Video", on_delete=models.CASCADE, related_name="shots")
    index = models.PositiveIntegerField()
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    transition = models.CharField(max_length=8, choices=Transition, help_text="How the shot begins.")
    provisional = models.BooleanField(default=False)
    camera = models.CharField(max_length=10, choices=Camera, blank=True, help_text="How the camera moves.")
    camera_confidence = models.FloatField(null=True, blank=True)
    scale = models.CharField(max_length=16, choices=Scale, blank=True, help_text="How near the picture is.")
    scale_by = models.CharField(max_length=12, blank=True, help_text="What the scale was judged by.")
    scale_confidence = models.FloatField(null=True, blank=True)
    scene = models.PositiveIntegerField(null=True, blank=True, help_text="Counts from 0; empty: not judged yet.")

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["video", "index"], name="shot_once_in_video"),
            models.CheckConstraint(condition=Q(end_frame__gt=F("start_frame")), name="shot_not_empty"),
        ]

    def __str__(self) -> str:
        return f"Shot {self.index + 1} of {self.video}"

    @property
    def middle_frame(self) -> int:
        return (self.start_frame + self.end_frame) // 2


class Transition(models.Model):
    """A gradual transition: frames that are mixed, darkened or black, and therefore no still. Half-open."""

    video = models.ForeignKey("ava.Video", on_delete=models.CASCADE, related_name="transitions")
    kind = models.CharField(max_length=8, choices=Shot.Transition)
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()

    class Meta:
        ordering = ["start_frame"]
        constraints = [
            models.CheckConstraint(condition=Q(end_frame__gt=F("start_frame")), name="transition_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at frames {self.start_frame}–{self.end_frame - 1} of {self.video}"
