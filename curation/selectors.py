"""Reading stills and decisions; nothing is reached past `access_*`."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from ava.models import User, Video
from ava.roles import is_administrator
from ava.selectors import access_teams, access_titles, access_videos
from curation.models import (
    Artwork,
    Comparison,
    Decision,
    Export,
    Mention,
    MomentRanker,
    MomentScoring,
    MomentTraining,
    PickList,
    RankingModel,
    RankingProfile,
    SavedFilter,
    Still,
    StillNote,
    TeamCanvas,
    TestBatch,
)


def access_stills(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Still]:
    return Still.objects.filter(video__in=access_videos(user, roles=roles))


def access_decisions(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Decision]:
    return Decision.objects.filter(video__in=access_videos(user, roles=roles))


def access_pick_lists(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[PickList]:
    return PickList.objects.filter(title__in=access_titles(user, roles=roles), is_deleted=False)


def access_deleted_pick_lists(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[PickList]:
    """Lists that somebody deleted and may bring back."""
    return PickList.objects.filter(title__in=access_titles(user, roles=roles), is_deleted=True)


def access_exports(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Export]:
    return Export.objects.filter(title__in=access_titles(user, roles=roles))


def access_artworks(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Artwork]:
    return Artwork.objects.filter(title__in=access_titles(user, roles=roles))


def access_canvases(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[TeamCanvas]:
    return TeamCanvas.objects.filter(team__in=access_teams(user, roles=roles))


def access_test_batches(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[TestBatch]:
    return TestBatch.objects.filter(title__in=access_titles(user, roles=roles))


def access_notes(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[StillNote]:
    return StillNote.objects.filter(video__in=access_videos(user, roles=roles))


def access_comparisons(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Comparison]:
    return Comparison.objects.filter(video__in=access_videos(user, roles=roles))


def access_ranking_profiles(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[RankingProfile]:
    return RankingProfile.objects.filter(team__in=access_teams(user, roles=roles), is_current=True)


def access_former_ranking_profiles(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[RankingProfile]:
    """Weightings that were replaced or deleted and can be brought back."""
    return RankingProfile.objects.filter(team__in=access_teams(user, roles=roles), is_current=False)


def access_moment_rankers(user: User) -> QuerySet[MomentRanker]:
    """Rankers of moments are the installation's: administrators of any team see them, superusers switch them."""
    rankers = MomentRanker.objects.defer("weights")
    return rankers if user.is_authenticated and is_administrator(user) else rankers.none()


def access_moment_trainings(user: User) -> QuerySet[MomentTraining]:
    trainings = MomentTraining.objects.defer("checkpoint")
    return trainings if user.is_authenticated and is_administrator(user) else trainings.none()


def access_moment_scorings(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[MomentScoring]:
    return MomentScoring.objects.filter(video__in=access_videos(user, roles=roles)).defer("packed")


def access_ranking_models(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[RankingModel]:
    return RankingModel.objects.filter(team__in=access_teams(user, roles=roles))


def access_saved_filters(user: User) -> QuerySet[SavedFilter]:
    """The user's own, and those that colleagues share, of titles that the user sees."""
    return SavedFilter.objects.filter(Q(user=user) | Q(is_shared=True), title__in=access_titles(user))


def access_mentions(user: User) -> QuerySet[Mention]:
    """Where the user is named, as long as they see the film."""
    return Mention.objects.filter(user=user, note__is_withdrawn=False, note__video__in=access_videos(user))


def still_files(videos: QuerySet[Video]) -> QuerySet[Still, str]:
    """Names of the stored previews of these films' stills."""
    return Still.objects.filter(video__in=videos).exclude(image="").values_list("image", flat=True)
