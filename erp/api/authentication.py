"""Authenticates API calls by `Authorization: Bearer <key>` in one uncached statement."""

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from erp.access.models import Actor
from erp.access.queries import actor_of_key
from erp.api.problems import is_outage


class ApiKeyAuthentication(BaseAuthentication):
    """The actor of an API key becomes `request.user`; nobody is let through without one."""

    def authenticate(self, request: Request) -> tuple[Actor, None]:
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise AuthenticationFailed("Send your API key as: Authorization: Bearer <key>")
        try:
            actor = actor_of_key(secret.strip(), now=timezone.now())
        except (DatabaseError, InterfaceError) as error:
            if not is_outage(error):
                raise
            # The server was restarted since this connection's last use: connect anew, once.
            connection.close()
            actor = actor_of_key(secret.strip(), now=timezone.now())
        if actor is None:
            raise AuthenticationFailed("This API key is unknown, revoked or expired.")
        return actor, None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
