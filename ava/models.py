"""Who may see what, titles and their videos; beside them the work done on these and what it found."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from rest_framework.authtoken.models import Token

from ava.measured_models import Annotation, Detection, Shot, Transition
from ava.sound_models import MeasuredSound
from ava.work_models import ACTIVE_STATES, Chunk, Inspection, Job, JobStage, Lease, WorkState, WorkUnit

__all__ = [
    "ACTIVE_STATES",
    "Annotation",
    "Chunk",
    "Detection",
    "Inspection",
    "Job",
    "JobStage",
    "Lease",
    "MeasuredSound",
    "Membership",
    "Role",
    "Shot",
    "Team",
    "Title",
    "Transition",
    "Upload",
    "User",
    "Video",
    "WorkState",
    "WorkUnit",
]


class User(AbstractUser):
    """A person who signs in. Superusers run the installation; everyone else sees what their teams see."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new password ends the API token too: whoever had the old one may have the token as well."""
        has_new_password = self._password is not None
        super().save(*args, **kwargs)
        if has_new_password:
            Token.objects.filter(user=self).delete()


class Role(models.TextChoices):
    EDITOR = "editor", "Editor"
    REVIEWER = "reviewer", "QC reviewer"
    ADMINISTRATOR = "administrator", "Administrator"


class Team(models.Model):
    name = models.CharField(max_length=120, unique=True)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team", "role"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} as {self.get_role_display()}"


class Title(models.Model):
    class Kind(models.TextChoices):
        FILM = "film", "Film"
        SERIES = "series", "Series"
        EPISODE = "episode", "Episode"
        TRAILER = "trailer", "Trailer"

    class ContentFormat(models.TextChoices):
        LIVE_ACTION = "live-action", "Live action"
        ANIMATION = "animation", "Animation"
        DOCUMENTARY = "documentary", "Documentary"
        UNSCRIPTED = "unscripted", "Unscripted"
        OTHER = "other", "Other"

    class MaturityRating(models.TextChoices):
        ALL = "all", "All ages"
        SEVEN = "7+", "7+"
        THIRTEEN = "13+", "13+"
        SIXTEEN = "16+", "16+"
        EIGHTEEN = "18+", "18+"

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FILM)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="The series of an episode, or the title a trailer advertises.",
    )
    season = models.PositiveSmallIntegerField(null=True, blank=True)
    episode = models.PositiveSmallIntegerField(null=True, blank=True)
    genre = models.CharField(max_length=80, blank=True)
    content_format = models.CharField(max_length=12, choices=ContentFormat, default=ContentFormat.LIVE_ACTION)
    maturity_rating = models.CharField(max_length=4, choices=MaturityRating, blank=True)
    language = models.CharField(max_length=35, blank=True, help_text="BCP 47 tag, such as en or pt-BR.")
    teams = models.ManyToManyField(Team, related_name="titles", help_text="Only these teams see the title.")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "season", "episode", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "season", "episode"],
                name="episode_once",
                condition=Q(kind="episode", parent__isnull=False),
                violation_error_message="This series already has that episode.",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="title_not_own_parent"
            ),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.EPISODE and self.season is not None and self.episode is not None:
            return f"{self.name} (S{self.season:02d}E{self.episode:02d})"
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("title", args=[self.pk])

    def clean(self) -> None:
        parent_kind = self.parent.kind if self.parent else None
        if self.kind == self.Kind.EPISODE:
            if parent_kind != self.Kind.SERIES:
                raise ValidationError({"parent": "Choose the series that this episode belongs to."})
            if self.season is None or self.episode is None:
                raise ValidationError("Give the season and the episode number.")
        elif self.season is not None or self.episode is not None:
            raise ValidationError("Only an episode has a season and an episode number.")
        if self.kind == self.Kind.TRAILER and parent_kind in {None, self.Kind.TRAILER}:
            raise ValidationError(
                {"parent": "Choose the film, series or episode that this trailer advertises."}
            )
        if self.kind in {self.Kind.FILM, self.Kind.SERIES} and self.parent_id is not None:
            raise ValidationError({"parent": "A film or a series stands on its own; leave this empty."})


