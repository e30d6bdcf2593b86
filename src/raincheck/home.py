"""Where Raincheck keeps its files: `RAINCHECK_HOME`, else `.raincheck/` here, as root `/var/lib/raincheck`."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return the directory for everything Raincheck writes, as an absolute path; it may not exist yet."""
    default = "/var/lib/raincheck" if os.geteuid() == 0 else ".raincheck"
    return Path(os.environ.get("RAINCHECK_HOME") or default).resolve()
