"""Artwork that is brought in, the pictures of a title that are compared with one another, and how they performed."""

from django.db import models
from django.db.models import F, Q

from ava.models import Title, User, Video


class Artwork(models.Model):
    """A finished or foreign picture of a title that somebody brought in; the file is kept as it came."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="artworks")
    original_name = models.CharField(max_length=255)
    file = models.FileField(max_length=300, help_text="As it came.")
    picture = models.FileField(max_length=300, blank=True, help_text="RGB, upright, as AVA reads it.")
    preview = models.FileField(max_length=300, blank=True, help_text="640 px wide.")
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    remarks = models.JSONField(default=list, help_text="Sentences on what was done to read it, such as its colours.")
    language = models.CharField(max_length=35, blank=True, help_text="Of its lettering; BCP 47.")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    error = models.CharField(max_length=300, blank=True)
    signals = models.JSONField(default=dict, help_text='"annotator.column" → value, as with stills.')
    findings = models.JSONField(default=dict, help_text="Detector → what it found, as the API shows it.")
    versions = models.JSONField(default=dict, help_text="Annotator or detector → version it was measured with.")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["title", "sha256"], name="artwork_once_in_title")]

    def __str__(self) -> str:
        return self.original_name


class PictureGroup(models.Model):
    """Pictures of a title that show the same thing: crops, gradings, languages of one picture."""

    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="picture_groups")
    best = models.ForeignKey(
        "Picture", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="The copy to keep."
    )
    is_best_chosen = models.BooleanField(default=False, help_text="A person chose the best copy.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return f"Group {self.pk} of {self.title}"


class Picture(models.Model):
    """One picture that is compared with others: a frame that is or was a still, or an artwork.

    Bound to the frame and not to the Still row, so that groups, verdicts and results survive every re-analysis.
    """

    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="pictures")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, null=True, blank=True, related_name="pictures")
    frame_index = models.PositiveIntegerField(null=True, blank=True)
    artwork = models.OneToOneField(Artwork, on_delete=models.CASCADE, null=True, blank=True, related_name="picture_row")
    group = models.ForeignKey(PictureGroup, on_delete=models.SET_NULL, null=True, blank=True, related_name="members")
    descriptor = models.BinaryField(null=True, help_text="Packed; empty: not described yet.")
    descriptor_version = models.PositiveSmallIntegerField(default=0)
    compared_version = models.PositiveSmallIntegerField(
        default=0, help_text="Of the index by which it was compared with all others that were; 0: not compared yet."
    )
    quality = models.FloatField(default=0, help_text="By which the best copy of a group is proposed, 0–1.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["video", "frame_index"], name="picture_once_a_frame"),
            models.CheckConstraint(
                condition=Q(artwork__isnull=True, video__isnull=False, frame_index__isnull=False)
                | Q(artwork__isnull=False, video__isnull=True, frame_index__isnull=True),
                name="picture_of_frame_or_artwork",
            ),
        ]

    def __str__(self) -> str:
        return str(self.artwork) if self.artwork_id else f"Frame {self.frame_index} of {self.video}"


class SimilarPair(models.Model):
    """How alike two pictures are: the index and exactly the four parts it is made of, each 0–1, 1 the same.

    `first` has the lower id. Only pairs worth telling are kept.
    """

    first = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="+")
    index = models.FloatField()
    histogram = models.FloatField()
    structure = models.FloatField()
    features = models.FloatField()
    emd = models.FloatField()
    version = models.PositiveSmallIntegerField(help_text="Of the index.")

    class Meta:
        ordering = ["-index", "id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="similar_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="similar_pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}: {self.index:.2f}"


class Sameness(models.Model):
    """A person said whether two pictures are the same; it holds against every later grouping. `first` < `second`."""

    first = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="+")
    is_same = models.BooleanField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stands = models.BooleanField(default=True, help_text="False: undone.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(first__lt=F("second")), name="sameness_in_order")]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}: {'the same' if self.is_same else 'not the same'}"


class PictureAction(models.Model):
    """Something that somebody did to a title's groups of pictures. Append-only: undoing is an action too."""

    class Kind(models.TextChoices):
        SAME = "same", "The same"
        DIFFERENT = "different", "Not the same"
        BEST = "best", "Chose the best copy"
        KEEP = "keep", "Kept the best, rejected the rest"
        UNDO = "undo", "Undid"

    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="picture_actions")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind)
    picture = models.ForeignKey(
        Picture, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="That it was about."
    )
    sentence = models.CharField(max_length=300)
    changes = models.JSONField(default=dict, help_text="What it made or changed, for taking it back.")
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.sentence


class TestBatch(models.Model):
    """One import of results of A/B tests; taking it back takes back its results."""

    __test__ = False

    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="test_batches")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["title", "sha256"], name="test_batch_once",
                violation_error_message="These results have been imported already.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.file_name


class TestResult(models.Model):
    """How often a picture was shown and how often it was played in one region."""

    __test__ = False

    batch = models.ForeignKey(TestBatch, on_delete=models.CASCADE, related_name="results")
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="results")
    region = models.CharField(max_length=40)
    impressions = models.PositiveBigIntegerField()
    plays = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "picture", "region"], name="test_result_once_in_batch"),
            models.CheckConstraint(condition=Q(plays__lte=F("impressions")), name="plays_of_impressions"),
        ]

    def __str__(self) -> str:
        return f"{self.picture} in {self.region}: {self.plays} of {self.impressions}"
