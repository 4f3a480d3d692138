"""The versions of an attribute: made of what people said, put to use, and taken back. Every switch is logged."""

from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.db.models import Max, QuerySet

from ava.messages import send_task
from ava.models import User
from ava.switch_log import log_version, logged_switches
from ava.turns import take_turn
from search.attribute_teaching import choose_encoder, study
from search.models import Attribute, AttributeModel, Encoder
from search.train.attribute import pack_measures
from search.train.attribute_head import pack_head

NO_VECTORS = "No shot of this team has a vector yet; they come with the analysis of its films."


class NotReady(ValueError):
    """There is no version that could be used; the sentence says what is needed."""


def active_version(attribute: Attribute) -> AttributeModel | None:
    """The version in use, without its weights."""
    versions = attribute.models.filter(is_active=True).select_related("encoder")
    return versions.defer("weights", "encoder__weights").first()


def make_version(attribute: Attribute, *, user: User | None, encoder: Encoder | None = None) -> AttributeModel:
    """Make the next version of all that stands now; it is not put to use by that.

    Raises NotReady while there are too few examples or they cannot be told apart.
    """
    encoder = encoder or choose_encoder(attribute)
    if encoder is None:
        raise NotReady(NO_VECTORS)
    lesson = study(attribute, encoder)
    if lesson.learned.lacking:
        raise NotReady(lesson.learned.lacking)
    with transaction.atomic():
        take_turn(attribute)
        newest = attribute.models.aggregate(newest=Max("version"))["newest"] or 0
        version = AttributeModel.objects.create(
            attribute=attribute,
            encoder=encoder,
            version=newest + 1,
            weights=pack_head(lesson.learned.head),
            measures=pack_measures(lesson.learned) | {"films": len(set(lesson.shots.video_id[lesson.answered.row]))},
            created_by=user,
        )
        _log(version, user=user, message="Made.", flag=ADDITION)
    return version


def use_version(version: AttributeModel, *, user: User | None, message: str = "Put to use.") -> None:
    """Tell all shots by this version from now on; a worker works it out."""
    attribute = version.attribute
    with transaction.atomic():
        take_turn(attribute)
        attribute.models.filter(is_active=True).exclude(pk=version.pk).update(is_active=False)
        attribute.models.filter(pk=version.pk).update(is_active=True)
        version.is_active = True
        _log(version, user=user or version.created_by, message=message)
        send_task("search.attribute_tasks.renew_attribute", attribute.pk)


def stop_using(attribute: Attribute, *, user: User) -> bool:
    """Tell shots by no version any more; False where that was so already."""
    with transaction.atomic():
        take_turn(attribute)
        version = active_version(attribute)
        if version is None:
            return False
        attribute.models.filter(pk=version.pk).update(is_active=False)
        _log(version, user=user, message="Taken out of use.")
        send_task("search.attribute_tasks.renew_attribute", attribute.pk)
    return True


def switches(attribute: Attribute) -> QuerySet[LogEntry]:
    """Who put which version to use or out of it, and when, newest first."""
    numbers = [str(pk) for pk in attribute.models.values_list("pk", flat=True)]
    return logged_switches(AttributeModel).filter(object_id__in=numbers)


def _log(version: AttributeModel, *, user: User | None, message: str, flag: int | None = None) -> None:
    name = f"{version.attribute} {version.version}"
    flags = {} if flag is None else {"flag": flag}
    log_version(AttributeModel, user=user, version=version, name=name, message=message, **flags)
