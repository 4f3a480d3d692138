"""The OpenAPI schema: complete, without warnings, and honest about refusals."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.world import make_person


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("schema") / "schema.json"
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(target))
    import json

    return json.loads(target.read_text())


def operations(schema: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(path, method): each for path, verbs in schema["paths"].items() for method, each in verbs.items()}


def test_every_operation_says_what_it_refuses(schema: dict[str, Any]) -> None:
    for (path, method), operation in operations(schema).items():
        answers = operation["responses"]
        assert "401" in answers, path
        if method != "get":
            assert "403" in answers, path
        if "{" in path:
            assert "404" in answers, path
        if "requestBody" in operation or any(each["in"] == "query" for each in operation.get("parameters", [])):
            assert "400" in answers, (path, method)


def test_every_operation_is_described_and_its_answer_typed(schema: dict[str, Any]) -> None:
    for (path, method), operation in operations(schema).items():
        assert operation.get("description"), (path, method)
        success = {code: answer for code, answer in operation["responses"].items() if code < "300"}
        assert success, (path, method)
        for code, answer in success.items():
            assert code == "204" or answer["content"]["application/json"]["schema"], (path, method)


def test_both_ways_to_sign_in_are_documented(schema: dict[str, Any]) -> None:
    schemes = schema["components"]["securitySchemes"]
    assert {"type": "http", "scheme": "bearer"} in schemes.values()
    assert any(scheme["type"] == "apiKey" and scheme["in"] == "cookie" for scheme in schemes.values())


@pytest.mark.django_db
def test_the_docs_are_for_people_who_are_signed_in_and_come_from_here() -> None:
    client = Client()
    assert client.get("/api/docs/").headers["Location"] == "/sign-in/?next=/api/docs/"
    assert client.get("/api/schema/").status_code == 401
    client.force_login(make_person("ada"))
    page = client.get("/api/docs/").content.decode()
    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js" in page
    assert "https://" not in page.replace("https://www.w3.org", "")
    assert client.get("/api/", follow=True).redirect_chain == [("/api/docs/", 302)]
