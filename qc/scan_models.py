"""What a scan for pixel errors leaves beside its flags, and the folders whose clips are scanned as they come in."""

from django.db import models

from ava.models import Chunk, Title, User, Video
from qc.model_models import PixelModel


class ChunkScan(models.Model):
    """That a chunk was scanned, with which model, and what it says of stuck pixels."""

    chunk = models.OneToOneField(Chunk, on_delete=models.CASCADE, related_name="pixel_scan")
    model = models.ForeignKey(PixelModel, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(help_text="qc.pixel.scan.SCAN_VERSION of the code that made it.")
    stuck_evidence = models.BinaryField(help_text="As qc.pixel.stuck packs it; merged over the film by the stage.")
    report = models.JSONField(default=dict, help_text="Counts and what a reader should know, as sentences.")
    created_at = models.DateTimeField(auto_now_add=True)


class WatchFolder(models.Model):
    """A folder of this machine whose incoming clips become videos of a title and are scanned."""

    path = models.CharField(max_length=500, unique=True)
    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="watch_folders")
    is_active = models.BooleanField(default=True)
    analyses_too = models.BooleanField(default=False, help_text="Everything is measured, not only pixel errors.")
    looked_at = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=500, blank=True, help_text="Why it could not be read the last time.")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path


class WatchedFile(models.Model):
    """A file seen in a watched folder: taken in once it has stopped growing, refused with a sentence, never twice."""

    class State(models.TextChoices):
        GROWING = "growing", "Still being written"
        TAKEN = "taken", "Taken in"
        REFUSED = "refused", "Refused"

    folder = models.ForeignKey(WatchFolder, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=500, help_text="Path below the folder.")
    size_bytes = models.BigIntegerField()
    modified_ns = models.BigIntegerField()
    seen_at = models.DateTimeField(help_text="When it was first seen with this size and time.")
    state = models.CharField(max_length=8, choices=State, default=State.GROWING)
    error = models.CharField(max_length=500, blank=True)
    video = models.ForeignKey(Video, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["folder", "name"], name="watched_file_once")]

    def __str__(self) -> str:
        return self.name
