"""People in the admin console: users, teams and who is what in which team.

A team administrator keeps their own teams and the people who belong to nobody else's: of a person who is also in
another team they may change the role in theirs, never the name, the password or the access.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import PROTECT, Count, Prefetch, QuerySet
from django.http import HttpRequest
from rest_framework.authtoken.models import TokenProxy
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from ava.admin_access import (
    AccessAdmin,
    AccessInline,
    AccessRelatedFilter,
    administered_teams,
    administered_users,
    is_wholly_administered,
)
from ava.models import Membership, Team, User

for _hidden in (Group, TokenProxy):
    if admin.site.is_registered(_hidden):  # roles are held in teams, and tokens are their owners' secrets
        admin.site.unregister(_hidden)


def administered_memberships(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(team__in=administered_teams(user))


def _on_record(person: User) -> list[str]:
    """What a person has said that must keep a name, such as "decision (3)": rows that hold on to who said it."""
    relations = [each for each in User._meta.get_fields(include_hidden=True) if each.auto_created and each.one_to_many]
    held = [each for each in relations if each.on_delete is PROTECT]
    counts = {
        each.related_model._meta: each.related_model._base_manager.filter(**{each.field.name: person}).count()
        for each in held
    }
    return sorted(f"{kind.verbose_name} ({count})" for kind, count in counts.items() if count)


class MembershipInline(AccessInline):
    model = Membership
    hide_title = True
    access = staticmethod(administered_memberships)
    may_add = may_change = may_delete = True
    can_delete = True
    autocomplete_fields = ["team", "user"]
    verbose_name = "member"


class UserMembershipInline(MembershipInline):
    verbose_name = "team"

    def get_min_num(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> int:
        """A team administrator makes people for a team; outside it they would lose sight of them at once."""
        return 0 if request.user.is_superuser or obj is not None else 1

    def get_formset(
        self, request: HttpRequest, obj: User | None = None, **kwargs: Any
    ) -> type[forms.BaseInlineFormSet]:
        return super().get_formset(request, obj, validate_min=True, **kwargs)


@admin.register(User)
class UserAdmin(AccessAdmin, DjangoUserAdmin):
    access = staticmethod(administered_users)
    may_add = may_change = True
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = [UserMembershipInline]
    list_display = ["username", "name", "email", "roles", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser", ("memberships__team", AccessRelatedFilter)]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["username"]
    filter_horizontal: list[str] = []
    readonly_fields = ["last_login", "date_joined"]
    add_fieldsets = ((None, {"fields": ["username", "password1", "password2"]}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        held = administered_memberships(request.user).select_related("team")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("memberships", queryset=held, to_attr="administered_memberships"))
        )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        access = ["is_active", "is_superuser"] if request.user.is_superuser else ["is_active"]
        return (
            (None, {"fields": ["username", "password", "first_name", "last_name", "email"]}),
            ("Access", {"fields": access, "description": "Roles are held in teams; see below."}),
            ("Dates", {"fields": ["last_login", "date_joined"]}),
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or (isinstance(obj, User) and obj.pk is None):
            return True
        person = obj if isinstance(obj, User) else self.access(request.user).get(pk=obj)
        return is_wholly_administered(person, by=request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only who runs the installation: what people decided keeps their names."""
        return request.user.is_superuser and self.has_change_permission(request, obj)

    def consequences(self, objs: list[User]) -> dict[str, int]:
        return {
            "memberships": Membership.objects.filter(user__in=objs).count(),
            "uploads on their way": sum(person.uploads.count() for person in objs),
        }

    def obstacles(self, objs: list[User]) -> list[str]:
        kept = ((person, _on_record(person)) for person in objs)
        return [
            f"{person} has said what stays on record: {', '.join(words)}; take away “active” instead."
            for person, words in kept
            if words
        ]

    @display(description="name")
    def name(self, person: User) -> str:
        return person.get_full_name()

    @display(description="roles")
    def roles(self, person: User) -> str:
        held = [
            f"{membership.team.name}: {membership.get_role_display()}"
            for membership in person.administered_memberships  # type: ignore[attr-defined]
        ]
        return "; ".join(sorted(held))


@admin.register(Team)
class TeamAdmin(AccessAdmin):
    access = staticmethod(administered_teams)
    may_change = True
    inlines = [MembershipInline]
    list_display = ["name", "people", "title_count"]
    search_fields = ["name"]
    fields = ["name"]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                member_count=Count("memberships__user", distinct=True), titles_seen=Count("titles", distinct=True)
            )
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def consequences(self, objs: list[Team]) -> dict[str, int]:
        return {"memberships": Membership.objects.filter(team__in=objs).count()}

    def obstacles(self, objs: list[Team]) -> list[str]:
        return [
            f"“{title}” would be seen by no team; give it to another one first."
            for team in objs
            for title in team.titles.annotate(team_count=Count("teams", distinct=True)).filter(team_count=1)[:20]
        ]

    @display(description="people", ordering="member_count")
    def people(self, team: Team) -> int:
        return team.member_count  # type: ignore[attr-defined]

    @display(description="titles", ordering="titles_seen")
    def title_count(self, team: Team) -> int:
        return team.titles_seen  # type: ignore[attr-defined]
