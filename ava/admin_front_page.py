"""The console's first page: how the work stands, what failed, and what room is left."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.http import HttpRequest
from django.utils import timezone

from ava.admin_access import administered, administered_titles, administered_users
from ava.admin_display import STATE_COLOURS
from ava.models import User, WorkState
from ava.selectors import access_jobs, access_videos

FAILURES_SHOWN = 10


def front_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's dashboard callback: add what templates/admin/index.html shows."""
    jobs = administered(access_jobs)(request.user)
    counts = dict(jobs.order_by().values_list("state").annotate(Count("pk")))
    since = timezone.now() - timedelta(days=1)
    failed = jobs.filter(state=WorkState.FAILED, finished_at__gte=since)
    return context | {
        "job_states": [
            {"value": state.value, "label": state.label, "count": counts.get(state, 0), "colour": STATE_COLOURS[state]}
            for state in WorkState
        ],
        "failures": failed.select_related("video__title").order_by("-finished_at")[:FAILURES_SHOWN],
        "failure_count": failed.count(),
        "holdings": _holdings(request.user),
        "disk": _disk() if request.user.is_superuser else None,
    }


def _holdings(user: User) -> list[dict[str, Any]]:
    videos = administered(access_videos)(user)
    sums = videos.aggregate(count=Count("pk"), size_bytes=Sum("size_bytes"), frames=Sum("frame_count"))
    return [
        {"label": "Titles", "count": administered_titles(user).count(), "list": "admin:ava_title_changelist"},
        {
            "label": "Films",
            "count": sums["count"],
            "list": "admin:ava_video_changelist",
            "bytes": sums["size_bytes"] or 0,
        },
        {"label": "People", "count": administered_users(user).count(), "list": "admin:ava_user_changelist"},
    ]


def _disk() -> list[dict[str, Any]]:
    """Room on the disks that hold media (when it is on a disk here) and the installation's own files."""
    folders = {"Installation": Path(settings.AVA_HOME)}
    if settings.STORAGES["default"]["BACKEND"] == "django.core.files.storage.FileSystemStorage":
        folders["Media"] = Path(settings.MEDIA_ROOT)
    seen: dict[int, dict[str, Any]] = {}
    for label, folder in folders.items():
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        device = existing.stat().st_dev
        if device in seen:
            seen[device]["label"] += f" and {label.lower()}"
            continue
        usage = shutil.disk_usage(existing)
        percent = round(100 * usage.used / usage.total) if usage.total else 0
        seen[device] = {"label": label, "free": usage.free, "total": usage.total, "percent": percent}
    return list(seen.values())
