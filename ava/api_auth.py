"""Token authentication whose challenge is an honest 401."""

from rest_framework import authentication


class TokenAuthentication(authentication.TokenAuthentication):
    """`Authorization: Bearer TOKEN`, as OpenAPI tools write it."""

    keyword = "Bearer"
