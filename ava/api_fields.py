"""Serializer fields that know only what the person asking may see."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.serializers import PrimaryKeyRelatedField

from ava.models import User


class AccessField(PrimaryKeyRelatedField):
    """An object by its id; one that the person may not see is refused in the same words as one that is not there."""

    def __init__(self, *, access: Callable[[User], QuerySet[Any]], model: type[Model], **kwargs: Any) -> None:
        self.access = access
        self.model = model
        super().__init__(queryset=model._default_manager.none(), **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        return self.access(self.context["request"].user)
