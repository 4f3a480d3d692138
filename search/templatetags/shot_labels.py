"""What people wrote about a shot, wherever it is shown."""

from collections.abc import Sequence
from typing import Any

from django import template

from ava.models import Video
from ava.roles import may_edit
from search.models import ShotLabel
from search.words_page import LabelShown, labels_shown

register = template.Library()


@register.inclusion_tag("search/_labels.html", takes_context=True)
def shot_labels(
    context: dict[str, Any], video: Video, start_frame: int, end_frame: int, labels: Sequence[LabelShown] | None = None
) -> dict[str, Any]:
    """The labels of a span and, for editors, the form to add one; pages of many shots hand the labels over."""
    request = context["request"]
    if labels is None:
        standing = ShotLabel.objects.filter(video=video, stands=True)
        touching = standing.filter(start_frame__lt=end_frame, end_frame__gt=start_frame)
        rows = list(touching.defer("words").select_related("user").order_by("pk"))
        labels = labels_shown(rows, user=request.user, title_id=video.title_id)
    asked = request.__dict__.setdefault("_may_label", {})
    if video.title_id not in asked:
        asked[video.title_id] = may_edit(request.user, title_id=video.title_id)
    return {
        "video": video,
        "start_frame": start_frame,
        "end_frame": end_frame,
        "labels": labels,
        "may_label": asked[video.title_id],
        "back": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }
