"""Reads the demo's one password from the environment, or makes it once and keeps it."""

import os
import secrets

from django.conf import settings


def demo_password() -> str:
    """The demo's password: ERP_DEMO_PASSWORD, else the one made at the first start."""
    path = settings.ERP_DATA_DIR / "demo_password"
    named = os.environ.get("ERP_DEMO_PASSWORD")
    if named or not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(named or secrets.token_urlsafe(9))
    return path.read_text().strip()
