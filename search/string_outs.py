"""String-outs: reels that AVA proposes from a film's moments, and proposes again around what people did to them."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from django.db import transaction

from ava.models import Team, User, Video
from ava.selectors import access_videos
from curation.moment_choices import RankedShots, ranked
from curation.moment_filters import chosen_shots
from curation.moments.string_out import best_span, propose_string_out, wanted_numbers
from curation.moments.variety import likeness_to
from search.models import Reel, ReelClip, ReelStep
from search.reel_films import layout_of, seen_cuts
from search.reel_proposals import Span, kept_clips, put_proposal, touched_clips
from search.reel_steps import take_reel
from search.reels import LONGEST_NAME, ClipSpan, InvalidReel, add_clips, check_spans, create_reel, standing_clips
from search.string_out_film import StringOutFilm, read_string_out_film
from search.string_out_wishes import StringOutWish, kept_wish

LIKE_SHARE = 0.6
"""What likeness weighs beside the score where more like a clip is asked for."""


def make_string_out(video: Video, wish: StringOutWish, *, team: Team, user: User, name: str = "") -> Reel:
    """Begin a reel with the string-out that is proposed for a film. Raises InvalidReel with a sentence."""
    film = read_string_out_film(video)
    if any(film.shot_of(frame) is None for frame in wish.picked):
        raise InvalidReel(f"Pick shots of this film, which has frames 0 to {video.frame_count - 1}.")
    picked = _picked_shots(film, wish)
    spans = _propose(film, wish, chosen=[], barred=[], picked=picked, taken_s=Fraction(0), user=user)
    if not spans:
        filtered = " or filter less" if wish.narrowing.is_narrowed else ""
        raise InvalidReel(f"Every shot of this film is left out; keep less of its end back{filtered}.")
    with transaction.atomic():
        called = (
            name.replace("\0", "").strip()
            or f"{str(video.title)[: LONGEST_NAME - 40]}, string-out of {wish.told_length}"
        )
        reel = create_reel(team, name=called, user=user)
        check_spans(reel, [ClipSpan(video.pk, *span) for span in spans], user=user)
        reel = take_reel(reel)
        put_proposal(
            reel, spans, video_id=video.pk, kept=[], by_story=wish.by_story, fields=_fields(wish), user=user,
            sentence=f"had {_count(len(spans))} proposed for {wish.told_length}",
        )  # fmt: skip
    return reel


def propose_again(reel: Reel, wish: StringOutWish, *, user: User) -> ReelStep | None:
    """Propose a string-out anew around the clips that people touched; None where nothing comes out differently.

    Shots that somebody took out do not come back. Raises InvalidReel with a sentence.
    """
    film = read_string_out_film(film_of(reel, user=user))
    with transaction.atomic():
        reel = take_reel(reel)
        return _put(reel, film, wish, picked=_picked_shots(film, wish), user=user,
                    sentence="had {} proposed for " + wish.told_length)  # fmt: skip


def fit_to_length(reel: Reel, *, user: User) -> ReelStep | None:
    """Make a string-out as long as it is wanted: its proposed clips longer or shorter, and more of them if need be.

    None where nothing can be done about it. Raises InvalidReel with a sentence.
    """
    wish = wish_of(reel)
    film = read_string_out_film(film_of(reel, user=user))
    with transaction.atomic():
        reel = take_reel(reel)
        kept = {clip.pk for clip in kept_clips(reel, video_id=film.video.pk)}
        shown = {
            shot: film.cut.length(clip.in_frame, clip.out_frame)
            for clip in standing_clips(reel)
            if clip.pk not in kept
            for shot in film.shots_of([clip])
        }
        return _put(reel, film, wish, picked=list(shown), shown=shown, user=user,
                    sentence=f"fitted it to {wish.told_length} with {{}}")  # fmt: skip


def add_more_like(clip: ReelClip, *, user: User) -> ReelStep:
    """Put the best moment that is most like a clip, and not in the reel yet, behind it. Raises InvalidReel."""
    wish = wish_of(clip.reel)
    film = read_string_out_film(film_of(clip.reel, user=user))
    if clip.video_id != film.video.pk:
        raise InvalidReel("More of the film that this string-out is of can be found, not of others.")
    alike = film.shot_of((clip.in_frame + clip.out_frame) // 2)
    if alike is None:
        raise InvalidReel("This clip lies in no shot; choose another one.")
    found = _ranked(film, wish, variety_unit=0, user=user)
    worth = LIKE_SHARE * likeness_to(found.kin, alike) + (1 - LIKE_SHARE) * film.moments.scores.score_unit
    cut = film.cut_before(found.guard_frame)
    with transaction.atomic():
        reel = take_reel(clip.reel)
        standing = standing_clips(reel)
        barred = _barred_shots(reel, film, kept=standing)
        order = sorted((shot for shot in found.order.tolist() if shot not in barred), key=lambda shot: -worth[shot])
        if (span := best_span(cut, order=order, rate=film.rate)) is None:
            raise InvalidReel("No other shot of this film is left.")
        after = [each.pk for each in standing]
        behind = dict(itertools.pairwise(after)).get(clip.pk)
        return add_clips(reel, [ClipSpan(film.video.pk, *span)], user=user, before=behind)


def film_of(reel: Reel, *, user: User) -> Video:
    """The film that a reel is a string-out of. Raises InvalidReel where the user does not see it (any more)."""
    video = access_videos(user).filter(title__teams=reel.team_id, pk=wish_of(reel).video)
    found = video.select_related("title").first()
    if found is None:
        raise InvalidReel("The film that this string-out was proposed from is no longer there, or not yours to see.")
    return found


def wish_of(reel: Reel) -> StringOutWish:
    """What a string-out was proposed by. Raises InvalidReel for a reel whose clips were collected."""
    wish = kept_wish(reel.proposal)
    if wish is None:
        raise InvalidReel("The clips of this reel were collected, not proposed; make a string-out of a film's moments.")
    return wish


def _put(
    reel: Reel, film: StringOutFilm, wish: StringOutWish, *, picked: Sequence[int],
    shown: Mapping[int, int] = MappingProxyType({}), user: User, sentence: str,
) -> ReelStep | None:  # fmt: skip
    kept = kept_clips(reel, video_id=film.video.pk)
    barred = _barred_shots(reel, film, kept=kept)
    spans = _propose(
        film, wish, chosen=film.shots_of(kept), barred=barred, picked=[shot for shot in picked if shot not in barred],
        shown=shown, taken_s=_length_s(reel, kept, user=user), user=user,
    )  # fmt: skip
    if spans:
        check_spans(reel, [ClipSpan(film.video.pk, *span) for span in spans], user=user)
    return put_proposal(
        reel, spans, video_id=film.video.pk, kept=kept, by_story=wish.by_story, fields=_fields(wish), user=user,
        sentence=sentence.format(_count(len(spans))),
    )  # fmt: skip


def _propose(
    film: StringOutFilm, wish: StringOutWish, *, chosen: Sequence[int], barred: Collection[int],
    picked: Sequence[int], taken_s: Fraction, shown: Mapping[int, int] = MappingProxyType({}), user: User,
) -> list[Span]:  # fmt: skip
    """Spans of a film for what is wanted more than is taken already; differing from the shots chosen already."""
    found = _ranked(film, wish, variety_unit=wish.variety / 100, chosen=sorted({*chosen, *picked}), user=user)
    wanted = wanted_numbers(wish.length_s, rate=film.rate) - wanted_numbers(taken_s, rate=film.rate)
    return propose_string_out(
        film.cut_before(found.guard_frame, but_for=picked), wanted=wanted, rate=film.rate, picked=picked, shown=shown,
        order=[shot for shot in found.order.tolist() if shot not in barred], by_story=wish.by_story,
    )  # fmt: skip


def _ranked(
    film: StringOutFilm, wish: StringOutWish, *, variety_unit: float, chosen: Sequence[int] = (), user: User
) -> RankedShots:
    """The film's shots that the wish asks for, best first; trailers that the user may not see count for nothing."""
    return ranked(
        film.moments, film.video, variety_unit=variety_unit, spoiler_unit=wish.spoiler / 100, chosen=chosen,
        only=chosen_shots(film.video, film.moments.shots, wish.narrowing, user=user),
    )  # fmt: skip


