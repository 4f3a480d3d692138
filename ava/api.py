"""REST API of titles, videos, jobs, chunks, shots, signals, teams and model files.

Lists and objects come through `access_*`; what a role may do is asked of `ava.roles`; work goes through the services.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Case, Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, When
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ModelViewSet, ReadOnlyModelViewSet, ViewSet

from ava import api_filters, model_files, services
from ava.api_errors import CONFLICT, Conflict
from ava.api_serializers import (
    AnalyseSerializer,
    AnnotationsQuerySerializer,
    AnnotationsSerializer,
    ChunkSerializer,
    FilmUploadSerializer,
    FindingsQuerySerializer,
    FindingsSerializer,
    JobSerializer,
    ModelFetchSerializer,
    ModelFileSerializer,
    ShotSerializer,
    TeamSerializer,
    TitleSerializer,
    VideoSerializer,
)
from ava.deletion import delete_titles, delete_videos
from ava.frame_findings import describe_frame
from ava.ingest import Ingested, NotStored, UnusableVideo, ingest_file
from ava.models import Chunk, Job, Shot, Team, Title, User, Video
from ava.roles import is_editor_somewhere, require_administrator, require_editor, require_superuser
from ava.selectors import (
    access_chunks,
    access_jobs,
    access_shots,
    access_teams,
    access_titles,
    access_videos,
    packed_fields,
)
from ava.signals import known_columns, summarise_signals
from ava.weights.errors import ConsentNeeded, UnknownWeights, WeightsError

MOST_BYTES_IN_ONE_REQUEST = 2**30


class TeamViewSet(ReadOnlyModelViewSet[Team]):
    """Your teams, who is in them and in which role. Teams are kept in the admin console."""

    queryset = Team.objects.none()
    serializer_class = TeamSerializer
    filterset_class = api_filters.TeamFilter

    def get_queryset(self) -> QuerySet[Team]:
        return access_teams(self.request.user).prefetch_related("memberships__user")


@extend_schema_view(destroy=extend_schema(responses={204: None, 409: CONFLICT}))
class TitleViewSet(ModelViewSet[Title]):
    """Films, series, episodes and trailers of your teams.

    Editors and administrators write, administrators delete. Only teams of yours are shown and changed in
    `teams`; others that see the title keep it.
    """

    queryset = Title.objects.none()
    serializer_class = TitleSerializer
    filterset_class = api_filters.TitleFilter
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Title]:
        titles = access_titles(self.request.user)
        return (
            titles.order_by("name", "season", "episode", "id")
            .select_related("created_by")
            .prefetch_related("teams")
            .annotate(
                video_count=Count("videos", distinct=True),
                visible_parent_id=Case(
                    When(parent__in=titles.values("pk"), then=F("parent_id")), output_field=IntegerField()
                ),
            )
        )

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        return context | {"visible_team_ids": set(access_teams(self.request.user).values_list("pk", flat=True))}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not is_editor_somewhere(request.user):
            raise PermissionDenied("Only editors and administrators of a team add titles.")
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        title = self.get_queryset().get(pk=serializer.save().pk)
        return Response(self.get_serializer(title).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        title = self.get_object()
        require_editor(request.user, title_id=title.pk, action="change it")
        serializer = self.get_serializer(title, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(self.get_serializer(self.get_queryset().get(pk=title.pk)).data)

    def perform_destroy(self, instance: Title) -> None:
        require_administrator(self.request.user, title_id=instance.pk, action="delete it")
        delete_titles(Title.objects.filter(pk=instance.pk))

    @extend_schema(
        request={"multipart/form-data": FilmUploadSerializer},
        responses={201: VideoSerializer, 200: OpenApiResponse(VideoSerializer, description="It was there.")},
        filters=False,
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser], filterset_class=None)
    def videos(self, request: Request, pk: str | None = None) -> Response:
        """Add a film to the title in one request and start its analysis.

        For files up to 1 GiB; larger ones go through the resumable uploads described at the top of this page. A
        file that one of your titles has already is not kept twice: the answer is that video, with status 200.
        """

        title = self.get_object()
        require_editor(request.user, title_id=title.pk, action="add films to it")
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES_IN_ONE_REQUEST:
            raise ValidationError({"file": ["Files above 1 GiB come in through the resumable uploads at /uploads/."]})
        form = FilmUploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        ingested = _take_in(form.validated_data["file"], title=title, user=request.user)
        video = _videos(access_videos(request.user)).get(pk=ingested.video.pk)
        answer = VideoSerializer(video, context=self.get_serializer_context())
        return Response(answer.data, status=status.HTTP_200_OK if ingested.is_duplicate else status.HTTP_201_CREATED)


class VideoViewSet(mixins.DestroyModelMixin, ReadOnlyModelViewSet[Video]):
    """Films as they were probed. A new one comes in through `POST /api/titles/{id}/videos/` or `/uploads/`."""

    queryset = Video.objects.none()
    serializer_class = VideoSerializer
    filterset_class = api_filters.VideoFilter

    def get_queryset(self) -> QuerySet[Video]:
        return _videos(access_videos(self.request.user))

    def perform_destroy(self, instance: Video) -> None:
        """Delete the film, its results and everything decided about it. Administrators only."""
        require_administrator(self.request.user, title_id=instance.title_id, action="delete its films")
        delete_videos(Video.objects.filter(pk=instance.pk))

    @extend_schema(request=AnalyseSerializer, responses={201: JobSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def analyse(self, request: Request, pk: str | None = None) -> Response:
        """Analyse again: what is stale or missing, or everything. What people decided stays."""
        video = self.get_object()
        require_editor(request.user, title_id=video.title_id, action="analyse its films")
        form = AnalyseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            job = services.analyse_again(video, user=request.user, everything=form.validated_data["everything"])
        except services.AnalysisRunning as error:
            raise Conflict(str(error)) from error
        return Response(JobSerializer(job_to_tell(job.pk)).data, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[FindingsQuerySerializer], responses=FindingsSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def findings(self, request: Request, pk: str | None = None) -> Response:
        """What was found in one frame: faces, people, lettering, composition, and the shot it belongs to."""
        video = self.get_object()
        form = FindingsQuerySerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        frame = form.validated_data["frame"]
        if frame >= video.frame_count:
            raise ValidationError({"frame": [f"This film's frames end at {video.frame_count - 1}."]})
        return Response(describe_frame(video, frame))

    @extend_schema(parameters=[AnnotationsQuerySerializer], responses=AnnotationsSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def annotations(self, request: Request, pk: str | None = None) -> Response:
        """What was measured in each frame, as arrays: exact for a short span, averaged for a long one."""
        video = self.get_object()
        form = AnnotationsQuerySerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        query = form.validated_data
        end = min(query.get("end", video.frame_count), video.frame_count)
        if query["start"] >= end:
            raise ValidationError({"start": [f"Begin before frame {end}: the span would be empty."]})
        summary = summarise_signals(
            video,
            columns=_chosen_columns(query.get("columns", "")),
            points=query["points"],
            start_frame=query["start"],
            end_frame=end,
        )
        return Response({"video": video.pk, "start_frame": query["start"], "end_frame": end, **summary})


class JobViewSet(ReadOnlyModelViewSet[Job]):
    """Analyses, newest first, with their stages and how far they are."""

    queryset = Job.objects.none()
    serializer_class = JobSerializer
    filterset_class = api_filters.JobFilter

    def get_queryset(self) -> QuerySet[Job]:
        return _jobs(access_jobs(self.request.user))

    @extend_schema(request=None, responses={200: JobSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        """Stop a waiting or running job; what it measured stays. Administrators only."""
        job = self.get_object()
        require_administrator(request.user, title_id=job.video.title_id, action="cancel its jobs")
        try:
            services.cancel_job(job)
        except services.JobNotActive as error:
            raise Conflict(str(error)) from error
        return Response(JobSerializer(job_to_tell(job.pk)).data)

    @extend_schema(request=None, responses={201: JobSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str | None = None) -> Response:
        """Take up a failed or cancelled job where it stopped, as a new job."""
        job = self.get_object()
        require_editor(request.user, title_id=job.video.title_id, action="analyse its films")
        try:
            again = services.retry_job(job)
        except (services.JobNotFailed, services.AnalysisRunning) as error:
            raise Conflict(str(error)) from error
        return Response(JobSerializer(job_to_tell(again.pk)).data, status=status.HTTP_201_CREATED)


class ChunkViewSet(ReadOnlyModelViewSet[Chunk]):
    """The spans in which films are measured, with frames that could not be decoded."""

    queryset = Chunk.objects.none()
    serializer_class = ChunkSerializer
    filterset_class = api_filters.ChunkFilter

    def get_queryset(self) -> QuerySet[Chunk]:
        return access_chunks(self.request.user).order_by("video_id", "index")


class ShotViewSet(ReadOnlyModelViewSet[Shot]):
    """Shots in the order of the film; spans are half-open."""

    queryset = Shot.objects.none()
    serializer_class = ShotSerializer
    filterset_class = api_filters.ShotFilter

    def get_queryset(self) -> QuerySet[Shot]:
        return access_shots(self.request.user).order_by("video_id", "index")


class ModelFileViewSet(ViewSet):
    """Model files that AVA knows: which are installed, what each enables, and under which licence."""

    lookup_field = "name"
    lookup_value_regex = "[A-Za-z0-9._-]+"

    @extend_schema(operation_id="models_list", responses=ModelFileSerializer(many=True))
    def list(self, request: Request) -> Response:
        return Response(ModelFileSerializer(model_files.list_model_files(), many=True).data)

    @extend_schema(operation_id="models_retrieve", responses=ModelFileSerializer)
    def retrieve(self, request: Request, name: str) -> Response:
        return Response(ModelFileSerializer(_model_file(name)).data)

    @extend_schema(
        operation_id="models_fetch",
        request=ModelFetchSerializer,
        responses={202: ModelFileSerializer, 409: CONFLICT},
    )
    @action(detail=True, methods=["post"])
    def fetch(self, request: Request, name: str) -> Response:
        """Have a worker download the file and verify it; read it again to see how far that is. Superusers only."""
        require_superuser(request.user, action="fetch model files")
        _model_file(name)
        form = ModelFetchSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            model_files.request_fetch(name, consent=form.validated_data["accept_licence"])
        except ConsentNeeded as error:
            raise ValidationError({"accept_licence": [str(error)]}) from error
        except WeightsError as error:
            raise Conflict(str(error)) from error
        return Response(ModelFileSerializer(_model_file(name)).data, status=status.HTTP_202_ACCEPTED)


@extend_schema(exclude=True)
class NothingHere(APIView):
    """Any other address below /api/: refused in the API's own shape."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is nothing at this address. Addresses of the API end with a slash; see /api/docs/.")


