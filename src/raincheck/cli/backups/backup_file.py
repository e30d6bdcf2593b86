"""The file format of a backup: a dump that PostgreSQL's own programs can read, what it holds, and a checksum of it all.

    the dump, as pg_dump wrote it in its custom format
    one line of JSON: when it was made, by what, and how many rows of each table
    the last line: raincheck-backup {format} {bytes of the dump} {SHA-256 of all that stands before the checksum}

The checksum shows damage, not malice: whoever can write the file can write the checksum as well.
"""

import errno
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from raincheck.cli.refusal import CommandRefused

FORMAT = 1
LAST_LINE = re.compile(rb"raincheck-backup (\d{1,9}) (\d{1,18}) ([0-9a-f]{64})\n\Z")
# The longest line that the pattern takes has 111 bytes.
LONGEST_LAST_LINE = 200
LONGEST_CONTENTS = 10_000_000
"""Bytes of the line of JSON. It holds one number for each table; more than this is not ours."""
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds."""

    made_at: str
    """When, in UTC and ISO 8601."""
    raincheck: str
    pg_dump: int
    """The major version of the program that wrote the dump."""
    changes: list[tuple[str, str]]
    """The migrations applied to the database, as (app, name)."""
    rows: dict[str, int]
    """How many of each table."""
    roles: list[str]
    """The roles that had rights on tables, sequences or functions."""
    key: str
    """A mark of the SECRET_KEY in use, from which the key cannot be told."""
    heads: dict[str, str] = field(default_factory=dict)
    """The end of each practice's chain over the read log, by the practice's ref."""


class Hashed:
    """Writes to a file and takes the checksum of everything written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def end(self, contents: Contents, *, dump: int) -> None:
        """Write what follows a dump of `dump` bytes."""
        self.write(json.dumps(asdict(contents)).encode() + b"\n")
        self.write(b"raincheck-backup %d %d " % (FORMAT, dump))
        self.write(self._hash.hexdigest().encode("ascii") + b"\n")


@contextmanager
def whole_file(path: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """Yield a private file that gets its name once it is complete and on disk; until then there is none, or the former.

    Raises CommandRefused when there is one already and it may not be overwritten, or when the disk says no.
    """
    _must_be_free(path, overwrite=overwrite)
    try:
        # Beside its final name, since a rename is one step within one file system only.
        descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                # The bytes before the name: after a power cut no name may stand for half a backup.
                os.fsync(file.fileno())
            # Asked once more: somebody may have written there while the dump ran.
            _must_be_free(path, overwrite=overwrite)
            os.replace(unfinished, path)
        except BaseException:
            os.unlink(unfinished)
            raise
        # A name is kept in its directory, and survives a power cut only once that is on disk.
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CommandRefused(
                f"The disk that holds {path.parent} is full, so there is no backup. Free some space and try again; "
                "the database is not touched."
            ) from error
        raise CommandRefused(
            f"{path} cannot be written: {error.strerror or error}. There is no backup."
        ) from error


def _must_be_free(path: Path, *, overwrite: bool) -> None:
    if path.is_dir():
        raise CommandRefused(f"{path} is a directory. Name the file that the backup is to be written to.")
    if not overwrite and path.exists():
        raise CommandRefused(
            f"{path} exists already and was left as it is. Choose another name, or add --overwrite."
        )


@contextmanager
def opened(path: Path) -> Iterator[tuple[IO[bytes], Contents]]:
    """Yield a backup's file, at the start of the dump, and what it holds, once every byte was found to be as written.

    Raises CommandRefused for whatever is no whole backup.
    """
    try:
        with path.open("rb") as file:
            whole = file.seek(0, os.SEEK_END)
            file.seek(max(0, whole - LONGEST_LAST_LINE))
            last = LAST_LINE.search(file.read())
            if last is None:
                raise _not_whole(path)
            if int(last[1]) != FORMAT:
                raise CommandRefused(
                    f"{path} was written by a newer Raincheck. Nothing was changed. Restore it with that version."
                )

            dump, checksum = int(last[2]), last[3].decode("ascii")
            contents = whole - len(last[0]) - dump
            file.seek(0)
            found, left = hashlib.sha256(), whole - len(checksum) - 1
            while left and (piece := file.read(min(PIECE, left))):
                found.update(piece)
                left -= len(piece)
            if not 0 < contents <= LONGEST_CONTENTS or found.hexdigest() != checksum:
                raise _not_whole(path)

            file.seek(dump)
            said = json.loads(file.read(contents))
            file.seek(0)
            # JSON has no tuples, and changes are compared as pairs.
            yield file, Contents(**{**said, "changes": [(app, name) for app, name in said["changes"]]})
    except OSError as error:
        raise CommandRefused(f"{path} cannot be read: {error.strerror or error}.") from error


def _not_whole(path: Path) -> CommandRefused:
    return CommandRefused(
        f"{path} is not a whole backup of Raincheck: its end is missing, or something in it was changed. "
        "Nothing was restored. Use another copy of it, or another backup."
    )
