"""What the REST API takes and tells of reels, their clips and their films."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ava.api_fields import AccessField
from ava.models import Shot, Team
from ava.selectors import access_teams
from search.models import Reel, ReelClip, ReelRender
from search.reels import LONGEST_NAME, LONGEST_NOTE, MOST_AT_ONCE
from search.string_out_wishes import LONGEST_S, MOST_PICKED, MOST_SPOILER, ORDERS, SHORTEST_S

_MOST = 2**31 - 1


class ReelSerializer(serializers.ModelSerializer[Reel]):
    team = AccessField(access=access_teams, model=Team, help_text="Fixed once the reel is made.")
    name = serializers.CharField(max_length=LONGEST_NAME)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    url = serializers.SerializerMethodField(help_text="Its page.")

    class Meta:
        model = Reel
        fields = ["id", "team", "name", "wanted_s", "created_by", "created_at", "url"]
        read_only_fields = ["wanted_s"]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, reel: Reel) -> str:
        return str(self.context["request"].build_absolute_uri(reverse("reel", args=[reel.pk])))


class ReelClipSerializer(serializers.ModelSerializer[ReelClip]):
    """A clip in a reel; of a film that is no longer yours to see, only that it is there."""

    is_seen = serializers.SerializerMethodField()

    class Meta:
        model = ReelClip
        fields = ["id", "is_seen", "video", "in_frame", "out_frame", "note"]
        extra_kwargs = {name: {"allow_null": True} for name in ("video", "in_frame", "out_frame", "note")}

    def get_is_seen(self, clip: ReelClip) -> bool:
        return clip.video_id in self.context["seen"]

    def to_representation(self, clip: ReelClip) -> dict[str, Any]:
        told = super().to_representation(clip)
        return told if told["is_seen"] else dict.fromkeys(told) | {"id": clip.pk, "is_seen": False}


class ReelSpanSerializer(serializers.Serializer[Any]):
    """Frames start_frame … end_frame − 1 of a film."""

    video = serializers.IntegerField(min_value=1, max_value=_MOST)
    start_frame = serializers.IntegerField(min_value=0, max_value=_MOST)
    end_frame = serializers.IntegerField(min_value=1, max_value=_MOST)
    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NOTE, default="")


class ReelActionSerializer(serializers.Serializer[Any]):
    """Something to do to a reel's clips."""

    action = serializers.ChoiceField(
        choices=["add", "move", "trim", "note", "take_out", "bring_back", "more_like", "fit", "undo", "redo"],
        default="add",
        help_text="more_like adds the moment of the film that is most like the clip, fit makes a string-out as long as "
        "it is wanted.",
    )
    spans = ReelSpanSerializer(many=True, required=False, default=[], help_text=f"To add; at most {MOST_AT_ONCE}.")
    clip = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1, help_text="All but add need it.")
    before = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1,
        help_text="The clip that follows what is added or moved; the end without.",
    )  # fmt: skip
    in_frame = serializers.IntegerField(required=False, default=None, min_value=0, max_value=_MOST)
    out_frame = serializers.IntegerField(required=False, default=None, min_value=1, max_value=_MOST)
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=LONGEST_NOTE)


class ReelRenderSerializer(serializers.ModelSerializer[ReelRender]):
    """A film of a reel: made by a worker, kept for a week, and had from the reel's export as mp4."""

    class Meta:
        model = ReelRender
        read_only_fields = ["id", "state", "done_count", "total_count", "remarks", "error", "created_at", "finished_at"]
        fields = [*read_only_fields, "is_preview"]


class StringOutWishSerializer(serializers.Serializer[Any]):
    """What somebody wants of a string-out."""

    length_s = serializers.FloatField(min_value=SHORTEST_S, max_value=LONGEST_S, default=60.0)
    variety = serializers.IntegerField(min_value=0, max_value=100, default=50, help_text="In percent.")
    spoiler = serializers.IntegerField(
        min_value=0,
        max_value=MOST_SPOILER,
        default=15,
        help_text="How much of the film's end is kept back, in percent.",
    )
    order = serializers.ChoiceField(choices=list(ORDERS), default="story")


class StringOutSerializer(StringOutWishSerializer):
    """A string-out to be made of a film, or of the shots of it that show some characters or have some scales."""

    video = serializers.IntegerField(min_value=1, max_value=_MOST)
    picked = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=_MOST), max_length=MOST_PICKED, default=list,
        help_text="A frame of each shot that is to be in it whatever comes.",
    )  # fmt: skip
    characters = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=_MOST), max_length=MOST_PICKED, default=list
    )
    scale = serializers.ListField(
        child=serializers.ChoiceField(choices=Shot.Scale.choices), source="scales", default=list
    )
    unused = serializers.BooleanField(
        source="is_unused", default=False, help_text="Only shots that are in no trailer yet."
    )
    name = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NAME, default="")
    team = AccessField(access=access_teams, model=Team, required=False, help_text="One of the title's; else the first.")
