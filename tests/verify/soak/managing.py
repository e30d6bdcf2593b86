"""The managers of a soak: they write clients down, bring files in, merge and part records, let people in and out of the practice."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from datetime import datetime, time as time_of_day, timedelta
from zoneinfo import ZoneInfo

from tests.verify.soak.browser import Form, Page
from tests.verify.soak.history import real_time
from tests.verify.soak.people import AROUND, NOTHING_TO_DO, UUID, Staff, World
from tests.verify.soak.practice import (
    CLIENTS,
    FIRST_HOUR,
    LAST_HOUR,
    PASSWORD,
    PROVIDERS,
    SHORTEST_IN_A_FILE,
    Person,
)

ROWS = 12
"""Clients, or appointments, of a file that is brought in."""
PATIENCE_WITH_MAIL = 20.0
"""Seconds until an invitation that has not arrived is sent again."""
PATIENCE_WITH_FILES = 20.0
"""Seconds for which somebody looks whether their rows are in."""
UNDONE = "Undone."
GIVEN_UP = "Given up."
BAD_ROW = re.compile(r'name="leave" value="(\d+)"')
PROOF = "proof-code"
"""The field in which a page asks who is there again."""
COMING = "Your rows are coming in."


class Manager(Staff):
    """A manager. In both practices they do the same, to clients of the same names and addresses."""

    def __init__(self, person: Person, world: World) -> None:
        super().__init__(person, world)
        self.practice = person.name.removeprefix("Manager of ")
        self.added: list[str] = []
        """Addresses of the records that this manager has written down and not merged away."""
        self.merged: list[str] = []
        """Addresses of records that took another one in."""
        self.imported: list[str] = []
        self._counts: dict[str, int] = {}

    def deeds(self) -> dict[Callable[[], None], int]:
        return self.usual_deeds() | {
            self.add_client: 8, self.edit_client: 4, self.merge: 5, self.part: 3, self.discharge: 4, self.archive: 2,
            self.bring_back: 3, self.bring_clients_in: 5, self.bring_appointments_in: 12, self.take_a_file_back: 4, self.let_somebody_in: 2,
        }  # fmt: skip

    def _next(self, what: str) -> int:
        self._counts[what] = self._counts.get(what, 0) + 1
        return self._counts[what]

    # Records of clients

    def add_client(self) -> None:
        address = written_down(self, f"Added{self._next('added')}", self.practice)
        if address:
            self.added.append(address)

    def edit_client(self) -> None:
        if not self.added:
            return
        address = self.chance.choice(self.added)
        form = self._form(f"{address}edit/", "client's record", "pronouns")
        if form is None:
            return
        token = f"edited{self._next('edited')}"
        said = form.filled(pronouns=token)
        trace = f"pronouns:{address.split('/')[2]}"
        page = self.browser.send("edit client", form, said, trace=trace)
        if again := self.once_more(page, form):
            self.browser.send("edit client", again, again.filled(pronouns=token), trace=trace)

    def merge(self) -> None:
        if len(self.added) < 2:
            return
        kept, gone = self.chance.sample(self.added, k=2)
        refs = kept.split("/")[2], gone.split("/")[2]
        form = self._form(f"{kept}merge/?with={refs[1]}", "two records", "seen-kept")
        if form is None:
            return
        trace = f"merged:{refs[0]}/{refs[1]}"
        page = self.browser.send("merge", form, form.values, trace=trace)
        if page.status == 302:
            self.added.remove(gone)
            self.merged.append(kept)

    def part(self) -> None:
        if not self.merged:
            return
        page = self.browser.read(self.chance.choice(self.merged), "client with a merge")
        self._press(page, rf"/clients/merges/{UUID}/undo/", "undo a merge", "parted", UNDONE)

    def discharge(self) -> None:
        if not self.added:
            return
        address = self.chance.choice(self.added)
        form = self._form(f"{address}discharge/", "discharge form", "told")
        if form is None:
            return
        told = self.chance.choice(form.choices["told"])
        words = self.token("discharged") if told == "own_words" else ""
        trace = f"discharged:{address.split('/')[2]}"
        self.browser.send("discharge", form, form.filled(told=told, words=words), trace=trace)

    def archive(self) -> None:
        self._press_at_a_client("archive", "archive", "archived", "Archived.")

    def bring_back(self) -> None:
        self._press_at_a_client("bring-back", "bring back", "brought_back", "In care again.")

    def _press_at_a_client(self, button: str, kind: str, event: str, told: str) -> None:
        if self.added:
            page = self.browser.read(self.chance.choice(self.added), "client")
            self._press(page, rf"/clients/{UUID}/{button}/", kind, event, told)

    def _press(
        self, page: Page, action: str, kind: str, event: str, told: str, **said: str | None
    ) -> Page | None:
        form = page.form(where=lambda one: re.fullmatch(action, one.action) is not None)
        if form is None:
            return None
        [ref] = re.findall(UUID, form.action)
        return self.browser.send(kind, form, form.filled(**said), trace=f"{event}:{ref}", told=told)

    def _form(self, path: str, kind: str, field: str) -> Form | None:
        """Return the form of a page that has a field."""
        page = self.browser.read(path, kind)
        return page.form(where=lambda one: field in [*one.choices, *dict(one.values)])

    # Files

    def bring_clients_in(self) -> None:
        number = self._next("rows")
        if address := self._staged("clients", f"rows{number}.csv", clients_of(number, self.practice)):
            self._bring_in(address, self.browser.read(address, "staged rows"))

    def bring_appointments_in(self) -> None:
        """Some of their times are taken, or will be by the time they come in: what is taken already stays out."""
        number = self._next("times")
        lines = appointments_of(number, self.practice, zone=self.zone, chance=self.chance)
        address = self._staged("appointments", f"times{number}.csv", lines)
        if not address:
            return
        page = self.browser.read(address, "staged rows")
        for _row in range(ROWS):
            form, bad = page.form(where=lambda one: one.action == address), BAD_ROW.search(page.html)
            if form is None or bad is None:
                break
            self.browser.send("leave a row out", form, form.filled(leave=bad[1]))
            page = self.browser.read(address, "staged rows")
        if any(one.action == f"{address}start/" and "tell" in one.choices for one in page.forms()):
            self._bring_in(address, page, tell="on" if self.chance.random() < 0.5 else None)

    def _staged(self, kind: str, name: str, lines: str) -> str:
        """Choose a file; return its address, empty where it was not kept."""
        form = self._form("/import/", "import", "kind")
        if form is None:
            return ""
        form.file = ("file", name, lines)
        trace = f"staged:{self.practice}/{name}"
        page = self.browser.send("stage a file", form, form.filled(file=None, kind=kind), trace=trace)
        found = re.match(rf"/import/({UUID})/", page.path)
        return f"/import/{found[1]}/" if page.status == 302 and found else ""

    def _bring_in(self, address: str, page: Page, **said: str | None) -> None:
        """Bring a file's rows in and look whether they are there; now and then take them back at once.

        A file that comes back, since somebody was quicker with one of its times, is given up.
        """
        self._press(page, rf"{address}start/", "import", "started", COMING, **said)
        outcome = self._wait_for_rows(address)
        if outcome is not None and f"{address}drop/" in outcome.html:
            self._press(outcome, rf"{address}drop/", "give a file up", "given up", GIVEN_UP)
            return
        self.imported.append(address)
        if self.chance.random() < 0.4:
            self._take_back(address)

    def _wait_for_rows(self, address: str) -> Page | None:
        until = time.monotonic() + PATIENCE_WITH_FILES
        while time.monotonic() < until and not self.world.at_rest.is_set():
            page = self.browser.read(address, "import's outcome")
            if f"{address}undo/" in page.html or f"{address}drop/" in page.html:
                return page
            time.sleep(NOTHING_TO_DO)
        return None

    def take_a_file_back(self) -> None:
        if self.imported:
            self._take_back(self.chance.choice(self.imported))

    def _take_back(self, address: str) -> None:
        page = self.browser.read(address, "import's outcome")
        self._press(page, rf"{address}undo/", "undo an import", "undone", UNDONE)

    # People

    def let_somebody_in(self) -> None:
        """Invite somebody, who comes by the link in their mail and works a little; then their access ends, mostly."""
        form = self._form("/people/", "people", "roles")
        if form is None:
            return
        name = f"joins{self._next('invited')}"
        email, role = f"{name}@{self.practice.lower()}.example", self.chance.choice(["manager", "scheduler"])
        said = form.filled(name=name, email=email, roles=role)
        if self.browser.send("invite", form, said, trace=f"invited:{email}").status != 302:
            return
        if not self._wait_for_mail(email):
            self._send_again(email)
        colleague = Staff(Person(email, name, "scheduler"), self.world)
        if self._wait_for_mail(email) and self._let_in(colleague):
            written_down(colleague, f"By{name}", self.practice)
            if self.chance.random() < 0.8:
                self._end_access(colleague)

    def _wait_for_mail(self, email: str) -> bool:
        until = time.monotonic() + PATIENCE_WITH_MAIL
        while not self.world.letterbox.links_of(email) and not self.world.at_rest.is_set():
            if time.monotonic() > until:
                return False
            time.sleep(NOTHING_TO_DO)
        return bool(self.world.letterbox.links_of(email))

    def _send_again(self, email: str) -> None:
        page = self.browser.read("/people/", "people")
        line = re.search(rf"{re.escape(email)}.*?/people/invitations/({UUID})/resend/", page.html, re.DOTALL)
        form = line and page.form(where=lambda one: one.action == f"/people/invitations/{line[1]}/resend/")
        if form:
            self.browser.send("invite again", form, form.values, trace=f"invited:{email}", told="Sent again")

    def _let_in(self, colleague: Staff) -> bool:
        link = self.world.letterbox.links_of(colleague.person.email)[-1]
        page = colleague.browser.read(link, "invitation")
        form = page.form(where=lambda one: "password" in dict(one.values))
        if form is None:
            return False
        said = form.filled(password=PASSWORD, again=PASSWORD)
        trace = f"joined:{colleague.person.email}"
        if colleague.browser.send("accept an invitation", form, said, trace=trace).status != 302:
            return False
        colleague.take_the_second_step()
        return True

    def _end_access(self, colleague: Staff) -> None:
        email = colleague.person.email
        people = self.browser.read("/people/", "people")
        line = re.search(rf'href="(/people/{UUID}/)"[^>]*>{colleague.person.name}<', people.html)
        form = line and self.browser.read(f"{line[1]}end/", "end of access").form()
        if not form or not line or form.action != f"{line[1]}end/":
            return
        answer = self.browser.send("end access", form, form.values, trace=f"ended:{email}")
        proof = answer.form(where=lambda one: PROOF in dict(one.values))
        if answer.status == 422 and proof is not None:
            said = proof.filled(**{PROOF: self.next_code()})
            answer = self.browser.send("end access", proof, said, trace=f"ended:{email}")
        if answer.status == 302:
            page = colleague.browser.read("/home/", "after the end of access")
            if page.status == 200 and not page.path.startswith("/sign-in/"):
                self.world.history.complain(f"{email} reads {page.path} after the end of their access")


def written_down(staff: Staff, first_name: str, last_name: str) -> str:
    """Add a client; return the address of the record, empty where it was not made."""
    form = staff.browser.read("/clients/new/", "new client").form(
        where=lambda one: "first_name" in dict(one.values)
    )
    if form is None:
        return ""
    said = {
        "first_name": first_name,
        "last_name": last_name,
        "email": f"{first_name.lower()}@shared.example",
    }
    trace = f"added:{last_name}/{first_name}"
    page = staff.browser.send("add client", form, form.filled(**said), trace=trace)
    if again := staff.once_more(page, form):
        page = staff.browser.send("add client", again, again.filled(**said), trace=trace)
    found = re.match(rf"/clients/{UUID}/", page.path)
    return found[0] if page.status == 302 and found else ""


def clients_of(number: int, last_name: str) -> str:
    """Return the text of a file of clients; the other practice's has the same addresses."""
    names = [f"Import{number}x{row}" for row in range(ROWS)]
    lines = [f"{name},{last_name},{name.lower()}@shared.example" for name in names]
    return "\n".join(["First name,Last name,E-mail", *lines, ""])


def appointments_of(number: int, practice: str, *, zone: ZoneInfo, chance: random.Random) -> str:
    """Return the text of a file of appointments, half of them in the evening, when nobody books; see SHORTEST_IN_A_FILE."""
    length = timedelta(minutes=SHORTEST_IN_A_FILE + number)
    today = datetime.fromtimestamp(real_time(), zone).date()
    lines = []
    for row, client in enumerate(chance.sample(range(PROVIDERS * CLIENTS), k=ROWS)):
        hour = chance.randrange(FIRST_HOUR, LAST_HOUR) if row % 2 else chance.randrange(17, 20)
        day = today + timedelta(days=chance.randrange(2, AROUND))
        start = datetime.combine(day, time_of_day(hour))
        provider = f"Dr. {practice} {'ABCDEFGH'[client % PROVIDERS]}"
        written = [f"{one:%m/%d/%Y %I:%M %p}" for one in (start, start + length)]
        lines.append(",".join([f"Client{client} {practice}", provider, *written, "Follow-up", "Telehealth"]))
    return "\n".join(["Client,Provider,Start,End,Type,Place", *lines, ""])
