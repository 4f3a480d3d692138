"""Taking turns: what several people do at once to one thing is stored one after the other, and nothing is lost."""

from django.db.models import Model


def take_turn(row: Model) -> None:
    """Hold a row until the transaction ends; readers and rows that refer to it do not wait."""
    type(row)._default_manager.select_for_update(no_key=True).values_list("pk").get(pk=row.pk)