def _barred_shots(reel: Reel, film: StringOutFilm, *, kept: Sequence[ReelClip]) -> set[int]:
    """Shots that are in the reel already, and such as a person took out of it."""
    refused = reel.clips.filter(is_in=False, pk__in=touched_clips(reel))
    return set(film.shots_of([*kept, *refused]))


def _picked_shots(film: StringOutFilm, wish: StringOutWish) -> list[int]:
    """The shots that were picked, the best first; an analysis that found other cuts may have put two together."""
    shots = {shot for frame in wish.picked if (shot := film.shot_of(frame)) is not None}
    score = film.moments.scores.score_unit
    return sorted(shots, key=lambda shot: (-float(score[shot]), shot))


def _length_s(reel: Reel, clips: Sequence[ReelClip], *, user: User) -> Fraction:
    """How long those of the clips are that the user sees, as hand-offs count them."""
    numbers = {clip.pk for clip in clips}
    events = layout_of([cut for cut in seen_cuts(reel, user=user) if cut.clip.pk in numbers]).events
    return sum(((event.source_out - event.source_in) / event.clock.rate for event in events), Fraction(0))


def _fields(wish: StringOutWish) -> dict[str, object]:
    return {"wanted_s": wish.length_s, "proposal": wish.as_json()}


def _count(clips: int) -> str:
    return "1 clip" if clips == 1 else f"{clips} clips"
