"""REST API of results of A/B tests: bringing them in, and what they add up to."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from ava.models import Title
from ava.roles import require_editor
from ava.selectors import access_titles
from curation.ab_pages import PerformanceCard, RateLine, performance_cards
from curation.ab_results import batches_of, import_results
from curation.ab_views import ACTION, MOST_BYTES_OF_A_FORM
from curation.models import TestBatch
from curation.performance.rates import Rate
from curation.performance.results_csv import MOST_BYTES, UnusableResults


class RateSerializer(serializers.Serializer[Any]):
    """Plays of impressions with the 95 % interval of Wilson (1927), all 0–1."""

    impressions = serializers.IntegerField()
    plays = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True, help_text="Null: never shown.")
    low = serializers.FloatField()
    high = serializers.FloatField()
    is_certain = serializers.BooleanField(help_text="False: too few impressions to tell much.")


class RegionRateSerializer(RateSerializer):
    region = serializers.CharField()


class MemberRateSerializer(RateSerializer):
    """One copy over all regions, and how surely the first copy beats it."""

    picture = serializers.IntegerField()
    name = serializers.CharField()
    regions = RegionRateSerializer(many=True)
    beaten = serializers.FloatField(
        allow_null=True, help_text="Probability that the first copy is better; null: never shown in the same region."
    )


class PerformanceSerializer(serializers.Serializer[Any]):
    """A group's global performance, rolled up over its copies and split by region; or that of a picture alone."""

    group = serializers.IntegerField(allow_null=True, help_text="Null: a picture that is in no group.")
    rate = RateSerializer()
    regions = RegionRateSerializer(many=True)
    members = MemberRateSerializer(many=True)
    leader = serializers.IntegerField(allow_null=True, help_text="The copy that is surely better than all others.")
    differs_by_region = serializers.BooleanField(help_text="By more than chance.")


class TestBatchSerializer(serializers.ModelSerializer[TestBatch]):
    """One import."""

    __test__ = False

    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    results = serializers.IntegerField(source="result_count", read_only=True)

    class Meta:
        model = TestBatch
        fields = ["id", "file_name", "sha256", "created_by", "created_at", "results"]
        read_only_fields = fields


class TestResultsSerializer(serializers.Serializer[Any]):
    __test__ = False

    batches = TestBatchSerializer(many=True)
    groups = PerformanceSerializer(many=True)


class ResultsFileSerializer(serializers.Serializer[Any]):
    """A CSV file with the columns image, region, impressions and plays."""

    file = serializers.FileField(allow_empty_file=True)


class TitleTestResultsViewSet(ViewSet):
    """Results of A/B tests of a title's pictures."""

    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MOST_BYTES + MOST_BYTES_OF_A_FORM:
            raise ValidationError({"file": [f"The file is larger than {MOST_BYTES // 2**20} MB; send it in parts."]})
        super().initial(request, *args, **kwargs)

    @extend_schema(operation_id="titles_tests_retrieve", responses=TestResultsSerializer)
    def results(self, request: Request, pk: int) -> Response:
        """What was brought in, and how each group of like pictures performed, the surest high rate first."""
        title = get_object_or_404(access_titles(request.user), pk=pk)
        groups = [_describe(card) for card in performance_cards(title)]
        return Response(TestResultsSerializer({"batches": batches_of(title), "groups": groups}).data)

    @extend_schema(
        operation_id="titles_tests_import",
        request={"multipart/form-data": ResultsFileSerializer},
        responses={201: TestBatchSerializer},
    )
    def bring(self, request: Request, pk: int) -> Response:
        """Bring in all results of a file, or, where anything is wrong with it, none."""
        title = get_object_or_404(access_titles(request.user), pk=pk)
        require_editor(request.user, title_id=title.pk, action=ACTION)
        form = ResultsFileSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        batch = _import(title, form.validated_data["file"], request=request)
        return Response(TestBatchSerializer(batches_of(title).get(pk=batch.pk)).data, status=status.HTTP_201_CREATED)


def _import(title: Title, file: Any, *, request: Request) -> TestBatch:
    try:
        data = file.read(MOST_BYTES + 1)  # sent in chunks, a form does not tell its size before
        return import_results(title, data=data, file_name=file.name or "results.csv", user=request.user)
    except UnusableResults as error:
        raise ValidationError({"file": list(error.problems)}) from error


def _describe(card: PerformanceCard) -> dict[str, Any]:
    performance = card.performance
    beaten = {each.member: each.beaten_unit for each in performance.members}
    members = [(line, line.picture) for line in card.members]
    return {
        "group": card.group,
        "rate": _rate(performance.rate),
        "regions": _regions(card.regions),
        "members": [
            _rate(line.rate)
            | {
                "picture": picture.pk,
                "name": line.name,
                "regions": _regions(line.regions),
                "beaten": beaten[picture.pk],
            }
            for line, picture in members
            if picture is not None
        ],
        "leader": performance.leader,
        "differs_by_region": performance.differs_by_region,
    }


def _regions(lines: Sequence[RateLine]) -> list[dict[str, Any]]:
    return [_rate(line.rate) | {"region": line.name} for line in lines]


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "impressions": rate.impressions, "plays": rate.plays, "rate": rate.value_unit, "low": rate.low_unit,
        "high": rate.high_unit, "is_certain": rate.is_certain,
    }  # fmt: skip
