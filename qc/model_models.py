"""Versions of the pixel network, and the runs that train them."""

from django.db import models
from django.db.models import Q

from ava.models import User
from ava.work_models import TrainingRun


class PixelModel(models.Model):
    """One version of the network: its weights, how they were made, and what was measured. Never changed afterwards."""

    version = models.PositiveIntegerField(unique=True)
    weights = models.BinaryField(help_text="The file as qc.pixel.model_file writes it.")
    sha256 = models.CharField(max_length=64, unique=True)
    recipe = models.JSONField(default=dict, help_text="Command, seed, data and settings that made it.")
    measures = models.JSONField(default=dict, help_text="On the fixed held-out set, beside its parent's.")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    is_shipped = models.BooleanField(default=False, help_text="Came with this program.")
    is_active = models.BooleanField(default=False, help_text="New scans use it.")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["is_active"], condition=Q(is_active=True), name="one_active_pixel_model")
        ]

    def __str__(self) -> str:
        return f"Pixel model {self.version}"


class PixelTraining(TrainingRun):
    """One run that trains the next version of the pixel network."""

    parent = models.ForeignKey(PixelModel, on_delete=models.PROTECT, related_name="+")
    curve = models.JSONField(default=list, help_text="[[step, loss, held-out loss or null], …]")
    examples = models.JSONField(default=dict, help_text="What it learns from, counted.")
    result = models.ForeignKey(PixelModel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta(TrainingRun.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["parent"], condition=Q(state__in=["queued", "running"]), name="one_active_pixel_training"
            )
        ]
