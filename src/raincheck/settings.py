"""Settings: environment variables in, Django's names out. A wrong value stops the start with one sentence."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

from raincheck.data_directory import home
from raincheck.environment import (
    MAY_BE_CLEAR,
    address,
    database_at,
    is_this_machine,
    is_weak,
    kept_key,
    number,
    port,
    read_secret_files,
    refuse_clear_database,
    refuse_clear_text,
)

PACKAGE = Path(__file__).resolve().parent

read_secret_files(os.environ)
# What may be sent to other machines in clear text, since somebody said so.
ALLOW_CLEARTEXT = os.environ.get("ALLOW_CLEARTEXT", "").replace(",", " ").split()
if unknown := [name for name in ALLOW_CLEARTEXT if name not in MAY_BE_CLEAR]:
    raise ImproperlyConfigured(
        f"ALLOW_CLEARTEXT names {unknown[0]}, but only these may be named: {', '.join(MAY_BE_CLEAR)}."
    )

_demo = os.environ.get("RAINCHECK_DEMO", "")
if _demo not in ("", "0", "1"):
    raise ImproperlyConfigured(f"RAINCHECK_DEMO must be 1 or 0, not “{_demo}”.")
RAINCHECK_DEMO = _demo == "1"
RAINCHECK_HOME = home()
PORT = number("PORT", 8000, least=1, most=65535)
HOST = os.environ.get("HOST", "127.0.0.1")
if not HOST or not re.fullmatch(r"[A-Za-z0-9.:_-]+", HOST):
    raise ImproperlyConfigured(f"HOST must be an address of this machine or a name of it, not “{HOST}”.")
# Where a browser on this machine finds what listens there: on every address means on its own too.
_here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(HOST, HOST)  # noqa: S104  # read, not bound
_here = f"[{_here}]" if ":" in _here else _here
BASE_URL = address("BASE_URL", f"http://{_here}:{PORT}", schemes=("http", "https")).rstrip("/")
HTTPS = BASE_URL.startswith("https://")
_base = urlsplit(BASE_URL)
port("BASE_URL", _base)
if _base.path or _base.query or _base.fragment or _base.username:
    raise ImproperlyConfigured("BASE_URL must be an address without a path, like https://harbor.example.")
# The demo has a rule of its own, which is stricter: it never leaves this machine.
if not HTTPS and not RAINCHECK_DEMO:
    refuse_clear_text(
        "BASE_URL",
        [HOST, _base.hostname or ""],
        instead="use an https address",
        allowed=ALLOW_CLEARTEXT,
        # Who set nothing else would look for the cause in an address that they never wrote.
        since="" if is_this_machine(HOST) else f"HOST is {HOST}, which other machines reach, so ",
    )

# Where mail goes: smtp://user:password@host:port?starttls=1 or smtps://…; empty when nobody said.
EMAIL_URL = address("EMAIL_URL", "", schemes=("smtp", "smtps"))
_mail = urlsplit(EMAIL_URL)
_mail_options = dict(parse_qsl(_mail.query, keep_blank_values=True))
if _mail_options not in ({}, {"starttls": "0"}, {"starttls": "1"}):
    raise ImproperlyConfigured("EMAIL_URL knows one option: starttls=1, or starttls=0.")
port("EMAIL_URL", _mail)
_in_the_clear = _mail.scheme == "smtp" and _mail_options.get("starttls") != "1"
if _in_the_clear:
    refuse_clear_text(
        "EMAIL_URL",
        [_mail.hostname or ""],
        instead="add ?starttls=1 or use smtps://",
        allowed=ALLOW_CLEARTEXT,
    )
EMAIL_FROM = os.environ.get(
    "EMAIL_FROM", f"appointments@{urlsplit(BASE_URL).hostname if HTTPS else 'localhost'}"
)
if (
    EMAIL_FROM.count("@") != 1
    or not all(EMAIL_FROM.split("@"))
    or not EMAIL_FROM.isascii()
    or " " in EMAIL_FROM
):
    raise ImproperlyConfigured(
        "EMAIL_FROM must be an e-mail address without a name, like front@practice.example."
    )
SMS_URL = address("SMS_URL", "", schemes=("http", "https"))
port("SMS_URL", urlsplit(SMS_URL))
if SMS_URL.startswith("http://"):
    refuse_clear_text(
        "SMS_URL",
        [urlsplit(SMS_URL).hostname or ""],
        instead="use an https address",
        allowed=ALLOW_CLEARTEXT,
    )
# A text of 160 characters holds a link, what it is about, and enough of the practice's name to know who writes.
_texted = 60
if SMS_URL and len(BASE_URL) > _texted:
    raise ImproperlyConfigured(
        f"BASE_URL has {len(BASE_URL)} characters; with SMS_URL it may have at most {_texted}, so that a text has room for the "
        "practice's name beside its link. Use a shorter name for this server."
    )
WORKER_TIMEOUT = number("WORKER_TIMEOUT", 30, least=2, most=600)
DELIVERY_TIMEOUT = number("DELIVERY_TIMEOUT", 20, least=1, most=300)

# What a program must say to be let in; empty when nobody is let in that way.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
if METRICS_TOKEN and (
    len(METRICS_TOKEN) < 16 or not METRICS_TOKEN.isascii() or any(map(str.isspace, METRICS_TOKEN))
):
    raise ImproperlyConfigured("METRICS_TOKEN must have at least 16 characters, without spaces.")

SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    if HTTPS and not RAINCHECK_DEMO:
        raise ImproperlyConfigured(
            "SECRET_KEY must be set when BASE_URL is https: a long random text, the same for every process."
        )
    # A lone installation keeps its own in a private file.
    SECRET_KEY = kept_key(RAINCHECK_HOME / "secret-key")
elif len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY must have at least 32 characters.")
elif is_weak(SECRET_KEY):
    raise ImproperlyConfigured(
        "SECRET_KEY is easy to guess; use a random text, as `openssl rand -base64 48` makes one."
    )
# What former keys signed or sealed can still be read.
SECRET_KEY_FALLBACKS = os.environ.get("SECRET_KEY_FALLBACKS", "").split()
if any(len(key) < 32 for key in SECRET_KEY_FALLBACKS):
    raise ImproperlyConfigured(
        "SECRET_KEY_FALLBACKS must list keys of at least 32 characters, separated by spaces."
    )
# Only made-up practices may have calendars on this very machine; elsewhere that would open what is private to it.
CALENDARS_ON_LOOPBACK = RAINCHECK_DEMO

DEBUG = False
ALLOWED_HOSTS = [
    urlsplit(BASE_URL).hostname or "",
    *(["localhost", "127.0.0.1", "[::1]"] if not HTTPS else []),
]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
USE_X_FORWARDED_HOST = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Both bind other sites than this one, and preload nearly for ever: only who runs the domain can say so.
HSTS = os.environ.get("HSTS", "")
if HSTS not in ("", "subdomains", "preload"):
    raise ImproperlyConfigured(f"HSTS must be subdomains, preload or unset, not “{HSTS}”.")
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and HSTS != ""
SECURE_HSTS_PRELOAD = HTTPS and HSTS == "preload"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "raincheck.web.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# A browser takes a cookie of this name only from this very host, over https, and for all its paths.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}raincheck_session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}raincheck_csrf"
CSRF_FAILURE_VIEW = "raincheck.web.outdated_forms.csrf_failed"

# A server that vanishes without a word (its machine lost power, a firewall forgot the line) is noticed after half a minute
# at most. Lines over a socket of this machine know no such thing, and ignore it.
_NOTICED = {
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
# Long enough for an embedded server that is started again, short enough for a person who looks at an empty page. The pool
# would go on trying for minutes with ever longer pauses; given up early, it tries anew for whoever asks next.
_patience = {"timeout": 3, "reconnect_timeout": 3}
DATABASE_POOLER = os.environ.get("DATABASE_POOLER", "")
if DATABASE_POOLER not in ("", "transaction"):
    raise ImproperlyConfigured(f"DATABASE_POOLER must be transaction or unset, not “{DATABASE_POOLER}”.")
DATABASE_DIRECT_URL = os.environ.get("DATABASE_DIRECT_URL", "")
if DATABASE_POOLER and not DATABASE_DIRECT_URL:
    raise ImproperlyConfigured(
        "DATABASE_POOLER needs DATABASE_DIRECT_URL: the address of the server itself, for what no pooler passes on."
    )
DATABASE_TIMEOUTS = {
    "lock_timeout": "5s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "15s",
}
_DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql:///raincheck")
_pooled = database_at("DATABASE_URL", _DATABASE_URL)
refuse_clear_database("DATABASE_URL", _pooled, allowed=ALLOW_CLEARTEXT)
_pooled["OPTIONS"] = {
    "connect_timeout": "5",
    **_NOTICED,
    **_pooled["OPTIONS"],
    # A statement that a server has planned once is not planned again on the same line, which is as dear as running it.
    # Behind a pooler each transaction may find another line.
    "server_side_binding": not DATABASE_POOLER,
    "prepare_threshold": None if DATABASE_POOLER else 5,
    "pool": {"min_size": 1, "max_size": number("DATABASE_POOL", 8, least=1, most=200), **_patience},
}
_pooled["DISABLE_SERVER_SIDE_CURSORS"] = bool(DATABASE_POOLER)
_pooled["AFTER_CONNECTING"] = DATABASE_TIMEOUTS
_owned = database_at(
    "DATABASE_OWNER_URL", os.environ.get("DATABASE_OWNER_URL") or DATABASE_DIRECT_URL or _DATABASE_URL
)
# Which of the settings the owner's address stands in.
DATABASE_OWNER_NAMED_BY = next(
    (name for name in ("DATABASE_OWNER_URL", "DATABASE_DIRECT_URL") if os.environ.get(name)), "DATABASE_URL"
)
refuse_clear_database(DATABASE_OWNER_NAMED_BY, _owned, allowed=ALLOW_CLEARTEXT)
if DATABASE_DIRECT_URL:
    refuse_clear_database(
        "DATABASE_DIRECT_URL",
        database_at("DATABASE_DIRECT_URL", DATABASE_DIRECT_URL),
        allowed=ALLOW_CLEARTEXT,
    )
_owned["OPTIONS"] = _NOTICED | _owned["OPTIONS"]
_owned["AFTER_CONNECTING"] = dict.fromkeys(DATABASE_TIMEOUTS, "0")  # whatever its role has by default
DATABASES = {
    "default": _pooled,
    # Owns the tables and is used by `raincheck migrate` only, so that the application itself cannot
    # truncate or alter the append-only history.
    "owner": _owned,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "procrastinate.contrib.django",
    "raincheck.data.apps.RaincheckConfig",
]
AUTH_USER_MODEL = "raincheck.User"
MIDDLEWARE = [
    "raincheck.web.requests.RequestLog",
    "raincheck.web.health.ProbesByAddress",
    "django.middleware.security.SecurityMiddleware",
    "raincheck.web.security.ContentSecurityPolicy",
    "raincheck.web.failures.GateRefusals",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "raincheck.web.access.read_log.ReadLogging",
    "raincheck.web.kept_words.GiveWordsBack",
    "raincheck.web.kept_pages.RedirectAfterForms",
    "raincheck.web.failures.DatabaseFailures",
]
ROOT_URLCONF = "raincheck.urls"
WSGI_APPLICATION = "raincheck.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"raincheck": "raincheck.web.tags"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "raincheck.web.context.product",
            ],
        },
    }
]

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "raincheck.web.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8}
# Ours stand in `domain/limits.py`: by those of allauth, anybody's tries would lock the owner of an account out.
ACCOUNT_RATE_LIMITS = False
ALLAUTH_TRUSTED_PROXY_COUNT = number("TRUSTED_PROXIES", 0, least=0, most=9)
ACCOUNT_FORMS = {
    "login": "raincheck.web.accounts.PasswordForm",
    "request_login_code": "raincheck.web.accounts.AddressForm",
    "confirm_login_code": "raincheck.web.accounts.CodeForm",
    "reset_password": "raincheck.web.accounts.ForgottenForm",
    "confirm_password_reset_code": "raincheck.web.accounts.ForgottenCodeForm",
    "reset_password_from_key": "raincheck.web.accounts.NewPasswordForm",
}
ACCOUNT_PREVENT_ENUMERATION = True
MFA_ADAPTER = "raincheck.web.access.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RATE_LIMITS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "static"]
# What other packages bring is bundled into ours, or used by none of our pages.
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STATIC_ROOT = RAINCHECK_HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = True
WHITENOISE_KEEP_ONLY_HASHED_FILES = (
    True  # else everything is compressed twice, under a name that no page uses
)
# Hours of a provider may differ on every day of two years, and each such date has five fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6_000
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

# Nothing is kept there.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS: list[str] = []

LOG_LEVEL = os.environ.get("LOG_LEVEL", "INFO")
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    raise ImproperlyConfigured(
        f"LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not “{LOG_LEVEL}”."
    )

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "raincheck.logs.JsonLines"}},
    "filters": {"once": {"()": "raincheck.logs.OncePerOutage"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        # It names passkeys.
        "fido2": {"level": "WARNING"},
        "psycopg.pool": {"filters": ["once"]},
    },
}
