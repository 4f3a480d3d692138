"""A probed file's facts as a database row and back, without loss."""

from fractions import Fraction
from typing import Any

from ava.media.video_info import FrameKey, VideoInfo
from ava.models import Video
from ava.packing import pack_integers, unpack_integers

_SAME_NAME = (
    "container", "codec", "pixel_format", "bit_depth", "coded_width", "coded_height", "width", "height",
    "rotation_deg", "interlaced", "color_space", "color_range", "color_transfer", "color_primaries", "is_vfr",
    "duration_s", "audio_streams", "subtitle_streams", "stream_index", "is_mirrored",
)  # fmt: skip
_FRACTIONS = ("sample_aspect", "fps", "time_base")
_OPTIONAL_INTEGERS = ("seek_stamps", "frame_keys", "key_marks")
_LONGEST_TIMECODE = 16


def fields_from_info(info: VideoInfo) -> dict[str, Any]:
    """The fields of a Video that follow from its probe; the caller adds title, file and checksum."""
    fields: dict[str, Any] = {name: getattr(info, name) for name in _SAME_NAME}
    for name in _FRACTIONS:
        fields[f"{name}_num"], fields[f"{name}_den"] = getattr(info, name).as_integer_ratio()
    fields["time_origin_num"], fields["time_origin_den"] = info.time_origin_s.as_integer_ratio()
    for name in _OPTIONAL_INTEGERS:
        values = getattr(info, name)
        fields[name] = None if values is None else pack_integers(values)
    return fields | {
        "frame_count": info.frame_count,
        "frame_pts": pack_integers(info.frame_pts),
        "keyframes": pack_integers(info.keyframes),
        "start_timecode": (info.start_timecode or "")[:_LONGEST_TIMECODE],
        "frames_by": info.frames_by.value,
        "audio_codecs": list(info.audio_codecs),
        "warnings": list(info.warnings),
    }


def video_info(video: Video) -> VideoInfo:
    """What decoding needs to know, as it was probed."""
    fractions = {
        name: Fraction(getattr(video, f"{name}_num"), getattr(video, f"{name}_den")) for name in _FRACTIONS
    }
    stored = {name: getattr(video, name) for name in _OPTIONAL_INTEGERS}
    return VideoInfo(
        **{name: getattr(video, name) for name in _SAME_NAME},
        **{name: None if packed is None else unpack_integers(bytes(packed)) for name, packed in stored.items()},
        **fractions,
        frames_by=FrameKey(video.frames_by),
        audio_codecs=tuple(video.audio_codecs),
        frame_pts=unpack_integers(bytes(video.frame_pts)),
        keyframes=unpack_integers(bytes(video.keyframes)),
        start_timecode=video.start_timecode or None,
        warnings=tuple(video.warnings),
        time_origin_s=Fraction(video.time_origin_num, video.time_origin_den),
    )
