"""What a role allows inside a team. Who may not even see an object has been turned away before: see `access_*`."""

from django.core.exceptions import PermissionDenied

from ava.models import Role, User
from ava.selectors import ADMINISTERING_ROLES, EDITING_ROLES, REVIEWING_ROLES, access_teams, access_titles


def may_edit(user: User, *, title_id: int) -> bool:
    """Whether the user is editor or administrator of one of the title's teams."""
    return access_titles(user, roles=EDITING_ROLES).filter(pk=title_id).exists()


def require_editor(user: User, *, title_id: int, action: str) -> None:
    """Raise PermissionDenied with a sentence unless the user is editor or administrator of the title's team.

    `action` completes "Only editors and administrators of this title's teams may …".
    """
    if not may_edit(user, title_id=title_id):
        raise PermissionDenied(f"Only editors and administrators of this title's teams may {action}.")


def may_review(user: User, *, title_id: int) -> bool:
    """Whether the user is QC reviewer of one of the title's teams."""
    return access_titles(user, roles=REVIEWING_ROLES).filter(pk=title_id).exists()


def require_reviewer(user: User, *, title_id: int, action: str) -> None:
    """Raise PermissionDenied with a sentence unless the user is QC reviewer of the title's team.

    `action` completes "Only QC reviewers of this title's teams may …".
    """
    if not may_review(user, title_id=title_id):
        raise PermissionDenied(f"Only QC reviewers of this title's teams may {action}.")


def require_administrator(user: User, *, title_id: int, action: str) -> None:
    """Raise PermissionDenied with a sentence unless the user administers one of the title's teams."""
    if not access_titles(user, roles=ADMINISTERING_ROLES).filter(pk=title_id).exists():
        raise PermissionDenied(f"Only administrators of this title's teams may {action}.")


def require_superuser(user: User, *, action: str) -> None:
    """Raise PermissionDenied with a sentence unless the user runs the installation."""
    if not user.is_superuser:
        raise PermissionDenied(f"Only people who run this installation may {action}.")


def roles_told(user: User) -> frozenset[str]:
    """The roles that a person has in any team, asked for once by a page; superusers have all."""
    if user.is_superuser:
        return frozenset(Role.values)
    if "_roles_told" not in user.__dict__:
        user.__dict__["_roles_told"] = frozenset(user.memberships.values_list("role", flat=True))
    return user.__dict__["_roles_told"]  # type: ignore[no-any-return]


def is_administrator(user: User) -> bool:
    """True for people who run the installation and for those who administer a team."""
    return user.is_superuser or user.memberships.filter(role=Role.ADMINISTRATOR).exists()


def is_editor_somewhere(user: User) -> bool:
    """True when there is a team that the user may add titles to."""
    return access_teams(user, roles=EDITING_ROLES).exists()
