"""Makes one-time links for people to choose a password."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from erp.access.models import User


def one_time_link(user: User) -> str:
    """Make a link that lets this person choose a password, once, within three days."""
    key = default_token_generator.make_token(user)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )
    return f"{settings.PUBLIC_BASE_URL}{path}"
