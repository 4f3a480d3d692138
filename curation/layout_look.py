"""What an address says of how canvases are looked at: which one closely, which helps, what words and logo lie over."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from ava.models import Title, User
from curation.frame_keys import whole_number
from curation.logos import access_logos

MOST_WORDS = 120
HELPS = {"found": "Faces and text", "safe": "Safe areas", "overlays": "Overlays"}


@dataclass(frozen=True, slots=True)
class LogoChoice:
    """A logo of the title's teams that has a picture."""

    pk: int
    name: str
    address: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class LayoutLook:
    """`words` are the title's as typed, `wording` what lies over; `canvas` is the key of the one looked at closely."""

    canvas: str
    words: str
    wording: str
    shown: tuple[str, ...]
    logos: list[LogoChoice]

    @property
    def logo_address(self) -> str:
        """Of the picture of the logo that lies over the canvases; empty: none."""
        return next((logo.address for logo in self.logos if logo.is_chosen), "")

    @property
    def helps(self) -> list[tuple[str, str, bool]]:
        """Name, label, and whether it is shown."""
        return [(name, label, name in self.shown) for name, label in HELPS.items()]


def read_look(query: QueryDict, *, title: Title, user: User) -> LayoutLook:
    """Read an address; what it says wrongly is as if it were not said."""
    words = " ".join(query.get("title", "").replace("\0", "").split())[:MOST_WORDS]
    asked = [name for value in query.getlist("show") for name in value.split(",")]
    chosen = whole_number(query.get("logo", ""))
    logos = access_logos(user).filter(team__titles=title).exclude(picture="").order_by("name", "id").distinct()
    return LayoutLook(
        canvas=query.get("canvas", ""),
        words=words,
        wording=words or title.name,
        shown=tuple(name for name in HELPS if name in asked or "show" not in query),
        logos=[
            LogoChoice(logo.pk, logo.name, reverse("logo-picture", args=[logo.pk]), logo.pk == chosen) for logo in logos
        ],
    )