class Video(models.Model):
    """One file of a title, as probed when it came in. Everything needed to decode it again frame by frame."""

    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="videos")
    original_name = models.CharField(max_length=255)
    file = models.FileField(upload_to="videos/%Y/%m/", max_length=300)
    proxy = models.FileField(upload_to="proxies/%Y/%m/", max_length=300, blank=True)
    proxy_reason = models.CharField(
        max_length=300, blank=True, help_text="Why browsers cannot play the file itself."
    )
    proxy_error = models.CharField(max_length=300, blank=True, help_text="Why the proxy could not be made.")
    proxy_sent_at = models.DateTimeField(
        null=True, editable=False, help_text="When the proxy was last asked for at the broker."
    )
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.BigIntegerField()
    container = models.CharField(max_length=80)
    codec = models.CharField(max_length=40)
    pixel_format = models.CharField(max_length=40)
    bit_depth = models.PositiveSmallIntegerField()
    coded_width = models.PositiveIntegerField()
    coded_height = models.PositiveIntegerField()
    width = models.PositiveIntegerField(help_text="Upright, square pixels.")
    height = models.PositiveIntegerField(help_text="Upright, square pixels.")
    rotation_deg = models.PositiveSmallIntegerField(default=0)
    sample_aspect_num = models.PositiveIntegerField(default=1)
    sample_aspect_den = models.PositiveIntegerField(default=1)
    interlaced = models.BooleanField(default=False)
    color_space = models.CharField(max_length=40, blank=True)
    color_range = models.CharField(max_length=40, blank=True)
    color_transfer = models.CharField(max_length=40, blank=True)
    color_primaries = models.CharField(max_length=40, blank=True)
    fps_num = models.PositiveIntegerField()
    fps_den = models.PositiveIntegerField()
    is_vfr = models.BooleanField(default=False)
    time_base_num = models.PositiveIntegerField()
    time_base_den = models.PositiveIntegerField()
    frame_count = models.PositiveIntegerField()
    frame_pts = models.BinaryField(
        help_text="Presentation times in time_base units: packed deltas, see ava.packing."
    )
    keyframes = models.BinaryField(help_text="Indices of frames from which decoding can start, packed alike.")
    duration_s = models.FloatField()
    start_timecode = models.CharField(max_length=16, blank=True)
    stream_index = models.PositiveSmallIntegerField(
        default=0, help_text="Which stream of the file the pictures are."
    )
    time_origin_num = models.BigIntegerField(
        default=0, help_text="Seconds that players call zero, in the file's clock."
    )
    time_origin_den = models.PositiveBigIntegerField(default=1)
    is_mirrored = models.BooleanField(default=False)
    seek_stamps = models.BinaryField(null=True, help_text="Where to seek for each keyframe; empty: its own time.")
    frames_by = models.CharField(
        max_length=24, default="presentation time", help_text="How frames are recognised when decoded again."
    )
    frame_keys = models.BinaryField(null=True, help_text="What each frame is recognised by; empty: its own time.")
    key_marks = models.BinaryField(null=True, help_text="What keyframes are recognised by where frames are counted.")
    audio_codecs = models.JSONField(default=list)
    audio_streams = models.PositiveSmallIntegerField(default=0)
    subtitle_streams = models.PositiveSmallIntegerField(default=0)
    warnings = models.JSONField(default=list)
    picture_area = models.JSONField(
        null=True,
        editable=False,
        help_text="The picture without black bars, [x0, y0, x1, y1]; empty: not looked for yet.",
    )
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["title", "sha256"], name="video_once_in_title")]

    def __str__(self) -> str:
        return self.original_name

    @property
    def fps(self) -> float:
        return self.fps_num / self.fps_den

    def shot_at(self, frame_index: int) -> Shot | None:
        """The shot that a frame belongs to, as far as shots are known."""
        return self.shots.filter(start_frame__lte=frame_index, end_frame__gt=frame_index).first()

    @property
    def size_without_bars(self) -> str:
        """ "1920 × 804"; empty where the picture fills the frame or nobody has looked yet."""
        x0, y0, x1, y1 = self.picture_area or (0, 0, self.width, self.height)
        return "" if (x1 - x0, y1 - y0) == (self.width, self.height) else f"{x1 - x0} × {y1 - y0}"


class Upload(models.Model):
    """A file on its way in by the tus protocol; its bytes so far lie in the upload folder."""

    id = models.UUIDField(primary_key=True)
    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="uploads")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="uploads")
    original_name = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField()
    received_bytes = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    error = models.CharField(max_length=500, blank=True)
    video = models.ForeignKey(Video, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_duplicate = models.BooleanField(
        default=False, help_text="The video was there already and nothing was kept twice."
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.original_name
