"""Accounts: what a new password ends."""

import pytest
from rest_framework.authtoken.models import Token

from tests.films import make_user

pytestmark = pytest.mark.django_db


def test_a_new_password_ends_the_api_token():
    user, other = make_user("editor"), make_user("other")
    for each in (user, other):
        Token.objects.create(user=each)
    user.set_password("another long password")
    user.save()
    assert list(Token.objects.values_list("user__username", flat=True)) == ["other"]


def test_other_changes_of_an_account_leave_the_token_alone():
    user = make_user("editor")
    Token.objects.create(user=user)
    user.first_name = "Ed"
    user.save()
    user.check_password("a long password")
    assert Token.objects.filter(user=user).exists()
