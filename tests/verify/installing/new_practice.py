"""A practice's first weeks in its pages: three people come in, clients and appointments from their files, an ask, somebody leaves."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time as time_of_day, timedelta
from email.message import EmailMessage
from functools import partial
from html import unescape
from typing import Any

from tests.app.smtp_server import Mailroom
from tests.verify.installing.visitor import NAME, Visitor, found
from tests.verify.soak.browser import Page

from raincheck import clock
from raincheck.domain.access import authenticator

PASSWORD = "seven blue umbrellas"  # noqa: S105  # made up
UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
HEADING = re.compile(r"<h1[^>]*>\s*([^<]*?)\s*</h1>")
KEY = re.compile(r'id="app-key">([A-Z2-7 ]+)<')
LINK = re.compile(rf"https://{re.escape(NAME)}(/\S+)")
DAY = re.compile(r'<tr class="day-row"><th[^>]*>([^<]+)</th></tr>(.*?)</tbody>', re.DOTALL)
WITH_YEAR = re.compile(r", \d{4}$")
LATER = re.compile(r'<a class="btn small" rel="next" href="([^"]+)"')
TITLE = re.compile(r'<b id="t(\d+)">([^<]*)</b>')
WALL = "%Y%m%dT%H%M%S"
WRONG = re.compile(r'<input id="(cell-(\d+)-\d+)" name="\1" value="([^"]*)"[^>]* aria-invalid')
CLIENTS = 40
OF_ADA = [0, 1, 2, 3, 4, 5]
"""Whose appointments are Ada's, by their place in the list of clients; those of the next four are Ben's."""
OF_BEN = [6, 7, 8, 9]

WHAT_WAS_DONE = ("/clients/", "/clients/?page=2", "/appointments/?view=list", "/people/")


def client_name(number: int) -> tuple[str, str]:
    names = ("Riley", "Maya", "Theo", "Noa", "Emeka", "Zoë", "Tessa", "Amir")
    return names[number % 8], ("Brook", "Chen", "Alvarez", "Lindgren", "Obi")[number // 8]


def address_of(number: int) -> str:
    first, last = client_name(number)
    return f"{first}.{last}@mail.example".lower().replace("ë", "e")


def clients_in_a_spreadsheet() -> str:
    """Return forty clients as somebody wrote them down for years, with five mistakes and one of them twice."""
    rows = [
        [*client_name(number), address_of(number), f"(212) 555-01{number:02}", "", "Ada Lovelace"]
        for number in range(CLIENTS)
    ]
    rows[3][2] = "noa.brook@mail"
    rows[9][3] = "555 0109"
    rows[14][4] = "Central"
    rows[20][0] = rows[20][1] = ""
    rows[27][5] = "Dr. Who"
    rows.append(rows[0])
    lines = [["First name", "Last name", "E-mail", "Mobile", "Time zone", "Therapist"], *rows]
    return "".join(",".join(line) + "\n" for line in lines)


CORRECTED_CLIENTS = {
    "noa.brook@mail": address_of(3),
    "555 0109": "212 555 0109",
    "Dr. Who": "Ada Lovelace",
    "": client_name(20)[0],
}
"""What is typed over each wrong cell; the zone is taken over by a press, and the row that stands there twice is left out."""


def appointments_in_a_spreadsheet(today: date) -> str:
    """Return ten appointments ahead on one day two weeks from now, one with a name that nobody has, one at a time that is taken."""
    day = today + timedelta(days=14)
    lines = ["Client,Therapist,Date,Start time,End time"]
    for who, numbers in (("Ada Lovelace", OF_ADA), ("Ben Okri", OF_BEN)):
        for place, number in enumerate(numbers):
            called = "Theodor Brook" if number == 2 else " ".join(client_name(number))
            hour = 9 if number == 4 else 9 + place
            lines.append(f"{called},{who},{day:%m/%d/%Y},{hour:02}:00,{hour:02}:50")
    return "\n".join(lines) + "\n"


CORRECTED_APPOINTMENTS = {"Theodor Brook": "Theo Brook", "09:00": "13:00", "09:50": "13:50"}
WEEKS = 54
"""How many times of a series without an end are made at first."""
HALF_A_YEAR = timedelta(weeks=26)
IN_THE_CALENDAR, ASKED_ABOUT = 10, 11


def first_session(today: date) -> datetime:
    """Return the first time ahead of the calendar's weekly session: three days from now, in the evening."""
    return datetime.combine(today + timedelta(days=3), time_of_day(18))


def weekly_sessions(today: date) -> list[datetime]:
    """Return when the calendar's weekly session is: every week at one time on the clock, the third one moved to the day after."""
    times = [first_session(today) + week * timedelta(weeks=1) for week in range(WEEKS)]
    return sorted([*times[:2], *times[3:], times[2] + timedelta(days=1, hours=1)])


