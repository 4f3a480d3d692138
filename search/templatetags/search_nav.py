"""What the bar over every page tells of searches."""

from django import template

from ava.models import User
from search.saved_searches import count_new

register = template.Library()


@register.filter
def new_search_matches(user: User) -> int:
    """How many new matches the person's saved searches have."""
    return count_new(user)
