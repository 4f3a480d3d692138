"""What Postgres keeps of a text to find it by its words."""

from django.contrib.postgres.search import CombinedSearchVector, SearchVector
from django.db.models import TextField, Value

from search.embed.word_forms import index_form


def words_of(text: str) -> CombinedSearchVector:
    """The value of a `words` field: every word as it is written, and as English stems it, in any case and script.

    To be given to `create(words=…)` and `update(words=…)`; Postgres computes it.
    """
    value = Value(index_form(text), output_field=TextField())
    return SearchVector(value, config="simple") + SearchVector(value, config="english")
