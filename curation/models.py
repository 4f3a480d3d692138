"""Stills AVA proposes, what editors decide about frames, and the logos that teams look for in them."""

from django.db import models
from django.db.models.functions import Lower

from ava.models import Shot, Team, User, Video
from curation.artwork_models import (
    Artwork,
    Picture,
    PictureAction,
    PictureGroup,
    Sameness,
    SimilarPair,
    TestBatch,
    TestResult,
)
from curation.board_models import (
    BoardTable,
    Comparison,
    Export,
    MaturityOverride,
    Mention,
    PickList,
    PickListEntry,
    PickListStep,
    RankingModel,
    RankingProfile,
    SavedFilter,
    StillNote,
)
from curation.layout_models import LayoutStep, TeamCanvas
from curation.moment_models import MomentRanker, MomentScoring, MomentTraining
from curation.people_models import (
    Character,
    Difference,
    ExpressionModel,
    Face,
    FaceClaim,
    FaceTrack,
    PeopleAction,
)
from curation.trailer_models import TrailerMatching, TrailerPart, TrailerVerdict

__all__ = [
    "Artwork",
    "BoardTable",
    "Character",
    "Comparison",
    "Decision",
    "Difference",
    "Export",
    "ExpressionModel",
    "Face",
    "FaceClaim",
    "FaceTrack",
    "LayoutStep",
    "Logo",
    "LogoLook",
    "MaturityOverride",
    "Mention",
    "MomentRanker",
    "MomentScoring",
    "MomentTraining",
    "PeopleAction",
    "PickList",
    "PickListEntry",
    "PickListStep",
    "Picture",
    "PictureAction",
    "PictureGroup",
    "RankingModel",
    "RankingProfile",
    "Sameness",
    "SavedFilter",
    "SimilarPair",
    "Still",
    "StillNote",
    "TeamCanvas",
    "TestBatch",
    "TestResult",
    "TrailerMatching",
    "TrailerPart",
    "TrailerVerdict",
]


class Still(models.Model):
    """A frame proposed as artwork, ranked and explained. Renewed by every analysis; decided frames always stay."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="stills")
    shot = models.ForeignKey(Shot, on_delete=models.SET_NULL, null=True, blank=True, related_name="stills")
    frame_index = models.PositiveIntegerField()
    timecode = models.CharField(max_length=16)
    rank = models.PositiveIntegerField(help_text="1 is best.")
    score = models.FloatField()
    explanation = models.JSONField(help_text="Part of the score → 0–1.")
    signals = models.JSONField(default=dict, help_text="The measurements filters use, copied from the annotations.")
    image = models.FileField(upload_to="stills/%Y/%m/", max_length=300, blank=True, help_text="Preview, 640 px wide.")
    provisional = models.BooleanField(default=False)

    class Meta:
        ordering = ["rank", "id"]
        constraints = [models.UniqueConstraint(fields=["video", "frame_index"], name="still_once_in_video")]
        indexes = [models.Index(fields=["video", "rank"])]

    def __str__(self) -> str:
        return f"{self.video} at {self.timecode}"


class Decision(models.Model):
    """One thing one editor said about one frame. Append-only: the newest row is the current state.

    Bound to the video's frame and not to the Still row, so that it survives every re-analysis.
    Undo appends the state that was there before; nothing is ever overwritten.
    """

    class Verdict(models.TextChoices):
        NONE = "", "Undecided"
        PICK = "pick", "Picked"
        REJECT = "reject", "Rejected"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="decisions")
    frame_index = models.PositiveIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=6, choices=Verdict, blank=True, default=Verdict.NONE)
    stars = models.PositiveSmallIntegerField(default=0)
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by")
    action = models.UUIDField(null=True, blank=True, help_text="What was decided in one go is taken back in one go.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=models.Q(stars__lte=5), name="stars_up_to_five")]
        indexes = [models.Index(fields=["video", "frame_index", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} {'★' * self.stars} frame {self.frame_index} of {self.video}"


class Logo(models.Model):
    """A brand mark that a team wants found or must avoid: a picture, words to read, or both. Only its team sees it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="logos")
    name = models.CharField(max_length=80)
    is_wanted = models.BooleanField(
        default=False, verbose_name="wanted", help_text="Wanted in pictures; otherwise it is to be avoided."
    )
    picture = models.FileField(max_length=300, blank=True, help_text="PNG with transparency, made by AVA.")
    brand_words = models.JSONField(
        default=list, blank=True, help_text="Names to find among the words read in a picture."
    )
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["team__name", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                "team", Lower("name"), name="logo_once_in_team",
                violation_error_message="This team has a logo of that name; choose another.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class LogoLook(models.Model):
    """What was found when one frame was searched for one logo; a frame without a row has not been searched for it.

    `version`, `picture`, `words` and `text_version` are what the search was made with: where the logo, the matcher
    or what was read in the frame is different now, the search is due again.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="logo_looks")
    frame_index = models.PositiveIntegerField()
    logo = models.ForeignKey(Logo, on_delete=models.CASCADE, related_name="looks")
    version = models.PositiveSmallIntegerField(help_text="Of the matcher.")
    picture = models.CharField(max_length=300, blank=True, help_text="The picture that was looked for.")
    words = models.JSONField(default=list, help_text="The brand words that were looked for.")
    text_version = models.PositiveSmallIntegerField(
        null=True, help_text="Of the detector that had read the frame; empty: none had."
    )
    found = models.JSONField(
        default=list, help_text='[{"box", "quadrilateral", "probability", "by": "picture" or "words"}], in film pixels.'
    )
    probability = models.FloatField(
        null=True, help_text="Of the surest find, 0 where there is none; empty: the frame could not be searched."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["video", "frame_index", "logo"], name="logo_look_once_a_frame")]
        indexes = [
            models.Index(fields=["logo", "-probability"], name="logo_finds", condition=models.Q(probability__gt=0))
        ]

    def __str__(self) -> str:
        return f"{self.logo} in frame {self.frame_index} of {self.video}"

    @property
    def percent(self) -> int:
        """The probability of the surest find, for people; no find is beyond doubt."""
        return min(round(100 * (self.probability or 0.0)), 99)

    @property
    def ways(self) -> list[tuple[str, str]]:
        """How it was found, each way once: ("picture", "") or ("words", what was read)."""
        return list(dict.fromkeys((find["by"], find.get("words", "")) for find in self.found))
