"""What the API says about the people of films, and what it takes."""

import math
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ava.api_fields import AccessField
from ava.models import User, Video
from ava.selectors import access_videos
from curation.cast import Cast, CastMember
from curation.models import Character, Face, FaceTrack, PeopleAction
from curation.people_questions import MOST_QUESTIONS
from curation.people_selectors import access_characters, access_face_tracks

MOST_AT_ONCE = 5000
_URI = {"type": "string", "format": "uri", "nullable": True}


@extend_schema_field({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": MOST_AT_ONCE})
class AccessListField(serializers.ListField):
    """Objects by their ids, looked up at once; those the person may not see are refused like ones not there."""

    child = serializers.IntegerField(min_value=1, max_value=2**63 - 1)

    def __init__(self, *, access: Callable[[User], QuerySet[Any]], **kwargs: Any) -> None:
        self.access = access
        super().__init__(min_length=1, max_length=MOST_AT_ONCE, **kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        pks = super().to_internal_value(data)
        found = self.access(self.context["request"].user).in_bulk(pks)
        missing = [pk for pk in pks if pk not in found]
        if missing:
            raise serializers.ValidationError([f'Invalid pk "{missing[0]}" - object does not exist.'])
        return list(found.values())


def access_track_keys(user: User) -> QuerySet[FaceTrack]:
    """Tracks without their vectors and portraits."""
    return access_face_tracks(user).only("pk", "video_id", "character_id")


class CharacterSerializer(serializers.ModelSerializer[Character]):
    title = serializers.IntegerField(
        source="visible_scope_id", read_only=True, allow_null=True,
        help_text="The film or series that it belongs to; null where you see only a part of the series.",
    )  # fmt: skip
    label = serializers.CharField(read_only=True, help_text="The name, or a number until somebody gives one.")
    importance = serializers.ChoiceField(
        choices=Character.Importance.choices, allow_blank=True, required=False,
        help_text="What a person said; empty: AVA judges.",
    )  # fmt: skip
    track_count = serializers.IntegerField(read_only=True, help_text="Tracks in films that you see.")

    class Meta:
        model = Character
        fields = [
            "id", "title", "number", "label", "name", "importance", "is_locked", "is_kept", "merged_into",
            "track_count", "created_at",
        ]  # fmt: skip
        read_only_fields = ["number", "is_kept", "merged_into", "created_at"]


class FaceSerializer(serializers.ModelSerializer[Face]):
    box = serializers.ListField(
        child=serializers.FloatField(), read_only=True, help_text="[x0, y0, x1, y1] in pixels of the film, half-open."
    )

    class Meta:
        model = Face
        fields = ["id", "frame_index", "box", "score", "quality", "expression"]
        read_only_fields = fields


class FaceTrackSerializer(serializers.ModelSerializer[FaceTrack]):
    given_by = serializers.ChoiceField(
        choices=FaceTrack.GivenBy.choices, read_only=True, help_text="Who says that it is the character."
    )
    portrait = serializers.SerializerMethodField(help_text="Its best face; null while there is no picture of it.")
    faces = FaceSerializer(many=True, read_only=True, help_text="The faces that were looked at.")

    class Meta:
        model = FaceTrack
        fields = [
            "id", "video", "character", "given_by", "confidence", "is_face", "is_static", "shot_index", "start_frame",
            "end_frame", "height_unit", "centrality_unit", "sharpness_unit", "dialogue_unit", "portrait", "faces",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(_URI)
    def get_portrait(self, track: FaceTrack) -> str | None:
        if not track.has_portrait:
            return None
        return self.context["request"].build_absolute_uri(reverse("track-portrait", args=[track.pk]))


class PeopleActionSerializer(serializers.ModelSerializer[PeopleAction]):
    user = serializers.CharField(source="user.username", read_only=True)
    what = serializers.ChoiceField(source="kind", choices=PeopleAction.Kind.choices, read_only=True)
    is_undone = serializers.BooleanField(read_only=True)

    class Meta:
        model = PeopleAction
        fields = ["id", "user", "what", "sentence", "undoes", "is_undone", "created_at"]
        read_only_fields = fields


class MergeSerializer(serializers.Serializer[Any]):
    others = AccessListField(access=access_characters, help_text="Characters that are the same person.")


class SplitSerializer(serializers.Serializer[Any]):
    tracks = AccessListField(access=access_track_keys, help_text="Tracks of the character that are somebody else.")


class MoveSerializer(serializers.Serializer[Any]):
    tracks = AccessListField(access=access_track_keys, help_text="Of one film or series.")
    to = AccessField(
        access=access_characters, model=Character, allow_null=True, help_text="Who they are; null: a new character."
    )
    spread = serializers.BooleanField(default=True, help_text="Let tracks come along that are surely like these.")


class NotFacesSerializer(serializers.Serializer[Any]):
    tracks = AccessListField(access=access_track_keys, help_text="Of one film or series.")


class DoneSerializer(serializers.Serializer[Any]):
    """What was done: as a sentence, and its consequences."""

    action = serializers.IntegerField(source="action.pk", help_text="Its row among the people-actions.")
    sentence = serializers.CharField(source="action.sentence")
    character = serializers.IntegerField(
        source="character.pk", default=None, allow_null=True, help_text="Whom it was about, or who it made."
    )
    moved = serializers.IntegerField(help_text="Tracks that have another character, or none, since.")


class PeopleQuerySerializer(serializers.Serializer[Any]):
    video = AccessField(access=access_videos, model=Video, required=False, help_text="One of the title's films only.")


class SpanSerializer(serializers.Serializer[Any]):
    """When a character is seen in one film."""

    video = serializers.IntegerField()
    spans = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()), help_text="[start, end) in frames, merged."
    )


class CastMemberSerializer(serializers.Serializer[CastMember]):
    id = serializers.IntegerField(source="character.pk")
    label = serializers.CharField(source="character.label")
    name = serializers.CharField(source="character.name")
    prominence = serializers.FloatField(help_text="0–1.")
    parts = serializers.SerializerMethodField(help_text="What prominence consists of, 0–1; null where not known.")
    importance = serializers.ChoiceField(choices=Character.Importance.choices)
    importance_is_said = serializers.BooleanField(help_text="A person said so.")
    is_locked = serializers.BooleanField(source="character.is_locked")
    is_static = serializers.BooleanField(help_text="Seen in pictures only, as on posters.")
    screen_time_s = serializers.FloatField()
    track_count = serializers.IntegerField()
    face_count = serializers.IntegerField()
    doubtful = serializers.IntegerField(help_text="Tracks of which AVA is not sure.")
    place = serializers.ListField(child=serializers.FloatField(), help_text="[x, y] in the graph, 0–1, y down.")
    seen = serializers.SerializerMethodField()
    portraits = serializers.SerializerMethodField(help_text="Best first.")

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "number", "nullable": True}})
    def get_parts(self, member: CastMember) -> dict[str, float | None]:
        return {name: None if math.isnan(value) else value for name, value in member.parts.items()}

    @extend_schema_field(SpanSerializer(many=True))
    def get_seen(self, member: CastMember) -> list[dict[str, Any]]:
        return [{"video": video, "spans": [list(span) for span in spans]} for video, spans in member.spans.items()]

    @extend_schema_field({"type": "array", "items": {"type": "string", "format": "uri"}})
    def get_portraits(self, member: CastMember) -> list[str]:
        request = self.context["request"]
        return [request.build_absolute_uri(reverse("track-portrait", args=[track])) for track in member.portraits]


