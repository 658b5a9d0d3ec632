"""All settings, read once from the environment by typed readers that say what is wrong with a value."""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlparse

from django.core.exceptions import ImproperlyConfigured

BASE = Path(__file__).resolve().parent


def text(name: str, default: str) -> str:
    """Return an environment value as text."""
    return os.environ.get(name, default)


def switch(name: str, default: bool) -> bool:
    """Return an environment value as a yes or no; refuses anything but 1, 0, true, false, yes, no."""
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value in {"1", "true", "yes"}:
        return True
    if value in {"0", "false", "no", ""}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r}: write 1 or 0.")


def whole(name: str, default: int) -> int:
    """Return an environment value as a whole number."""
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r}: write a whole number.") from error


def words(name: str, default: str) -> list[str]:
    """Return a comma-separated environment value as a list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


DATA = Path(text("MIAOCE_DATA", "var")).resolve()
DEBUG = switch("MIAOCE_DEBUG", False)
DEMO_MARK = DATA / "demo.mark"  # `miaoce demo` leaves it: this data is invented, the ribbon and the accounts are shown
TESTING = "pytest" in sys.modules
DEMO = DEMO_MARK.exists() and not TESTING


def _secret() -> str:
    """Return the signing secret: from the environment, or from a file in the data folder that is made on first use."""
    if given := os.environ.get("MIAOCE_SECRET_KEY"):
        return given
    file = DATA / "keys" / "secret.key"
    if not file.exists():
        import secrets

        for folder in (DATA, file.parent):  # one by one: parents made on the way would be open to everybody
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process made it first
            return file.read_text().strip()
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(48))
    return file.read_text().strip()


SECRET_KEY = "only-for-tests" if TESTING else _secret()
ALLOWED_HOSTS = words("MIAOCE_HOSTS", "127.0.0.1,localhost,[::1]" + (",testserver" if TESTING else ""))
SECURE_COOKIES = switch("MIAOCE_HTTPS", False)
SENDER = text("MIAOCE_SENDER", "miaoce")  # how this installation signs packages that it sends
WEBHOOK_ANYWHERE = switch("MIAOCE_WEBHOOK_ANYWHERE", False)  # plain http and private addresses, for trials only


def _database(url: str) -> dict[str, Any]:
    """Return Django's settings for a database address: postgresql://user:password@host:port/name, or the embedded file."""
    if not url:
        DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "miaoce.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                "PRAGMA cache_size=-65536;PRAGMA temp_store=MEMORY;",
            },
            "TEST": {"NAME": text("MIAOCE_TEST_SQLITE", "") or None},
        }
    parts = urlparse(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("MIAOCE_DATABASE_URL: write postgresql://user:password@host:port/name.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "miaoce",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": query if TESTING else {"pool": {"min_size": 1, "max_size": whole("MIAOCE_POOL", 12)}, **query},
        "TEST": {"TEMPLATE": "template0", "CHARSET": "UTF8"},
    }


DATABASES = {"default": _database(text("MIAOCE_DATABASE_URL", ""))}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "miaoce.registry",
    "miaoce.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "miaoce.web.headers.SafeHeaders",
    "miaoce.web.desks.OfficerMiddleware",
    "miaoce.web.refusals.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "miaoce.urls"
WSGI_APPLICATION = "miaoce.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "web" / "templates", *sorted((BASE / "web").glob("*/templates"))],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "miaoce.web.desks.furniture"],
            "builtins": ["miaoce.web.components.tags"],
        },
    }
]

# people and sessions: 15 minutes idle, 8 hours in all (trust.md S-12)
AUTH_USER_MODEL = "registry.Staff"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "desk"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = IDLE_SECONDS = whole("MIAOCE_IDLE_SECONDS", 15 * 60)
ABSOLUTE_SECONDS = whole("MIAOCE_ABSOLUTE_SECONDS", 8 * 3600)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_FAILURE_VIEW = "miaoce.web.refusals.csrf_failed"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# lock-out by user + address pair: a kindergarten shares one address, so an address alone is never locked (trust.md S-18)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = whole("MIAOCE_SIGN_IN_TRIES", 5)
AXES_COOLOFF_TIME = whole("MIAOCE_SIGN_IN_COOLOFF_HOURS", 1)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "miaoce.web.staff.pages.locked_out"
AXES_SENSITIVE_PARAMETERS: list[str] = []
AXES_VERBOSE = False

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE / "web" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a review page of 300 rows may hold a field for each fault

# domain settings that an operator may change; what the decree fixes is dated reference data instead
KEY_FILE = Path(text("MIAOCE_KEY_FILE", str(DATA / "keys" / "keys.json")))
CIPHER_SUITE = text("MIAOCE_CIPHER_SUITE", "aes256gcm")
RECALL_MINUTES = whole("MIAOCE_RECALL_MINUTES", 10)
OBJECTION_DAYS = whole("MIAOCE_OBJECTION_DAYS", 3)
CODE_DAYS = whole("MIAOCE_CODE_DAYS", 7)
MESSAGES = text("MIAOCE_MESSAGES", "")  # none, inbox or gateway; empty: the inbox in the demonstration, otherwise none
MESSAGE_URL = text("MIAOCE_MESSAGE_URL", "")
MESSAGE_KEY = text("MIAOCE_MESSAGE_KEY", "")
DIGEST_AT = text("MIAOCE_DIGEST_AT", "08:30")  # local time of the daily digest; "off" sends none
ADDRESS = text("MIAOCE_ADDRESS", "http://127.0.0.1:8000/" if DEMO else "")  # where people reach the pages, for links
API_PER_MINUTE = whole(
    "MIAOCE_API_PER_MINUTE", 0 if TESTING else 600
)  # of one token, in each process of the web server
UPLOADS = DATA / "uploads"
PROOFS = DATA / "proofs"
POPULATION_REGISTER = text("MIAOCE_POPULATION_REGISTER", "stand-in" if DEMO else "")  # only the stand-in is built in
FILE_MEGABYTES = whole("MIAOCE_FILE_MEGABYTES", 5)
FILE_SECONDS = whole("MIAOCE_FILE_SECONDS", 30)
FILE_MEMORY_MEGABYTES = whole("MIAOCE_FILE_MEMORY_MEGABYTES", 512)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "miaoce.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": text("MIAOCE_LOG_LEVEL", "WARNING")},
}
