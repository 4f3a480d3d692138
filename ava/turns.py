"""Taking turns: what several people do at once to one thing is stored one after the other, and nothing is lost."""

from django.db.models import Model
from django.http import Http404


class Gone(Http404):
    """Somebody has deleted it meanwhile; pages and the API answer with 404."""


def take_turn(row: Model) -> None:
    """Hold a row until the transaction ends; readers and rows that refer to it do not wait. Raises Gone."""
    rows = type(row)._default_manager.select_for_update(no_key=True)
    if rows.filter(pk=row.pk).order_by("pk").values_list("pk").first() is None:
        raise Gone(f"This {row._meta.verbose_name} has been deleted meanwhile.")
