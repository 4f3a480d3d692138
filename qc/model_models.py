"""Versions of the pixel network, and the runs that train them."""

from django.db import models
from django.db.models import Q

from ava.models import Lease, User, WorkState


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


class PixelTraining(Lease):
    """One run that trains the next version; a killed one goes on from its checkpoint."""

    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.QUEUED)
    settings = models.JSONField(default=dict, help_text="Seed, steps and whatever else decides the outcome.")
    parent = models.ForeignKey(PixelModel, on_delete=models.PROTECT, related_name="+")
    steps_done = models.PositiveIntegerField(default=0)
    steps_total = models.PositiveIntegerField(default=0)
    curve = models.JSONField(default=list, help_text="[[step, loss, held-out loss or null], …]")
    examples = models.JSONField(default=dict, help_text="What it learns from, counted.")
    checkpoint = models.BinaryField(null=True, editable=False)
    result = models.ForeignKey(PixelModel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent"], condition=Q(state__in=["queued", "running"]), name="one_active_pixel_training"
            )
        ]

    def __str__(self) -> str:
        return f"Training from {self.parent} ({self.get_state_display()})"
