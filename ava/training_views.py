"""What pages of versioned models and of their trainings answer alike, whichever network it is."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from ava.model_trainings import CannotTrain
from ava.roles import is_administrator, require_superuser

CHOOSE_FILE = "Choose a file first."


def require_sight(request: HttpRequest) -> None:
    """Versions and trainings are for administrators; to others their pages do not exist: raises Http404."""
    if not is_administrator(request.user):
        raise Http404("This page is for administrators.")


def require_trainer(request: HttpRequest, *, action: str) -> None:
    """Raise PermissionDenied unless the person runs the installation, and Http404 for those who may not even see."""
    require_sight(request)
    require_superuser(request.user, action=action)


def read_brought_file(request: HttpRequest, *, most_bytes: int) -> tuple[str, bytes] | None:
    """The name and the bytes of the file that a form brought; None, with a message, where it brought none."""
    uploaded = request.FILES.get("file")
    if uploaded is None or not uploaded.name:
        messages.error(request, CHOOSE_FILE)
        return None
    # A byte more than fits tells one that is too large from one that just fits.
    return uploaded.name, uploaded.read(most_bytes + 1)


def file_to_save(packed: bytes | None, *, name: str) -> HttpResponse:
    """A version's file, to take elsewhere."""
    response = HttpResponse(bytes(packed or b""), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def curve_json(run: Any) -> JsonResponse:
    """How far a run is, with its curve, for scripts."""
    return JsonResponse(
        {"state": run.state, "steps_done": run.steps_done, "steps_total": run.steps_total, "curve": run.curve}
    )


def change_run(request: HttpRequest, run: Any, change: Callable[[Any], None], *, action: str) -> None:
    """Cancel a run or try it again, for those who may; a message says where that cannot be."""
    require_trainer(request, action=action)
    try:
        change(run)
    except CannotTrain as error:
        messages.error(request, str(error))
