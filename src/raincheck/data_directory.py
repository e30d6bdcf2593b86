"""The directory of Raincheck's files: `RAINCHECK_HOME`, else `.raincheck/` here, as root `/var/lib/raincheck`."""

import os
import shutil
from pathlib import Path

ROOM_NEEDED = 32 * 1024 * 1024
"""Bytes: two files of the database's journal, without which it can take nothing down."""


def home() -> Path:
    """Return the directory for everything Raincheck writes, as an absolute path; it may not exist yet."""
    default = "/var/lib/raincheck" if os.geteuid() == 0 else ".raincheck"
    return Path(os.environ.get("RAINCHECK_HOME") or default).resolve()


def disk_is_full() -> bool:
    """Return whether the disk under the embedded database has too little room left; False when there is none here."""
    data = home() / "postgres"
    return data.is_dir() and shutil.disk_usage(data).free < ROOM_NEEDED
