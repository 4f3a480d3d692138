"""What is said of shots in words: descriptions from measured facts, dialogue, and people's own labels."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from ava.models import User, Video


class ShotDescription(models.Model):
    """One shot in words, made of what was measured; renewed when the facts change."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="shot_descriptions")
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    facts = models.JSONField(default=dict, help_text="What the sentences say, by kind: scale, people, colours …")
    text = models.TextField()
    words = SearchVectorField(null=True, editable=False)
    made_from = models.CharField(max_length=64, help_text="sha-256 of the facts and of the describing code's version.")

    class Meta:
        ordering = ["video", "start_frame"]
        constraints = [models.UniqueConstraint(fields=["video", "start_frame"], name="shot_description_once")]
        indexes = [
            GinIndex(fields=["words"], name="shot_description_words"),
            GinIndex(fields=["facts"], opclasses=["jsonb_path_ops"], name="shot_description_facts"),
        ]


class DialogueLine(models.Model):
    """One line of dialogue with its time, as one source tells it."""

    class Source(models.TextChoices):
        UPLOADED = "uploaded", "A subtitle file"
        EMBEDDED = "embedded", "A track in the film"
        BURNED_IN = "burned-in", "Read off the picture"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="dialogue_lines")
    source = models.CharField(max_length=9, choices=Source)
    language = models.CharField(max_length=35, blank=True)
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    text = models.TextField()
    words = SearchVectorField(null=True, editable=False)

    class Meta:
        ordering = ["video", "start_frame", "id"]
        indexes = [
            models.Index(fields=["video", "start_frame"], name="dialogue_of_video"),
            GinIndex(fields=["words"], name="dialogue_words"),
        ]


class ShotLabel(models.Model):
    """What one person wrote about a span of a film. Append-only: taking back marks it. Bound to frames, not shots."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="shot_labels")
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    text = models.CharField(max_length=1000)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="shot_labels")
    stands = models.BooleanField(default=True, help_text="False: taken back.")
    words = SearchVectorField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["video", "start_frame", "id"]
        constraints = [models.CheckConstraint(condition=Q(end_frame__gt=F("start_frame")), name="shot_label_not_empty")]
        indexes = [GinIndex(fields=["words"], name="shot_label_words")]
