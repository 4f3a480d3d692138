"""What editors work with on the board: orders, saved filters, pick lists, comparisons, and what is learnt from them."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from ava.models import Team, Title, User, Video
from ava.work_models import MadeFile


class BoardTable(models.Model):
    """What a film's stills are ordered and clustered by, packed for reading in one go; made anew with the stills.

    It only repeats what the stills and annotations say, in the form of `curation.stills.table.StillTable`.
    """

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="board_table")
    version = models.PositiveSmallIntegerField(help_text="Of the way it is made; another one is made anew.")
    layout = models.JSONField(help_text="Names of the arrays in the order they lie in the data, with their shapes.")
    data = models.BinaryField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Board table of {self.video}"


class RankingProfile(models.Model):
    """How a team weighs the parts of a score for one purpose, in place of what AVA would."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="ranking_profiles")
    name = models.CharField(max_length=60, help_text="The purpose, such as key art.")
    weights = models.JSONField(help_text="Part of the score → weight, 0 or more.")
    variety = models.FloatField(help_text="0: by quality alone; 1: as varied as can be.")
    vector_weights = models.JSONField(default=dict, help_text="Vector of diversity → weight, 0 or more.")
    is_default = models.BooleanField(default=False, help_text="The board opens with it.")
    is_current = models.BooleanField(default=True, help_text="False: kept to be brought back, replaced or deleted.")
    updated_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["team__name", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                "team", Lower("name"), name="profile_once_in_team", condition=Q(is_current=True),
                violation_error_message="This team has a weighting of that name; choose another.",
            ),
            models.UniqueConstraint(
                fields=["team"], condition=Q(is_default=True), name="one_default_profile_in_team"
            ),
            models.CheckConstraint(
                condition=Q(is_current=True) | Q(is_default=False), name="only_current_profile_is_default"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class SavedFilter(models.Model):
    """A view of the board under a name: the query of its address, kept by one person, for the team if they say so."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, help_text="As in the board's address, without the open still.")
    is_shared = models.BooleanField(default=False, help_text="Everybody who sees the title sees it, too.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = [Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint("user", "title", Lower("name"), name="saved_filter_once"),
        ]

    def __str__(self) -> str:
        return self.name


class PickList(models.Model):
    """Stills of a title that somebody gathers for a purpose, in an order of their own."""

    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="pick_lists")
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=60, blank=True)
    is_deleted = models.BooleanField(default=False, help_text="Shown nowhere; who deleted it can bring it back.")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title", Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint(
                "title", Lower("name"), condition=Q(is_deleted=False), name="pick_list_once_in_title",
                violation_error_message="This title has a list of that name; choose another.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class PickListStep(models.Model):
    """One thing that somebody did to a list, whatever number of frames it was about. Append-only; undone as one."""

    class Kind(models.TextChoices):
        CREATE = "create", "Made"
        CHANGE = "change", "Renamed"
        DELETE = "delete", "Deleted"
        ADD = "add", "Added to"
        REMOVE = "remove", "Taken from"
        MOVE = "move", "Reordered"
        UNDO = "undo", "Taken back"

    pick_list = models.ForeignKey(PickList, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=6, choices=Kind)
    before = models.JSONField(default=dict, help_text="Fields of the list that it changed, as they were.")
    after = models.JSONField(default=dict, help_text="The same fields, as they became.")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pick_list}"


class PickListEntry(models.Model):
    """One thing that somebody did to a list with one frame. Append-only: the newest row of a frame is its state.

    Bound to the frame and not to the Still row, so that it survives every re-analysis.
    """

    pick_list = models.ForeignKey(PickList, on_delete=models.CASCADE, related_name="entries")
    step = models.ForeignKey(PickListStep, on_delete=models.CASCADE, null=True, blank=True, related_name="entries")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="+")
    frame_index = models.PositiveIntegerField()
    is_in = models.BooleanField(help_text="False: taken out.")
    position = models.FloatField(default=0, help_text="Where in the list, lowest first.")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["pick_list", "video", "frame_index", "-id"], name="pick_list_entry_newest")]

    def __str__(self) -> str:
        return f"Frame {self.frame_index} {'in' if self.is_in else 'out of'} {self.pick_list}"


class StillNote(models.Model):
    """What somebody wrote about a frame; those it mentions are told."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="notes")
    frame_index = models.PositiveIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=1000)
    is_withdrawn = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["video", "frame_index"])]

    def __str__(self) -> str:
        return self.text


class Mention(models.Model):
    """Somebody is named in a note, and has seen it or not yet."""

    note = models.ForeignKey(StillNote, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="mention_once")]

    def __str__(self) -> str:
        return f"{self.user} in “{self.note}”"


class MaturityOverride(models.Model):
    """What an editor said of one kind in one frame. Append-only: the newest row of a frame and kind holds.

    Bound to the frame, so that it survives every re-analysis.
    """

    class Verdict(models.TextChoices):
        NONE = "", "As measured"
        ALLOW = "allow", "Not held back"
        HOLD = "hold", "Held back"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="maturity_overrides")
    frame_index = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, help_text="One of curation.stills.maturity.KINDS.")
    verdict = models.CharField(max_length=5, choices=Verdict, blank=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["video", "frame_index", "kind", "-id"], name="maturity_override_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_verdict_display()} in frame {self.frame_index} of {self.video}"


class Comparison(models.Model):
    """Somebody preferred one frame of a film to another, the two before their eyes. Undone ones no longer stand."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="comparisons")
    better_frame = models.PositiveIntegerField()
    worse_frame = models.PositiveIntegerField()
    purpose = models.CharField(max_length=60, blank=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stands = models.BooleanField(default=True, help_text="False: undone.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(better_frame=F("worse_frame")), name="comparison_of_two_frames")
        ]
        indexes = [models.Index(fields=["video", "stands"])]

    def __str__(self) -> str:
        return f"Frame {self.better_frame} before {self.worse_frame} of {self.video}"


class RankingModel(models.Model):
    """One version of a team's ranking model, trained on what its editors picked, starred, rejected and compared."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="ranking_models")
    version = models.PositiveIntegerField()
    pairs = models.PositiveIntegerField(help_text="Preferences that it was trained on.")
    stills = models.PositiveIntegerField(help_text="Stills that these were about.")
    films = models.PositiveIntegerField(help_text="Films that these were of.")
    measures = models.JSONField(help_text="Cross-validated NDCG and AUC, the model's and the current weights'.")
    effects = models.JSONField(default=list, help_text="What it learnt, feature by feature.")
    weights = models.JSONField(help_text="What the trained model consists of.")
    is_active = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["team", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["team", "version"], name="ranking_model_version_once"),
            models.UniqueConstraint(
                fields=["team"], condition=Q(is_active=True), name="one_active_ranking_model_in_team"
            ),
        ]

    def __str__(self) -> str:
        return f"Ranking model {self.version} of {self.team}"


class Export(MadeFile):
    """Stills of a title on their way into a file."""

    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="exports")
    wanted = models.JSONField(help_text="What was asked for: frames by film, formats, documents beside them.")

    def __str__(self) -> str:
        return f"Export {self.pk} of {self.title}"
