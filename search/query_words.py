"""The words of a query as people type them: free ones, phrases in quotation marks, and what is to be left out."""

import re
from typing import NamedTuple

from search.embed.word_forms import words_of_text

LONGEST_TEXT = 1000
MOST_TERMS = 32
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_TERM = re.compile(r'(?P<minus>(?<!\S)[-−])?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')


class WrittenWords(NamedTuple):
    """Free words, "phrases", -negatives, and sentences on what was understood otherwise than it was written."""

    text: str
    phrases: tuple[str, ...]
    negatives: tuple[str, ...]
    remarks: tuple[str, ...]


def read_words(written: str) -> WrittenWords:
    """What somebody typed, cut where it is too long; any quotation marks do."""
    remarks = []
    if len(written) > LONGEST_TEXT:
        written = written[:LONGEST_TEXT].rsplit(maxsplit=1)[0]
        remarks.append(f"Only the first {LONGEST_TEXT:,} characters were looked for.")
    written = written.translate(_QUOTES)
    if written.count('"') % 2:
        at = written.rindex('"')
        written = f"{written[:at]} {written[at + 1 :]}"
        remarks.append("A quotation mark had no partner and was ignored.")
    words, phrases, negatives = [], [], []
    for term in _TERM.finditer(written):
        content = " ".join((term["phrase"] if term["phrase"] is not None else term["word"]).split())
        if not words_of_text(content):
            continue
        if term["minus"]:
            negatives.append(content)
        elif term["phrase"] is not None:
            phrases.append(content)
        else:
            words.append(content.lstrip("-−"))  # glued to a quotation mark, it stands for nothing
    if written.strip() and not (words or phrases or negatives):
        remarks.append("There is no word or number in what was typed, so nothing could be looked for.")
    if max(len(phrases), len(negatives)) > MOST_TERMS:
        remarks.append(f"Only the first {MOST_TERMS} phrases and words to leave out were used.")
    kept = (tuple(dict.fromkeys(terms))[:MOST_TERMS] for terms in (phrases, negatives))
    return WrittenWords(" ".join(words), *kept, tuple(remarks))
