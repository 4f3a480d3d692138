"""What the admin console's lists, forms and choices share: they know only what their visitor administers."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.db.models import Exists, ForeignObject, Model, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from ava.models import Membership, Upload, User
from ava.selectors import ADMINISTERING_ROLES, access_teams, access_titles

Access = Callable[[User], QuerySet[Any]]


def administered(access: Callable[..., QuerySet[Any]]) -> Access:
    """Narrow an `access_*` selector to the teams that the user administers."""
    return lambda user: access(user, roles=ADMINISTERING_ROLES)


def of_installation(access: Access) -> Access:
    """Narrow a selector of what belongs to no team to those who run the installation."""
    return lambda user: access(user) if user.is_superuser else access(user).none()


administered_teams: Access = administered(access_teams)
administered_titles: Access = administered(access_titles)


def administered_uploads(user: User) -> QuerySet[Upload]:
    return Upload.objects.filter(title__in=administered_titles(user))


def administered_users(user: User) -> QuerySet[User]:
    """People of the teams that the user administers; everybody for a superuser."""
    if user.is_superuser:
        return User.objects.all()
    shared = Membership.objects.filter(user=OuterRef("pk"), team__in=administered_teams(user))
    return User.objects.filter(Exists(shared))


def is_wholly_administered(person: User, *, by: User) -> bool:
    """True when nobody but `by` answers for the person: who belongs to other teams too is not `by`'s to change."""
    if by.is_superuser:
        return True
    elsewhere = person.memberships.exclude(team__in=administered_teams(by))
    return not person.is_superuser and person.memberships.exists() and not elsewhere.exists()


def object_action(**options: Any) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """unfold's `@action` for one object, which is looked for first: the dialogue of one that is not there is 404."""

    def decorate(method: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        offered = action(**options)(method)

        @wraps(offered)
        def checked(self: "AccessAdmin", request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            self.get_object(request, kwargs["object_id"])
            return offered(self, request, *args, **kwargs)

        return checked

    return decorate


class AccessMixin:
    """Permissions and choices of a ModelAdmin or an inline; `may_*` say what anybody may do with such objects."""

    access: Access
    may_add = False
    may_change = False
    may_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = self.access(request.user)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Choices of a foreign key or of many: the objects that the visitor finds in the other's list."""
        related = db_field.remote_field.model
        if not self.admin_site.is_registered(related):
            return related._default_manager.none()
        return self.admin_site.get_model_admin(related).get_queryset(request)

    def _reaches(self, request: HttpRequest, obj: Any) -> bool:
        """`obj` is an object, its id (as unfold's actions give it), or None for the whole list."""
        if not self.admin_site.has_permission(request):
            return False
        if obj is None:
            return True
        pk = obj.pk if isinstance(obj, Model) else obj
        return pk is None or self.access(request.user).filter(pk=pk).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._reaches(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_add and self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change and self._reaches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self._reaches(request, obj)


class AccessAdmin(AccessMixin, ModelAdmin):
    """A list and its forms. An object that the visitor does not administer is not there: 404."""

    list_per_page = 50
    view_on_site = False
    list_filter_submit = False
    compressed_fields = True

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def get_deleted_objects(
        self, objs: Iterable[Model], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What goes with the objects, in numbers: a film's tens of thousands of rows fill no page."""
        objs = list(objs)
        gone = self.consequences(objs)
        names = [f"{self.opts.verbose_name.capitalize()} “{each}”" for each in objs]
        return names, {self.opts.verbose_name_plural: len(objs)} | gone, set(), self.obstacles(objs)

    def consequences(self, objs: list[Any]) -> dict[str, int]:
        """What else is deleted: plural name → number."""
        return {}

    def obstacles(self, objs: list[Any]) -> list[str]:
        """Sentences that say why the objects cannot be deleted yet."""
        return []


class AccessInline(AccessMixin, TabularInline):
    """Rows inside another object's form: whoever reaches that reaches them."""

    extra = 0
    can_delete = False
    show_change_link = False

    def _reaches(self, request: HttpRequest, obj: Any) -> bool:
        return self.admin_site.has_permission(request)  # `obj` is the parent, which was reached before


class AccessRelatedFilter(admin.RelatedFieldListFilter):
    """A filter by another object that offers only those the visitor administers."""

    include_empty_choice = False

    def field_choices(
        self, field: ForeignObject, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[Any, str]]:
        rows = model_admin.get_field_queryset(None, field, request)
        return field.get_choices(include_blank=False, limit_choices_to={"pk__in": rows.values("pk")})
