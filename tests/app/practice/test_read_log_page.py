"""The managers' page of the read log: who was shown whom, by person, client and day; one client's own list; and the file."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from tests.app.authorization import ENDPOINTS, FOR_ANYBODY
from tests.app.cast import NOW, Cast, client_in
from tests.app.client_browser import Visitor, words
from tests.app.read_log_rows import newest, rows
from tests.app.staff_browser import StaffBrowser, mallory, manager, okafor

from raincheck.actions.access.read_log import Reading, log_readings
from raincheck.data.access.read_log import ReadLog
from raincheck.domain.people import Actor, ActorKind
from raincheck.web.staff.practice.read_log_words import WHAT

HOUR = timedelta(hours=1)
PAGE = "/practice/read-log/"
FILE = "/practice/read-log/read-log.csv"


def read(cast: Cast, *clients: int, what: str = "client", at: timedelta = timedelta(0)) -> None:
    by = Actor(ActorKind.PROVIDER, cast.okafor.pk, practice=cast.practice.pk)
    log_readings([Reading(by, clients, what, "192.0.2.7", NOW + at)])


def lines(who: StaffBrowser, **asked: str) -> list[list[str]]:
    """Return the cells of each row of the table."""
    html = who.get(PAGE, **asked).content.decode()
    table = html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)
    ]


def test_managers_read_who_was_shown_whom(cast: Cast) -> None:
    read(cast, cast.riley.pk)
    read(cast, cast.maya.pk, cast.riley.pk, what="clients", at=HOUR)
    both = ", ".join(sorted([cast.maya.name, cast.riley.name]))
    assert lines(manager(cast, now=NOW + 2 * HOUR)) == [
        ["Mon, Nov 16 · 11:00 AM", "Dr. Jo Okafor (provider)", "Clients", both, "192.0.2.7"],
        [
            "Mon, Nov 16 · 10:00 AM",
            "Dr. Jo Okafor (provider)",
            "Client&#x27;s record",
            cast.riley.name,
            "192.0.2.7",
        ],
    ]


def test_every_page_that_somebody_can_be_shown_has_words_in_the_log() -> None:
    of_the_demo = {name for name in ENDPOINTS if name.startswith("demo")}
    known_by_name = set(ENDPOINTS) - FOR_ANYBODY - of_the_demo - {"setup"}
    assert known_by_name - set(WHAT) == set()


def test_the_page_shows_clients_and_is_a_row_itself(cast: Cast) -> None:
    read(cast, cast.riley.pk)
    me = manager(cast, now=NOW + HOUR)
    before = newest()
    me.get(PAGE)
    assert [row[2:4] for row in rows(after=before)] == [("read-log", [cast.riley.pk])]


def test_rows_are_found_by_client_person_and_day(cast: Cast) -> None:
    read(cast, cast.riley.pk)
    read(cast, cast.maya.pk, at=timedelta(days=1))
    request = cast.asked(cast.booked())
    Visitor(request.batch, now=NOW + HOUR).get(f"/choose/{request.batch.ref}/")
    me = manager(cast, now=NOW + timedelta(days=2))
    before = newest()
    assert [row[1:4:2] for row in lines(me, q=cast.maya.first_name)] == [
        ["Dr. Jo Okafor (provider)", cast.maya.name]
    ]
    assert [row[2] for row in lines(me, day="2026-11-16")] == ["Choosing a new time", "Client&#x27;s record"]
    assert [row[3] for row in lines(me, person=f"provider:{cast.okafor.pk}", day="2026-11-17")] == [
        cast.maya.name
    ]
    assert lines(me, q="Nobody at all") == []
    assert len(rows(after=before)) == 3


def test_one_clients_own_list_names_nobody_else(cast: Cast) -> None:
    read(cast, cast.maya.pk, cast.riley.pk, what="clients")
    read(cast, cast.maya.pk)
    me = manager(cast, now=NOW + HOUR)
    page = me.get(PAGE, client=str(cast.riley.ref))
    assert (words(page).count("Clients Network"), cast.maya.last_name in page.content.decode()) == (0, False)
    assert lines(me, client=str(cast.riley.ref))[1:] == [
        ["Mon, Nov 16 · 10:00 AM", "Dr. Jo Okafor (provider)", "Clients", "192.0.2.7"]
    ]


def test_a_long_list_names_four_and_counts_the_others(cast: Cast) -> None:
    crowd = [client_in(cast.practice, f"Client{number}", "Crowd") for number in range(6)]
    read(cast, *(one.pk for one in crowd))
    [line] = lines(manager(cast, now=NOW + HOUR))
    assert line[3] == "Client0 Crowd, Client1 Crowd, Client2 Crowd, Client3 Crowd, 2 more"


def test_the_page_takes_as_many_queries_for_fifty_rows_as_for_one(cast: Cast) -> None:
    read(cast, cast.riley.pk)
    me = manager(cast, now=NOW + HOUR)
    me.get(PAGE)  # a row by the manager, so that both kinds of people are named
    one = me.queries(PAGE)
    for number in range(60):
        read(cast, client_in(cast.practice, f"Client{number}", "Crowd").pk)
    assert me.queries(PAGE) == one


def test_the_file_holds_the_same_rows_disarmed_and_is_a_row_itself(cast: Cast) -> None:
    risky = client_in(cast.practice, "=cmd()", "Brooks")
    read(cast, risky.pk)
    me = manager(cast, now=NOW + HOUR)
    before = newest()
    answer = me.get(FILE, day="2026-11-16")
    table = list(csv.reader(io.StringIO(answer.content.decode())))
    assert table == [
        ["When", "Who", "What", "Clients", "Network", "Why"],
        [NOW.isoformat(), "Dr. Jo Okafor (provider)", "Client's record", "'=cmd() Brooks", "192.0.2.7", ""],
    ]
    assert answer["Content-Disposition"] == 'attachment; filename="read-log.csv"'
    found = list(
        ReadLog.objects.filter(pk__gt=before).order_by("pk").values_list("what", "clients", "detail")
    )
    assert found == [("event:log_exported", [], {"rows": 1}), ("read-log-file", [risky.pk], {})]


def test_nobody_but_managers_of_the_practice_reads_it(cast: Cast) -> None:
    read(cast, cast.riley.pk)
    for who in (okafor(), mallory(), StaffBrowser("riley@clients.example")):
        assert [who.get(at).status_code for at in (PAGE, FILE)] == [404, 404]
    assert lines(manager(cast, now=NOW + HOUR), client=str(cast.riley.ref)) != []
    assert manager(cast).get(PAGE, client=str(cast.eve.ref)).status_code == 404


@pytest.mark.parametrize(
    "asked", [{"day": "yesterday"}, {"person": "nobody:1"}, {"person": "x"}, {"page": "²"}]
)
def test_what_cannot_be_read_in_the_address_narrows_nothing(cast: Cast, asked: dict[str, str]) -> None:
    read(cast, cast.riley.pk)
    assert len(lines(manager(cast, now=NOW + HOUR), **asked)) == 1
