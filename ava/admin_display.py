"""How the admin console shows states, progress, pictures and sizes."""

from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ava.models import WorkState

STATE_COLOURS = {
    WorkState.QUEUED: "info",
    WorkState.RUNNING: "primary",
    WorkState.DONE: "success",
    WorkState.FAILED: "danger",
    WorkState.CANCELLED: "warning",
}


def badge(text: str, *, colour: str) -> SafeString:
    """unfold's label, in lists, forms and inlines alike."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def state_badge(state: str | None) -> SafeString | str:
    """The name of a job's, a stage's or a chunk's state; nothing where there was no work yet."""
    return badge(WorkState(state).label, colour=STATE_COLOURS[WorkState(state)]) if state else ""


def progress_bar(done: int | float, total: int | float, *, text: str = "") -> SafeString:
    """A bar and its figures; empty when there is nothing to do."""
    percent = min(100, round(100 * done / total)) if total else 0
    return format_html(
        '<div class="flex items-center gap-3">'
        '<div class="bg-base-200 overflow-hidden rounded-default w-32 dark:bg-base-700"'
        ' role="progressbar" aria-valuenow="{0}" aria-valuemin="0" aria-valuemax="100" aria-label="{1}">'
        '<div class="bg-primary-600 h-1.5 dark:bg-primary-500" style="width: {0}%"></div></div>'
        '<span class="whitespace-nowrap">{1}</span></div>',
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
