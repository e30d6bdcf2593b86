"""The read log grows old: after seven years rows go by whole months, the chain stays whole, and nobody cuts it by hand unseen."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, connections, transaction
from tests.app.access.test_log_chain import as_owner, found, sealed
from tests.app.cast import NOW, Cast

from raincheck.actions.access.emergency import forget_reasons, open_in_emergency
from raincheck.actions.access.log_chain import seal_read_log
from raincheck.actions.access.log_retention import cut_read_log, forget_cut_rows
from raincheck.actions.access.read_log import Reading, log_readings
from raincheck.actions.engine.runner import run_command
from raincheck.actions.timing.sweep import sweep
from raincheck.cli.auditing import verify_log
from raincheck.data.access.emergency import EmergencyReason
from raincheck.data.access.log_chain import LogCut, SealedRow
from raincheck.data.access.read_log import ReadLog
from raincheck.data.models import Conversation, Membership
from raincheck.data.people import Client, User
from raincheck.domain.access.log_chain import Finding, Head, Known, Trouble, cut_before
from raincheck.domain.clients.retention import FROM_EIGHTEEN, RETENTION
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.queries.access.log_chain import heads, verify

MARCH, APRIL, MAY = (datetime(2019, month, 14, 15, tzinfo=UTC) for month in (3, 4, 5))
LATER = datetime(2026, 5, 20, tzinfo=UTC)
"""When all of March and April 2019 is seven years old, and May is not yet over."""


def read_at(cast: Cast, *times: datetime) -> None:
    by = Actor(ActorKind.PROVIDER, cast.okafor.pk, practice=cast.practice.pk)
    for at in times:
        log_readings([Reading(by, [cast.riley.pk], "client", "192.0.2.7", at)])


def done(step: object, *, now: datetime, limit: int = 1000) -> dict[str, int]:
    """Carry a step out as the sweep does, and return what it says it did."""
    did: Counter[str] = Counter()

    def verb() -> dict[str, str]:
        did.update(step(now=now, limit=limit))  # type: ignore[operator]
        return {}

    run_command(verb, key=None, body={}, by=SYSTEM, now=now)
    return dict(did)


@pytest.fixture
def old(cast: Cast) -> Cast:
    """Two rows of March, one of April and two of May, all sealed."""
    read_at(cast, MARCH, MARCH + timedelta(days=1), APRIL, MAY, MAY + timedelta(days=1))
    sealed()
    return cast


def kept() -> list[datetime]:
    return list(ReadLog.objects.filter(what="client").order_by("pk").values_list("at", flat=True))


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (datetime(2026, 5, 20, tzinfo=UTC), datetime(2019, 5, 1, tzinfo=UTC)),
        (datetime(2026, 4, 30, 23, tzinfo=UTC), datetime(2019, 4, 1, tzinfo=UTC)),
        (datetime(2026, 5, 2, tzinfo=UTC), datetime(2019, 5, 1, tzinfo=UTC)),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), datetime(2017, 2, 1, tzinfo=UTC)),
    ],
)
def test_rows_go_by_whole_months_once_they_are_seven_years_old(now: datetime, before: datetime) -> None:
    assert cut_before(now) == before
    assert now - before >= RETENTION


def test_what_is_seven_years_old_goes_and_the_rest_is_whole(
    old: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    may = kept()[3:]
    assert done(cut_read_log, now=LATER) == {"read log cut": 1}
    assert done(forget_cut_rows, now=LATER) == {"row of the read log forgotten": 3}
    assert (kept(), found()) == (may, [])
    assert list(SealedRow.objects.order_by("place").values_list("place", flat=True)) == [4, 5]
    # Once more there is nothing to do, and sealing goes on where it was.
    assert (done(cut_read_log, now=LATER), done(forget_cut_rows, now=LATER)) == ({}, {})
    assert dict(seal_read_log(now=LATER))[old.practice.pk].rows == 6
    assert found() == []
    ref = str(old.practice.ref)
    assert verify_log(practice=ref, head=None, backup=None, as_json=False) == 0
    assert capsys.readouterr().out == (
        "Harbor Counseling: whole. 6 rows, the first 3 of them cut off on 2026-05-20, all from before 2019-05-01."
        f" End: {heads()[ref]}\n"
    )
    assert verify_log(practice=ref, head=None, backup=None, as_json=True) == 0
    [chain] = json.loads(capsys.readouterr().out)["chains"]
    assert chain["cuts"] == [
        {"rows": 3, "before": "2019-05-01T00:00:00+00:00", "at": "2026-05-20T00:00:00+00:00"}
    ]


def test_a_cut_is_a_row_of_the_log_itself(old: Cast) -> None:
    seal = bytes(SealedRow.objects.get(place=3).seal)
    done(cut_read_log, now=LATER)
    row = ReadLog.objects.get(what="event:log_cut")
    assert (row.practice_id, row.actor_kind, row.at, row.detail) == (
        old.practice.pk,
        "system",
        LATER,
        {"place": 3, "seal": seal.hex(), "before": "2019-05-01T00:00:00+00:00"},
    )


def test_the_sweep_cuts_and_a_second_sweep_finds_nothing(old: Cast) -> None:
    told = sweep(now=LATER)
    assert (told["read log cut"], told["row of the read log forgotten"], len(kept()), found()) == (
        1,
        3,
        2,
        [],
    )
    again = sweep(now=LATER)
    assert (again["read log cut"], again["row of the read log forgotten"]) == (0, 0)


def test_month_after_month_each_cut_goes_on_from_the_one_before(old: Cast) -> None:
    for month in range(1, 8):
        sweep(now=datetime(2026, month, 20, tzinfo=UTC))
        sealed()
        assert found() == []
    assert list(LogCut.objects.order_by("place").values_list("place", flat=True)) == [2, 3, 5]
    assert kept() == []
    # Seven years on the rows about the cuts go as well, and the chain is whole all the same.
    sweep(now=datetime(2033, 9, 20, tzinfo=UTC))
    sealed()
    assert (found(), ReadLog.objects.filter(what="event:log_cut").count()) == ([], 1)


def test_rows_of_another_practice_and_of_none_have_cuts_of_their_own(old: Cast) -> None:
    log_readings(
        [Reading(Actor(ActorKind.PROVIDER, old.mallory.pk, practice=old.elsewhere.pk), [], "x", "", MAY)]
    )
    log_readings([Reading(SYSTEM, [], "nobody", "", MARCH)])
    sealed()
    sweep(now=LATER)
    sealed()
    assert found() == []
    assert list(LogCut.objects.order_by("chain").values_list("chain", "place")) == [
        (0, 1),
        (old.practice.pk, 3),
    ]


def test_what_waits_for_its_seal_is_not_cut(cast: Cast) -> None:
    read_at(cast, MARCH)
    assert sweep(now=LATER)["read log cut"] == 0
    assert kept() == [MARCH]
    sealed()
    assert sweep(now=LATER)["read log cut"] == 1
    sealed()
    assert (kept(), found()) == ([], [])


def test_a_row_that_was_committed_late_waits_for_the_month_after(cast: Cast) -> None:
    read_at(cast, APRIL, MAY, APRIL)
    sealed()
    sweep(now=LATER)
    assert (kept(), found()) == ([MAY, APRIL], [])


def test_a_chain_that_is_verified_between_cut_and_forgetting_is_whole(old: Cast) -> None:
    done(cut_read_log, now=LATER)
    assert found() == []
    assert done(forget_cut_rows, now=LATER, limit=2) == {"row of the read log forgotten": 2}
    assert found() == []


@pytest.mark.parametrize(
    "crime",
    [
        "DELETE FROM raincheck_readlog",
        "DELETE FROM raincheck_sealedrow",
        "DELETE FROM raincheck_logcut",
        "UPDATE raincheck_logcut SET place = 4",
        "UPDATE raincheck_readlog SET what = 'home'",
    ],
)
def test_p15_a_cut_lets_nothing_go_but_what_it_covers(old: Cast, crime: str) -> None:
    done(cut_read_log, now=LATER)
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(crime)
    assert (len(kept()), found()) == (5, [])


def test_p15_what_is_not_seven_years_old_is_cut_by_nobody(old: Cast) -> None:
    seal = SealedRow.objects.get(place=3).seal
    young = partial(
        LogCut, chain=old.practice.pk, place=3, seal=seal, before=datetime(2019, 5, 1, tzinfo=UTC)
    )
    with pytest.raises(IntegrityError, match="what_is_cut_is_seven_years_old"):
        young(at=datetime(2026, 4, 1, tzinfo=UTC)).save(force_insert=True)
    # A cut that says another time than the rows have lets none of them go.
    young(at=LATER).save(force_insert=True)
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM raincheck_readlog WHERE at > '2019-05-01'")


def test_p15_a_cut_has_the_seal_of_its_place(old: Cast) -> None:
    with pytest.raises(IntegrityError, match="a cut has the seal of its place"), transaction.atomic():
        LogCut(
            chain=old.practice.pk, place=3, seal=b"x" * 32, before=MARCH - timedelta(days=9), at=LATER
        ).save()


@pytest.mark.usefixtures("database")
def test_p15_not_even_the_owner_of_the_tables_may_empty_the_cuts() -> None:
    with pytest.raises(IntegrityError, match="append-only"), connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE raincheck_logcut")


def by_hand(said: str, *values: object) -> None:
    as_owner("ALTER TABLE raincheck_logcut DISABLE TRIGGER USER")
    as_owner(said, *values)
    as_owner("ALTER TABLE raincheck_logcut ENABLE TRIGGER USER")


def test_a_beginning_that_was_cut_off_by_hand_shows(old: Cast) -> None:
    as_owner("DELETE FROM raincheck_readlog WHERE at < '2019-05-01'")
    as_owner("DELETE FROM raincheck_sealedrow WHERE place <= 3")
    assert found() == [Finding(Trouble.REMOVED, None, 1)]


def test_a_cut_that_somebody_wrote_by_hand_shows_since_the_log_does_not_tell_of_it(old: Cast) -> None:
    seal = SealedRow.objects.get(place=3).seal
    LogCut(chain=old.practice.pk, place=3, seal=seal, before=cut_before(LATER), at=LATER).save()
    assert found() == [Finding(Trouble.CUT_UNTOLD, None, 3)]


def test_a_cut_further_than_the_log_tells_shows(old: Cast) -> None:
    sweep(now=LATER)
    sealed()
    seal = SealedRow.objects.get(place=4).seal
    by_hand("UPDATE raincheck_logcut SET place = 4, seal = %s", seal)
    assert found() == [Finding(Trouble.CUT_UNTOLD, None, 4)]


def test_a_cut_that_came_too_early_shows(old: Cast) -> None:
    sweep(now=LATER)
    sealed()
    as_owner("ALTER TABLE raincheck_logcut DROP CONSTRAINT what_is_cut_is_seven_years_old")
    try:
        by_hand("UPDATE raincheck_logcut SET before = before + interval '40 days'")
        assert found() == [Finding(Trouble.CUT_TOO_EARLY, None, 3)]
    finally:
        by_hand("UPDATE raincheck_logcut SET before = before - interval '40 days'")
        as_owner(
            "ALTER TABLE raincheck_logcut ADD CONSTRAINT what_is_cut_is_seven_years_old"
            " CHECK (at >= (before + '2557 days'::interval))"
        )


def test_a_forged_cut_shows_by_an_end_that_was_written_down_meanwhile(old: Cast) -> None:
    """The whole of it, with a row in the log: it says that rows of a month ago were from before 2019."""
    ref = str(old.practice.ref)
    written = {ref: Known(heads()[ref], NOW)}
    read_at(old, NOW + timedelta(days=1))
    sealed()
    as_owner("UPDATE raincheck_readlog SET at = '2018-01-01' WHERE at > '2026-01-01'")
    as_owner("DELETE FROM raincheck_sealedrow")
    as_owner("DELETE FROM raincheck_logchain")
    as_owner('INSERT INTO raincheck_unsealedrow ("row", chain) SELECT id, practice_id FROM raincheck_readlog')
    sealed()
    sweep(now=NOW + RETENTION)
    sealed()
    assert [one.finding for one in verify(known={}) if one.finding] == []
    [shown] = [one.finding for one in verify(known=written) if one.finding]
    assert shown == Finding(Trouble.CUT_TOO_EARLY, None, 6)


def test_an_end_from_before_a_cut_is_no_trouble(old: Cast) -> None:
    ref = str(old.practice.ref)
    before = {ref: Known(Head(2, bytes(SealedRow.objects.get(place=2).seal)), MARCH + timedelta(days=2))}
    exactly = {ref: Known(Head(3, bytes(SealedRow.objects.get(place=3).seal)), APRIL + timedelta(days=2))}
    wrong = {ref: Known(Head(3, b"x" * 32))}
    sweep(now=LATER)
    sealed()
    assert [one.finding for known in (before, exactly) for one in verify(known=known) if one.finding] == []
    assert [one.finding for one in verify(known=wrong) if one.finding] == [
        Finding(Trouble.REWRITTEN, None, 3)
    ]


# Words of emergency accesses


@pytest.fixture
def opened(cast: Cast) -> EmergencyReason:
    """A manager opens a conversation, and says why."""
    cast.booked()
    user = User.objects.create_user("sasha@harbor.example", name="Sasha Lindqvist")
    own = Membership.objects.create(practice=cast.practice, user=user, role="manager")
    by = Actor(ActorKind.MANAGER, own.pk, practice=cast.practice.pk)
    verb = partial(
        open_in_emergency,
        Conversation.objects.get().ref,
        practice_id=cast.practice.pk,
        reason="She can't be reached, and he is away.",
        by=by,
        now=NOW,
    )
    run_command(verb, key=None, body={}, by=by, now=NOW)
    return EmergencyReason.objects.get()


def test_why_a_conversation_was_opened_is_erased_after_seven_years(opened: EmergencyReason) -> None:
    before = list(ReadLog.objects.order_by("pk").values("what", "detail"))
    assert done(forget_reasons, now=NOW + RETENTION) == {}
    assert done(forget_reasons, now=NOW + RETENTION + timedelta(seconds=1)) == {"reason erased": 1}
    assert done(forget_reasons, now=NOW + RETENTION + timedelta(seconds=1)) == {}
    opened.refresh_from_db()
    assert (opened.body, list(ReadLog.objects.order_by("pk").values("what", "detail"))) == ("", before)


def test_of_a_minor_the_seven_years_begin_at_eighteen(cast: Cast, opened: EmergencyReason) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(date_of_birth=date(2020, 6, 1))
    born = datetime(2020, 6, 1, tzinfo=UTC)
    assert done(forget_reasons, now=NOW + RETENTION + timedelta(days=1)) == {}
    assert done(forget_reasons, now=born + FROM_EIGHTEEN - timedelta(seconds=1)) == {}
    # Twenty-five years with all the leap days there can be: never a day too early.
    assert (born + FROM_EIGHTEEN).date() >= date(2045, 6, 1)
    assert done(forget_reasons, now=born + FROM_EIGHTEEN) == {"reason erased": 1}
    opened.refresh_from_db()
    assert opened.body == ""
