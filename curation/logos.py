"""A team's logos: who sees them, and adding, changing and deleting them."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from ava.messages import send_task
from ava.models import Team, User, Video
from ava.selectors import EDITING_ROLES, access_teams, access_videos
from curation.logo_signals import note_logo_signals
from curation.models import Logo, LogoLook, Still
from curation.stills.logo_pictures import read_logo_picture

MOST_WORDS = 20
MOST_WORD_LETTERS = 60
LEAST_WORD_LETTERS = 2


def access_logos(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Logo]:
    """Logos of the teams whose titles the user sees; with `roles`, of those where the user holds one of these."""
    return Logo.objects.filter(team__in=access_teams(user, roles=roles))


def access_sightings(user: User) -> QuerySet[LogoLook]:
    """Looks that found a logo in what is a still now, the surest first.

    Only a team's own logos in its own titles: a title that has gone to another team has taken its stills along.
    """
    found = LogoLook.objects.filter(
        probability__gt=0,
        logo__in=access_logos(user),
        video__in=access_videos(user),
        video__title__teams=F("logo__team"),
    )
    return found.filter(Exists(_stills())).order_by("-probability", "video_id", "frame_index", "id")


def with_stills(looks: QuerySet[LogoLook]) -> QuerySet[LogoLook]:
    """Looks with the number and timecode of their still, as `still_id` and `timecode`."""
    number, timecode = (Subquery(_stills().values(name)[:1]) for name in ("pk", "timecode"))
    return looks.annotate(still_id=number, timecode=timecode)


def _stills() -> QuerySet[Still]:
    return Still.objects.filter(video=OuterRef("video"), frame_index=OuterRef("frame_index"))


def require_logo_editor(user: User, *, team: Team) -> None:
    """Raise PermissionDenied with a sentence unless the user is editor or administrator of the team."""
    if not access_teams(user, roles=EDITING_ROLES).filter(pk=team.pk).exists():
        raise PermissionDenied("Only editors and administrators of this team may change its logos.")


def clean_words(words: Iterable[Any]) -> list[str]:
    """Brand words without spare spaces, empty ones and repetitions; raises ValidationError."""
    cleaned = {" ".join(str(word).split()) for word in words} - {""}
    known: dict[str, str] = {}
    for word in sorted(cleaned, key=str.casefold):
        known.setdefault(word.casefold(), word)
    if len(known) > MOST_WORDS:
        raise ValidationError({"brand_words": f"Name {MOST_WORDS} brand words at most."})
    for word in known.values():
        if len(word) > MOST_WORD_LETTERS:
            raise ValidationError({"brand_words": f"“{word[:20]}…” is longer than {MOST_WORD_LETTERS} letters."})
        if sum(letter.isalnum() for letter in word) < LEAST_WORD_LETTERS:
            raise ValidationError({"brand_words": f"“{word}” is too short to be told from other words."})
    return list(known.values())


def save_logo(logo: Logo, *, user: User, upload: bytes | None = None) -> Logo:
    """Check and store a new or changed logo, and have its team's stills searched for it.

    `upload` is a picture as it was uploaded, which takes the place of the one before. Raises UnusableLogo,
    ValidationError, and PermissionDenied unless the user edits for the logo's team; nothing is then stored.
    """
    require_logo_editor(user, team=logo.team)
    logo.brand_words = clean_words(logo.brand_words)
    if upload is None and not logo.picture and not logo.brand_words:
        raise ValidationError("Give a picture of the logo, brand words, or both: else there is nothing to look for.")
    content = read_logo_picture(upload) if upload is not None else None
    logo.full_clean(exclude=["picture", "created_by"])
    before = logo.picture.name
    if content is not None:
        logo.picture = default_storage.save(f"logos/{uuid.uuid4().hex}.png", ContentFile(content))
    try:
        _store(logo, user=user, replaced=before if content is not None else "")
    except BaseException as error:
        if content is not None:
            default_storage.delete(logo.picture.name)
            logo.picture = before
        if isinstance(error, IntegrityError):  # a colleague was quicker
            raise ValidationError("This team has a logo of that name already; choose another name.") from error
        raise
    return logo


@transaction.atomic
def _store(logo: Logo, *, user: User, replaced: str) -> None:
    if logo.pk is None:
        logo.created_by = user
    logo.save()
    _forget_what_is_no_longer_looked_for(logo)
    note_logo_signals(Video.objects.filter(title__teams=logo.team_id))
    send_search(logo.team_id)
    if replaced:
        transaction.on_commit(lambda: default_storage.delete(replaced))


def _forget_what_is_no_longer_looked_for(logo: Logo) -> None:
    """Looks for another picture or other words say nothing of these; what the same picture gave stays."""
    logo.looks.exclude(picture=logo.picture.name).delete()
    if not logo.picture:
        logo.looks.exclude(words=logo.brand_words).delete()
    changed = list(logo.looks.exclude(words=logo.brand_words).filter(found__contains=[{"by": "words"}]))
    for look in changed:
        look.found = [each for each in look.found if each["by"] == "picture"]
        look.probability = strongest(look.found)
    LogoLook.objects.bulk_update(changed, ["found", "probability"], batch_size=500)


def strongest(found: Iterable[dict[str, Any]]) -> float:
    """The highest probability of what was found, 0 when that is nothing."""
    return max((float(each["probability"]) for each in found), default=0.0)


@transaction.atomic
def delete_logo(logo: Logo, *, user: User) -> None:
    """Delete a logo with its picture and everything that was found of it; raises PermissionDenied."""
    require_logo_editor(user, team=logo.team)
    team_id = logo.team_id
    logo.delete()
    note_logo_signals(Video.objects.filter(title__teams=team_id))


def delete_picture(sender: type[Logo], instance: Logo, **_: object) -> None:
    """After a logo's row, by whatever way it went, its file goes too."""
    name = instance.picture.name
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))


def send_search(team_id: int) -> None:
    """Have a worker look for a team's logos wherever they were not looked for yet; asking too often does no harm."""
    send_task("curation.tasks.look_for_logos", team_id)
