"""A backup is whole or is none, and a restore brings all of it back or changes nothing."""

from __future__ import annotations

import errno
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection, connections
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.app.cast import NOW, Cast
from tests.app.heartbeats import pages_served
from tests.app.operations.backups import (
    another_database,
    backed_up,
    brought_programs,
    catalogues,
    connected_to,
    pointed_at,
    restored,
    rewritten,
    rows,
)

from raincheck import embedded_postgres
from raincheck.actions.access.log_chain import seal_read_log
from raincheck.actions.access.read_log import Reading, log_readings
from raincheck.actions.timing.sweep import sweep
from raincheck.cli.auditing import verify_log
from raincheck.cli.backups.backing_up import NEVER_KEPT, back_up
from raincheck.cli.backups.backup_file import opened, whole_file
from raincheck.cli.migrations import migrate
from raincheck.cli.refusal import CommandRefused
from raincheck.data.models import AppointmentHistory, RescheduleRequest, Task
from raincheck.data.people import Practice
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.access.log_chain import Head
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.policy import LAPSE_GRACE

NOT_WHOLE = (
    "{file} is not a whole backup of Raincheck: its end is missing, or something in it was changed. "
    "Nothing was restored. Use another copy of it, or another backup."
)
HOUR = timedelta(hours=1)
LEFT_BEHIND = (
    "django_session",
    "raincheck_keptpage",
    "raincheck_usersession",
    "raincheck_backup",
    "procrastinate_jobs",
    "procrastinate_events",
    "procrastinate_workers",
)
"""What a restore changes on purpose."""


def test_what_no_backup_keeps_is_there_to_be_left_out(database: None) -> None:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    assert set(NEVER_KEPT) - set(tables) == set()
    # And no table stands about that nothing of ours reads.
    known = set(connection.introspection.django_table_names()) | {"django_migrations"}
    assert {name for name in tables if not name.startswith("procrastinate_")} - known == set()


@pytest.fixture(autouse=True)
def programs_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", brought_programs())


@pytest.fixture
def elsewhere(database: None) -> Iterator[str]:
    """The name of an empty database beside the tests' own."""
    with another_database() as name:
        yield name


@pytest.fixture
def backup(cast: Cast, tmp_path: Path) -> Path:
    """A backup of a practice with a moved appointment and an open request."""
    cast.pick(cast.asked(cast.booked()))
    cast.asked(cast.booked(client=cast.maya))
    return backed_up(tmp_path)


def differing(one: str, other: str) -> dict[str, tuple[object, object]]:
    """Return where the catalogues of two databases differ: for each subject what only one of them says."""
    ours, theirs = catalogues(one), catalogues(other)
    return {
        subject: (
            [row for row in ours[subject] if row not in theirs[subject]],
            [row for row in theirs[subject] if row not in ours[subject]],
        )
        for subject in ours
        if ours[subject] != theirs[subject]
    }


def own() -> str:
    return str(connections["owner"].settings_dict["NAME"])


def refusal_of_restoring(file: Path, into: str, *, replace: bool = False) -> str:
    """Return the sentence a restore refuses with, once nothing in the database was found changed."""
    before = rows(into), catalogues(into)
    with pointed_at(into), pytest.raises(CommandRefused) as refused:
        restored(file, replace=replace)
    assert (rows(into), catalogues(into)) == before
    return str(refused.value)


def test_what_comes_back_is_the_same_in_every_row_right_trigger_and_constraint(
    cast: Cast, tmp_path: Path, elsewhere: str
) -> None:
    cast.pick(cast.asked(cast.booked()))
    cast.booked(client=cast.maya)
    backup = backed_up(tmp_path)
    with pointed_at(elsewhere):
        restored(backup)
    before, after = rows(own()), rows(elsewhere)
    assert {name: after[name] for name in after if name not in LEFT_BEHIND} == {
        name: before[name] for name in before if name not in LEFT_BEHIND
    }
    assert differing(elsewhere, own()) == {}


