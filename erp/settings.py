"""Reads the settings; what differs between machines comes from the environment."""

import sys
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from erp import environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def secret(name: str) -> str:
    """Read a secret; refuse to start without one, or with one that is too short to be one."""
    value = environment.value(name)
    if len(value) < 32:
        raise ImproperlyConfigured(
            f"{name} is missing or shorter than 32 characters. `manage.py up` makes one by itself; "
            "elsewhere set it to the output of: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return value


SECRET_KEY = secret("SECRET_KEY")
# Former keys, parted by commas: what they signed holds until they are taken away (docs/operations/rotation.md).
SECRET_KEY_FALLBACKS = [
    key.strip() for key in environment.value("SECRET_KEY_FALLBACKS").split(",") if key.strip()
]
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
PLAIN_HTTP = env.bool("ERP_PLAIN_HTTP", default=PUBLIC_BASE_URL.startswith("http://127.0.0.1"))
# How many proxies of ours add to X-Forwarded-For; 0 without one, or anybody could claim any address.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
if TRUSTED_PROXIES:
    # The outermost of our proxies ends TLS and sets this header anew; without one anybody could claim it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_filters",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    # Ours, lowest first: an app may import only those above it in this list.
    "erp",
    "inventory",
    "orders",
    "fulfillment",
    "returns",
    "analytics",
    "demo",
]
MIDDLEWARE = [
    "erp.web.access_line.AccessLine",
    "erp.web.health.HealthChecks",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "erp.web.body_limits.BodyLimits",
    "erp.web.readable_text.ReadableText",
    "erp.web.middleware.Person",
]
# What a call of /api/v1/ passes through: programs have no session, form or frame (erp/wsgi.py).
API_MIDDLEWARE = [
    "erp.web.access_line.AccessLine",
    "django.middleware.security.SecurityMiddleware",
    "erp.api.language.AcceptedLanguage",
    "django.middleware.common.CommonMiddleware",
    "erp.web.body_limits.BodyLimits",
    "erp.web.readable_text.ReadableText",
]
ROOT_URLCONF = "erp.urls"
WSGI_APPLICATION = "erp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "erp.web.context.frame",
            ],
            "builtins": ["django_cotton.templatetags.cotton", "erp.templatetags.show"],
        },
    }
]

# Data

DATABASE_OPTIONS = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "tcp_user_timeout": 5000,
    "application_name": "throughline",
}


def database(name: str) -> dict[str, object]:
    """One connection's settings, from the environment: NAME_URL, or parts where DATABASE_HOST is named."""
    config: dict[str, Any] = {}
    url = environment.value(f"{name}_URL")
    if not url:
        config = dict(environment.database_parts(name) or {})
    if not url and not config:
        raise ImproperlyConfigured(f"Set {name}_URL, or DATABASE_HOST and what goes with it.")
    if url:
        config = env.db_url_config(url, engine="django.db.backends.postgresql")
    return config | {
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": False,  # of a round trip each; see erp/lost_connections.py
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": DATABASE_OPTIONS | config.get("OPTIONS", {}),
        "ATOMIC_REQUESTS": False,  # `perform` opens transactions; see erp/once.py
    }


DATABASES = {"default": database("DATABASE")}
if environment.has_owner():
    # The role that makes tables: migrations, and emptying the test database.
    DATABASES["owner"] = database("DATABASE_OWNER")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = environment.valkey_url()

# Background work: the broker is only a hint, PostgreSQL is the record (docs/architecture.md).

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace(
    "?db=", "?virtual_host="
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # longer than the longest task
    "queue_order_strategy": "priority",  # of its queues a worker takes from the first that has something
    "unacked_restore_throttle": 1,
    "socket_timeout": 3,  # a black-holed broker must not hang anybody
    "socket_connect_timeout": 2,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# People

AUTH_USER_MODEL = "erp.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "erp.access.adapter.StaffAccounts"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = PUBLIC_BASE_URL.partition(":")[0]
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # an address that nobody here has gets no mail from us
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # the way in for whoever is refused on a new device
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = env.int("REAUTHENTICATE_AFTER_S", default=900)
# Failed sign-ins: erp/access/attempts.py; these count second factors, and links by mail, which no neighbour uses up.
LINKS = {"reset_password": "5/h/key", "reset_password_from_key": None}
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "20/15m/key", **LINKS}
MFA_ADAPTER = "erp.access.second_factors.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Nobody signs up here: an address is as an owner wrote it. Of the first owner nothing could ever confirm theirs.
MFA_ALLOW_UNVERIFIED_EMAIL = True
SESSION_COOKIE_AGE = 12 * 3600
if not PLAIN_HTTP:
    # Over https alone, for this host alone: a neighbouring subdomain cannot plant one (RFC 6265bis, 4.1.3.2).
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not PLAIN_HTTP
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    # JSON needs none; the admin and the API's documentation have their own (erp/web/middleware.py).
    "EXCLUDE_URL_PREFIXES": ["/admin/", "/api/"],
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],  # the preview of messages
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}

