"""What workers are called for in search."""

from search.attribute_tasks import renew_film_attributes  # noqa: F401
from search.reel_tasks import render_reel  # noqa: F401
