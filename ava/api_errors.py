"""What the API answers when it refuses, in one shape, and in the OpenAPI schema of every operation."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError
from django.db.models import ProtectedError
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler


class ErrorSerializer(serializers.Serializer[Any]):
    """A refusal in one sentence."""

    detail = serializers.CharField(help_text="What is wrong and what to do next.")


class Conflict(APIException):
    """The request is fine, the state of the object is not."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The object is in a state that does not allow this."
    default_code = "conflict"


CONFLICT = OpenApiResponse(ErrorSerializer, description=Conflict.default_detail)


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, which also knows what models say when they refuse."""
    if isinstance(error, ModelValidationError):
        sentences = serializers.as_serializer_error(error)
        if NON_FIELD_ERRORS in sentences:
            sentences[api_settings.NON_FIELD_ERRORS_KEY] = sentences.pop(NON_FIELD_ERRORS)
        error = ValidationError(sentences)
    if isinstance(error, DataError):
        error = ValidationError("One of the values is outside of what can be stored; see the documentation's limits.")
    if isinstance(error, ProtectedError):
        kinds = sorted({str(type(row)._meta.verbose_name_plural) for row in error.protected_objects})
        error = Conflict(f"Other {' and '.join(kinds)} depend on this; delete or change them first.")
    return exception_handler(error, context)


_INVALID = {
    "description": "The request is malformed: sentences by field, general ones under `non_field_errors`.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "additionalProperties": {},
                "example": {"name": ["This field may not be blank."]},
            }
        }
    },
}
_MEANINGS = {
    "401": "Sign in, or send `Authorization: Bearer TOKEN`.",
    "403": "Your role in the team does not allow this, or a session's request came without its CSRF token.",
    "404": "There is no such object, or it belongs to a team you are not in.",
}


def document_errors(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular hook: add to every operation the refusals that it can answer with."""
    result["components"]["schemas"]["Error"] = {
        "type": "object",
        "properties": {"detail": {"type": "string", "description": "What is wrong and what to do next."}},
        "required": ["detail"],
    }
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for code, description in _errors_of(path, method=method, operation=operation):
                operation["responses"].setdefault(code, _INVALID if code == "400" else _refusal(description))
    return result


def _errors_of(path: str, *, method: str, operation: dict[str, Any]) -> list[tuple[str, str]]:
    has_query = any(parameter["in"] == "query" for parameter in operation.get("parameters", []))
    codes = ["401"]
    if has_query or "requestBody" in operation:
        codes.append("400")
    if method not in {"get", "head", "options"}:
        codes.append("403")
    if "{" in path or has_query:
        codes.append("404")
    return [(code, _MEANINGS.get(code, "")) for code in codes]


def _refusal(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
