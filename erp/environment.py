"""Reads what differs between machines: values, secrets in files of their own, and addresses in parts.

Knows no Django, since `manage.py` asks it before there are settings.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

FILE = "_FILE"


class Unset(Exception):
    """A setting that is missing, stated twice or cannot be read; the message says which."""


def value(name: str, default: str = "", *, env: Mapping[str, str] = os.environ) -> str:
    """Read a setting, or the file that NAME_FILE names, as Docker and systemd hand over secrets.

    A line's end after it belongs to the file. Raises Unset.
    """
    path = env.get(name + FILE, "")
    if not path:
        return env.get(name, "") or default
    if env.get(name):
        raise Unset(f"{name} and {name}{FILE} are both set; set one.")
    try:
        return Path(path).read_text().rstrip("\r\n") or default
    except (OSError, UnicodeError) as error:
        raise Unset(f"{name}{FILE}: {error}") from error


def names_a_database(env: Mapping[str, str] = os.environ) -> bool:
    """Whether PostgreSQL is somebody else's to run: nothing embedded is started then."""
    return any(env.get(name) for name in ("DATABASE_URL", "DATABASE_URL_FILE", "DATABASE_HOST"))


def database_parts(role: str, *, env: Mapping[str, str] = os.environ) -> dict[str, str] | None:
    """The connection of a role, in Django's words, from settings of its parts; None without DATABASE_HOST.

    role   "DATABASE", or "DATABASE_OWNER": host, port and name are the same, user and password its own
    In parts a password is what it is: in a URL `/`, `#`, `@`, `%` and `:` mean something. Raises Unset.
    """
    if not env.get("DATABASE_HOST"):
        return None
    user = {"DATABASE": "throughline", "DATABASE_OWNER": "throughline_owner"}[role]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": env["DATABASE_HOST"],
        "PORT": env.get("DATABASE_PORT", ""),
        "NAME": env.get("DATABASE_NAME") or "throughline",
        "USER": env.get(f"{role}_USER") or user,
        "PASSWORD": value(f"{role}_PASSWORD", env=env),
    }


def has_owner(env: Mapping[str, str] = os.environ) -> bool:
    """Whether the role that makes tables is named."""
    names = ("URL", "USER", "PASSWORD", "PASSWORD_FILE")
    return any(env.get(f"DATABASE_OWNER_{name}") for name in names)


def has_own_engines(*, env: Mapping[str, str] = os.environ) -> bool:
    """Whether PostgreSQL is the one of `manage.py up`, which workers may copy; elsewhere a timer copies it."""
    return bool(env.get("ERP_EMBEDDED"))


def storages(*, env: Mapping[str, str] = os.environ) -> dict[str, dict[str, object]]:
    """Where files are kept, in Django's words: below MEDIA_ROOT, or in FILES_S3_BUCKET, which all machines share.

    A file is its machine's own on a disk: the logo that somebody uploaded to one is on no paper of another's worker.
    """
    kept: dict[str, object] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if bucket := env.get("FILES_S3_BUCKET"):
        kept = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _s3_options(bucket, env)}
    static = "django.contrib.staticfiles.storage.StaticFilesStorage"
    return {"default": kept, "staticfiles": {"BACKEND": static}}


def _s3_options(bucket: str, env: Mapping[str, str]) -> dict[str, object]:
    """A bucket in the words of `storages.backends.s3`. Raises Unset."""
    from botocore.config import Config  # of nobody else: it takes 0.16 s to load

    # Checksums in trailers and the bucket in the host's name: others than Amazon's know neither.
    config = Config(
        s3={"addressing_style": "path" if env.get("FILES_S3_ENDPOINT") else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=5,
        read_timeout=20,
        retries={"max_attempts": 2},
    )
    return {
        "bucket_name": bucket,
        "endpoint_url": env.get("FILES_S3_ENDPOINT") or None,
        "region_name": env.get("FILES_S3_REGION") or None,
        "access_key": value("FILES_S3_KEY", env=env) or None,
        "secret_key": value("FILES_S3_SECRET", env=env) or None,
        "client_config": config,
        "default_acl": None,  # the bucket's own: private
        "file_overwrite": False,  # another file has another name, so that nobody shows an old one
    }


def valkey_url(*, env: Mapping[str, str] = os.environ) -> str:
    """Valkey's address: REDIS_URL, else made of REDIS_HOST, REDIS_PORT, REDIS_USER and REDIS_PASSWORD. Raises Unset."""
    if stated := value("REDIS_URL", env=env):
        return stated
    host, port = env.get("REDIS_HOST") or "127.0.0.1", env.get("REDIS_PORT") or "6379"
    password = value("REDIS_PASSWORD", env=env)
    user = quote(env.get("REDIS_USER", ""), safe="")
    who = f"{user}:{quote(password, safe='')}@" if password else ""
    return f"redis://{who}{host}:{port}/0"