# Sign-in by the company's own identity provider (OpenID Connect), for people who exist here already.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="").rstrip("/")
SOCIALACCOUNT_ADAPTER = "erp.access.single_sign_on.StaffSingleSignOn"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "company",
                "name": env.str("OIDC_NAME", default="single sign-on"),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": environment.value("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}

CACHES = {"default": {"BACKEND": "erp.shared_cache.SharedCache", "LOCATION": REDIS_URL}}

# Language, time, files

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS, WHITENOISE_MAX_AGE = True, 3600
ERP_DATA_DIR = Path(env.str("ERP_DATA_DIR", default=str(BASE_DIR / ".data")))
MEDIA_ROOT = ERP_DATA_DIR / "media"
STORAGES = environment.storages()

# Mail: SMTP where EMAIL_URL names a server (smtp+tls://user@host:587); files on this machine only, or where asked for.

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="orders@throughline.example")
EMAIL_TIMEOUT = 10
if email_url := environment.value("EMAIL_URL"):
    vars().update(env.email_url_config(email_url))
    if email_password := environment.value("EMAIL_PASSWORD"):
        EMAIL_HOST_PASSWORD = email_password
    if vars()["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
        EMAIL_BACKEND = "erp.messages.mail_server.MailServer"
elif PLAIN_HTTP:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = ERP_DATA_DIR / "mail"
else:  # mails to customers would be files that nobody reads, and be marked as sent
    raise ImproperlyConfigured(
        "EMAIL_URL is missing: smtp+tls://user@host:587 (password in EMAIL_PASSWORD or EMAIL_PASSWORD_FILE),"
        " or filemail:///a/folder where mails shall be files that reach nobody."
    )
MAILS_ARE_FILES = EMAIL_BACKEND.startswith("django.core.mail.backends.filebased")

# Backups (docs/operations.md). No folder: none are made by themselves.
BACKUP_DIR = env.str("BACKUP_DIR", default="")
BACKUP_RECIPIENTS = env.list("BACKUP_RECIPIENTS", default=[])  # public keys, age or SSH
BACKUP_IDENTITY_FILE = env.str("BACKUP_IDENTITY_FILE", default="")  # the private one, to read them
BACKUP_KEEP_DAILY = env.int("BACKUP_KEEP_DAILY", default=7)
BACKUP_KEEP_WEEKLY = env.int("BACKUP_KEEP_WEEKLY", default=4)
# PostgreSQL's log and copies of its cluster, for a point in time; how many copies are kept, and the log since.
WAL_ARCHIVE_DIR = env.str("WAL_ARCHIVE_DIR", default="")
BACKUP_KEEP_COPIES = env.int("BACKUP_KEEP_COPIES", default=2)
# Where pg_dump, pg_restore and psql are; empty: those that came with this installation (they know no TLS).
PG_BIN_DIR = env.str("PG_BIN_DIR", default="")
# A server where a drill may create a database; empty: an instance of its own that ends with it.
DRILL_DATABASE_URL = environment.value("DRILL_DATABASE_URL")

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["erp.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "erp.api.schema.OperationSchema",
    "EXCEPTION_HANDLER": "erp.api.problems.problem_from_exception",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Throughline API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Orders from arrival to a happy customer. See docs/api.md for the conventions.",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["erp.api.schema.add_components"],
    "PREPROCESSING_HOOKS": [],
}

UNFOLD = {
    "SITE_TITLE": "Throughline",
    "SITE_HEADER": "Throughline",
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
}

# Logs (docs/monitoring.md): lines of JSON, for a person at a terminal plain ones. LOG_FORMAT=json or text decides.
LOG_FORMAT = env.str("LOG_FORMAT", default="") or ("text" if sys.stderr.isatty() else "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "erp.logs.lines.JsonLines"},
        "text": {"()": "erp.logs.lines.PlainLines"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": "text" if LOG_FORMAT == "text" else "json",
        }
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "erp.requests": {"level": "INFO"},
        # Django mails errors to ADMINS with all that was sent, and has a console of its own.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},  # what was answered is said by erp.requests
    },
}

# Whoever asks for /metrics from elsewhere than this machine brings it as a bearer token.
METRICS_TOKEN = environment.value("METRICS_TOKEN")

# Where the day's exchange rates are fetched, such as the European Central Bank's
# https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml; empty: they come as a file or by hand.
EXCHANGE_RATES_URL = env.str("EXCHANGE_RATES_URL", default="")
# Text messages to customers without an e-mail address: Twilio, or what speaks as it does; no account: none are sent.
SMS_URL = env.str("SMS_URL", default="https://api.twilio.com")
SMS_ACCOUNT = env.str("SMS_ACCOUNT", default="")
SMS_SECRET = environment.value("SMS_SECRET")
SMS_FROM = env.str("SMS_FROM", default="")

# Hosts that webhooks may be sent to although they are not on the public internet, or without TLS.
WEBHOOK_PRIVATE_HOSTS = env.list("WEBHOOK_PRIVATE_HOSTS", default=[])
