"""What the console's lists of trained versions and of their training runs share, whichever network it is."""

import json
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from ava.admin_access import AccessAdmin
from ava.admin_display import progress_bar, state_badge


class VersionAdmin(AccessAdmin):
    """Versions as they were made: nobody changes one."""

    ordering = ["-version"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("parent", "created_by").defer("weights", "parent__weights")

    @display(description="beside", ordering="parent__version")
    def parent_version(self, version: Any) -> str:
        return str(version.parent or "")

    @display(description="recipe")
    def recipe_text(self, version: Any) -> str:
        return json.dumps(version.recipe, indent=1, ensure_ascii=False)

    @display(description="measures")
    def measures_text(self, version: Any) -> str:
        return json.dumps(version.measures, indent=1, ensure_ascii=False)


class TrainingAdmin(AccessAdmin):
    """Runs with how far they are; `result` is the version that one made."""

    list_filter = [("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    ordering = ["-id"]

    @display(description="state", ordering="state")
    def badge(self, training: Any) -> SafeString | str:
        return state_badge(training.state)

    @display(description="progress")
    def progress(self, training: Any) -> SafeString:
        figures = f"{training.steps_done} of {training.steps_total} steps"
        return progress_bar(training.steps_done, training.steps_total, text=figures)

    @display(description="made", ordering="result__version")
    def result_version(self, training: Any) -> str:
        return str(training.result or "")
