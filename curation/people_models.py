"""The people of films: characters, their tracks and faces, and everything that people have said about them.

Tracks and faces are made anew by every analysis. What people say is bound to a frame and a place in it
(`FaceClaim`) or to characters, and every analysis respects it.
"""

from django.db import models
from django.db.models import F, Q
from pgvector.django import VectorField

from ava.models import Title, User, Video


class Character(models.Model):
    """Somebody in a film, or in a series with all its episodes and trailers (`scope` is the film or the series)."""

    class Importance(models.TextChoices):
        MAIN = "main", "Main"
        SECONDARY = "secondary", "Secondary"
        EXTRA = "extra", "Extra"

    scope = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="characters")
    number = models.PositiveIntegerField(help_text="Counts within the scope; never given twice.")
    name = models.CharField(max_length=120, blank=True)
    importance = models.CharField(
        max_length=9, choices=Importance, blank=True, help_text="What a person said; empty: AVA judges."
    )
    is_locked = models.BooleanField(default=False, help_text="Analyses neither add faces to it nor take any away.")
    is_kept = models.BooleanField(default=False, help_text="A person has said something about it.")
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged")
    graph_x = models.FloatField(null=True, editable=False, help_text="Where the graph has drawn it, 0–1.")
    graph_y = models.FloatField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["scope", "number"]
        constraints = [models.UniqueConstraint(fields=["scope", "number"], name="character_once_in_scope")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name, or a number until somebody gives one."""
        return self.name or f"Person {self.number}"


class FaceTrack(models.Model):
    """One person through one shot, as far as they were followed. Frames are half-open."""

    class GivenBy(models.TextChoices):
        ANALYSIS = "analysis", "AVA"
        PERSON = "person", "A person"
        LIKENESS = "likeness", "AVA, after a person's word about a face like it"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="face_tracks")
    character = models.ForeignKey(
        Character, on_delete=models.SET_NULL, null=True, blank=True, related_name="tracks",
        help_text="Empty: nobody recognised.",
    )  # fmt: skip
    given_by = models.CharField(max_length=8, choices=GivenBy, default=GivenBy.ANALYSIS)
    confidence = models.FloatField(null=True, help_text="Probability, 0–1, that it is the character; empty: none.")
    is_face = models.BooleanField(default=True, help_text="False: a person said that this is no face.")
    is_static = models.BooleanField(default=False, help_text="A picture of a face, as on a poster.")
    shot_index = models.PositiveIntegerField()
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    height_unit = models.FloatField(help_text="Median height of the face, as a share of the picture's.")
    centrality_unit = models.FloatField(help_text="1 in the middle of the picture, 0 in its corners.")
    sharpness_unit = models.FloatField(null=True)
    dialogue_unit = models.FloatField(null=True, help_text="Share of its time with dialogue; empty: not known.")
    encoder = models.CharField(max_length=40, blank=True, help_text="The detector that made the vector.")
    vector = VectorField(null=True, help_text="Mean of its faces' vectors, weighted by their quality.")
    weight = models.FloatField(default=0.0, help_text="Sum of the qualities that the vector rests on.")
    portrait = models.BinaryField(null=True, help_text="JPEG of its best face.")

    class Meta:
        ordering = ["video", "start_frame", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(end_frame__gt=F("start_frame")), name="face_track_not_empty"),
        ]
        indexes = [models.Index(fields=["character", "video"])]

    def __str__(self) -> str:
        return f"{self.character or 'Somebody'} in frames {self.start_frame}–{self.end_frame - 1} of {self.video}"


class Face(models.Model):
    """A looked-at face of a track; the box is in film pixels, half-open."""

    track = models.ForeignKey(FaceTrack, on_delete=models.CASCADE, related_name="faces")
    frame_index = models.PositiveIntegerField()
    row = models.PositiveSmallIntegerField(help_text="Which of the frame's faces it is, as the detector counts.")
    x0 = models.FloatField()
    y0 = models.FloatField()
    x1 = models.FloatField()
    y1 = models.FloatField()
    score = models.FloatField()
    quality = models.FloatField(help_text="How well it can be recognised, 0–1.")
    expression = models.FloatField(
        null=True, help_text="How well its expression suits a still, 0–1; empty: not known."
    )

    class Meta:
        ordering = ["frame_index", "row"]
        indexes = [models.Index(fields=["track", "frame_index"]), models.Index(fields=["frame_index"])]

    def __str__(self) -> str:
        return f"Face in frame {self.frame_index}"

    @property
    def box(self) -> list[float]:
        return [self.x0, self.y0, self.x1, self.y1]


class PeopleAction(models.Model):
    """One thing that one person did to the cast of a scope. Append-only; undoing is an action of its own.

    `changes` holds, for every row that the action touched, what it was before and what it is since.
    """

    class Kind(models.TextChoices):
        NAME = "name", "Named"
        IMPORTANCE = "importance", "Importance"
        LOCK = "lock", "Locked"
        MERGE = "merge", "Merged"
        SPLIT = "split", "Split"
        MOVE = "move", "Moved"
        NOT_FACE = "not_face", "Not a face"
        CONFIRM = "confirm", "Confirmed"
        REFUSE = "refuse", "Refused"
        DIFFERENT = "different", "Different people"
        UNDO = "undo", "Undone"

    scope = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="people_actions")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="people_actions")
    kind = models.CharField(max_length=10, choices=Kind)
    sentence = models.CharField(max_length=400, help_text="What was done, for people.")
    changes = models.JSONField(default=list)
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["scope", "-id"])]

    def __str__(self) -> str:
        return self.sentence


class FaceClaim(models.Model):
    """What a person said about one face. Bound to frame and box, so that it survives every re-analysis.

    Of claims about one face the newest that stands holds.
    """

    class Verdict(models.TextChoices):
        IS = "is", "Is the character"
        IS_NOT = "is_not", "Is not the character"
        NOT_FACE = "not_face", "Is no face"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="face_claims")
    frame_index = models.PositiveIntegerField()
    x0 = models.FloatField()
    y0 = models.FloatField()
    x1 = models.FloatField()
    y1 = models.FloatField()
    verdict = models.CharField(max_length=8, choices=Verdict)
    character = models.ForeignKey(Character, on_delete=models.CASCADE, null=True, blank=True, related_name="claims")
    action = models.ForeignKey(PeopleAction, on_delete=models.CASCADE, related_name="claims")
    stands = models.BooleanField(default=True, help_text="False: undone.")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["video", "stands"])]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} {self.character or ''} in frame {self.frame_index}".replace("  ", " ")


class Difference(models.Model):
    """Two characters that a person said are two people; `first` has the lower id."""

    first = models.ForeignKey(Character, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Character, on_delete=models.CASCADE, related_name="+")
    action = models.ForeignKey(PeopleAction, on_delete=models.CASCADE, related_name="differences")
    stands = models.BooleanField(default=True, help_text="False: undone.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(first__lt=F("second")), name="difference_in_order")]

    def __str__(self) -> str:
        return f"{self.first} is not {self.second}"


class ExpressionModel(models.Model):
    """One version of the classifier of facial expressions, trained on what this house's editors picked and rejected."""

    version = models.PositiveIntegerField(unique=True)
    encoder = models.CharField(max_length=40, blank=True, help_text="Whose vectors are among its features.")
    picked = models.PositiveIntegerField(help_text="Faces of picked frames that it was trained on.")
    rejected = models.PositiveIntegerField(help_text="Faces of rejected frames that it was trained on.")
    auc = models.FloatField(help_text="Mean area under the ROC curve over the cross-validation's folds, 0–1.")
    folds = models.JSONField(default=list, help_text="The area of each fold.")
    geometry_auc = models.FloatField(null=True, help_text="That of the untrained score on the same faces.")
    weights = models.JSONField(help_text="What the trained classifier consists of.")
    is_active = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="one_active_expression_model"
            )
        ]

    def __str__(self) -> str:
        return f"Expression model {self.version}"
