"""The chain over the read log: whatever the owner of the database removes, changes or puts in shows, and no row is passed over."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import IntegrityError, connection, connections, transaction
from tests.app.cast import NOW, Cast

from raincheck.actions.access.log_chain import seal_read_log, seal_rows
from raincheck.actions.access.read_log import Reading, log_readings
from raincheck.actions.engine.runner import run_command
from raincheck.cli.auditing import verify_log
from raincheck.cli.refusal import CommandRefused
from raincheck.data.access.log_chain import SealedRow, UnsealedRow
from raincheck.data.access.read_log import ReadLog
from raincheck.domain.access.log_chain import Finding, Head, Known, Trouble
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.queries.access.log_chain import heads, verify
from raincheck.worker.sealing import seal


def read(cast: Cast, times: int = 1) -> None:
    by = Actor(ActorKind.PROVIDER, cast.okafor.pk, practice=cast.practice.pk, request_id="r")
    for _number in range(times):
        log_readings([Reading(by, [cast.riley.pk], "client", "192.0.2.7", NOW)])


def sealed() -> dict[int, Head]:
    return dict(seal_read_log(now=NOW))


def found(known: dict[str, Head] | None = None) -> list[Finding]:
    ends = {ref: Known(head) for ref, head in (known or {}).items()}
    return [one.finding for one in verify(known=ends) if one.finding is not None]


def as_owner(said: str, *values: object) -> None:
    """Do what only the owner of the tables can, the guards off."""
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        for table in ("readlog", "sealedrow"):
            cursor.execute(f"ALTER TABLE raincheck_{table} DISABLE TRIGGER USER")
        cursor.execute(said, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("readlog", "sealedrow"):
            cursor.execute(f"ALTER TABLE raincheck_{table} ENABLE TRIGGER USER")


@pytest.fixture
def five(cast: Cast) -> list[int]:
    """Five rows that have their seals."""
    read(cast, 5)
    sealed()
    return list(ReadLog.objects.order_by("pk").values_list("pk", flat=True))


def test_each_row_has_its_place_in_its_practices_chain(cast: Cast) -> None:
    read(cast, 2)
    log_readings(
        [Reading(Actor(ActorKind.PROVIDER, cast.mallory.pk, practice=cast.elsewhere.pk), [], "x", "", NOW)]
    )
    log_readings([Reading(SYSTEM, [], "nobody", "", NOW)])
    assert UnsealedRow.objects.count() == 4
    assert {chain: head.rows for chain, head in sealed().items()} == {
        0: 1,
        cast.practice.pk: 2,
        cast.elsewhere.pk: 1,
    }
    assert (UnsealedRow.objects.count(), sealed(), found()) == (0, {}, [])
    assert {ref: head.rows for ref, head in heads().items()} == {
        "": 1,
        str(cast.practice.ref): 2,
        str(cast.elsewhere.ref): 1,
    }


def test_what_is_sealed_later_goes_on_where_the_chain_ended(cast: Cast) -> None:
    for _round in range(3):
        read(cast, 2)
        sealed()
    places = list(SealedRow.objects.order_by("place").values_list("place", flat=True))
    assert (places, found()) == ([1, 2, 3, 4, 5, 6], [])


ROW = "WHERE id = %s"


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "actor = actor + 1",
        "actor_kind = 'manager'",
        "acting_for = 1",
        "what = 'clients'",
        "clients = '{}'",
        "network = ''",
        "trace_id = 'q'",
        """detail = '{"reason": 1}'""",
        "practice_id = NULL",
    ],
)
def test_a_changed_row_shows(five: list[int], change: str) -> None:
    as_owner(f"UPDATE raincheck_readlog SET {change} {ROW}", five[2])
    assert found()[0] == Finding(Trouble.CHANGED, five[2], 3)


def test_a_removed_row_shows(five: list[int]) -> None:
    as_owner(f"DELETE FROM raincheck_readlog {ROW}", five[1])
    assert found() == [Finding(Trouble.REMOVED, five[1], 2)]


def test_a_row_that_was_removed_with_its_seal_shows(five: list[int]) -> None:
    as_owner(f"DELETE FROM raincheck_readlog {ROW}", five[1])
    as_owner('DELETE FROM raincheck_sealedrow WHERE "row" = %s', five[1])
    assert found() == [Finding(Trouble.REMOVED, None, 2)]


def test_a_row_that_was_removed_before_its_seal_shows(cast: Cast, five: list[int]) -> None:
    read(cast)
    newest = ReadLog.objects.latest("pk").pk
    as_owner(f"DELETE FROM raincheck_readlog {ROW}", newest)
    assert sealed() == {}
    assert found() == [Finding(Trouble.REMOVED, newest, 6)]


def test_an_end_that_was_cut_off_shows(five: list[int]) -> None:
    as_owner(f"DELETE FROM raincheck_readlog {ROW}", five[4])
    as_owner('DELETE FROM raincheck_sealedrow WHERE "row" = %s', five[4])
    assert found() == [Finding(Trouble.CUT, None, 5)]


def test_a_row_that_was_put_in_past_the_triggers_shows(cast: Cast, five: list[int]) -> None:
    as_owner(
        "INSERT INTO raincheck_readlog (practice_id, at, actor_kind, what, clients, trace_id) "
        "VALUES (%s, now(), 'manager', 'client', '{}', '')",
        cast.practice.pk,
    )
    assert found() == [Finding(Trouble.ADDED, ReadLog.objects.latest("pk").pk, 6)]


def test_a_chain_that_was_reckoned_anew_shows_by_an_end_written_down_elsewhere(
    cast: Cast, five: list[int]
) -> None:
    known = heads()
    read(cast, 2)
    sealed()
    as_owner(f"UPDATE raincheck_readlog SET what = 'home' {ROW}", five[0])
    as_owner("DELETE FROM raincheck_sealedrow")
    as_owner("DELETE FROM raincheck_logchain")
    as_owner('INSERT INTO raincheck_unsealedrow ("row", chain) SELECT id, practice_id FROM raincheck_readlog')
    sealed()
    # By itself it is whole; that is why its ends go to the log and into backups.
    assert (found(), found(known)) == ([], [Finding(Trouble.REWRITTEN, five[4], 5)])


def test_a_shorter_chain_than_the_one_that_was_written_down_shows(cast: Cast, five: list[int]) -> None:
    assert found({str(cast.practice.ref): Head(9, b"x" * 32)}) == [Finding(Trouble.CUT, None, 6)]


def test_a_row_that_a_slow_transaction_commits_late_is_not_passed_over(cast: Cast) -> None:
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        read(cast)
        slow = ReadLog.objects.get().pk
        quick = pool.submit(closing, partial(read_and_seal, cast)).result()
    assert slow < quick
    sealed()
    places = dict(SealedRow.objects.values_list("row", "place"))
    assert (places, found()) == ({quick: 1, slow: 2}, [])


def read_and_seal(cast: Cast) -> int:
    read(cast)
    sealed()
    return SealedRow.objects.get().row


def closing(run: Callable[[], object]) -> object:
    try:
        return run()
    finally:
        connection.close()


def test_two_who_seal_at_once_give_each_row_one_place(cast: Cast) -> None:
    read(cast, 3)
    with ThreadPoolExecutor(1) as pool:
        sealed()
        read(cast, 3)
        with transaction.atomic():
            mine = seal_rows(cast.practice.pk)
            other = pool.submit(
                closing,
                partial(
                    run_command, partial(seal_rows, cast.practice.pk), key=None, body={}, by=SYSTEM, now=NOW
                ),
            ).result()
    assert (mine["rows"], other, found()) == ("6", {}, [])
    assert sorted(SealedRow.objects.values_list("place", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "crime", ["UPDATE raincheck_sealedrow SET place = 9", "DELETE FROM raincheck_sealedrow"]
)
def test_p15_seals_are_append_only(five: list[int], crime: str) -> None:
    with pytest.raises(IntegrityError, match="seals are append-only"), connection.cursor() as cursor:
        cursor.execute(crime)
    assert found() == []


@pytest.mark.usefixtures("database")
def test_p15_not_even_the_owner_of_the_tables_may_empty_the_seals() -> None:
    with (
        pytest.raises(IntegrityError, match="seals are append-only"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute("TRUNCATE raincheck_sealedrow")


def test_the_command_says_that_all_is_whole(
    cast: Cast, five: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    read(cast)
    assert verify_log(practice=None, head=None, backup=None, as_json=False) == 0
    end = heads()[str(cast.practice.ref)]
    nothing = Head()
    assert capsys.readouterr().out.splitlines() == [
        f"Harbor Counseling: whole. 5 rows, 1 more wait for their seal. End: {end}",
        f"Elsewhere Clinic: whole. 0 rows. End: {nothing}",
        f"No practice: whole. 0 rows. End: {nothing}",
    ]


def test_the_command_names_the_first_row_that_is_wrong(
    cast: Cast, five: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    as_owner(f"DELETE FROM raincheck_readlog {ROW}", five[3])
    as_owner(f"UPDATE raincheck_readlog SET what = 'home' {ROW}", five[2])
    ref = str(cast.practice.ref)
    assert verify_log(practice=ref, head=None, backup=None, as_json=True) == 1
    assert json.loads(capsys.readouterr().out) == {
        "whole": False,
        "chains": [
            {
                "practice": ref,
                "rows": 5,
                "head": str(heads()[ref]),
                "cuts": [],
                "waiting": 0,
                "trouble": {"code": "changed", "row": five[2], "place": 3},
            }
        ],
    }
    verify_log(practice=ref, head=None, backup=None, as_json=False)
    assert capsys.readouterr().out == f"Harbor Counseling: row {five[2]} was changed (place 3 of the chain)\n"


@pytest.mark.parametrize(
    ("practice", "head", "sentence"),
    [
        ("elsewhere", None, "There is no practice elsewhere."),
        (None, "5:ab", "--head needs --practice"),
        ("ref", "5:ab", "An end of a chain is a number"),
        ("ref", "five", "An end of a chain is a number"),
    ],
)
def test_the_command_refuses_what_it_cannot_look_at(
    cast: Cast, practice: str | None, head: str | None, sentence: str
) -> None:
    asked = str(cast.practice.ref) if practice == "ref" else practice
    with pytest.raises(CommandRefused, match=sentence):
        verify_log(practice=asked, head=head, backup=None, as_json=False)


def test_the_worker_seals_and_its_log_tells_the_new_end(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    read(cast, 2)
    with caplog.at_level("INFO", logger="raincheck.worker.sealing"):
        seal()
        seal()
    told = [line.event for line in caplog.records if line.message == "sealed"]
    assert told == [{"chain": cast.practice.pk, "head": str(heads()[str(cast.practice.ref)])}]
