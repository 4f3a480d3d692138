"""Encoders, versions of them, and the vectors they gave every shot."""

from django.db import models
from django.db.models import F, Q
from pgvector.django import HalfVectorField

from ava.models import User, Video
from ava.work_models import TrainingRun


class Encoder(models.Model):
    """One version of one way to turn shots and words into vectors of one space. Never changed afterwards."""

    class Kind(models.TextChoices):
        DESCRIPTION = "description", "Descriptions by a sentence encoder"
        VISION_LANGUAGE = "vision-language", "Vision–language model"
        TRAINED = "trained", "Trained here on pairs of shots and words"

    name = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    dimension = models.PositiveSmallIntegerField()
    weights = models.BinaryField(null=True, editable=False, help_text="Of trained ones; others read model files.")
    recipe = models.JSONField(default=dict, help_text="What made it: parent, data, command, seed.")
    measures = models.JSONField(default=dict, help_text="Recall on held-out pairs, beside its parent's.")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    is_wanted = models.BooleanField(default=False, help_text="Every shot is to have a vector of it.")
    is_serving = models.BooleanField(default=False, help_text="Searches use it.")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="encoder_version_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class ShotVector(models.Model):
    """The vector of one shot by one encoder; found stale by what it was made from."""

    encoder = models.ForeignKey(Encoder, on_delete=models.CASCADE, related_name="vectors")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="shot_vectors")
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    vector = HalfVectorField(help_text="Of length 1; its dimension is the encoder's.")
    made_from = models.CharField(max_length=64, help_text="sha-256 of what went in: span, frames or description.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["encoder", "video", "start_frame"], name="shot_vector_once"),
            models.CheckConstraint(condition=Q(end_frame__gt=F("start_frame")), name="shot_vector_not_empty"),
        ]
        indexes = [models.Index(fields=["video", "start_frame"], name="shot_vectors_of_video")]


class ContrastiveTraining(TrainingRun):
    """One run that trains the next version of two towers."""

    parent = models.ForeignKey(Encoder, on_delete=models.PROTECT, related_name="+")
    settings = models.JSONField(default=dict, help_text="Seed, steps, variant and whatever else decides the outcome.")
    curve = models.JSONField(default=list, help_text="[[step, loss, held-out R@5 or null], …]")
    result = models.ForeignKey(Encoder, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