def _videos(videos: QuerySet[Video]) -> QuerySet[Video]:
    latest = Job.objects.filter(video=OuterRef("pk")).order_by("-created_at", "-id")
    return (
        videos.defer(*packed_fields())
        .select_related("created_by")
        .annotate(
            latest_job_id=Subquery(latest.values("pk")[:1]), latest_job_state=Subquery(latest.values("state")[:1])
        )
    )


def _take_in(upload: UploadedFile, *, title: Title, user: User) -> Ingested:
    """Hand an uploaded file to ingestion, which consumes it; a refusal becomes a sentence for `file`."""
    folder = Path(settings.AVA_UPLOAD_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix="api-")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as copy:
            for piece in upload.chunks():
                copy.write(piece)
        return ingest_file(path, title=title, original_name=upload.name or "film", user=user)
    except (UnusableVideo, NotStored) as error:
        raise ValidationError({"file": [str(error)]}) from error
    finally:
        path.unlink(missing_ok=True)


def _jobs(jobs: QuerySet[Job]) -> QuerySet[Job]:
    measured = Chunk.objects.filter(video=OuterRef("video")).order_by().values("video")
    return (
        jobs.select_related("video__title", "created_by")
        .defer(*packed_fields("video__"))
        .prefetch_related("stages")
        .annotate(measured_frames=Subquery(measured.annotate(frames=Sum("frames_done")).values("frames")))
    )


def job_to_tell(pk: int) -> Job:
    """A job with all that its serializer reads."""
    return _jobs(Job.objects.all()).get(pk=pk)


def _chosen_columns(text: str) -> Sequence[str]:
    """Column names of a query; raises ValidationError when nobody measures one of them."""
    known = known_columns()
    chosen = [name.strip() for name in text.split(",") if name.strip()]
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        raise ValidationError(
            {"columns": [f"Nothing is measured as {', '.join(unknown)}. Choose from: {', '.join(known)}."]}
        )
    return chosen or known


def _model_file(name: str) -> model_files.ModelFile:
    try:
        return model_files.find_model_file(name)
    except UnknownWeights as error:
        raise NotFound(str(error)) from error
