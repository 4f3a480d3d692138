"""Who is led to quality control's own pages."""

from django import template

from ava.models import Role, User
from ava.roles import is_administrator

register = template.Library()


@register.filter
def checks_quality(user: User) -> bool:
    """Whether the person reviews for a team or administers one."""
    return user.is_superuser or user.memberships.filter(role__in=(Role.REVIEWER, Role.ADMINISTRATOR)).exists()


@register.filter
def administers(user: User) -> bool:
    """Whether the person administers a team, and so sees the versions of the pixel model and watched folders."""
    return is_administrator(user)
