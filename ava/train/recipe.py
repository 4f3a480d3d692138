"""What a model file tells of its making, where it comes from people: it is kept in a database as it is, or refused."""

import json
from typing import Any

LONGEST_RECIPE = 100_000
"""Characters of JSON."""


def is_plain(recipe: dict[str, Any]) -> bool:
    """Whether JSON, in a database too, keeps it as it is: finite numbers, whole characters, shallow, not too long."""
    try:
        text = json.dumps(recipe, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):
        return False
    return "\\u0000" not in text and len(text) <= LONGEST_RECIPE
