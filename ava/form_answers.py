"""What plain forms and scripts are answered alike: a sentence to show after going back, or JSON."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse

from ava.page_parts import redirect_back, wants_json


def answer(request: HttpRequest, said: dict[str, Any], *, fallback: str, status: int = 200) -> HttpResponse:
    """JSON for scripts; a plain form is led back, and shown `detail` (a refusal) or `sentence`."""
    if wants_json(request):
        return JsonResponse(said, status=status)
    if "detail" in said:
        messages.error(request, said["detail"])
    elif said.get("sentence"):
        messages.success(request, said["sentence"])
    return redirect_back(request, fallback=fallback)
