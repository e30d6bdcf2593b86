"""Other processes, as the operating system tells of them."""

import subprocess
from pathlib import Path


def command_line(pid: int) -> str:
    """Return a process's command line, words separated by spaces; empty when it is gone or a zombie."""
    # macOS has no /proc. There -ww keeps ps from cutting the line, and with it the data directory, to a width.
    if not Path("/proc/self/cmdline").exists():
        told = subprocess.run(
            ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True
        )
        return told.stdout.strip()
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return b" ".join(words).decode(errors="surrogateescape").strip()
