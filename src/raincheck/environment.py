"""Environment variables: their values, the secrets that stand in files, and which of them may send clear text to other machines."""

import os
import secrets
import tempfile
from collections.abc import Collection, Mapping, MutableMapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SECRETS = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_DIRECT_URL",
    "EMAIL_URL",
    "SMS_URL",
    "METRICS_TOKEN",
)
MAY_BE_CLEAR = (
    "BASE_URL",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_DIRECT_URL",
    "EMAIL_URL",
    "SMS_URL",
)
SEALED_LINES = ("require", "verify-ca", "verify-full")
"""Values of libpq's sslmode that never fall back to clear text."""
FEWEST_CHARACTERS = 8
"""Different ones in a key: any random text of its length has more."""


def read_secret_files(environment: MutableMapping[str, str]) -> None:
    """Put the secrets into `environment` that stand in files: those named by NAME_FILE, and systemd's credentials of that name.

    Children find them there, so the names of the files go. Raises ImproperlyConfigured.
    """
    credentials = environment.get("CREDENTIALS_DIRECTORY", "")
    for name in SECRETS:
        named = environment.pop(f"{name}_FILE", "")
        if named and environment.get(name):
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set; keep one of them.")
        path = Path(named or credentials, "" if named else name)
        if environment.get(name) or not (named or (credentials and path.exists())):
            continue
        where = f"{name}_FILE names {path}" if named else f"{name} stands in {path}"
        try:
            value = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{where}, and that file cannot be read.") from error
        if not value:
            raise ImproperlyConfigured(f"{where}, and that file is empty.")
        environment[name] = value


def number(name: str, default: int, *, least: int, most: int) -> int:
    """Return a whole number. Raises ImproperlyConfigured."""
    value = os.environ.get(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not “{value}”.")
    return int(value)


def address(name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    """Return an address of one of these schemes; an empty one says that there is none. Raises ImproperlyConfigured."""
    value = os.environ.get(name, default)
    if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).hostname):
        raise ImproperlyConfigured(
            f"{name} must be an address that starts with {' or '.join(s + '://' for s in schemes)}."
        )
    return value


def port(name: str, parts: SplitResult) -> int | None:
    """Return the port of an address that was taken apart. Raises ImproperlyConfigured."""
    try:
        return parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} has a port that is not a number up to 65535.") from error


def database_at(name: str, value: str) -> dict[str, Any]:
    """Return Django's form of a PostgreSQL address; its query string holds libpq options (sslmode=require …)."""
    scheme, _colon, rest = value.partition("://")
    if scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured(
            f"{name} must be a PostgreSQL address: postgresql://user:password@host:port/database."
        )
    netloc, _slash, path = rest.partition("/")
    parts = urlsplit(f"//{netloc.rpartition('@')[0]}@/{path}")
    query = dict(parse_qsl(parts.query))
    # As libpq wants them: separated by commas, of several the first that answers.
    places = [urlsplit(f"//{place}") for place in netloc.rpartition("@")[2].split(",")]
    ports = [str(port(name, place) or "") for place in places]
    return {
        "ENGINE": "raincheck.data.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or ",".join(unquote(place.hostname or "") for place in places),
        "PORT": (",".join(ports) if any(ports) else "") or query.pop("port", ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def kept_key(kept: Path) -> str:
    """Return the key in the file, made whole or not at all when there is none: a half-written one would sign everybody out."""
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=kept.parent, encoding="ascii") as file:  # for our eyes only
            file.write(secrets.token_urlsafe(48))
            file.flush()
            with suppress(FileExistsError):  # another process was quicker
                os.link(file.name, kept)
    try:
        key = kept.read_text(encoding="ascii").strip()
    except UnicodeDecodeError:
        key = ""
    if len(key) < 32:
        raise ImproperlyConfigured(
            f"{kept} holds no key. Put the key back from a backup, or delete the file: then everybody signs in again, and "
            "connected calendars have to be entered again."
        )
    return key


def is_this_machine(host: str) -> bool:
    """Return whether what is sent to `host` never leaves this machine: a loopback address, or a socket."""
    name = host.strip("[]").lower()
    if name in ("", "localhost") or name.startswith(("/", "@")) or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def refuse_clear_text(
    name: str, hosts: Collection[str], *, instead: str, allowed: Collection[str], since: str = ""
) -> None:
    """Raise ImproperlyConfigured when a setting would send something in clear text to another machine and none says it may.

    `since` begins the sentence where another setting is the cause.
    """
    if name not in allowed and not all(map(is_this_machine, hosts)):
        raise ImproperlyConfigured(
            f"{since}{name} would send what is private in clear text over the network; {instead}, or name {name} in ALLOW_CLEARTEXT."
        )


def refuse_clear_database(name: str, database: Mapping[str, Any], *, allowed: Collection[str]) -> None:
    """The same for the line to a database, whose options say whether it is sealed."""
    if database["OPTIONS"].get("sslmode") not in SEALED_LINES:
        hosts = str(database["HOST"]).split(",")
        refuse_clear_text(
            name, hosts, instead="add ?sslmode=verify-full or ?sslmode=require", allowed=allowed
        )


def is_weak(key: str) -> bool:
    """Return whether a key looks like nobody made it by chance."""
    return len(set(key)) < FEWEST_CHARACTERS or key.lower().startswith(
        ("django-insecure", "changeme", "change-me")
    )
