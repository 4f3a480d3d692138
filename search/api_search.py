"""REST API of searching: words, filters and an example in, shots with their reasons out."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ava.annotate.colour_terms import COLOUR_TERMS
from ava.models import Shot
from search.engine import search
from search.query import InvalidQuery, read_query
from search.told_results import tell_results

LIMIT, MOST_RESULTS = 60, 240


class SearchRequestSerializer(serializers.Serializer[Any]):
    """What is looked for; filters may be given several times. Everything may be left out, but not all at once."""

    q = serializers.CharField(
        required=False, allow_blank=True, help_text='Words, "phrases in quotation marks", and -words to leave out.'
    )
    title = serializers.ListField(child=serializers.IntegerField(), required=False, help_text="Only these titles.")
    character = serializers.ListField(child=serializers.CharField(), required=False, help_text="All of them, by name.")
    scale = serializers.ListField(child=serializers.ChoiceField(Shot.Scale.choices), required=False)
    camera = serializers.ListField(child=serializers.ChoiceField(Shot.Camera.choices), required=False)
    colour = serializers.ListField(
        child=serializers.ChoiceField(COLOUR_TERMS), required=False, help_text="All of them stand out."
    )
    min_s = serializers.FloatField(required=False, help_text="Shots of at least so many seconds.")
    max_s = serializers.FloatField(required=False)
    dialogue = serializers.CharField(required=False, help_text="Words that are said in the shot, one after the other.")
    attribute = serializers.ListField(child=serializers.IntegerField(), required=False, help_text="All of them.")
    like = serializers.CharField(required=False, help_text="shot:VIDEO:FRAME, still:NUMBER or upload:TOKEN.")
    region = serializers.CharField(required=False, help_text="x0,y0,x1,y1 of the example, 0–1, y down.")
    limit = serializers.IntegerField(required=False, help_text=f"1–{MOST_RESULTS}; {LIMIT} where it is left out.")


class SearchReasonSerializer(serializers.Serializer[Any]):
    """Why something matched."""

    source = serializers.CharField(help_text='"description", "dialogue", "label", or the name of an encoder.')
    text = serializers.CharField()
    strength = serializers.FloatField(help_text="0–1 within its source.")
    marks = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="What matched: half-open offsets into the text, in characters.",
    )
    frame = serializers.IntegerField(allow_null=True, help_text="Where it is said.")


class SearchResultSerializer(serializers.Serializer[Any]):
    """One shot; frames are half-open."""

    title = serializers.CharField()
    title_id = serializers.IntegerField()
    video = serializers.IntegerField()
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField()
    score = serializers.FloatField(help_text="0–1, by reciprocal rank fusion of all sources.")
    why = SearchReasonSerializer(many=True)


class SearchResponseSerializer(serializers.Serializer[Any]):
    """The best shots first."""

    results = SearchResultSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField(), help_text="Sentences on what could not be looked for.")
    is_weak = serializers.BooleanField(help_text="Nothing matched well.")
    took_ms = serializers.DictField(child=serializers.FloatField(), help_text="By step; their sum is `total`.")


class SearchView(APIView):
    """Search in all films that you see, or in some titles."""

    @extend_schema(
        operation_id="search_retrieve", parameters=[SearchRequestSerializer], responses=SearchResponseSerializer
    )
    def get(self, request: Request) -> Response:
        """Search by what stands in the address."""
        return Response(_search(request, request.query_params))

    @extend_schema(
        operation_id="search_create", request=SearchRequestSerializer, responses={200: SearchResponseSerializer}
    )
    def post(self, request: Request) -> Response:
        """Search by a JSON object."""
        if not isinstance(request.data, Mapping):
            raise ValidationError({"detail": ["Send an object with what is looked for."]})
        return Response(_search(request, request.data))


def _search(request: Request, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        query = read_query(asked)
    except InvalidQuery as error:
        raise ValidationError({"detail": [str(error)]}) from error
    return tell_results(search(query, user=request.user, limit=_read_limit(asked.get("limit"))), user=request.user)


def _read_limit(value: Any) -> int:
    if value in (None, ""):
        return LIMIT
    text = str(value)
    is_number = not isinstance(value, bool) and text.isascii() and text.isdigit() and len(text) <= 4
    if not is_number or not 1 <= int(text) <= MOST_RESULTS:
        raise ValidationError({"detail": [f"“limit” is a number from 1 to {MOST_RESULTS}."]})
    return int(text)
