"""What people do to attributes as such: make, rename, choose what they are used for, delete and bring back."""

from django.db import IntegrityError, transaction

from ava.messages import send_task
from ava.models import Team, User
from ava.turns import take_turn
from search.models import Attribute

MOST_NAME = 60


class InvalidAttribute(ValueError):
    """What was asked for is no attribute; the sentence says what would be one."""


def make_attribute(team: Team, *, name: str, user: User) -> Attribute:
    """Make an attribute that nobody has taught anything yet. Raises InvalidAttribute."""
    name = _clean(name)
    try:
        with transaction.atomic():
            return Attribute.objects.create(team=team, name=name, created_by=user)
    except IntegrityError as error:
        raise InvalidAttribute(f"{team} has an attribute “{name}” already; teach that one.") from error


def change_attribute(attribute: Attribute, *, name: str | None = None, use: str | None = None) -> None:
    """Rename an attribute or say what it is used for; what is left None stays. Raises InvalidAttribute."""
    name = attribute.name if name is None else _clean(name)
    use = attribute.use if use is None else use
    if use not in Attribute.Use.values:
        raise InvalidAttribute(f"An attribute is used for one of {', '.join(Attribute.Use.values)}.")
    try:
        with transaction.atomic():
            take_turn(attribute)
            Attribute.objects.filter(pk=attribute.pk).update(name=name, use=use)
    except IntegrityError as error:
        raise InvalidAttribute(f"There is an attribute “{name}” already; choose another name.") from error
    attribute.name, attribute.use = name, use


def delete_attribute(attribute: Attribute) -> None:
    """Put an attribute away with all that was said for it; it can be brought back. Searches know it no more at once."""
    with transaction.atomic():
        take_turn(attribute)
        Attribute.objects.filter(pk=attribute.pk).update(is_deleted=True)


def restore_attribute(attribute: Attribute) -> None:
    """Bring back what was deleted. Raises InvalidAttribute where its name is taken meanwhile."""
    try:
        with transaction.atomic():
            take_turn(attribute)
            Attribute.objects.filter(pk=attribute.pk).update(is_deleted=False)
            send_task("search.attribute_tasks.renew_attribute", attribute.pk)
    except IntegrityError as error:
        raise InvalidAttribute(
            f"There is another attribute “{attribute.name}” by now; rename that one first."
        ) from error


def _clean(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MOST_NAME or "\0" in name:
        raise InvalidAttribute(f"A name has 1 to {MOST_NAME} characters, such as “Close-up” or “Explosion”.")
    return name
