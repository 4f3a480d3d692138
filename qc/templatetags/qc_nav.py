"""Who is led to quality control's own pages."""

from django import template

from ava.models import Role, User
from ava.roles import roles_told

register = template.Library()


@register.filter
def checks_quality(user: User) -> bool:
    """Whether the person reviews for a team or administers one."""
    return not roles_told(user).isdisjoint({Role.REVIEWER, Role.ADMINISTRATOR})
