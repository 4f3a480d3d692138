"""Every address of the project, walked by people who have no business there.

A new address fails these tests until the table says what it is. There are three kinds: addresses of an object,
which do not exist for outsiders; addresses that everyone who is signed in may open, which show nothing of other
teams; and the admin console, which exists for administrators only.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from tests.world import World, make_person, make_world

pytestmark = pytest.mark.django_db

METHODS = ("get", "head", "post", "put", "patch", "delete")
CONSOLE_METHODS = ("get", "post")  # the console knows no others
MARK = "qq-xx"  # the hyphen keeps it out of random tokens

OF_TITLE = {
    "title", "title-edit", "stills", "stills-index", "people", "character", "people-questions", "people-do",
    "people-undo", "api-title-detail", "api-title-videos", "api-title-people", "api-title-people-questions",
    "api-title-people-undo", "stills-order", "ranking-profile-save", "held-back", "clusters", "coverage",
    "moments", "moments-shot", "api-title-moments", "string-out", "api-string-out",
    "trailer-map", "trailer-csv", "trailer-say", "api-title-trailer",
    "picture-groups", "picture-groups-do", "picture-groups-undo", "test-results", "artworks", "compare", "filter-save",
    "pick-lists", "exports", "api-title-order", "api-title-clusters", "api-title-coverage", "api-title-held-back",
    "api-title-picture-groups", "api-title-test-results", "pixel-report", "api-title-pixel-report",
    "pixel-sensor", "pixel-flags", "pixel-review", "pixel-next", "pixel-undo", "pixel-add", "pixel-reviews",
    "api-title-pixels", "api-title-pixels-next", "api-title-pixels-renew", "api-title-pixels-release",
    "api-title-pixels-undo", "api-title-pixels-redo", "api-title-pixels-add", "api-title-pixels-reviews",
}  # fmt: skip
OF_VIDEO = {
    "search-marks",
    "pixel-scan", "api-video-scan",
    "video-analyse", "film", "signals", "decide", "undo", "video-play", "video-frame", "video-filmstrip",
    "frame-findings", "frame-saliency", "frame-motion",
    "still-download", "api-video-detail", "api-video-analyse", "api-video-annotations",
    "api-video-findings", "maturity-override", "comparison-say", "comparison-undo", "still-note",
    "frame-layout", "frame-layout-do", "frame-layout-undo",
    "dialogue-upload", "label-add", "label-take-back",
}  # fmt: skip
OF_JOB = {"job", "job-cancel", "job-retry", "api-job-detail", "api-job-cancel", "api-job-retry"}
OF_LOGO = {"logo", "logo-edit", "logo-delete", "logo-picture", "api-logo-detail", "api-logo-sightings"}
OF_CHARACTER = {"api-character-detail", "api-character-merge", "api-character-split"}
OF_LIST = {"pick-list", "pick-list-do", "pick-list-undo", "api-pick-list-detail", "api-pick-list-frames"}
OF_REEL = {
    "reel", "reel-do", "reel-undo", "reel-redo", "reel-export", "reel-film-cancel", "api-reel-detail",
    "api-reel-clips", "api-reel-export", "api-reel-film", "api-reel-propose",
}  # fmt: skip
OF_EXPORT = {"export", "export-file", "export-cancel", "api-export-detail"}
OF_ARTWORK = {
    "artwork", "artwork-picture", "artwork-file", "artwork-delete", "api-artwork-detail", "api-artwork-layout",
    "artwork-layout", "artwork-layout-do", "artwork-layout-undo",
}  # fmt: skip
OF_CANVAS = {"canvas-edit", "canvas-delete", "api-canvas-detail"}
OF_PIXEL_MODEL = {"pixel-model-file", "api-pixel-model-detail", "api-pixel-model-use"}
OF_PIXEL_TRAINING = {
    "pixel-training", "pixel-training-curve", "pixel-training-cancel", "pixel-training-retry",
    "api-pixel-training-detail", "api-pixel-training-cancel", "api-pixel-training-retry",
}  # fmt: skip
OF_MOMENT_RANKER = {
    "moment-model-file", "api-moment-ranker-detail", "api-moment-ranker-use", "api-moment-ranker-withdraw",
}  # fmt: skip
OF_MOMENT_TRAINING = {
    "moment-training", "moment-training-curve", "moment-training-cancel", "moment-training-retry",
    "api-moment-training-detail", "api-moment-training-cancel", "api-moment-training-retry",
}  # fmt: skip
OF_ATTRIBUTE = {
    "attribute", "attribute-say", "attribute-undo", "attribute-use", "attribute-change", "attribute-delete",
    "attribute-restore", "api-attribute-detail", "api-attribute-examples", "api-attribute-undo",
    "api-attribute-guesses", "api-attribute-versions", "api-attribute-use", "api-attribute-shots",
}  # fmt: skip
OF_SAVED_SEARCH = {
    "saved-search", "saved-search-rename", "saved-search-delete", "api-saved-search-detail", "api-saved-search-rename",
    "api-saved-search-news",
}  # fmt: skip
OF_ENCODER = {
    "encoder-release", "encoder-withdraw", "encoder-file", "api-encoder-detail", "api-encoder-release",
    "api-encoder-withdraw",
}  # fmt: skip
OF_ENCODER_TRAINING = {
    "encoder-training", "encoder-training-curve", "encoder-training-cancel", "encoder-training-retry",
    "api-encoder-training-detail", "api-encoder-training-cancel", "api-encoder-training-retry",
}  # fmt: skip
OBJECT_OF: dict[str, Callable[[World], Any]] = {
    **dict.fromkeys(OF_TITLE, lambda world: world.title.pk),
    **dict.fromkeys(OF_VIDEO, lambda world: world.video.pk),
    **dict.fromkeys(OF_JOB, lambda world: world.job.pk),
    **dict.fromkeys(OF_LOGO, lambda world: world.logo.pk),
    **dict.fromkeys(OF_CHARACTER, lambda world: world.character.pk),
    **dict.fromkeys(OF_LIST, lambda world: world.pick_list.pk),
    **dict.fromkeys(OF_REEL, lambda world: world.reel.pk),
    **dict.fromkeys(OF_EXPORT, lambda world: world.export.pk),
    **dict.fromkeys(OF_ARTWORK, lambda world: world.artwork.pk),
    **dict.fromkeys(OF_CANVAS, lambda world: world.canvas.pk),
    **dict.fromkeys({"ranking-profile-delete", "api-ranking-profile-detail"}, lambda world: world.profile.pk),
    "ranking-profile-restore": lambda world: world.former_profile.pk,
    "filter-delete": lambda world: world.saved_filter.pk,
    "note-withdraw": lambda world: world.note.pk,
    "test-batch-delete": lambda world: world.test_batch.pk,
    "api-comparison-detail": lambda world: world.comparison.pk,
    "track-portrait": lambda world: world.face_track.pk,
    "face-picture": lambda world: world.face.pk,
    "api-face-track-detail": lambda world: world.face_track.pk,
    "upload": lambda world: world.upload.pk,
    "still-image": lambda world: world.still.pk,
    **dict.fromkeys({"canvas-picture", "canvas-picture-link"}, lambda world: world.still.pk),
    "api-team-detail": lambda world: world.team.pk,
    "api-chunk-detail": lambda world: world.chunk.pk,
    "api-shot-detail": lambda world: world.shot.pk,
    "api-still-detail": lambda world: world.still.pk,
    "api-still-layout": lambda world: world.still.pk,
    "api-decision-detail": lambda world: world.decision.pk,
    "api-dialogue-line-detail": lambda world: world.dialogue_line.pk,
    **dict.fromkeys(
        {"api-shot-label-detail", "api-shot-label-take-back", "api-shot-label-bring-back"},
        lambda world: world.shot_label.pk,
    ),
    **dict.fromkeys({"api-pixel-flag-detail", "api-pixel-flag-decide"}, lambda world: world.pixel_flag.pk),
    **dict.fromkeys(
        {"watch-folder", "watch-folder-delete", "api-watch-folder-detail"}, lambda world: world.watch_folder.pk
    ),
    **dict.fromkeys({"pixel-flag", "pixel-strip", "pixel-decide"}, lambda world: world.pixel_flag.pk),
    "api-pixel-decision-detail": lambda world: world.pixel_decision.pk,
    **dict.fromkeys(OF_SAVED_SEARCH, lambda world: world.saved_search.pk),
    **dict.fromkeys(OF_PIXEL_MODEL, lambda world: world.pixel_model.pk),
    **dict.fromkeys(OF_ATTRIBUTE, lambda world: world.attribute.pk),
    **dict.fromkeys(OF_MOMENT_RANKER, lambda world: world.moment_ranker.pk),
    **dict.fromkeys(OF_MOMENT_TRAINING, lambda world: world.moment_training.pk),
    **dict.fromkeys(OF_PIXEL_TRAINING, lambda world: world.pixel_training.pk),
    **dict.fromkeys(OF_ENCODER, lambda world: world.encoder.pk),
    **dict.fromkeys(OF_ENCODER_TRAINING, lambda world: world.contrastive_training.pk),
}
FOR_EVERYONE_SIGNED_IN = {
    "search", "search-picture", "search-example", "search-collect", "saved-searches", "saved-search-save",
    "api-saved-search-list",
    "reels",
    "titles", "title-new", "jobs", "account", "sign-out", "uploads", "api", "api-docs", "api-schema",
    "api-token", "api-team-list", "api-title-list", "api-video-list", "api-job-list", "api-chunk-list",
    "api-shot-list", "api-still-list", "api-decision-list", "api-decision-undo", "api-model-list",
    "api-model-detail", "api-model-fetch", "api-logo-list", "api-character-list", "api-face-track-list",
    "api-face-track-move", "api-face-track-not-faces", "api-people-action-list", "expression-models",
    "expression-train", "expression-use", "logos", "logo-new", "api-nothing", "models", "model", "model-fetch",
    "model-add", "model-verify", "model-remove", "ranking-models", "ranking-models-train",
    "ranking-models-use", "mentions", "api-ranking-profile-list", "api-ranking-model-list", "api-comparison-list",
    "api-pick-list-list", "api-export-list", "api-artwork-list", "api-similar", "api-layout",
    "canvases", "canvas-new", "api-canvas-list", "api-canvas-defaults", "qc-home",
    "watch-folders", "watch-folder-new", "api-watch-folder-list",
    "api-pixel-flag-list", "api-pixel-decision-list",
    "pixel-models", "pixel-models-train", "pixel-models-use", "pixel-models-add", "api-pixel-model-list",
    "moment-models", "moment-models-train", "moment-models-use", "moment-models-add", "api-moment-ranker-list",
    "api-moment-training-list",
    "api-pixel-training-list", "api-search", "attributes", "attribute-new",
    "api-attribute-list", "api-reel-list",
    "encoders", "encoders-train", "encoder-add", "pairs", "pairs-export", "api-encoder-list",
    "api-encoder-training-list",
    "api-dialogue-line-list", "api-dialogue-line-bring", "api-shot-label-list",
}  # fmt: skip
FOR_ANYBODY = {"sign-in", "admin:login"}  # admin:login only leads to the other


class Address(NamedTuple):
    name: str
    route: str

    @property
    def is_admin(self) -> bool:
        return self.route.startswith("admin/")

    def path(self, world: World) -> str:
        """The address with the numbers of a world's objects in it."""
        route = re.sub(r"^\^|\$$|(?<=/)\^", "", self.route)
        values = {"frame": 10, "chunk": 0, "name": "transnetv2", "app_label": "ava", "url": "nothing/here/"}
        values |= {"character": world.character.pk, "kind": "csv", "label": world.shot_label.pk, "token": "0" * 32}
        values |= dict.fromkeys(("pk", "ref", "object_id", "id"), self._object(world))

        def value(match: re.Match[str]) -> str:
            return str(values[match["named"] or match["plain"]])

        route = re.sub(r"\(\?P<(?P<named>\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(?P<plain>\w+)>", value, route)
        return "/" + route.replace("$", "").replace("\\", "")

    def _object(self, world: World) -> Any:
        if self.is_admin:
            model = re.match(r"admin/(?:ava|curation|qc)/(\w+)/", self.route)
            return world.row(model[1]).pk if model else ""
        return OBJECT_OF[self.name](world) if self.name in OBJECT_OF else ""


