"""What the API says about stills and decisions, and what it takes."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ava.api_fields import AccessField
from ava.models import Video
from ava.selectors import access_videos
from curation.models import Decision, Still


class StillSerializer(serializers.ModelSerializer[Still]):
    title = serializers.IntegerField(source="video.title_id", read_only=True)
    explanation = serializers.DictField(
        child=serializers.FloatField(), read_only=True, help_text="Part of the score → 0–1."
    )
    signals = serializers.DictField(
        child=serializers.FloatField(allow_null=True), read_only=True, help_text='"annotator.column" → value.'
    )
    verdict = serializers.ChoiceField(
        choices=Decision.Verdict.choices, read_only=True, help_text="Of the newest decision."
    )
    stars = serializers.IntegerField(read_only=True, help_text="0–5, of the newest decision.")
    characters = serializers.ListField(
        child=serializers.IntegerField(), read_only=True, help_text="Who is in it, as far as recognised."
    )
    image = serializers.SerializerMethodField(help_text="Preview, 640 pixels wide; null while there is none.")
    download_png = serializers.SerializerMethodField(help_text="The frame in full resolution.")
    download_jpeg = serializers.SerializerMethodField()

    class Meta:
        model = Still
        fields = [
            "id", "video", "title", "shot", "frame_index", "timecode", "rank", "score", "explanation", "signals",
            "provisional", "verdict", "stars", "characters", "image", "download_png", "download_jpeg",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_image(self, still: Still) -> str | None:
        return self._absolute(reverse("still-image", args=[still.pk])) if still.image else None

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_download_png(self, still: Still) -> str:
        return self._download(still, file_format="png")

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_download_jpeg(self, still: Still) -> str:
        return self._download(still, file_format="jpeg")

    def _download(self, still: Still, *, file_format: str) -> str:
        path = reverse("still-download", args=[still.video_id, still.frame_index])
        return self._absolute(f"{path}?format={file_format}")

    def _absolute(self, path: str) -> str:
        return self.context["request"].build_absolute_uri(path)


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    title = serializers.IntegerField(source="video.title_id", read_only=True)
    user = serializers.CharField(source="user.username", read_only=True)
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices, read_only=True)

    class Meta:
        model = Decision
        fields = ["id", "video", "title", "frame_index", "user", "verdict", "stars", "undoes", "created_at"]
        read_only_fields = fields


class DecideSerializer(serializers.Serializer[Any]):
    """What to say about a frame: a verdict, stars or both; what is left out stays as it is."""

    video = AccessField(access=access_videos, model=Video)
    frame_index = serializers.IntegerField(min_value=0)
    verdict = serializers.ChoiceField(
        choices=Decision.Verdict.choices, required=False, help_text='"" takes a verdict back.'
    )
    stars = serializers.IntegerField(min_value=0, max_value=5, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "verdict" not in attrs and "stars" not in attrs:
            raise serializers.ValidationError("Give a verdict, stars or both.")
        if attrs["frame_index"] >= attrs["video"].frame_count:
            last = attrs["video"].frame_count - 1
            raise serializers.ValidationError({"frame_index": f"The film's last frame is {last}."})
        return attrs


class UndoSerializer(serializers.Serializer[Any]):
    video = AccessField(access=access_videos, model=Video)
