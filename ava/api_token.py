"""A person's own API token: made and renewed with their password, shown once, revoked at will."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from ava.api_errors import ErrorSerializer


class PasswordSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(trim_whitespace=False, max_length=4096, write_only=True)


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Send it as `Authorization: Bearer TOKEN`. It is not shown again.")
    created_at = serializers.DateTimeField()


class TokenStateSerializer(serializers.Serializer[Any]):
    created_at = serializers.DateTimeField()


class PasswordThrottle(ScopedRateThrottle):
    """Guesses at a password are counted, looking at or revoking a token is not."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        return request.method != "POST" or super().allow_request(request, view)


class TokenView(APIView):
    """Your API token."""

    throttle_classes = [PasswordThrottle]
    throttle_scope = "sign-in"

    @extend_schema(operation_id="token_retrieve", responses=TokenStateSerializer)
    def get(self, request: Request) -> Response:
        """When your token was made. The token itself is shown only once."""
        token = Token.objects.filter(user=request.user).first()
        if token is None:
            raise NotFound("You have no token; make one with your password.")
        return Response(TokenStateSerializer({"created_at": token.created}).data)

    @extend_schema(
        operation_id="token_create",
        request=PasswordSerializer,
        responses={201: TokenSerializer, 429: OpenApiResponse(ErrorSerializer, description="Wait a minute.")},
    )
    def post(self, request: Request) -> Response:
        """Make a token with your password; the one you had stops working."""
        form = PasswordSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        if not request.user.check_password(form.validated_data["password"]):
            raise ValidationError({"password": ["This is not your password."]})
        with transaction.atomic():
            Token.objects.filter(user=request.user).delete()
            token = Token.objects.create(user=request.user)
        answer = TokenSerializer({"token": token.key, "created_at": token.created})
        return Response(answer.data, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @extend_schema(operation_id="token_destroy", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Revoke your token."""
        Token.objects.filter(user=request.user).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