def addresses(patterns: Any = None, *, prefix: str = "", namespace: str = "") -> Iterator[Address]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = f"{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern.url_patterns, prefix=route, namespace=inside)
        else:
            yield Address(f"{namespace}{pattern.name or route}", route)


@pytest.fixture
def theirs() -> World:
    return make_world(MARK)


@pytest.fixture
def outsider(theirs: World) -> Client:
    """An editor of another team: the most that somebody outside can be without administering anything."""
    client = Client(raise_request_exception=False)
    client.force_login(make_world("own").editor)
    return client


def answers(client: Client, path: str, *, methods: tuple[str, ...] = METHODS) -> dict[str, int]:
    return {method: getattr(client, method)(path).status_code for method in methods}


def test_every_address_is_in_the_table_and_the_table_holds_no_others() -> None:
    known = set(OBJECT_OF) | FOR_EVERYONE_SIGNED_IN | FOR_ANYBODY
    names = {address.name for address in addresses() if not address.is_admin} | FOR_ANYBODY
    assert names - known == set(), "say in the table what these addresses are, and who may open them"
    assert known - names == set(), "these addresses are gone; take them out of the table"


def test_to_outsiders_the_objects_of_a_team_do_not_exist(outsider: Client, theirs: World) -> None:
    wrong = {}
    for address in addresses():
        if address.is_admin or address.name not in OBJECT_OF:
            continue
        found = answers(outsider, address.path(theirs))
        if set(found.values()) - {404, 405, 412} or (found["get"] != 404 and found["post"] != 404):
            wrong[address.name] = found
    assert wrong == {}


