"""The reasons why the embedded database cannot start, in sentences an operator can act on."""

import errno
import pwd
import shutil
from pathlib import Path

# The operating system's words, as PostgreSQL repeats them: English, since its programs run under LC_ALL=C.
_FULL = ("No space left on device", "Check free disk space")
_READ_ONLY = "Read-only file system"
_FORBIDDEN = "Permission denied"
_TOO_MUCH_FOR_THE_ACCOUNT = "Disk quota exceeded"
_ROOM_FOR_A_LOG = 64 * 1024  # bytes


class DatabaseCannotStart(Exception):
    """The embedded database cannot start; the message is a whole sentence or two for the operator."""


def cannot_write(directory: Path, error: OSError) -> DatabaseCannotStart:
    """Return the sentence for an operating-system error met while writing below `directory`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_is_full(directory)
    if error.errno == errno.EROFS:
        return cannot_be_written(directory)
    if error.errno in (errno.EACCES, errno.EPERM):
        # The path that was refused may lie above the directory: its name says what to open.
        return cannot_be_written(Path(error.filename or directory))
    return DatabaseCannotStart(
        f"The database directory {directory} cannot be prepared: {error.strerror or error}. "
        "Set RAINCHECK_HOME to a directory that can be written."
    )


def from_output(output: str, *, directory: Path) -> DatabaseCannotStart:
    """Return the sentence for what PostgreSQL's own programs said before they gave up."""
    if any(words in output for words in _FULL) or _TOO_MUCH_FOR_THE_ACCOUNT in output:
        return disk_is_full(directory)
    # The disk may have no room even for a complaint about it.
    if shutil.disk_usage(directory).free < _ROOM_FOR_A_LOG:
        return disk_is_full(directory)
    if _READ_ONLY in output or _FORBIDDEN in output:
        return cannot_be_written(directory)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    # The last line of all is rarely the reason: a server that gives up still logs that it is shut down.
    complaints = [line for line in lines if any(word in line for word in ("PANIC", "FATAL", "error:"))]
    last = (complaints or lines or ["nothing at all."])[-1]
    return DatabaseCannotStart(f"The database in {directory} could not start. PostgreSQL said: {last}")


def belongs_to_another(directory: Path, owner: int, name: str) -> DatabaseCannotStart:
    """Return the sentence for a database of another user, whom it may be serving right now."""
    try:
        user = pwd.getpwuid(owner).pw_name
    except KeyError:
        user = f"#{owner}"
    if directory.stat().st_uid == 0 and user == "nobody":
        user = "root"  # whose database runs as nobody
    return DatabaseCannotStart(
        f"The database in {directory} belongs to user id {owner}, but would run as {name!r}. Nothing was touched. "
        f"Run this as that user, with the same RAINCHECK_HOME: sudo -u {user} raincheck … "
        "Or set RAINCHECK_HOME to another directory."
    )


def disk_is_full(directory: Path) -> DatabaseCannotStart:
    return DatabaseCannotStart(
        f"The disk that holds {directory} is full. Free some space and start again; nothing has been lost."
    )


def cannot_be_written(directory: Path) -> DatabaseCannotStart:
    return DatabaseCannotStart(
        f"The database directory {directory} cannot be written. "
        "Allow writing there, or set RAINCHECK_HOME to another directory."
    )
