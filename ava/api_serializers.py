"""What the API says about titles, videos, jobs and shots, and what it takes."""

from typing import Any, get_args

from django.urls import reverse
from rest_framework import serializers

from ava.api_fields import AccessField
from ava.models import Chunk, Job, Shot, Team, Title, Video, WorkState
from ava.progress import job_message
from ava.selectors import access_teams, access_titles
from ava.titles import save_title
from ava.weights.entry import SourceKind
from ava.weights.store import ShownState


class MemberSerializer(serializers.Serializer[Any]):
    user = serializers.CharField(source="user.username")
    role = serializers.CharField()


class TeamSerializer(serializers.ModelSerializer[Team]):
    members = MemberSerializer(source="memberships", many=True, read_only=True)

    class Meta:
        model = Team
        fields = ["id", "name", "members"]


class TitleSerializer(serializers.ModelSerializer[Title]):
    """`teams` and `parent` name only what the person asking may see."""

    parent = AccessField(
        access=access_titles,
        model=Title,
        required=False,
        allow_null=True,
        help_text=Title._meta.get_field("parent").help_text,
    )
    teams = AccessField(access=access_teams, model=Team, many=True, allow_empty=False)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    video_count = serializers.IntegerField(read_only=True)
    url = serializers.SerializerMethodField(help_text="The title's page.")

    class Meta:
        model = Title
        fields = [
            "id", "name", "kind", "parent", "season", "episode", "genre", "content_format",
            "maturity_rating", "language", "teams", "created_by", "created_at", "video_count", "url",
        ]  # fmt: skip

    def get_url(self, title: Title) -> str:
        return self.context["request"].build_absolute_uri(title.get_absolute_url())

    def get_validators(self) -> list[Any]:
        return []  # save_title asks the model itself, whose sentences are better

    def create(self, validated_data: dict[str, Any]) -> Title:
        return self._save(Title(), validated_data)

    def update(self, instance: Title, validated_data: dict[str, Any]) -> Title:
        return self._save(instance, validated_data)

    def _save(self, title: Title, fields: dict[str, Any]) -> Title:
        teams = fields.pop("teams", None)
        for name, value in fields.items():
            setattr(title, name, value)
        return save_title(title, user=self.context["request"].user, teams=teams)

    def to_representation(self, instance: Title) -> dict[str, Any]:
        shown = super().to_representation(instance)
        visible = self.context["visible_team_ids"]
        shown["teams"] = [pk for pk in shown["teams"] if pk in visible]
        shown["parent"] = instance.visible_parent_id  # type: ignore[attr-defined]
        return shown


class VideoSerializer(serializers.ModelSerializer[Video]):
    name = serializers.CharField(source="original_name", read_only=True)
    fps = serializers.SerializerMethodField(help_text="Exact frame rate, such as 24000/1001.")
    sample_aspect = serializers.SerializerMethodField(help_text="Width to height of a stored pixel.")
    warnings = serializers.ListField(child=serializers.CharField(), read_only=True)
    audio_codecs = serializers.ListField(child=serializers.CharField(), read_only=True)
    has_proxy = serializers.SerializerMethodField(help_text="A copy that browsers play has been made.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    job = serializers.IntegerField(
        source="latest_job_id", read_only=True, allow_null=True, help_text="The latest analysis or scan."
    )
    job_state = serializers.ChoiceField(
        source="latest_job_state", choices=WorkState.choices, read_only=True, allow_null=True
    )
    play = serializers.SerializerMethodField(help_text="The film for a player; answers byte ranges.")

    class Meta:
        model = Video
        fields = [
            "id", "title", "name", "sha256", "size_bytes", "container", "codec", "pixel_format", "bit_depth",
            "coded_width", "coded_height", "width", "height", "rotation_deg", "is_mirrored", "sample_aspect",
            "interlaced", "color_space", "color_range", "color_transfer", "color_primaries", "fps", "is_vfr",
            "frame_count", "duration_s", "start_timecode", "audio_streams", "audio_codecs", "subtitle_streams",
            "warnings", "proxy_reason", "has_proxy", "created_by", "created_at", "job", "job_state", "play",
        ]  # fmt: skip
        read_only_fields = fields

    def get_fps(self, video: Video) -> str:
        return f"{video.fps_num}/{video.fps_den}"

    def get_sample_aspect(self, video: Video) -> str:
        return f"{video.sample_aspect_num}/{video.sample_aspect_den}"

    def get_has_proxy(self, video: Video) -> bool:
        return bool(video.proxy)

    def get_play(self, video: Video) -> str:
        return self.context["request"].build_absolute_uri(reverse("video-play", args=[video.pk]))


class FilmUploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="The film.", allow_empty_file=True)


class AnalyseSerializer(serializers.Serializer[Any]):
    everything = serializers.BooleanField(
        default=False, help_text="Measure every frame anew, not just what is stale or missing."
    )


class StageSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()
    state = serializers.ChoiceField(choices=WorkState.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    unit = serializers.CharField()
    per_s = serializers.FloatField(allow_null=True)
    seconds_left = serializers.IntegerField(allow_null=True)


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job as the live pages show it, with its times."""

    title_id = serializers.IntegerField()
    title = serializers.CharField()
    video = serializers.CharField()
    video_id = serializers.IntegerField()
    progress_unit = serializers.FloatField(min_value=0, max_value=1)
    seconds_left = serializers.IntegerField(allow_null=True)
    frames_per_s = serializers.FloatField(allow_null=True)
    stages = StageSerializer(many=True)
    created_by = serializers.CharField(allow_null=True)

    class Meta:
        model = Job
        fields = [
            "id", "kind", "video_id", "video", "title_id", "title", "state", "error", "progress_unit",
            "seconds_left", "frames_per_s", "provisional_frames", "stages", "created_by", "created_at",
            "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance: Job) -> dict[str, Any]:
        measured = instance.measured_frames or 0  # type: ignore[attr-defined]
        return job_message(instance, frames_done=measured) | {
            "created_by": instance.created_by.username if instance.created_by else None,
            "created_at": instance.created_at,
            "started_at": instance.started_at,
            "finished_at": instance.finished_at,
        }


class ChunkSerializer(serializers.ModelSerializer[Chunk]):
    class Meta:
        model = Chunk
        fields = [
            "id", "video", "index", "start_frame", "end_frame", "state", "frames_done", "missing_frames",
            "attempts", "error",
        ]  # fmt: skip
        read_only_fields = fields


class ShotSerializer(serializers.ModelSerializer[Shot]):
    class Meta:
        model = Shot
        fields = [
            "id", "video", "index", "start_frame", "end_frame", "transition", "scale", "scale_by", "scale_confidence",
            "camera", "camera_confidence", "provisional",
        ]  # fmt: skip
        read_only_fields = fields


class FindingsQuerySerializer(serializers.Serializer[Any]):
    frame = serializers.IntegerField(min_value=0, help_text="0-based number of the frame.")


class FindingsSerializer(serializers.Serializer[Any]):
    """What is known of one frame, in pixels of the film; unknown values are null, boxes [x0, y0, x1, y1]."""

    frame_index = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    picture_area = serializers.ListField(child=serializers.IntegerField(), help_text="The picture without black bars.")
    looked_at = serializers.BooleanField(help_text="Whether the detectors ran on this frame; others have faces only.")
    nearest_look = serializers.IntegerField(allow_null=True, help_text="The nearest such frame of the same shot.")
    shot = serializers.DictField(allow_null=True, help_text="Its number, scale and camera with their confidences.")
    faces = serializers.ListField(child=serializers.DictField(), help_text="Box, points, pose, eyes, mouth, track …")
    people = serializers.ListField(child=serializers.DictField(), help_text="Box, score and kind of bodies.")
    text = serializers.ListField(child=serializers.DictField(), help_text="Box, score, words and kind of lines.")
    objects = serializers.ListField(child=serializers.DictField())
    nudity = serializers.ListField(child=serializers.DictField())
    maturity = serializers.DictField(
        required=False, help_text="Kind → probability, or null and why it is not known; told by the app of stills."
    )
    composition = serializers.DictField()
    saliency = serializers.DictField()
    unavailable = serializers.ListField(
        child=serializers.DictField(), help_text="What could not be looked for, and why."
    )


class AnnotationsSerializer(serializers.Serializer[Any]):
    """Arrays over a span of a film. One point is one frame, or the mean of the frames up to the next point."""

    video = serializers.IntegerField()
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField(help_text="Exclusive.")
    frames = serializers.ListField(child=serializers.IntegerField(), help_text="The first frame of each point.")
    columns = serializers.DictField(
        child=serializers.ListField(child=serializers.FloatField(allow_null=True)),
        help_text='"annotator.column" → one value a point; null where nothing is measured.',
    )


class AnnotationsQuerySerializer(serializers.Serializer[Any]):
    columns = serializers.CharField(
        required=False, help_text='Names such as "exposure.brightness", separated by commas; default: all.'
    )
    start = serializers.IntegerField(min_value=0, default=0, help_text="First frame.")
    end = serializers.IntegerField(
        min_value=1, required=False, help_text="Frame to stop before; default: the end of the film."
    )
    points = serializers.IntegerField(
        min_value=1,
        max_value=20_000,
        default=1000,
        help_text="How many values a column at most; a span of so many frames or fewer comes frame by frame.",
    )


class LicenceSerializer(serializers.Serializer[Any]):
    """Terms of one model file."""

    name = serializers.CharField()
    non_commercial = serializers.BooleanField(help_text="It forbids commercial use.")
    copyleft = serializers.BooleanField(help_text="It may bind what is made with the file.")
    needs_consent = serializers.BooleanField(help_text="An administrator must agree to it before the file is fetched.")


class ModelFileSerializer(serializers.Serializer[Any]):
    """One file of the weights store."""

    name = serializers.CharField()
    file = serializers.CharField(source="entry.file")
    installed = serializers.BooleanField(source="is_installed")
    state = serializers.ChoiceField(choices=get_args(ShownState), source="status.state")
    done_bytes = serializers.IntegerField(source="status.done_bytes", help_text="How much of a fetch has come.")
    total_bytes = serializers.IntegerField(
        source="status.total_bytes", allow_null=True, help_text="Size of the whole download, where it is known."
    )
    reason = serializers.CharField(
        source="status.reason", help_text="Why a fetch failed or what is wrong with the file; else empty."
    )
    size_bytes = serializers.IntegerField(
        source="entry.size_bytes", allow_null=True, help_text="null where the maker publishes no size."
    )
    sha256 = serializers.CharField(
        help_text="Of the file itself; where the maker publishes none, that of the file first installed, or empty."
    )
    is_fingerprint_known = serializers.BooleanField(
        source="entry.is_fingerprint_known", help_text="Whether the whole sha-256 was known before the file came."
    )
    licence = LicenceSerializer(source="entry.licence")
    paper = serializers.CharField(source="entry.paper")
    preprocessing = serializers.CharField(source="entry.preprocessing")
    enables = serializers.CharField(source="entry.enables", help_text="What is impossible without it.")
    source_kind = serializers.ChoiceField(choices=get_args(SourceKind), source="entry.source_kind")
    source = serializers.CharField(source="source_text", help_text="The package and member, the address, or advice.")


class ModelFetchSerializer(serializers.Serializer[Any]):
    accept_licence = serializers.BooleanField(
        default=False, help_text="Agree to the file's licence; needed where it `needs_consent`."
    )
