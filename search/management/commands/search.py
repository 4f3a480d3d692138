"""`manage.py search "words" [--title ID] [--json]`: search the films of a running installation from the shell."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ava.models import User, Video
from search.engine import search
from search.query import InvalidQuery, read_query
from search.told_results import tell_results


class Command(BaseCommand):
    help = "Search shots by words, in all films or in some titles."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("words", help='words, "phrases" and -words to leave out')
        parser.add_argument("--title", action="append", default=[], metavar="ID", help="only in this title")
        parser.add_argument("--like", default="", help="shot:VIDEO:FRAME or still:NUMBER")
        parser.add_argument("--limit", type=int, default=20, help="how many shots at most (default 20)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON on standard output")

    def handle(self, *, words: str, title: list[str], like: str, limit: int, as_json: bool, **_: Any) -> None:
        if limit < 1:
            raise CommandError("--limit must be 1 or more.")
        try:
            query = read_query({"q": words, "title": title, "like": like})
        except InvalidQuery as error:
            raise CommandError(str(error)) from error
        told = tell_results(search(query, user=_everybody(), limit=limit), user=_everybody())
        if as_json:
            self.stdout.write(json.dumps(told, indent=1, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_lines(told)))


def _everybody() -> User:
    """Whoever has the shell has the database: the search is not narrowed to anybody's teams."""
    return User(is_superuser=True)


def _lines(told: dict[str, Any]) -> list[str]:
    videos = {video.pk: video for video in Video.objects.filter(pk__in={each["video"] for each in told["results"]})}
    lines = []
    for place, each in enumerate(told["results"], start=1):
        fps = videos[each["video"]].fps
        span = f"{each['start_frame'] / fps:.1f}–{each['end_frame'] / fps:.1f} s"
        lines.append(f"{place:3}. {each['title']}, {span} (frames {each['start_frame']}–{each['end_frame']})")
        lines += [f"       {reason['source']}: {reason['text']}" for reason in each["why"][:2]]
    return [*lines, *told["notes"]]
