"""What the API says about pixel flags and decisions, and what it takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ava.api_fields import AccessField
from ava.models import Shot, Video
from ava.selectors import access_shots, access_videos
from qc.claims import holder
from qc.models import PixelDecision, PixelFlag, Verdict
from qc.place_words import word_of_place
from qc.review_queue import ORDERS, QUEUE_STATES
from qc.reviewing import visible_decisions

_LARGEST_FRAME = 2**31 - 1
MOST_FLAGS = 1000
"""Flags that one request may name."""


class PixelDecisionSerializer(serializers.ModelSerializer[PixelDecision]):
    title = serializers.IntegerField(source="flag.video.title_id", read_only=True)
    video = serializers.IntegerField(source="flag.video_id", read_only=True)
    frame_index = serializers.IntegerField(source="flag.frame_index", read_only=True)
    user = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = PixelDecision
        fields = [
            "id", "flag", "title", "video", "frame_index", "user", "verdict", "scope", "action", "stands", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class PixelFlagSerializer(serializers.ModelSerializer[PixelFlag]):
    """A suspected pixel error; places are in pixels of the upright picture, spans of frames half-open."""

    title = serializers.IntegerField(source="video.title_id", read_only=True)
    spans = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()), read_only=True)
    raised_by = serializers.IntegerField(
        source="raised_by.version", read_only=True, default=None, allow_null=True,
        help_text="Version of the model that raised it first.",
    )  # fmt: skip
    last_raised_by = serializers.IntegerField(
        source="last_raised_by.version", read_only=True, default=None, allow_null=True
    )
    added_by = serializers.CharField(source="added_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = PixelFlag
        fields = [
            "id", "title", "video", "shot", "kind", "frame_index", "x", "y", "place", "spans", "area_px", "peak",
            "confidence", "amplitude", "state", "reviews", "is_current", "raised_by", "last_raised_by", "added_by",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class PlaceWordSerializer(serializers.Serializer[Any]):
    """What somebody said of all flags at this place of the sensor; it does not judge those that are raised later."""

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    flags = serializers.IntegerField(help_text="Judged flags there.")
    user = serializers.CharField()
    said_at = serializers.DateTimeField()
    sentence = serializers.CharField()


class PixelFlagDetailSerializer(PixelFlagSerializer):
    decisions = serializers.SerializerMethodField(
        help_text="Newest first. Where two people judge every flag, others' only once you may know them."
    )
    held_by = serializers.SerializerMethodField(help_text="The colleague who has it before them now.")
    said_of_place = serializers.SerializerMethodField()

    class Meta(PixelFlagSerializer.Meta):
        fields = [*PixelFlagSerializer.Meta.fields, "decisions", "held_by", "said_of_place"]
        read_only_fields = fields

    @extend_schema_field(PixelDecisionSerializer(many=True))
    def get_decisions(self, flag: PixelFlag) -> list[dict[str, Any]]:
        said = visible_decisions(flag.decisions.all(), user=self.context["request"].user)
        return PixelDecisionSerializer(said.select_related("user", "flag__video"), many=True).data

    @extend_schema_field({"type": "string", "nullable": True})
    def get_held_by(self, flag: PixelFlag) -> str | None:
        colleague = holder(flag, user=self.context["request"].user)
        return colleague.get_username() if colleague else None

    @extend_schema_field(PlaceWordSerializer(allow_null=True))
    def get_said_of_place(self, flag: PixelFlag) -> dict[str, Any] | None:
        word = word_of_place(flag, user=self.context["request"].user)
        return PlaceWordSerializer(word).data if word else None


class DecideFlagSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    scope = serializers.ChoiceField(
        choices=PixelDecision.Scope.choices, default=PixelDecision.Scope.ONE,
        help_text="With position or shot also every flag there that still asks for your word.",
    )  # fmt: skip


class DecidedSerializer(serializers.Serializer[Any]):
    flags = serializers.ListField(child=serializers.IntegerField(), help_text="Those that were judged.")
    skipped = serializers.IntegerField(help_text="Others of the scope, which stay as they are.")
    action = serializers.UUIDField(help_text="What is taken back in one go.")
    sentence = serializers.CharField()


class UndoneSerializer(serializers.Serializer[Any]):
    flags = serializers.ListField(child=serializers.IntegerField())
    sentence = serializers.CharField()


class NextSerializer(serializers.Serializer[Any]):
    """Which flag is wanted next, and which the page lets go of."""

    order = serializers.ChoiceField(choices=sorted(ORDERS), default="confidence")
    kind = serializers.ChoiceField(choices=PixelFlag.Kind.choices, required=False)
    state = serializers.ChoiceField(
        choices=QUEUE_STATES, required=False,
        help_text="Left out: those that still ask for your word.",
    )  # fmt: skip
    video = AccessField(access=access_videos, model=Video, required=False)
    shot = AccessField(access=access_shots, model=Shot, required=False)
    min_confidence = serializers.FloatField(min_value=0, max_value=1, required=False)
    max_confidence = serializers.FloatField(min_value=0, max_value=1, required=False)
    skip = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=MOST_FLAGS, default=list,
        help_text="Flags that are not wanted: you have them before you, or have passed them.",
    )  # fmt: skip


class ClaimsSerializer(serializers.Serializer[Any]):
    flags = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=MOST_FLAGS
    )


class AddFlagSerializer(serializers.Serializer[Any]):
    video = AccessField(access=access_videos, model=Video)
    frame_index = serializers.IntegerField(min_value=0, max_value=_LARGEST_FRAME)
    x = serializers.FloatField(help_text="Pixels of the upright picture; 0.0 is the middle of the first one.")
    y = serializers.FloatField()


class ReviewsSerializer(serializers.Serializer[Any]):
    reviews_wanted = serializers.ChoiceField(choices=[1, 2], help_text="How many people judge every flag.")


class AgreementSerializer(serializers.Serializer[Any]):
    """How well the first and the second word on a flag agree."""

    flags = serializers.IntegerField()
    raw_unit = serializers.FloatField(help_text="Share of flags on which both say the same, 0–1.")
    kappa = serializers.FloatField(allow_null=True, help_text="Cohen's; null where chance alone would agree always.")


class PixelProgressSerializer(serializers.Serializer[Any]):
    open = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    rejected = serializers.IntegerField()
    unsure = serializers.IntegerField()
    disputed = serializers.IntegerField()
    to_judge = serializers.IntegerField(help_text="Those that still ask for your word.")
    reviews_wanted = serializers.IntegerField()
    agreement = AgreementSerializer(allow_null=True)