def test_what_everyone_may_open_shows_nothing_of_other_teams(outsider: Client, theirs: World) -> None:
    wrong = {}
    for address in addresses():
        if address.is_admin or address.name not in FOR_EVERYONE_SIGNED_IN:
            continue
        response = outsider.get(address.path(theirs))
        if response.status_code >= 500 or MARK in response.content.decode():
            wrong[address.name] = response.status_code
    assert wrong == {}


def test_the_admin_console_does_not_exist_for_those_who_administer_nothing(outsider: Client, theirs: World) -> None:
    wrong = {}
    for address in addresses():
        if address.is_admin:
            found = answers(outsider, address.path(theirs), methods=CONSOLE_METHODS)
            if set(found.values()) - {404, 405}:
                wrong[address.name] = found
    assert wrong == {}


def test_a_team_administrator_finds_nothing_of_other_teams_in_the_console(theirs: World) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_world("own").administrator)
    wrong = {}
    for address in addresses():
        if not address.is_admin or address.name == "admin:logout":
            continue
        response = client.get(address.path(theirs), follow=True)
        of_object = "object_id" in address.route or "<id>" in address.route
        expected = {404, 403} if of_object else {200, 403, 404}
        if response.status_code not in expected or MARK in response.content.decode():
            wrong[address.name] = response.status_code
        if of_object and client.post(address.path(theirs), follow=True).status_code not in {403, 404, 405}:
            wrong[address.name] = "an answer to POST"
    assert wrong == {}


