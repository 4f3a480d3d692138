"""REST API of watched folders: superusers choose them, administrators of a title's team see and pause them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from ava.models import Title
from ava.selectors import ADMINISTERING_ROLES, access_titles
from qc.models import WatchedFile, WatchFolder
from qc.selectors import access_watch_folders
from qc.watch_paths import UnfitFolder
from qc.watch_services import pause_folder, require_watch_keeper, save_folder, with_counts


class WatchFolderSerializer(serializers.ModelSerializer[WatchFolder]):
    title = serializers.PrimaryKeyRelatedField(queryset=Title.objects.none())
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    file_counts = serializers.SerializerMethodField(help_text="Files in each state.")

    class Meta:
        model = WatchFolder
        fields = [
            "id", "path", "title", "is_active", "analyses_too", "looked_at", "error", "created_by", "created_at",
            "file_counts",
        ]  # fmt: skip
        read_only_fields = ["looked_at", "error", "created_at"]
        extra_kwargs = {"path": {"validators": []}}  # said in a sentence by the service

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if "request" in self.context:
            fields["title"].queryset = access_titles(self.context["request"].user)
        return fields

    def get_file_counts(self, folder: WatchFolder) -> dict[str, int]:
        return {state: getattr(folder, f"{state}_count") for state in WatchedFile.State.values}


@extend_schema_view(
    list=extend_schema(operation_id="watch_folders_list"),
    destroy=extend_schema(responses={204: None}),
)
class WatchFolderViewSet(ModelViewSet[WatchFolder]):
    """Folders whose incoming clips are scanned. Administrators of the title's teams see and pause them."""

    queryset = WatchFolder.objects.none()
    serializer_class = WatchFolderSerializer
    filterset_class = None
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[WatchFolder]:
        folders = access_watch_folders(self.request.user, roles=ADMINISTERING_ROLES)
        return with_counts(folders)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        require_watch_keeper(request.user)
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        folder = _save(WatchFolder(), form.validated_data, request=request)
        saved = self.get_queryset().get(pk=folder.pk)
        return Response(self.get_serializer(saved).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        folder = self.get_object()
        form = self.get_serializer(folder, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changes = form.validated_data
        if changes.keys() == {"is_active"}:
            pause_folder(folder, is_active=changes["is_active"])
        elif changes:
            require_watch_keeper(request.user)
            now = {name: getattr(folder, name) for name in ("path", "title", "analyses_too", "is_active")}
            _save(folder, now | changes, request=request)
        return Response(self.get_serializer(self.get_queryset().get(pk=folder.pk)).data)

    def perform_destroy(self, instance: WatchFolder) -> None:
        require_watch_keeper(self.request.user)
        instance.delete()


def _save(folder: WatchFolder, values: dict[str, Any], *, request: Request) -> WatchFolder:
    chosen = {"analyses_too": False, "is_active": True} | values
    try:
        return save_folder(folder, user=request.user, **chosen)
    except UnfitFolder as error:
        raise ValidationError({"path": [str(error)]}) from error
