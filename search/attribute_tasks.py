"""What workers are called for about attributes."""

from celery import shared_task

from search import attribute_renewal
from search.models import Attribute, AttributeModel


@shared_task
def renew_attribute(attribute_id: int) -> None:
    """Tell all shots of an attribute's team as its version in use would have it now."""
    attribute = Attribute.objects.filter(pk=attribute_id).first()
    if attribute is not None:
        attribute_renewal.renew_attribute(attribute)


@shared_task
def renew_film_attributes(video_id: int) -> None:
    """Tell the shots of one film by all attributes in use, after its vectors were made or renewed."""
    theirs = {"attribute__is_deleted": False, "attribute__team__titles__videos": video_id}
    used = AttributeModel.objects.filter(is_active=True, **theirs)
    for version in used.select_related("attribute", "encoder").distinct():
        attribute_renewal.renew_film(version, video_id)