def calendar_of_ada(today: date) -> str:
    """Return a calendar with a session that has been weekly for half a year, so that the clocks change on its way.

    Besides, two times under a title that names nobody whole, and a supper that is no appointment.
    """
    first = first_session(today)
    began, third = first - HALF_A_YEAR, first + timedelta(weeks=2)
    moved, intake, supper = third + timedelta(days=1, hours=1), first - timedelta(hours=8), first + timedelta(hours=2)  # fmt: skip
    first_name, last_name = client_name(IN_THE_CALENDAR)
    events: list[tuple[str, str, datetime, str]] = [
        ("a", f"{last_name.upper()}, {first_name.lower()}", began, "RRULE:FREQ=WEEKLY"),
        ("a", f"{first_name} {last_name}", moved, f"RECURRENCE-ID;TZID=America/New_York:{third:{WALL}}"),
        ("b", "Intake N.", intake, "RRULE:FREQ=WEEKLY;COUNT=2"),
        ("c", "Supper club", supper, "RRULE:FREQ=WEEKLY"),
    ]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Made up//Calendar//EN"]
    for uid, title, start, repeats in events:
        times = [
            f"DT{edge};TZID=America/New_York:{at:{WALL}}"
            for edge, at in (("START", start), ("END", start + timedelta(minutes=50)))
        ]
        lines += ["BEGIN:VEVENT", f"UID:{uid}@calendar.example", f"SUMMARY:{title}", *times, repeats, "END:VEVENT"]  # fmt: skip
    return "".join(f"{line}\r\n" for line in [*lines, "END:VCALENDAR"])


@dataclass
class Person:
    """Somebody who works in the practice, with their browser and the app on their phone."""

    name: str
    email: str
    browser: Visitor = field(default_factory=Visitor)
    key: str = ""
    used: int = 0

    def code(self) -> str:
        """Return the code that the app shows now, or the next one where that was used already."""
        step = max(authenticator.step_at(clock.real_now()), self.used + 1)
        self.used = step
        return authenticator.code_at(self.key, step)

    def comes_in(self, link: str) -> Page:
        """Open an invitation's link, choose a password, set up the second step; return the first page of the practice."""
        form = self.browser.read(link).form()
        page = self.browser.send(form, password=PASSWORD, again=PASSWORD)
        self.key = found(KEY, page.html).replace(" ", "")
        where = "/account/authenticator/"
        codes = self.browser.send(
            page.form(where=lambda form: form.action.startswith(where)), code=self.code()
        )
        [kept] = [form for form in codes.forms() if form.action.startswith("/account/recovery-codes/?")]
        return self.browser.send(kept)

    def proves(self, page: Page) -> Page:
        """Show once more who they are, where a step asks for it; return the page that comes after."""
        asking = [form for form in page.forms() if "proof-code" in dict(form.values)]
        return self.browser.send(asking[0], **{"proof-code": self.code()}) if asking else page

    def signs_in(self) -> Page:
        """Sign in with password and second step, in a browser that knows nothing yet."""
        self.browser = Visitor()
        [form] = [form for form in self.browser.read("/sign-in/").forms() if form.action == "/sign-in/"]
        page = self.browser.send(form, login=self.email, password=PASSWORD)
        [second] = [form for form in page.forms() if form.action.startswith("/sign-in/second-factor/")]
        return self.browser.send(second, code=self.code())


