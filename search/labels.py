"""What people write about spans of films. Nothing is ever overwritten: taking back marks a label, and can be undone."""

from django.db import transaction

from ava.models import User, Video
from ava.roles import may_edit
from ava.selectors import ADMINISTERING_ROLES, access_titles
from ava.turns import take_turn
from search.models import ShotLabel
from search.renewal import ask_renewal
from search.word_vectors import words_of

MOST_LETTERS = 1000
ACTION = "label its shots"


class InvalidLabel(ValueError):
    """A label that cannot be kept; the sentence says why."""


def add_label(video: Video, *, start_frame: int, end_frame: int, text: str, user: User) -> ShotLabel:
    """Keep what a person says of a span (half-open frames) in their words; the same said twice is kept once.

    Raises InvalidLabel with a sentence, and Gone where the film has been deleted meanwhile.
    """
    text = " ".join(text.replace("\0", " ").split())
    if not any(letter.isalnum() for letter in text):
        raise InvalidLabel("Write at least one word.")
    if len(text) > MOST_LETTERS:
        raise InvalidLabel(f"A label has at most {MOST_LETTERS:,} letters; this one has {len(text):,}.")
    if not 0 <= start_frame < end_frame <= video.frame_count:
        raise InvalidLabel(f"A label needs at least one of the film's frames 0 to {video.frame_count - 1:,}.")
    span = {"start_frame": start_frame, "end_frame": end_frame}
    with transaction.atomic():
        take_turn(video)  # else two clicks at once would keep it twice
        same = ShotLabel.objects.filter(video=video, **span, text=text, user=user, stands=True).defer("words").first()
        if same is not None:
            return same
        label = ShotLabel.objects.create(video=video, **span, text=text, user=user, words=words_of(text))
        ask_renewal([video.pk])
    return label


def take_back(label: ShotLabel) -> None:
    """Have a label count no more; it is kept."""
    _set_standing(label, stands=False)


def bring_back(label: ShotLabel) -> None:
    """Have a label that was taken back count again."""
    _set_standing(label, stands=True)


def may_take_back(user: User, label: ShotLabel) -> bool:
    """Who wrote a label takes it back, as long as they edit the film, and so do administrators of its teams."""
    title_id = label.video.title_id
    if label.user_id == user.pk and may_edit(user, title_id=title_id):
        return True
    return access_titles(user, roles=ADMINISTERING_ROLES).filter(pk=title_id).exists()


def _set_standing(label: ShotLabel, *, stands: bool) -> None:
    if ShotLabel.objects.filter(pk=label.pk, stands=not stands).update(stands=stands):
        ask_renewal([label.video_id])
