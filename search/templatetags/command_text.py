"""Sentences in which commands stand between backticks, as pages show them."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_COMMAND = re.compile(r"`([^`]+)`")


@register.filter
def commands(sentence: str) -> SafeString:
    """The sentence with each command set as code; a backtick without its fellow stays."""
    pieces = _COMMAND.split(sentence)
    told = (format_html("<code>{}</code>", piece) if place % 2 else piece for place, piece in enumerate(pieces))
    return format_html_join("", "{}", ((piece,) for piece in told))
