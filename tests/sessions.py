"""Opens sessions for people in tests, without the pages that they would sign in on."""

import time
from typing import Any

from allauth.account.internal.flows import login
from allauth.account.internal.userkit import user_id_to_str
from django.test import Client

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def let_in(client: Client, person: Any) -> None:
    """Sign somebody in as if they had just entered a password."""
    client.force_login(person, backend=BACKEND)
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(person)
    session.save()
