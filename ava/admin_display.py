"""How the admin console shows states, progress, pictures and sizes."""

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ava.models import WorkState

STATE_LABELS = {
    WorkState.QUEUED: "info",
    WorkState.RUNNING: "primary",
    WorkState.DONE: "success",
    WorkState.FAILED: "danger",
    WorkState.CANCELLED: "warning",
}


def state_badge(state: str | None) -> tuple[str, str] | None:
    """For `@display(label=STATE_LABELS)`: the state and its name."""
    return (state, WorkState(state).label) if state else None


def progress_bar(done: int | float, total: int | float, *, text: str = "") -> SafeString:
    """A bar and its figures; empty when there is nothing to do."""
    percent = min(100, round(100 * done / total)) if total else 0
    return format_html(
        '<div class="flex items-center gap-3"><progress class="w-32" max="100" value="{0}" aria-label="{0} %">'
        '</progress><span class="whitespace-nowrap">{1}</span></div>',
        percent,
        text or f"{percent} %",
    )


def picture(address: str, *, width_px: int, text: str) -> SafeString:
    return format_html(
        '<img src="{}" alt="{}" width="{}" loading="lazy" class="rounded-default bg-base-200 dark:bg-base-800">',
        address,
        text,
        width_px,
    )


def frame_picture(video_id: int, frame: int, *, width_px: int = 96) -> SafeString:
    """A frame of a film, fetched when it comes into view."""
    address = reverse("video-frame", args=[video_id, frame])
    return picture(f"{address}?w={width_px * 2}", width_px=width_px, text=f"Frame {frame}")


def link(name: str, *arguments: object, text: object, query: str = "") -> SafeString:
    address = reverse(name, args=arguments) + query
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, text)


def size(size_bytes: int) -> str:
    return filesizeformat(size_bytes)


def duration(seconds: float | None) -> str:
    """Such as 1:02:03, or 2:03 below an hour."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