class CastEdgeSerializer(serializers.Serializer[Any]):
    """Two characters who share at least a scene; the three weights are kept apart."""

    first = serializers.IntegerField()
    second = serializers.IntegerField()
    together_s = serializers.FloatField(help_text="Seconds seen together in one frame.")
    shots = serializers.IntegerField(help_text="Shots that show both.")
    scenes = serializers.IntegerField(help_text="Scenes that show both.")


class CastSerializer(serializers.Serializer[Cast]):
    members = CastMemberSerializer(many=True, help_text="The most prominent first.")
    edges = CastEdgeSerializer(many=True)
    nobody_tracks = serializers.IntegerField(help_text="Tracks of faces that are nobody's.")
    encoder = serializers.CharField(allow_null=True, help_text="What told most of the faces apart.")
    why_empty = serializers.CharField(help_text="A sentence where there is nobody.")


class QuestionsQuerySerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=MOST_QUESTIONS, default=20)


_KIND = {
    "regex": r"^(characters|track)$",
    "help_text": "characters: whether two are one person; track: whether a track is a character.",
}


class QuestionSerializer(serializers.Serializer[Any]):
    """Something that AVA would gain from being told."""

    kind = serializers.RegexField(**_KIND)
    first = serializers.IntegerField(help_text="A character, or a track.")
    second = serializers.IntegerField(help_text="A character.")
    probability = serializers.FloatField(help_text="AVA's own guess at a yes, 0–1.")
    words = serializers.CharField()
    first_label = serializers.CharField()
    second_label = serializers.CharField()


class AnswerSerializer(serializers.Serializer[Any]):
    """The answer to a question, in its own terms."""

    kind = serializers.RegexField(**_KIND)
    first = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="A character, or a track.")
    second = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="A character.")
    same = serializers.BooleanField(help_text="true: they are one person.")
