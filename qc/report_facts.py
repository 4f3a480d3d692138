"""What a report says of a title's review beside its flags: models, scans, reviewers, agreement."""

from typing import Any

from django.db.models import Count, Max, Min
from django.utils import timezone

from ava.models import Title, User
from qc.audit import agreement_of
from qc.emptiness import scan_facts
from qc.models import PixelDecision, PixelFlag
from qc.report_request import reported
from qc.reviewing import reviews_wanted, visible_decisions


def report_facts(title: Title, *, user: User) -> dict[str, str]:
    """Name → sentence, in the order in which they are told, as far as the user may know them."""
    told = {
        "Scanned": _scans(title),
        "Reviewed by": _reviewers(title, user=user),
        "Agreement": _agreement(title),
        "Not raised again": _no_longer_raised(title),
    }
    return {name: sentence for name, sentence in told.items() if sentence}


def _scans(title: Title) -> str:
    scan = scan_facts(title)
    if not scan.versions or scan.newest is None:
        return "Not scanned."
    versions = ", ".join(str(version) for version in scan.versions)
    noun = "version" if len(scan.versions) == 1 else "versions"
    at = timezone.localtime(scan.newest).strftime("%-d %b %Y, %H:%M")
    part = "" if scan.is_complete else f", {scan.chunks} of {scan.chunk_total} parts"
    return f"With {noun} {versions} of the pixel model, the last time on {at}{part}."


def _reviewers(title: Title, *, user: User) -> str:
    said = visible_decisions(PixelDecision.objects.filter(flag__video__title=title, stands=True), user=user)
    people = (
        said.order_by()
        .values("user__username")
        .annotate(flags=Count("flag", distinct=True), first=Min("created_at"), last=Max("created_at"))
        .order_by("-flags", "user__username")
    )
    return "; ".join(
        f"{row['user__username']} ({row['flags']} flag{'' if row['flags'] == 1 else 's'}, {_days(row)})"
        for row in people
    )


def _days(row: dict[str, Any]) -> str:
    first, last = (timezone.localtime(row[name]).strftime("%-d %b %Y") for name in ("first", "last"))
    return first if first == last else f"{first} to {last}"


def _agreement(title: Title) -> str:
    if reviews_wanted(title) == 1:
        return ""
    found = agreement_of(title)
    if found is None:
        return "Every flag is judged by two people; no flag has two words yet."
    kappa = "" if found.kappa is None else f", Cohen’s kappa {found.kappa:.2f}"
    return f"Two people said the same of {found.raw_unit:.0%} of {found.flags} flags{kappa}."


def _no_longer_raised(title: Title) -> str:
    """Confirmed errors are told though a newer model does not see them."""
    kept = reported(title).filter(is_current=False, state=PixelFlag.State.CONFIRMED).count()
    return (
        f"The newest scan raises {kept} of the confirmed flags no more; they stay, as people saw them." if kept else ""
    )
