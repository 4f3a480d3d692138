"""Filters that say measured things the way people read them."""

from math import isinf
from typing import Any

from django import template

from ava.models import Role, User, WorkState
from ava.roles import roles_told

register = template.Library()


@register.filter
def administers(user: User) -> bool:
    """Whether the person administers a team: the admin console is there, and models are told of."""
    return Role.ADMINISTRATOR in roles_told(user)


@register.filter
def state_label(state: str) -> str:
    return WorkState(state).label


@register.filter
def duration(seconds: float) -> str:
    """73.4 → "1 min 13 s"."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


_FORMAT_NAMES = {
    "mov,mp4,m4a,3gp,3g2,mj2": "MP4 or QuickTime",
    "matroska,webm": "Matroska or WebM", "matroska": "Matroska", "webm": "WebM",
    "mpegts": "MPEG transport stream",
    "mxf": "MXF", "avi": "AVI", "h264": "H.264", "hevc": "H.265", "prores": "ProRes", "dnxhd": "DNxHD", "av1": "AV1",
    "vp8": "VP8", "vp9": "VP9", "mpeg2video": "MPEG-2", "mpeg4": "MPEG-4",
}  # fmt: skip


@register.filter
def format_name(name: str) -> str:
    """A container's or codec's usual name; one that is not known stays as the decoder calls it."""
    return _FORMAT_NAMES.get(name, name)


@register.filter
def thousands(number: int) -> str:
    """9547 → "9,547"."""
    return f"{number:,}"


@register.filter
def amount(size_bytes: int) -> str:
    """48164129 → "48.2 MB", in thousands as disks and browsers count."""
    value, units = float(size_bytes), ["bytes", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.{1 if units[0] in {'MB', 'GB', 'TB'} else 0}f} {units[0]}"


@register.filter
def stage_facts(stage: dict[str, Any]) -> str:
    """What a stage has done: "1,200 of 4,800 frames, 96 frames/s, 38 s left"."""
    if stage["state"] == WorkState.DONE:
        speed = f", {stage['per_s']:,.0f} {stage['unit']}/s" if stage["per_s"] and stage["unit"] == "frames" else ""
        return f"{stage['total']:,} {stage['unit']}{speed}" if stage["unit"] == "frames" else "Done"
    if stage["state"] != WorkState.RUNNING or not stage["total"]:
        return WorkState(stage["state"]).label
    parts = [f"{stage['done']:,} of {stage['total']:,} {stage['unit']}"]
    if stage["per_s"]:
        parts.append(f"{stage['per_s']:,.0f} {stage['unit']}/s")
    if stage["seconds_left"] is not None:
        parts.append(f"{duration(stage['seconds_left'])} left")
    return ", ".join(parts)


@register.filter
def job_facts(job: dict[str, Any]) -> str:
    """What a finished job has done, in one line: "Measuring frames: 9,547 frames, 96 frames/s; Looking at …"."""
    long_ones = [stage for stage in job["stages"] if stage["unit"] == "frames"]
    return "; ".join(f"{stage['label']}: {stage_facts(stage)}" for stage in long_ones)


@register.filter
def index(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key)


@register.filter
def first_finite(span: tuple[float, float] | None) -> str:
    """The lower end of a range for a form; empty where it is open."""
    return "" if span is None or isinf(span[0]) else f"{span[0]:g}"


@register.filter
def last_finite(span: tuple[float, float] | None) -> str:
    """The upper end of a range for a form; empty where it is open."""
    return "" if span is None or isinf(span[1]) else f"{span[1]:g}"
