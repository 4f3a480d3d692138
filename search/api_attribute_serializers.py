"""What the REST API takes and tells of attributes."""

from typing import Any

from rest_framework import serializers

from ava.api_fields import AccessField
from ava.models import Team, Video
from ava.selectors import access_teams, access_videos
from search.attribute_actions import MOST_NAME
from search.attribute_examples import MOST_AT_ONCE
from search.models import Attribute, AttributeExample, AttributeModel, ShotAttribute


class AttributeSerializer(serializers.ModelSerializer[Attribute]):
    team = AccessField(access=access_teams, model=Team, help_text="Whose attribute it is.")
    name = serializers.CharField(max_length=MOST_NAME)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Attribute
        fields = ["id", "team", "name", "use", "created_by", "created_at"]
        read_only_fields = ["created_at"]
        validators: list[Any] = []  # a name that is taken gets a sentence of its own


class AttributeChangeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=MOST_NAME, required=False)
    use = serializers.ChoiceField(choices=Attribute.Use.choices, required=False)


class AttributeSpanSerializer(serializers.Serializer[Any]):
    video = AccessField(access=access_videos, model=Video)
    start_frame = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    end_frame = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="The frame after the last.")


class AttributeAnswerSerializer(serializers.Serializer[Any]):
    has_it = serializers.BooleanField()
    shots = AttributeSpanSerializer(many=True, allow_empty=False, max_length=MOST_AT_ONCE)


class AttributeExampleSerializer(serializers.ModelSerializer[AttributeExample]):
    user = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = AttributeExample
        fields = ["id", "video", "start_frame", "end_frame", "has_it", "user", "stands", "created_at"]


class AttributeVersionSerializer(serializers.ModelSerializer[AttributeModel]):
    encoder = serializers.CharField(read_only=True)

    class Meta:
        model = AttributeModel
        fields = ["version", "encoder", "measures", "is_active", "created_at"]


class AttributeProbabilitySerializer(serializers.ModelSerializer[ShotAttribute]):
    version = serializers.IntegerField(source="model.version", read_only=True)

    class Meta:
        model = ShotAttribute
        fields = ["video", "start_frame", "end_frame", "probability", "version"]


class AttributeUseSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text="0 for none; left out for a new one of all answers."
    )


class AttributeGuessSerializer(serializers.Serializer[Any]):
    video = serializers.IntegerField()
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField()
    why = serializers.ChoiceField(choices=["guess", "unsure", "new"])
    probability = serializers.FloatField(allow_null=True, help_text="0–1; null while it cannot be told.")
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class AttributeGuessesSerializer(serializers.Serializer[Any]):
    lacking = serializers.CharField(help_text="What is needed before probabilities are told; empty where nothing is.")
    guesses = AttributeGuessSerializer(many=True)