def test_who_is_not_signed_in_is_sent_to_sign_in_or_told_401(theirs: World) -> None:
    client = Client(raise_request_exception=False)
    wrong = {}
    for address in addresses():
        if address.name in FOR_ANYBODY:
            continue
        for method in METHODS:
            response = getattr(client, method)(address.path(theirs))
            to_sign_in = response.status_code == 302 and response.headers["Location"].startswith(
                ("/sign-in/?next=", "/admin/login/?next=")
            )
            if not to_sign_in and response.status_code not in {401, 405, 412}:
                wrong[address.name, method] = response.status_code
    assert wrong == {}


def test_the_consoles_own_sign_in_leads_to_the_one_place_to_sign_in() -> None:
    response = Client().get("/admin/login/?next=/admin/ava/job/")
    assert response.headers["Location"] == "/sign-in/?next=/admin/ava/job/"


def test_a_superuser_opens_every_page_of_the_console(theirs: World) -> None:
    client = Client()
    client.force_login(make_person("root", is_superuser=True))
    wrong = {}
    for address in addresses():
        if (
            address.is_admin
            and address.name not in {"admin:logout", "admin:autocomplete"}
            and "url" not in address.route
        ):
            status = client.get(address.path(theirs), follow=True).status_code
            reading_only = address.name.endswith(("_add", "_delete")) and status == 403
            if status != 200 and not reading_only:
                wrong[address.name] = status
    assert wrong == {}
