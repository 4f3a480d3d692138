"""Who put which version of a trained model to use, and when: entries of Django's log of what administrators did."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from ava.models import User

LONGEST_NAME = 200


def log_version(
    kind: type[Model], *, user: User | None, version: Model | None, name: str, message: str, flag: int = CHANGE
) -> None:
    """Note what was done with a version, called `name` in the log; nothing where nobody did it."""
    if user is None:
        return
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(kind),
        object_id=str(version.pk) if version else "",
        object_repr=name[:LONGEST_NAME],
        action_flag=flag,
        change_message=message,
    )


def logged_switches(kind: type[Model]) -> QuerySet[LogEntry]:
    """Who switched to which version of this kind of model and when, newest first."""
    ours = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(kind), action_flag=CHANGE)
    return ours.select_related("user").order_by("-pk")
