"""What the environment says beside single values: secrets in files, and what may leave this machine in clear text."""

from collections.abc import Collection, Mapping, MutableMapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

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
