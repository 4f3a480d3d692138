"""Rankers of moments: their versions, the runs that train them, and the scores of each film as they were last made."""

from django.db import models
from django.db.models import Q

from ava.models import User, Video
from ava.work_models import TrainingRun


class MomentRanker(models.Model):
    """One version of the network that ranks a film's shots as moments. Never changed afterwards."""

    version = models.PositiveIntegerField(unique=True)
    weights = models.BinaryField(help_text="The file as curation.moments.ranker_file writes it.")
    sha256 = models.CharField(max_length=64, unique=True)
    space = models.CharField(
        max_length=80, blank=True, help_text="The embeddings of shots that it knows; empty: it was trained on none."
    )
    recipe = models.JSONField(default=dict, help_text="Films, settings and seed that made it.")
    measures = models.JSONField(default=dict, help_text="On titles left out, beside what it is held against.")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    is_active = models.BooleanField(default=False, help_text="It ranks the moments of every film.")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["is_active"], condition=Q(is_active=True), name="one_active_moment_ranker")
        ]

    def __str__(self) -> str:
        return f"Moment ranker {self.version}"

    @property
    def name(self) -> str:
        return f"version {self.version}"


class MomentTraining(TrainingRun):
    """One run that trains the next version: once without each title, to be measured on it, and then with all."""

    parent = models.ForeignKey(
        MomentRanker, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="The version that it is held against; empty: the prior alone.",
    )  # fmt: skip
    curve = models.JSONField(default=list, help_text="[[step, loss, share of the left-out title's top ten], …]")
    left_out = models.JSONField(default=list, help_text="Figures of every title that has been left out so far.")
    result = models.ForeignKey(MomentRanker, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta(TrainingRun.Meta):
        pass

    def __str__(self) -> str:
        return f"Training of moments ({self.get_state_display()})"


class MomentScoring(models.Model):
    """A film's shots as they were last measured and scored; found stale by what that was made from."""

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="moment_scoring")
    ranker = models.ForeignKey(
        MomentRanker, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="Empty: the prior."
    )
    basis = models.CharField(max_length=64, help_text="sha-256 of all that measures and scores were made from.")
    shots = models.PositiveIntegerField()
    packed = models.BinaryField(help_text="Measures and scores as curation.moments.packed writes them.")
    missing = models.JSONField(default=list, help_text="What is not known of the film, in sentences.")
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["video"]

    def __str__(self) -> str:
        return f"Moments of {self.video}"
