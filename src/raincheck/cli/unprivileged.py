"""The account of web server and worker when Raincheck was started as root: not root, wherever the machine allows it.

Run as a program, it tries as that account what the two will need, and prints what stands in the way.
"""

import os
import subprocess
import sys
from collections.abc import Mapping

from raincheck.data_directory import home
from raincheck.embedded_postgres import Account

TRIED_WITHIN = 60.0  # seconds; it takes less than one
STAYS_ROOT = (
    "Raincheck was started as root, and pages and worker stay root: {why}. Whoever broke into the pages would have this whole "
    "machine. Install Raincheck where every account may read it, not below /root, or start it as an ordinary user."
)


def account(environment: Mapping[str, str], *, host: str = "", port: int = 0) -> Account | None:
    """Return the account to run web server and worker as; None: our own, and if that is root, it was said why.

    With `port` it must be able to listen there.
    """
    if os.geteuid() != 0:
        return None
    wanted = Account.for_the_application()
    if wanted is None:
        _say("there is no account “raincheck” or “daemon” on this machine")
        return None
    why = _in_the_way(environment, wanted, host=host, port=port)
    # What stops root as well, such as a database that is away, is no matter of the account.
    if why and not _in_the_way(environment, None, host=host, port=port):
        _say(f"as “{wanted.name}” they could not run ({why})")
        return None
    return wanted


def environment(ours: Mapping[str, str], account: Account) -> dict[str, str]:
    """Return what the account is told, since it cannot read our files: the key, and where everything lies."""
    from django.conf import settings

    # Secrets that stood in files are in the environment by now.
    kept = {name: value for name, value in ours.items() if name != "CREDENTIALS_DIRECTORY"}
    return kept | {
        "RAINCHECK_HOME": str(home()),
        "SECRET_KEY": settings.SECRET_KEY,
        "HOME": "/nonexistent",  # libpq gives up when it may not look into a home of somebody else
        "USER": account.name,
        "LOGNAME": account.name,
    }


def _say(why: str) -> None:
    print(STAYS_ROOT.format(why=why), file=sys.stderr, flush=True)


def _in_the_way(ours: Mapping[str, str], account: Account | None, *, host: str, port: int) -> str:
    """Return why web server and worker could not run as the account (None: as we are), or nothing."""
    try:
        tried = subprocess.run(
            [sys.executable, "-m", "raincheck.cli.unprivileged", host, str(port)],
            **(account.identity() if account else {}),
            env=environment(ours, account) if account else dict(ours),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=TRIED_WITHIN,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"{sys.executable}: {getattr(error, 'strerror', None) or error}"
    if tried.returncode == 0:
        return ""
    said = (tried.stdout or tried.stderr).strip().splitlines()
    return said[-1].rstrip(".") if said else f"Python ended with code {tried.returncode}"


def _try(host: str, port: int) -> str:
    """Return what of all that web server and worker need cannot be had, or nothing."""
    from contextlib import closing

    from django.conf import settings
    from django.db import DatabaseError, connections

    import raincheck.cli.web  # noqa: F401  whatever of the installation is closed shows here
    from raincheck.cli.addresses import must_be_free
    from raincheck.cli.refusal import CommandRefused

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raincheck.settings")
    try:
        if port:
            must_be_free(host, port)
            (settings.STATIC_ROOT / "staticfiles.json").read_bytes()
        with closing(connections["default"].copy()) as line:
            line.settings_dict["OPTIONS"].pop("pool", None)  # it would say only that it waited
            line.ensure_connection()
    except (CommandRefused, DatabaseError, OSError) as error:
        return " ".join(str(error).split())
    return ""


if __name__ == "__main__":
    found = _try(sys.argv[1], int(sys.argv[2]))
    print(found)
    sys.exit(1 if found else 0)
