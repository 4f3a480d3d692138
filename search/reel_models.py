"""What people keep of their searches: saved searches that tell of new matches, and reels."""

from django.db import models
from django.db.models import F, Q

from ava.models import Team, User, Video
from ava.work_models import MadeFile


class SavedSearch(models.Model):
    """A person's search that is run again when films come in, and tells what is new."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=80)
    query = models.TextField(help_text="The address's query string; see search.query.")
    looked_at = models.DateTimeField(auto_now_add=True, help_text="When the person last saw its results.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_search_once")]

    def __str__(self) -> str:
        return self.name


class SavedSearchMatch(models.Model):
    """A span that a saved search found, told once."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="matches")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="+")
    start_frame = models.PositiveIntegerField()
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["search", "video", "start_frame"], name="saved_search_match_once")
        ]


class Reel(models.Model):
    """An ordered, trimmed collection of spans out of any films of one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="reels")
    name = models.CharField(max_length=120)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    is_deleted = models.BooleanField(default=False)
    wanted_s = models.FloatField(null=True, blank=True, help_text="How long a string-out is to be; empty: any length.")
    proposal = models.JSONField(
        null=True, blank=True, help_text="What its clips were proposed by: see search.string_out_wishes."
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class ReelClip(models.Model):
    """One span in a reel; frames are half-open."""

    reel = models.ForeignKey(Reel, on_delete=models.CASCADE, related_name="clips")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="+")
    in_frame = models.PositiveIntegerField()
    out_frame = models.PositiveIntegerField()
    position = models.FloatField(help_text="Orders the clips of a reel.")
    note = models.CharField(max_length=500, blank=True)
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    is_in = models.BooleanField(default=True, help_text="False: taken out, and can be brought back.")

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=Q(out_frame__gt=F("in_frame")), name="reel_clip_not_empty")]


class ReelStep(models.Model):
    """One thing a person did to a reel, with what was before, so that it can be taken back."""

    reel = models.ForeignKey(Reel, on_delete=models.CASCADE, related_name="steps")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(help_text="State of the clips it touched, by their numbers; null: there was none.")
    after = models.JSONField()
    sentence = models.CharField(max_length=200)
    is_proposal = models.BooleanField(
        default=False, help_text="AVA chose the clips that it put in and took out: no word of a person about them."
    )
    stands = models.BooleanField(default=True)
    may_return = models.BooleanField(
        default=True, help_text="Taken back, it can be done again: its person has done nothing else since."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]


class ReelRender(MadeFile):
    """A reel, as it was when it was asked for, on its way into a film."""

    reel = models.ForeignKey(Reel, on_delete=models.CASCADE, related_name="renders")
    spans = models.JSONField(help_text="Films and half-open frames in their order: [video, in, out].")
    done_count = models.PositiveIntegerField(default=0, help_text="Frames written.")
    remarks = models.JSONField(default=list, help_text="Sentences on what was fitted or left out.")
    is_preview = models.BooleanField(default=False, help_text="To look at: at most 720 lines.")

    def __str__(self) -> str:
        return f"Film {self.pk} of {self.reel}"
