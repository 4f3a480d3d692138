"""Reading JSON that is sent to the API: what no answer or row could hold is refused before anything is done with it."""

import json
from collections.abc import Mapping
from typing import Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """DRF's parser, which also refuses halves of characters (lone surrogates) and nesting that is too deep to read."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            parsed = super().parse(stream, media_type, parser_context)
            json.dumps(parsed, ensure_ascii=False).encode()  # a refusal may say it again
        except RecursionError as error:
            raise ParseError("JSON parse error - it is nested too deeply; send flat objects.") from error
        except UnicodeEncodeError as error:
            raise ParseError("JSON parse error - it holds half a character (a lone surrogate).") from error
        return parsed
