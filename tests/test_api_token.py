"""Tokens: one's own, made with the password, shown once, counted when guessed."""

import pytest
from django.core.cache import cache
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from ava.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a long password of hers"


@pytest.fixture
def user(settings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()  # the throttle's memory
    return User.objects.create_user("ada", password=PASSWORD)


@pytest.fixture
def session(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def bearer(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_a_token_is_made_with_the_password_and_opens_the_api(session: APIClient) -> None:
    assert session.get("/api/token/").status_code == 404
    answer = session.post("/api/token/", {"password": PASSWORD})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert bearer(answer.json()["token"]).get("/api/teams/").status_code == 200
    assert set(session.get("/api/token/").json()) == {"created_at"}, "it is shown once"


def test_a_new_token_ends_the_old_one(session: APIClient) -> None:
    old = session.post("/api/token/", {"password": PASSWORD}).json()["token"]
    new = session.post("/api/token/", {"password": PASSWORD}).json()["token"]
    assert bearer(old).get("/api/teams/").status_code == 401
    assert bearer(new).get("/api/teams/").status_code == 200


def test_a_revoked_token_opens_nothing(session: APIClient) -> None:
    client = bearer(session.post("/api/token/", {"password": PASSWORD}).json()["token"])
    assert client.delete("/api/token/").status_code == 204
    assert client.get("/api/teams/").status_code == 401


def test_a_token_alone_makes_no_further_token(session: APIClient, user: User) -> None:
    client = bearer(session.post("/api/token/", {"password": PASSWORD}).json()["token"])
    assert client.post("/api/token/", {"password": "a guess"}).status_code == 400
    assert client.post("/api/token/", {}).status_code == 400
    assert Token.objects.filter(user=user).count() == 1


def test_guesses_at_the_password_are_slowed_down(session: APIClient) -> None:
    statuses = [session.post("/api/token/", {"password": "a guess"}).status_code for _ in range(21)]
    assert statuses[:20] == [400] * 20
    assert statuses[20] == 429
    assert session.get("/api/token/").status_code == 404, "looking is not guessing"


def test_a_token_of_somebody_who_was_shut_out_opens_nothing(session: APIClient, user: User) -> None:
    token = session.post("/api/token/", {"password": PASSWORD}).json()["token"]
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert bearer(token).get("/api/teams/").status_code == 401


def test_without_credentials_the_answer_is_an_honest_401() -> None:
    response = APIClient().get("/api/titles/")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
