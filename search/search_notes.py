"""What is told beside results: what cannot be known, what is still being embedded, and how good the matches are."""

from django.db.models import Exists, OuterRef

from ava.models import Shot, Video
from search import encoders
from search.embed.describe import CANNOT_KNOW
from search.models import Encoder, ShotDescription
from search.query import Query
from search.query_vectors import EncodedQuery
from search.search_scope import Scope


def tell_notes(query: Query, scope: Scope, encoded: EncodedQuery, *, hits: int, is_weak: bool) -> tuple[str, ...]:
    """Sentences on a search, the most telling first; none twice."""
    notes = [*query.remarks, *encoded.notes]
    if not hits:
        notes.append(_why_nothing(query))
    elif is_weak:
        notes.append("Nothing matches well; these are the nearest. Try other words, fewer of them, or an example.")
    if query.words and not encoded.vectors:
        notes += [f"{each.why} {each.how}" for each in encoders.unavailable()[:1]]
    if query.words and not any(each.encoder.kind != Encoder.Kind.DESCRIPTION for each in encoded.vectors):
        notes.append(CANNOT_KNOW)
    waiting = count_waiting(scope)
    if waiting:
        films = "One film is" if waiting == 1 else f"{waiting:,} films are"
        notes.append(f"{films} still being described; what is in there cannot be found yet.")
    return tuple(dict.fromkeys(notes))


def count_waiting(scope: Scope) -> int:
    """Films of the scope with shots and no description of any of them yet."""
    videos = Video.objects.all() if scope.video_ids is None else Video.objects.filter(pk__in=scope.video_ids)
    shots = Shot.objects.filter(video=OuterRef("pk"), provisional=False)
    described = ShotDescription.objects.filter(video=OuterRef("pk")).order_by()
    return videos.filter(Exists(shots.order_by()), ~Exists(described)).order_by().count()


def _why_nothing(query: Query) -> str:
    if query.phrases:
        return "No shot has the words in quotation marks just so; leave the marks out to find what comes near."
    if query.filters_shots:
        return "No shot passes these filters; take one away."
    if query.titles:
        return "Nothing was found in the chosen titles; search all of them, or use other words."
    return "Nothing was found; try other words."