def test_a_backup_is_private_and_leaves_nothing_beside_it(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert list(backup.parent.iterdir()) == [backup]


def test_postgresqls_own_programs_read_a_backup(backup: Path) -> None:
    listed = subprocess.run(["pg_restore", "--list", backup], capture_output=True, text=True, check=True)
    assert "TABLE DATA public raincheck_appointment " in listed.stdout


def refusal_of_opening(file: Path) -> str:
    with pytest.raises(CommandRefused) as refused, opened(file):
        pass
    return str(refused.value)


def test_a_file_cut_short_anywhere_is_refused(backup: Path) -> None:
    whole = backup.read_bytes()
    cut = backup.with_name("cut.raincheck")
    for length in (0, 1, 1000, len(whole) // 2, len(whole) - 2000, len(whole) - 70, len(whole) - 1):
        cut.write_bytes(whole[:length])
        assert refusal_of_opening(cut) == NOT_WHOLE.format(file=cut)


def test_a_file_with_one_changed_byte_is_refused(backup: Path) -> None:
    whole = bytearray(backup.read_bytes())
    changed = backup.with_name("changed.raincheck")
    for place in (
        0,
        700,
        len(whole) // 2,
        len(whole) - 2000,
        len(whole) - 90,
        len(whole) - 75,
        len(whole) - 5,
    ):
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert refusal_of_opening(changed) == NOT_WHOLE.format(file=changed)


def test_a_file_that_is_not_whole_changes_nothing(backup: Path, elsewhere: str) -> None:
    backup.write_bytes(backup.read_bytes()[:-1])
    assert refusal_of_restoring(backup, elsewhere) == NOT_WHOLE.format(file=backup)


def test_a_backup_of_a_newer_raincheck_is_refused_untouched(backup: Path, elsewhere: str) -> None:
    newer = rewritten(
        backup, changes=[("raincheck", "0001_tables"), ("raincheck", "9999_later")], raincheck="9.9"
    )
    assert refusal_of_restoring(newer, elsewhere) == (
        f"{newer} was made by a newer Raincheck, 9.9 (change raincheck.9999_later is not known here). "
        "Nothing was changed. Install that version, then restore."
    )


@pytest.mark.verify
def test_a_backup_of_an_older_raincheck_is_brought_to_this_version(
    backup: Path, tmp_path: Path, elsewhere: str
) -> None:
    with pointed_at(elsewhere):
        restored(backup)
        call_command("migrate", "raincheck", "0009", database="owner", verbosity=0)
        older = backed_up(tmp_path, "older.raincheck")
        restored(older, replace=True)
    assert differing(elsewhere, own()) == {}


@pytest.mark.verify
def test_a_backup_whose_tables_cannot_be_brought_to_this_version_is_in_and_says_so(
    backup: Path, tmp_path: Path, elsewhere: str
) -> None:
    with pointed_at(elsewhere):
        restored(backup)
        call_command("migrate", "raincheck", "0012", database="owner", verbosity=0)
        with connections["owner"].cursor() as cursor:
            cursor.execute("CREATE TABLE raincheck_outage AS SELECT 7 AS in_the_way")
        older = backed_up(tmp_path, "older.raincheck")
        with pytest.raises(CommandRefused) as refused:
            restored(older, replace=True)
        assert str(refused.value) == (
            "The backup is in the database, whole, but its tables could not be brought to this version. "
            "Nothing has to be restored again: the next start of Raincheck goes on from there. "
            'What stopped it: relation "raincheck_outage" already exists'
        )
        assert Practice.objects.count() == 2


def test_a_practice_is_given_up_only_when_that_was_said(backup: Path, cast: Cast) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(name="Another by now")
    connections.close_all()
    assert refusal_of_restoring(backup, own()) == (
        "The database holds a practice already, and restoring would put the backup in its place. Nothing was changed. "
        "Back it up first; then add --replace-everything if that is what you want."
    )
    before = catalogues(own())
    restored(backup, replace=True)
    assert Practice.objects.get(pk=cast.practice.pk).name == "Harbor Counseling"
    assert catalogues(own()) == before


def test_a_database_of_something_else_is_never_given_up(backup: Path, elsewhere: str) -> None:
    with pointed_at(elsewhere), connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE invoice AS SELECT 7 AS number")
    assert refusal_of_restoring(backup, elsewhere, replace=True) == (
        "The database holds tables that are not Raincheck's (invoice). Nothing was changed. "
        "Restore into a database of its own."
    )


def test_a_database_in_use_is_left_alone(backup: Path, elsewhere: str) -> None:
    with connected_to(elsewhere), pointed_at(elsewhere), pytest.raises(CommandRefused) as refused:
        restored(backup)
    assert str(refused.value) == (
        "The database is in use (1 connections). Nothing was changed. Stop Raincheck, its workers on other machines too, "
        "and whatever else is connected; then restore."
    )


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_restore_that_fails_halfway_leaves_everything_as_it_was(backup: Path, part: float) -> None:
    broken = rewritten(backup, dump=slice(int(backup.stat().st_size * part)))
    said = refusal_of_restoring(broken, own(), replace=True)
    assert said.startswith("The backup could not be restored, and the database is as it was: ")


def test_a_backup_with_fewer_rows_than_it_says_is_not_taken(backup: Path, elsewhere: str) -> None:
    lying = rewritten(backup, rows={"raincheck_client": 4_000})
    said = refusal_of_restoring(lying, elsewhere)
    assert said.endswith("the backup does not hold all the rows that it says it holds")


def test_an_existing_file_is_kept_unless_it_may_be_overwritten(backup: Path) -> None:
    before = backup.stat()
    with pytest.raises(CommandRefused) as refused:
        back_up(backup, overwrite=False, server=None)
    assert (str(refused.value), backup.stat()) == (
        f"{backup} exists already and was left as it is. Choose another name, or add --overwrite.",
        before,
    )
    back_up(backup, overwrite=True, server=None)
    assert backup.stat().st_ino != before.st_ino


def test_a_backup_that_breaks_off_leaves_the_former_file_and_no_other(
    backup: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = backup.read_bytes()
    breaking_off = "#!/bin/sh\n[ $1 = --version ] && echo 'pg_dump (PostgreSQL) 99.1' && exit\necho half\necho 'pg_dump: error: gone' >&2\nexit 1\n"
    monkeypatch.setenv("PATH", program(tmp_path, "pg_dump", breaking_off))
    with pytest.raises(CommandRefused, match="There is no backup: pg_dump: error: gone"):
        back_up(backup, overwrite=True, server=None)
    assert (backup.read_bytes(), list(backup.parent.glob(".*"))) == (before, [])


def test_a_full_disk_gets_a_sentence_and_leaves_no_file(tmp_path: Path) -> None:
    def fill_the_disk() -> None:
        with whole_file(tmp_path / "x", overwrite=False) as file:
            file.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(CommandRefused) as refused:
        fill_the_disk()
    assert (str(refused.value), list(tmp_path.iterdir())) == (
        f"The disk that holds {tmp_path} is full, so there is no backup. Free some space and try again; "
        "the database is not touched.",
        [],
    )


def program(directory: Path, name: str, script: str) -> str:
    """Make a program of its own and return a PATH that begins with it."""
    place = directory / "bin"
    place.mkdir()
    (place / name).write_text(script)
    (place / name).chmod(0o755)
    return f"{place}:{brought_programs()}"


def test_programs_older_than_the_server_are_named(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", program(tmp_path, "pg_dump", "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n"))
    with pytest.raises(
        CommandRefused, match=r"bin/pg_dump is of PostgreSQL 9, and PostgreSQL \d+ is needed here"
    ):
        back_up(tmp_path / "x", overwrite=False, server=None)


def test_missing_programs_are_named(cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(embedded_postgres, "brought_programs", lambda: tmp_path)
    with pytest.raises(CommandRefused, match="The program pg_dump of PostgreSQL is not on PATH"):
        back_up(tmp_path / "x", overwrite=False, server=None)


def test_nothing_on_path_and_nothing_in_the_home_is_needed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, elsewhere: str
) -> None:
    cast.booked()
    monkeypatch.setenv("PATH", str(tmp_path))
    backup = backed_up(tmp_path)
    with pointed_at(elsewhere):
        restored(backup)
        assert Practice.objects.count() == 2


def test_jobs_that_ran_are_waiting_again_and_nobody_is_signed_in(
    cast: Cast, tmp_path: Path, elsewhere: str
) -> None:
    cast.asked(cast.booked())
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        [(worker,)] = cursor.fetchall()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [worker])
        cursor.execute("INSERT INTO django_session VALUES ('old', '', '2100-01-01')")
    waiting = ProcrastinateJob.objects.count()
    backup = backed_up(tmp_path)
    with pointed_at(elsewhere):
        restored(backup)
        assert ProcrastinateJob.objects.filter(status="todo", worker=None).count() == waiting > 0
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM django_session) + (SELECT count(*) FROM procrastinate_workers)"
            )
            assert cursor.fetchone() == (0,)


def waiting() -> dict[str, object]:
    """Return why each open request waits, the tasks about it, and what its history says of that."""
    return {
        "requests": list(
            RescheduleRequest.objects.filter(OPEN).values_list(
                "client__first_name", "needs_provider", "remind_at"
            )
        ),
        "tasks": sorted(Task.objects.values_list("client__first_name", "kind")),
        "history": sorted(
            AppointmentHistory.objects.filter(event="needs_provider").values_list(
                "request__client__first_name", "details"
            ),
            key=str,
        ),
    }


def test_p7_what_was_open_in_a_backup_asks_a_person_and_never_lapses(
    cast: Cast, tmp_path: Path, elsewhere: str
) -> None:
    """Riley was asked, then the backup was made: whatever Riley answered since is gone."""
    asked = cast.asked(cast.booked())
    backup = backed_up(tmp_path)
    late = asked.deadline_at + LAPSE_GRACE + HOUR
    with pointed_at(elsewhere):
        restored(backup)
        told = {
            "requests": [("Riley", "restored", None)],
            "tasks": [("Riley", "needs_provider")],
            "history": [("Riley", {"why": "restored"})],
        }
        assert waiting() == told
        pages_served(asked.asked_at, late)
        sweep(now=late, real_now=late)
        told["tasks"].append(("Riley", "not_delivered"))
        assert waiting() == told
        [(start, *_)] = RescheduleRequest.objects.filter(OPEN).values_list("asked_starts_at")
        pages_served(late, start)
        sweep(now=start, real_now=start)
        assert (
            RescheduleRequest.objects.filter(OPEN).count(),
            RescheduleRequest.objects.filter(state="void").count(),
        ) == (0, 1)


def test_a_restore_that_was_killed_before_it_told_anybody_tells_at_the_next_start(
    cast: Cast, tmp_path: Path, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = cast.asked(cast.booked())
    late = asked.deadline_at + LAPSE_GRACE + HOUR
    backup = backed_up(tmp_path)
    with pointed_at(elsewhere):
        monkeypatch.setattr("raincheck.cli.migrations.ask_people", killed)
        with pytest.raises(KeyboardInterrupt):
            restored(backup)
        connections.close_all()
        pages_served(asked.asked_at, late)
        sweep(now=late, real_now=late)
        assert RescheduleRequest.objects.filter(OPEN).values_list("state").get() == ("open",)
        monkeypatch.undo()
        migrate()
        assert waiting() == {
            "requests": [("Riley", "restored", None)],
            "tasks": [("Riley", "needs_provider"), ("Riley", "not_delivered")],
            "history": [("Riley", {"why": "restored"})],
        }
        before = rows(elsewhere)
        migrate()
        assert rows(elsewhere) == before


def killed() -> None:
    raise KeyboardInterrupt


@pytest.mark.verify
def test_another_key_is_noticed_and_told(
    backup: Path, elsewhere: str, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    key, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-another-key-another-key-another-key"
    with pointed_at(elsewhere):
        restored(backup)
        assert "The key here is not the one the backup was made with" in capsys.readouterr().out
        settings.SECRET_KEY_FALLBACKS = [key]
        restored(backup, replace=True)
        assert "The key here" not in capsys.readouterr().out


def test_it_tells_counts_and_no_names(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cast.asked(cast.booked())
    backed_up(tmp_path)
    told = capsys.readouterr().out
    assert "practices: 2, clients: 3, appointments: 1, requests: 1" in told
    assert "SECRET_KEY" in told
    assert not {"Riley", "Maya", "Okafor", "Harbor"} & set(told.replace(":", " ").split())


def test_a_backup_tells_the_ends_of_the_chains_and_they_are_held_against_it(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by = Actor(ActorKind.PROVIDER, cast.okafor.pk, practice=cast.practice.pk)
    log_readings([Reading(by, [cast.riley.pk], "client", "192.0.2.7", NOW)])
    [(_chain, head)] = seal_read_log(now=NOW)
    file = backed_up(tmp_path)
    with opened(file) as (_whole, contents):
        assert contents.heads == {str(cast.practice.ref): str(head)}
    told = partial(verify_log, practice=None, head=None, as_json=False)
    assert told(backup=file) == 0
    longer = rewritten(file, heads={str(cast.practice.ref): str(Head(7, head.seal))})
    assert told(backup=longer) == 1
    assert "Harbor Counseling: the end of the chain is gone, from place 2 on" in capsys.readouterr().out


@pytest.mark.verify
def test_a_backup_can_go_down_a_pipe(cast: Cast, elsewhere: str, tmp_path: Path) -> None:
    writing = (
        "import django, sys; django.setup(); from django.db import connections;"
        f"connections['owner'].settings_dict.update({connections['owner'].settings_dict!r});"
        "from raincheck.cli.backups.backing_up import back_up; back_up(None, overwrite=False, server=None)"
    )
    piped = tmp_path / "piped.raincheck"
    with piped.open("wb") as file:
        subprocess.run([sys.executable, "-W", "ignore", "-c", writing], stdout=file, check=True)
    with pointed_at(elsewhere):
        restored(piped)
        assert Practice.objects.count() == 2
