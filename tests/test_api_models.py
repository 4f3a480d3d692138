"""Model files over the API: what is installed, under which terms, and fetching by superusers."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from ava.weights.catalogue import CATALOGUE
from ava.weights.fetch_note import FetchNote, write_note
from tests.world import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def weights(settings, tmp_path: Path) -> Path:
    settings.AVA_WEIGHTS_DIR = tmp_path / "weights"
    return settings.AVA_WEIGHTS_DIR


def signed_in(**fields: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(make_person("ada", **fields))
    return client


def test_every_entry_is_told_with_its_terms_and_source() -> None:
    rows = {row["name"]: row for row in signed_in().get("/api/models/").json()}
    assert list(rows) == list(CATALOGUE)
    assert rows["nudenet"]["licence"] == {
        "name": "AGPL-3.0", "non_commercial": False, "copyleft": True, "needs_consent": True,
    }  # fmt: skip
    assert rows["nudenet"]["source_kind"] == "package" and rows["openclip-vit-b-32"]["source_kind"] == "address"
    for name, row in rows.items():
        assert row["state"] == "missing" and not row["installed"] and row["reason"] == ""
        assert row["enables"] and row["source"] and row["preprocessing"]
        assert row["sha256"] == CATALOGUE[name].sha256 and row["size_bytes"] == CATALOGUE[name].size_bytes


def test_how_far_a_fetch_is_and_why_it_failed_is_told(weights: Path) -> None:
    write_note(weights, "transnetv2", FetchNote("failed", 10, 20, "The connection was cut."))
    row = signed_in().get("/api/models/transnetv2/").json()
    assert (row["state"], row["done_bytes"], row["total_bytes"]) == ("failed", 10, 20)
    assert row["reason"] == "The connection was cut."


def test_a_superuser_has_a_file_fetched(
    hints: list[tuple], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = signed_in(is_superuser=True)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/api/models/transnetv2/fetch/")
    assert answer.status_code == 202 and answer.json()["state"] == "queued"
    assert hints == [("ava.tasks.fetch_model_file", "transnetv2", False)]


def test_consent_is_asked_for_by_its_field(
    hints: list[tuple], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = signed_in(is_superuser=True)
    refused = client.post("/api/models/nudenet/fetch/", {"accept_licence": False}, format="json")
    assert refused.status_code == 400 and "AGPL-3.0" in refused.json()["accept_licence"][0]
    with django_capture_on_commit_callbacks(execute=True):
        agreed = client.post("/api/models/nudenet/fetch/", {"accept_licence": True}, format="json")
    assert agreed.status_code == 202
    assert hints == [("ava.tasks.fetch_model_file", "nudenet", True)]


def test_what_can_only_be_brought_is_refused_with_the_way_to_bring_it() -> None:
    answer = signed_in(is_superuser=True).post("/api/models/openclip-vit-b-16/fetch/")
    assert answer.status_code == 409
    assert "manage.py models add openclip-vit-b-16 FILE" in json.dumps(answer.json())


def test_others_read_and_fetch_nothing(hints: list[tuple]) -> None:
    assert APIClient().get("/api/models/").status_code == 401
    assert APIClient().post("/api/models/transnetv2/fetch/").status_code == 401
    client = signed_in()
    answer = client.post("/api/models/transnetv2/fetch/")
    assert answer.status_code == 403 and "run this installation" in answer.json()["detail"]
    assert client.get("/api/models/nonsense/").status_code == 404
    root = APIClient()
    root.force_authenticate(make_person("root", is_superuser=True))
    assert root.post("/api/models/nonsense/fetch/").status_code == 404
    assert hints == []
