"""Attributes of shots that people teach by example: close-ups, explosions, caution elements."""

from django.db import models
from django.db.models import F, Q

from ava.models import Team, User, Video
from search.encoder_models import Encoder


class Attribute(models.Model):
    """Something a shot has or has not, as one team understands it."""

    class Use(models.TextChoices):
        FILTER = "filter", "Filters searches and stills"
        VIOLENCE = "violence", "Is the violence signal of maturity, too"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="attributes")
    name = models.CharField(max_length=60)
    use = models.CharField(max_length=8, choices=Use, default=Use.FILTER)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    is_deleted = models.BooleanField(default=False, help_text="Deleted ones can be brought back.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"], condition=Q(is_deleted=False), name="attribute_once_in_team"
            )
        ]

    def __str__(self) -> str:
        return self.name


class AttributeExample(models.Model):
    """What one person said of one span. Append-only: undo marks it; the newest that stands counts."""

    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="examples")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="+")
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    has_it = models.BooleanField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    action = models.UUIDField(null=True, help_text="What was said in one go is taken back in one go.")
    stands = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(end_frame__gt=F("start_frame")), name="attribute_example_not_empty")
        ]
        indexes = [models.Index(fields=["attribute", "video", "start_frame"], name="attribute_examples_of_shot")]


class AttributeModel(models.Model):
    """One version of an attribute's head on the vectors of one encoder."""

    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="models")
    encoder = models.ForeignKey(Encoder, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    weights = models.JSONField(help_text="As search.train.attribute packs them, calibration included.")
    measures = models.JSONField(default=dict)
    is_active = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["attribute", "version"], name="attribute_model_once"),
            models.UniqueConstraint(
                fields=["attribute"], condition=Q(is_active=True), name="one_active_attribute_model"
            ),
        ]


class ShotAttribute(models.Model):
    """How probably a shot has an attribute, by the version in use."""

    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="shots")
    model = models.ForeignKey(AttributeModel, on_delete=models.CASCADE, related_name="+")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="shot_attributes")
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    probability = models.FloatField()
    made_from = models.CharField(max_length=64, default="", help_text="Of the vector that it was told from.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attribute", "video", "start_frame"], name="shot_attribute_once")
        ]