@dataclass
class NewPractice:
    """What is done in the pages, step by step; each fails where a page does not say what it should."""

    mailroom: Mailroom
    ada: Person = field(default_factory=lambda: Person("Ada Lovelace", f"ada@{NAME}"))
    ben: Person = field(default_factory=lambda: Person("Ben Okri", f"ben@{NAME}"))
    cleo: Person = field(default_factory=lambda: Person("Cleo Diaz", f"cleo@{NAME}"))

    def at_work(self) -> None:
        """Everything, in the order of the page."""
        self.details_and_sender()
        self.three_people()
        self.clients()
        self.appointments()
        self.calendar()
        self.rehearsal()
        self.an_ask_that_is_answered()
        self.somebody_leaves()

    def details_and_sender(self) -> None:
        details = self.ada.browser.read("/practice/details/").form(
            where=lambda form: "sender_name" in dict(form.values)
        )
        said = {"sender_name": "Harbor", "phone": "+1 212 555 0100", "reply_to": f"front@{NAME}"}
        assert self.ada.browser.send(details, **said).status == 200
        tried = self.ada.browser.read("/home/").form(where=lambda form: form.action == "/home/setup/mail/")
        answer = self.ada.browser.send(tried)
        assert "250" in words(answer), words(answer)

    def three_people(self) -> None:
        """Ada sees clients, too; a second provider and a scheduler are invited by mail, and all have hours who need them."""
        ada = self.ada.browser
        [herself] = ada.read("/people/").links(rf"/people/{UUID}/")
        person = ada.read(herself).form(where=lambda form: "roles" in form.choices)
        assert ada.send(person, roles=["manager", "provider"], short_name="Ada").status == 200
        for one, role in ((self.ben, "provider"), (self.cleo, "scheduler")):
            invite = ada.read("/people/").form(where=lambda form: "roles" in form.choices)
            assert ada.send(invite, name=one.name, email=one.email, roles=[role]).status == 200
            [letter] = wait_for(partial(mails_to, self.mailroom, one.email, saying="/invitation/"))
            assert one.comes_in(found(LINK, letter)).path == "/home/"
        for one in (self.ada, self.ben):
            every_day(one.browser)

    def clients(self) -> None:
        page = self._checked("clients", "clients.csv", clients_in_a_spreadsheet(), CORRECTED_CLIENTS)
        assert f"Import {CLIENTS} clients" in words(page)
        self._imported(page, f"{CLIENTS} clients have come in")

    def appointments(self) -> None:
        lines = appointments_in_a_spreadsheet(clock.real_now().date())
        page = self._checked("appointments", "appointments.csv", lines, CORRECTED_APPOINTMENTS)
        assert "Import 10 appointments" in words(page)
        self._imported(page, "10 appointments have come in")
        assert mails_to(self.mailroom, "@mail.example") == []  # nobody is written to

    def calendar(self) -> None:
        """Say whose the calendar and each of its titles is; what repeats comes in as series, at their times on the clock."""
        ada, today = self.ada.browser, clock.real_now().date()
        [to_import] = [form for form in ada.read("/clients/").forms() if form.action == "/import/"]
        page = ada.read(to_import.action)
        whose = page.form(where=lambda form: "provider" in form.choices)
        [hers] = re.findall(rf'<option value="({UUID})"[^>]*>Ada Lovelace<', page.html)
        page = ada.send_file(whose, file=("ada.ics", calendar_of_ada(today).encode()), provider=hers)
        titles = dict(TITLE.findall(page.html))
        assert list(titles.values()) == ["Supper club", "Intake N.", "CHEN, theo", "Theo Chen"]
        numbers = {title: number for number, title in titles.items()}
        said = {
            f"none-{numbers['Supper club']}": "on",
            f"who-{numbers['Intake N.']}": " ".join(client_name(ASKED_ABOUT)),
        }
        page = ada.send(
            page.form(where=lambda form: f"who-{numbers['Intake N.']}" in dict(form.values)), **said
        )
        assert "1 row is left out" in words(page)
        assert f"Import {WEEKS + 2} appointments" in words(page)
        self._imported(page, f"{WEEKS + 2} appointments have come in")
        assert self._listed(IN_THE_CALENDAR) == [
            f"{at:%A, %B} {at.day}, {at:%-I:%M} – {at:%-I}:50 PM" for at in weekly_sessions(today)
        ]
        assert len(self._listed(ASKED_ABOUT)) == 2
        assert mails_to(self.mailroom, "@mail.example") == []  # nobody is written to

    def rehearsal(self) -> None:
        """Ada is asked as a client would be, and clears it away."""
        ada, ways = self.ada.browser, "/home/setup/rehearsal/"
        ada.send(ada.read("/home/").form(where=lambda form: form.action == ways))
        assert wait_for(lambda: mails_to(self.mailroom, self.ada.email, saying="/r/"))
        cleared = ada.send(ada.read("/home/").form(where=lambda form: form.action == f"{ways}clear/"))
        assert "The rehearsal is cleared away." in words(cleared)

    def an_ask_that_is_answered(self) -> None:
        ada, riley = self.ada.browser, Visitor()
        asked = self._appointment_of(0)
        form = ada.read(f"{asked}ask/").form(where=lambda form: "appointments" in form.choices)
        assert ada.send(form, reason="travel", note="Away that week.").status == 200
        [letter] = wait_for(lambda: mails_to(self.mailroom, address_of(0), saying="/r/"))
        page = riley.read(found(LINK, letter))
        for choice in page.forms():  # the link's page is opened by a press
            if not page.picks() and choice.action.startswith("/r/"):
                page = riley.send(choice)
        [pick] = page.picks()
        asked_again = riley.send(pick, start=pick.choices["start"][0])  # a browser without scripts
        moved = riley.send(asked_again.form())
        assert (moved.status, unescape(found(HEADING, moved.html))) == (200, "You're all set, Riley")
        assert wait_for(lambda: mails_to(self.mailroom, address_of(0), saying="You're all set, Riley."))

    def somebody_leaves(self) -> None:
        """Ben is out at once; one of what is booked with him is canceled, the rest stays until somebody decides."""
        ada = self.ada.browser
        assert self.ben.browser.read("/home/").path == "/home/"
        ending = ada.read(f"{self._page_of(self.ben).path}end/").form()
        assert ending is not None
        rows = [name for name in ending.choices if name.startswith("row-")]
        assert len(rows) == len(OF_BEN)
        done = self.ada.proves(ada.send(ending, **{rows[0]: "cancel"}))
        assert "One appointment is canceled, and the client is told." in words(done)
        assert self.ben.browser.read("/home/").status == 403
        assert wait_for(lambda: mails_to(self.mailroom, address_of(OF_BEN[0]), saying="canceled"))

    def shown(self) -> dict[str, str]:
        """Return what the pages say that tell what the practice did: its clients, what is booked, who works there."""
        ada = self.ada.browser
        pages = {path: words(ada.read(path), part="main") for path in WHAT_WAS_DONE}
        return pages | {"Ben": words(self._page_of(self.ben), part="main")}

    def _page_of(self, one: Person) -> Page:
        links = self.ada.browser.read("/people/").links(rf"/people/{UUID}/")
        pages = [self.ada.browser.read(address) for address in links]
        return next(page for page in pages if one.name in page.html.partition("<h1")[2])

    def _checked(self, kind: str, name: str, lines: str, corrected: dict[str, str]) -> Page:
        """Choose a file, correct what its check says, row by row where it stands, and return the check once all is well."""
        ada = self.ada.browser
        chosen = ada.read("/import/").form(where=lambda form: "kind" in form.choices)
        columns = ada.send_file(chosen, file=(name, lines.encode()), kind=kind)
        page = ada.send(columns.form(where=lambda form: "column-0" in form.choices))
        while wrong := WRONG.findall(page.html):
            form = page.form(where=lambda form: any(name.startswith("cell-") for name, _ in form.values))
            cell, row, stands = wrong[0]
            if "Same person: leave this row out" in page.html and stands not in corrected:
                page = ada.send(form, leave=found(r'name="leave" value="(\d+)">Same person', page.html))
            elif suggested := re.search(rf'name="zone" value="({row}:[^"]+)"', page.html):
                page = ada.send(form, zone=unescape(suggested[1]))
            else:
                page = ada.send(form, **{cell: corrected[unescape(stands)]})
            assert page.status == 200, words(page)
        return page

    def _imported(self, page: Page, saying: str) -> None:
        ada = self.ada.browser
        [start] = [form for form in page.forms() if form.action.endswith("/start/")]
        path = ada.send(start).path
        assert wait_for(lambda: saying in words(ada.read(path)))

    def _listed(self, number: int) -> list[str]:
        """Return the days and times at which the lists of what is ahead have a client."""
        found, path = [], "/appointments/?view=list"
        while path:
            page = self.ada.browser.read(path)
            for day, lines in DAY.findall(page.html):
                name = " ".join(client_name(number))
                times = re.findall(rf'data-ref="{UUID}">{name}</a></th><td[^>]*>([^<]+)<', lines)
                found += [f"{WITH_YEAR.sub('', day)}, {at}" for at in times]
            path = "".join(f"/appointments/{unescape(later)}" for later in LATER.findall(page.html))
        return found

    def _appointment_of(self, number: int) -> str:
        listed = self.ada.browser.read("/appointments/?view=list").html
        name = " ".join(client_name(number))
        [found] = set(re.findall(rf'data-ref="({UUID})">{name}<', listed))
        return f"/appointments/{found}/"


def every_day(browser: Visitor) -> None:
    hours = browser.read("/availability/").form(where=lambda form: form.action.startswith("/availability/"))
    every_day = {
        f"{day}-0-{edge}": at for day in range(7) for edge, at in (("from", "08:00"), ("until", "20:00"))
    }
    assert browser.send(hours, save="yes", **every_day).status == 200


def words(page: Page, *, part: str = "html") -> str:
    """Return what stands on a page, or in a part of it, without its marks."""
    inside = page.html.partition(f"<{part}")[2].partition(f"</{part}>")[0].partition(">")[2]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inside))).strip()


def mails_to(mailroom: Mailroom, address: str, *, saying: str = "") -> list[str]:
    texts = [_text(one) for one in mailroom.got if address in str(one["To"])]
    return [text for text in texts if saying in text]


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def wait_for(look: Callable[[], Any]) -> Any:
    until = time.monotonic() + 90
    while not (found := look()):
        assert time.monotonic() < until, "what was waited for did not come"
        time.sleep(0.2)
    return found
