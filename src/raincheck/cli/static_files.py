"""The pages' files, gathered into one directory, compressed and named by content, when they have changed."""

import hashlib
import re
from fcntl import LOCK_EX, flock

from django.conf import settings
from django.contrib.staticfiles.finders import find, get_finders
from django.core.management import call_command

from raincheck.cli.refusal import CommandRefused

STAMP = "collected"
NAMED = re.compile(r"{% static '([^']+)' %}")


def collect_static_files() -> None:
    """Fill STATIC_ROOT unless it was filled from these very files. Raises CommandRefused."""
    stamp = settings.STATIC_ROOT / STAMP
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            digest.update(f"{name} {storage.size(name)} {storage.get_modified_time(name)}\n".encode())
    present = digest.hexdigest()

    try:
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        # Of several servers that start in one home one gathers; the others wait and find it done.
        with (settings.STATIC_ROOT.parent / "static.lock").open("a") as file:
            flock(file, LOCK_EX)
            if stamp.exists() and stamp.read_text(encoding="ascii") == present:
                return

            # With one file missing that a page names, that page could not be shown at all.
            pages = (settings.PACKAGE / "templates").rglob("*.html")
            named = {name for page in pages for name in NAMED.findall(page.read_text("utf-8"))}
            if missing := sorted(name for name in named if find(name) is None):
                raise CommandRefused(
                    f"The pages' styles and scripts are not complete ({missing[0]} is missing). In a checkout, run `make assets`; "
                    "otherwise install Raincheck again."
                )

            call_command("collectstatic", interactive=False, verbosity=0)
            # Last, so that gathering which was cut short is done again.
            stamp.write_text(present, encoding="ascii")
    except OSError as error:
        raise CommandRefused(
            f"The pages' files can't be gathered in {settings.STATIC_ROOT}: {error.strerror or error}. "
            "Make room or allow writing there, and start again; nothing has been lost."
        ) from error
