"""What is to be done and who does it: jobs, their stages and the units that workers claim, and files made to order.

The truth about work is here, not in the broker: a job's units say what is done, who holds what and since
when, and `ava.pipeline` re-sends whatever a dead worker held.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class WorkState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE_STATES = (WorkState.QUEUED, WorkState.RUNNING)
KEPT_DAYS = 7
"""How long files made to order are kept."""


class Lease(models.Model):
    """Who works on a row: a token that changes with every claim, and a heartbeat that a dead worker stops giving."""

    claim = models.UUIDField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(
        null=True, editable=False, help_text="When its message last went to the broker."
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How often it was begun, deaths included."
    )
    failures = models.PositiveSmallIntegerField(default=0, help_text="How often it ended in an error.")

    class Meta:
        abstract = True


class TrainingRun(Lease):
    """A run that trains the next version of a model (`ava.model_trainings`); a killed one goes on from its checkpoint.

    Its kinds have the `parent` that it goes on from and its `result`, versions both.
    """

    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.QUEUED)
    settings = models.JSONField(default=dict, help_text="Seed, steps and whatever else decides the outcome.")
    steps_done = models.PositiveIntegerField(default=0)
    steps_total = models.PositiveIntegerField(default=0)
    curve = models.JSONField(default=list, help_text="[[step, loss, held-out figure or null], …]")
    checkpoint = models.BinaryField(null=True, editable=False)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey("ava.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Training from {self.parent} ({self.get_state_display()})"  # type: ignore[attr-defined]


class MadeFile(models.Model):
    """A file on its way to somebody: asked for, made by a worker, kept for a while."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        WORKING = "working", "Being made"
        DONE = "done", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    file = models.FileField(max_length=300, blank=True)
    error = models.CharField(max_length=300, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="A worker answers for it until then.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-id"]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def state_class(self) -> str:
        """The style sheet's name of the state."""
        return {"waiting": "queued", "working": "running"}.get(self.state, self.state)

    @property
    def goes_at(self) -> datetime | None:
        """When it is deleted, with its file."""
        return self.finished_at + timedelta(days=KEPT_DAYS) if self.finished_at else None


OPEN_STATES = (MadeFile.State.WAITING, MadeFile.State.WORKING)


class Job(Lease):
    """One analysis of one video, or one scan of it, from queued to done, with its stages.

    An analysis measures what is not measured yet and runs every stage; a scan shows its pictures to those alone who
    watch chunks (`ava.chunk_watches`), measures nothing, and runs the stages that belong to that.
    """

    class Kind(models.TextChoices):
        ANALYSIS = "analysis", "Analysis"
        SCAN = "scan", "Scan for pixel errors"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.ANALYSIS)
    video = models.ForeignKey("ava.Video", on_delete=models.CASCADE, related_name="jobs")
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.QUEUED)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    provisional_frames = models.PositiveIntegerField(
        default=0,
        help_text="How many frames from the beginning the provisional shots and stills rest on.",
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["video"],
                condition=Q(state__in=["queued", "running"]),
                name="one_active_job_per_video",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.video} ({self.get_state_display()})"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_STATES


class JobStage(models.Model):
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=24)
    label = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.QUEUED)
    done_units = models.PositiveIntegerField(default=0)
    total_units = models.PositiveIntegerField(default=0)
    start_units = models.PositiveIntegerField(
        default=0, help_text="Units that were done already when it began."
    )
    unit = models.CharField(max_length=12, default="frames")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="stage_once_in_job")]

    def __str__(self) -> str:
        return f"{self.label} ({self.get_state_display()})"


class WorkUnit(Lease):
    """A span of a video that any worker can take up by itself. Spans are half-open.

    Its state is that of the newest job's work on it; what it holds is told by its results, never by its state.
    """

    video = models.ForeignKey("ava.Video", on_delete=models.CASCADE, related_name="%(class)ss")
    index = models.PositiveIntegerField()
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.QUEUED)
    frames_done = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["video", "index"], name="%(class)s_once_in_video"),
            models.CheckConstraint(condition=Q(end_frame__gt=F("start_frame")), name="%(class)s_not_empty"),
        ]
        indexes = [models.Index(fields=["state", "heartbeat_at"])]

    def __str__(self) -> str:
        return f"{self.video} frames {self.start_frame}–{self.end_frame - 1}"


class Chunk(WorkUnit):
    """A keyframe-aligned span whose every frame is measured in one decode."""

    missing_frames = models.PositiveIntegerField(default=0, help_text="Frames that could not be decoded.")


class Inspection(WorkUnit):
    """A run of whole shots of which a few frames are looked at closely: people, text and what else is costly."""

    looks = models.BinaryField(help_text="Numbers of the frames to look at, packed as a video's frame times are.")
