"""The people of a soak: each a thread that does one random thing after the other, through the pages."""

from __future__ import annotations

import random
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time as time_of_day, timedelta
from zoneinfo import ZoneInfo

from tests.verify.soak.browser import Browser, Form, Page, Stopped
from tests.verify.soak.history import History, real_time
from tests.verify.soak.practice import FIRST_HOUR, HOLD, LAST_HOUR, PASSWORD, ZONES, Person
from tests.verify.soak.smtp_server import Letterbox

from raincheck.domain.access import authenticator
from raincheck.domain.limits import HOLDS, WORDS

UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
REASONS = ("scheduling_conflict", "travel", "illness")
PAGES = {
    "home": ("/home/", 1),
    "requests": ("/requests/", 4),
    "clients": ("/clients/", 4),
    "calendar": ("/appointments/?view=calendar", 4),
}
"""What staff look at, and how often."""
NOTHING_TO_DO = 0.2
HELD = f'data-seconds="{int(HOLD.total_seconds())}"'
"""What the part of a page says that holds a time anew. One that was held or suggested before has other seconds left."""
LET_GO = "let a time go"


@dataclass(frozen=True)
class Holding:
    """How the history calls what is done with a held time."""

    hold: str = "hold a time"
    longer: str = "hold it longer"
    let_go: str = LET_GO


OF_ONES_OWN = Holding("hold one's own", "hold one's own longer", "let one's own go")
"""Outside a request: to move an appointment, to change a choice, or to book anew. It keeps no request open."""
UNDONE = "Undone. "
AROUND = 24
"""Days ahead that staff book, move and block in."""


@dataclass
class World:
    """What all people of a soak share. `at_rest`: nobody begins anything new; `over`: nobody waits for an answer any more."""

    seed: int
    ports: list[int]
    history: History
    letterbox: Letterbox
    at_rest: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def browser(self, who: str, chance: random.Random) -> Browser:
        return Browser(who, ports=self.ports, history=self.history, chance=chance, over=self.over)


class Somebody(threading.Thread):
    """A person at work until told that it is over. `deeds` are what they do, with how often."""

    def __init__(self, name: str, world: World) -> None:
        super().__init__(name=name, daemon=True)
        self.chance = random.Random(f"{world.seed} {name}")
        self.world = world
        self._tokens = 0

    def deeds(self) -> dict[Callable[[], None], int]:
        raise NotImplementedError

    def come_in(self) -> None:
        """Sign in, where that is this person's way in. Before anything breaks: the limits of signing in are for real."""

    def run(self) -> None:
        try:
            while not self.world.at_rest.is_set():
                deeds = self.deeds()
                self.chance.choices(list(deeds), list(deeds.values()))[0]()
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001  # a person who stumbles is a fault of the harness, told at the end
            self.world.history.complain(f"{self.name} stumbled: {type(error).__name__}: {error}")

    def token(self, word: str) -> str:
        """Return words that nobody else writes."""
        self._tokens += 1
        return f"{word} {self.name} {self._tokens}"


class Staff(Somebody):
    """A provider, or whoever else works in a practice."""

    def __init__(self, person: Person, world: World) -> None:
        super().__init__(person.email, world)
        self.person = person
        self.zone = ZoneInfo(ZONES[0] if "harbor" in person.email else ZONES[1])
        self.browser = world.browser(person.email, self.chance)
        self.app, self.step = "", 0
        self.cancelled: list[str] = []
        """Addresses of appointments that this person has canceled, and not put back."""

    def usual_deeds(self) -> dict[Callable[[], None], int]:
        """Return what everybody on the staff does."""
        return {
            self.look_around: 60, self.ask: 14, self.answer: 8, self.change: 8, self.cancel: 7, self.reinstate: 3, self.book: 8,
            self.book_series: 4, self.block: 2, self.need: 3,
        }  # fmt: skip

    def deeds(self) -> dict[Callable[[], None], int]:
        return self.usual_deeds() | {self.write: 6, self.tidy: 3}

    def come_in(self) -> None:
        if sign_in(self.browser, self.person.email):
            self.take_the_second_step()

    def take_the_second_step(self) -> None:
        """Type the code of an authenticator app; the first time, add the account to it."""
        page = self.browser.read("/sign-in/second-factor/", "second step")
        if (key := re.search(r'id="app-key">([A-Z2-7 ]+)<', page.html)) is not None:
            self.app = key[1].replace(" ", "")
        form = next((form for form in page.forms() if any(name == "code" for name, _ in form.values)), None)
        if form is None or not self.app:
            return
        self.browser.send("second step", form, form.filled(code=self.next_code()))

    def next_code(self) -> str:
        """Return a code of the app. Each works once: the next one that it would show, a little early, when this one was used."""
        self.step = max(self.step + 1, authenticator.step_at(datetime.now(UTC)) - 1)
        return authenticator.code_at(self.app, self.step)

    def look_around(self) -> None:
        """Read a few pages, as people mostly do."""
        kind = self.chance.choices(list(PAGES), [weight for _path, weight in PAGES.values()])[0]
        page = self.browser.read(PAGES[kind][0], kind)
        refs = page.links(rf"/(?:requests|clients)/{UUID}/")
        for ref in self.chance.sample(refs, k=min(len(refs), self.chance.randrange(3))):
            self.browser.read(ref, "one of these")

    def _appointment(self) -> str:
        """Return the address of some appointment ahead; empty when there is none."""
        page = self.browser.read("/appointments/?view=list", "appointments")
        refs = [
            found[-1]
            for address in page.links(rf".*appointment={UUID}.*")
            if (found := re.findall(UUID, address))
        ]
        return f"/appointments/{self.chance.choice(refs)}/" if refs else ""

    def ask(self) -> None:
        address = self._appointment()
        form = self.browser.read(f"{address}ask/", "ask form").form() if address else None
        if form is None or "appointments" not in form.choices:
            return
        token, refs = self.token("asked"), form.choices["appointments"]
        several = self.chance.random() < 0.3
        chosen = self.chance.sample(refs, k=min(2, len(refs))) if several else [refs[0]]
        offer: dict[str, str | None] = {"block": None}
        if self.chance.random() < 0.5:
            offer["by_video"] = "on"
        said = {
            "appointments": chosen,
            "reason": self.chance.choice(REASONS),
            "note": token,
            "private_note": token,
            "last_minute": "on",
            "repeat": "on",
            **(offer if self.chance.random() < 0.7 else {}),
            "suggest": self.some_times(form),
        }
        kind = "ask several" if len(chosen) > 1 else "ask"
        page = self.browser.send(kind, form, form.filled(**said), trace=f"asked:{token}/{len(chosen)}")
        again = self.once_more(page, form)
        if again:
            self.browser.send(kind, again, again.filled(**said), trace=f"asked:{token}/{len(chosen)}")

    def some_times(self, form: Form) -> list[str]:
        """Return some of the times that a form's calendar offers to suggest, most often none."""
        free = form.choices.get("suggest", []) if self.chance.random() < 0.3 else []
        return self.chance.sample(free, min(len(free), 2))

    def take_a_suggestion_back(self, address: str) -> None:
        page = self.browser.read(address, "request")
        form = page.form(where=lambda one: one.action.endswith("/take-back/"))
        if form is not None:
            self.browser.send("take a suggestion back", form, form.filled())

    def once_more(self, page: Page, sent: Form) -> Form | None:
        """Return the form that came back with one more question, to be sent again as it stands."""
        back = page.form(where=lambda form: form.key == sent.key) if page.status in (200, 422) else None
        return back if back and self.chance.random() < 0.8 else None

    def answer(self) -> None:
        page = self.browser.read("/requests/", "requests")
        remind = page.form(where=lambda form: form.action.endswith("/remind/"))
        if remind is not None and self.chance.random() < 0.2:
            self.browser.send("remind by hand", remind, remind.filled(), told="is on its way")
            return
        undo = page.form(where=lambda form: form.action.endswith("/undo/"))
        if undo is not None and self.chance.random() < 0.5:
            ref = undo.action.split("/")[2]
            said = undo.filled()
            self.browser.send("undo an ask", undo, said, trace=f"undone:{ref}", ends=[ref], told="Undone. ")
            return
        ways = page.links(rf"/requests/{UUID}/(?:pick|withdraw|extend|suggest)/")
        if not ways:
            return
        address = self.chance.choice(ways)
        if address.endswith("/suggest/") and self.chance.random() < 0.3:
            self.take_a_suggestion_back(address.removesuffix("suggest/"))
            return
        form = self.browser.read(address, "pick, withdraw, extend or suggest").form()
        if form is None:
            return
        ref, token = address.split("/")[2], self.token("withdrawn")
        if address.endswith("/withdraw/"):
            said = form.filled(note=token, edited_block="keep")
            self.browser.send("withdraw", form, said, trace=f"withdrawn:{ref}", ends=[ref])
        elif address.endswith("/extend/"):
            said = form.filled(by=self.chance.choice(["12", "24", "48"]))
            self.browser.send("extend", form, said)
        elif address.endswith("/suggest/"):
            free = form.choices.get("suggest", [])
            said = form.filled(suggest=self.chance.sample(free, min(len(free), self.chance.randint(1, 3))))
            self.browser.send("suggest times", form, said)
        elif form.choices.get("start"):
            start = self.chance.choice(form.choices["start"][:12])
            said = form.filled(start=start)
            trace = f"kept:{ref}" if start in form.keeps else f"moved:{ref}@{start}"
            self.browser.send("pick by phone", form, said, trace=trace, ends=[ref])

    def change(self) -> None:
        address = self._appointment()
        form = self.browser.read(f"{address}change/", "change form").form() if address else None
        sequence = dict(form.values).get("sequence", "") if form else ""
        if form is None or not sequence:
            return
        day, clock, start = self._some_time()
        said = form.filled(day=day, time=clock, **self._scope(form))
        trace = f"changed:{address.split('/')[2]}/{int(sequence) + 1}@{start}"
        if self.browser.send("change details", form, said, trace=trace).status == 302:
            self.undo_or_let_stand(address)

    def undo_or_let_stand(self, address: str) -> bool:
        """Look at an appointment that was just moved or canceled and, half of the time, press Undo; return whether it was undone."""
        page = self.browser.read(address, "appointment")
        form = page.form(where=lambda one: re.fullmatch(rf"{address}undo/\d+/", one.action) is not None)
        if form is None or self.chance.random() < 0.5:
            return False
        _empty, _area, ref, _undo, sequence, _end = form.action.split("/")
        trace = f"put back:{ref}/{int(sequence) + 1}"
        answer = self.browser.send("undo a change", form, form.filled(), trace=trace, told=UNDONE)
        return answer.status == 302

    def cancel(self) -> None:
        address = self._appointment()
        form = self.browser.read(f"{address}cancel/", "cancel form").form() if address else None
        if form is None:
            return
        sequence = dict(form.values).get("sequence", "")
        if not sequence:
            return
        said = form.filled(
            reason=self.chance.choice(["clinically_necessary", "client_asked", "provider_unavailable"]),
            note=self.token("cancelled"),
            rebook_link="on" if self.chance.random() < 0.9 else None,
            offered="on",
            **self._scope(form),
        )
        trace = f"cancelled:{address.split('/')[2]}/{int(sequence) + 1}"
        if self.browser.send("cancel", form, said, trace=trace).status != 302:
            return
        if not self.undo_or_let_stand(address):
            self.cancelled.append(address)

    def reinstate(self) -> None:
        """Put back what was canceled, by oneself or by silence. Some of it is not to be put back: taken, or not gone out yet."""
        lapsed = [
            link.removesuffix("reinstate/")
            for link in self.browser.read("/requests/", "requests").links(rf"/appointments/{UUID}/reinstate/")
        ]
        addresses = [*self.cancelled, *lapsed[:2]]
        if not addresses:
            return
        address = self.chance.choice(addresses)
        form = self.browser.read(f"{address}reinstate/", "reinstate form").form(
            where=lambda one: "sequence" in dict(one.values)
        )
        if form is None:
            return
        sequence = int(dict(form.values)["sequence"]) + 1
        both = {"new_time": "on"} if "new_time" in form.choices else {}
        trace = f"reinstated:{address.split('/')[2]}/{sequence}"
        page = self.browser.send("reinstate", form, form.filled(**both), trace=trace)
        if page.status == 302 and address in self.cancelled:
            self.cancelled.remove(address)

    def need(self) -> None:
        """Say by which day an appointment is needed."""
        address = self._appointment()
        form = self.browser.read(f"{address}needed-by/", "needed by").form() if address else None
        if form is None or "needed_by" not in dict(form.values):
            return
        today = datetime.fromtimestamp(real_time(), self.zone).date()
        day = (today + timedelta(days=self.chance.randrange(1, 2 * AROUND))).isoformat()
        said = form.filled(
            needed_by=day, **({"needed_for": "refill"} if "needed_for" in form.choices else {})
        )
        self.browser.send("needed by", form, said, trace=f"needed:{address.split('/')[2]}@{day}")

    def book(self) -> None:
        form = self.browser.read("/appointments/new/", "booking form").form()
        if form is None or not form.choices.get("client"):
            return
        day, clock, start = self._some_time()
        client = self.chance.choice(form.choices["client"])
        # Now and then in the room that holds one session at a time, where other providers book too.
        place = self.chance.choice(form.choices["place"])
        said = form.filled(client=client, day=day, time=clock, place=place)
        self.browser.send("book", form, said, trace=f"booked:{client}@{start}")

    def book_series(self) -> None:
        """Book every week, twice to four times: the dates are shown first, and those that clash are left out."""
        form = self.browser.read("/appointments/new/", "booking form").form()
        if form is None or not form.choices.get("client"):
            return
        day, clock, _start = self._some_time()
        client, count = self.chance.choice(form.choices["client"]), str(self.chance.randrange(2, 5))
        said = {"client": client, "day": day, "time": clock, "repeat": "on", "every_weeks": "1"}
        trace = f"series:{client}"
        page = self.browser.send(
            "book a series", form, form.filled(**said, ends="count", count=count), trace=trace
        )
        again = self.once_more(page, form)
        if again:
            self.browser.send("book a series", again, again.values, trace=trace)

    def _scope(self, form: Form) -> dict[str, str]:
        """Return which occurrences are meant, where the appointment is one of a series."""
        return {"scope": self.chance.choice(form.choices["scope"])} if form.choices.get("scope") else {}

    def block(self) -> None:
        form = self.browser.read("/appointments/block/", "block form").form()
        if form is None:
            return
        day, clock, _start = self._some_time()
        token = self.token("blocked")
        until = f"{int(clock[:2]) + 1:02}:00"
        said = {"first_day": day, "first_time": clock, "last_day": day, "last_time": until, "note": token}
        page = self.browser.send("block time", form, form.filled(**said), trace=f"blocked:{token}")
        again = self.once_more(page, form)
        if again:
            self.browser.send("block time", again, again.filled(**said), trace=f"blocked:{token}")

    def write(self) -> None:
        clients = self.browser.read("/clients/", "clients").links(rf"/clients/{UUID}/")
        if not clients:
            return
        page = self.browser.read(f"{self.chance.choice(clients)}message/", "conversation")
        form = page.form(where=lambda form: any(name == "words" for name, _value in form.values))
        if form is not None:
            token = self.token("message")
            self.browser.send("message", form, form.filled(words=token), trace=f"message:{token}")

    def tidy(self) -> None:
        form = self.browser.read("/home/", "home").form()
        if form is not None:
            self.browser.send("tidy up", form, form.values)

    def _some_time(self) -> tuple[str, str, str]:
        """Return a day and a time of day within the hours, as forms have them, and the instant as traces have it."""
        today = datetime.fromtimestamp(real_time(), self.zone).date()
        day = today + timedelta(days=self.chance.randrange(2, AROUND))
        day += timedelta(days=day.weekday() == 6)
        clock = time_of_day(self.chance.randrange(FIRST_HOUR, LAST_HOUR))
        start = datetime.combine(day, clock, tzinfo=self.zone)
        return day.isoformat(), f"{clock:%H:%M}", as_trace(start)


class Clients(Somebody):
    """Several clients with one pair of hands. Each comes by the links of their mails; the first also signs in."""

    def __init__(self, people: list[Person], world: World, *, has_portal: bool) -> None:
        super().__init__(people[0].email, world)
        self.people, self.letterbox, self.has_portal = people, world.letterbox, has_portal
        self.browsers = [world.browser(one.email, self.chance) for one in people]
        self.pages: list[dict[str, None]] = [{} for _one in people]
        self.opened: list[set[str]] = [set() for _one in people]
        self.written = 0
        self.held: Counter[str] = Counter()

    def deeds(self) -> dict[Callable[[], None], int]:
        return {self.come: 12, self.visit_portal: 1} if self.has_portal else {self.come: 1}

    def come_in(self) -> None:
        if self.has_portal:
            sign_in(self.browsers[0], self.people[0].email)

    def come(self) -> None:
        """Let one of the clients open a new link if there is one, else a page they know, and do something there."""
        invited = [number for number, one in enumerate(self.people) if self.letterbox.links_of(one.email)]
        if not invited:
            time.sleep(NOTHING_TO_DO)
            return
        number = self.chance.choice(invited)
        browser, pages = self.browsers[number], self.pages[number]
        fresh = [
            link
            for link in self.letterbox.links_of(self.people[number].email)
            if link not in self.opened[number]
        ]
        if fresh and (not pages or self.chance.random() < 0.8):
            link = fresh[-1]
            page = browser.read(link, "link")
            self.opened[number].add(link)
            if page.path.startswith(("/choose/", "/book/", "/my-appointment/")):
                pages[page.path] = None
        elif pages:
            # Of reminders there are many more than of questions.
            asked = [path for path in pages if path.startswith("/choose/")]
            known = asked if asked and self.chance.random() < 0.5 else list(pages)
            page = browser.read(self.chance.choice(known[-6:]), "client's page")
        else:
            # Their links led to no page of theirs: one that was answered by a fault, or one to sign in by.
            return
        self._act_on(browser, page)

    def _act_on(self, browser: Browser, page: Page) -> None:
        if page.path.startswith("/my-appointment/"):
            self._with_their_own(browser, page)
            return
        where = page.form(where=lambda one: one.action.endswith("/where/"))
        if where is not None and self.chance.random() < 0.5:
            said = where.filled(region=self.chance.choice(["US-NY", "US-NJ"]))
            browser.send("say where", where, said)
            return
        if self._change_the_choice(browser, page):
            return
        forms = page.picks()
        way = self.chance.choices(["choose", "decline", "write", "opened", "only read"], [16, 2, 2, 2, 12])[0]
        if way == "only read":
            return
        if way == "opened":
            self._opened(browser, page)
        elif not forms or way == "write":
            if self.chance.random() < 0.15:
                self._write(browser, page)
        elif way == "decline" and page.path.startswith("/choose/"):
            self._decline(browser, self.chance.choice(forms))
        else:
            self._choose(browser, self.chance.choice(forms))

    def _choose(self, browser: Browser, form: Form) -> None:
        """Pick or book as with a script, or without one by way of the confirming page."""
        booking = form.action.startswith("/book/")
        ref = form.action.split("/")[2 if booking else 3]
        start = self.chance.choice(form.choices["start"][:10])
        kind, trace = ("rebook", f"rebooked:{ref}@{start}") if booking else ("pick", f"moved:{ref}@{start}")
        if start in form.keeps:
            kind, trace = "keep by video", f"kept:{ref}"
        ends = [] if booking else [ref]
        # A time that is kept is theirs already.
        called = OF_ONES_OWN if booking else Holding()
        if start not in form.keeps and not self._goes_on(browser, form, start, called):
            return
        if self.chance.random() < 0.3:
            page = browser.send("pick, without script", form, form.filled(start=start, confirmed=""))
            confirming = page.form(where=lambda one: dict(one.values).get("confirmed") == start)
            if confirming is not None and page.status == 200:
                page = browser.send(kind, confirming, confirming.values, trace=trace, ends=ends)
        else:
            said = form.filled(start=start, confirmed=start)
            page = browser.send(kind, form, said, trace=trace, ends=ends)
        self._change_the_choice(browser, page)

    def _change_the_choice(self, browser: Browser, page: Page) -> bool:
        """Choose anew, now and then, where a page that tells of a choice offers it; return whether they did."""
        change = rf"/choose/{UUID}/{UUID}/change/"
        offered = [form.action for form in page.forms() if re.fullmatch(change, form.action)]
        if not offered or self.chance.random() < 0.5:
            return False
        address = self.chance.choice(offered)
        self._move(browser, address, "change one's choice", f"chosen again:{address.split('/')[3]}")
        return True

    def _goes_on(self, browser: Browser, form: Form, start: str, called: Holding) -> bool:
        """Hold a time as the page's script does once a choice has rested, mostly; return whether its client goes on with it."""
        # As many as no limit is met by.
        if self.chance.random() > 0.6 or self.held[browser.who] == HOLDS.free - 2:
            return True
        self.held[browser.who] += 1
        address = form.holds_at
        csrf = ("csrfmiddlewaretoken", dict(form.values)["csrfmiddlewaretoken"])

        def sent(to: str, kind: str, **said: str) -> Page:
            # The script makes a key for each of these.
            part = Form(to, [csrf, ("key", str(uuid.UUID(int=self.chance.getrandbits(128), version=4)))])
            return browser.send(kind, part, part.filled(**said), told="" if kind == called.let_go else HELD)

        held = re.search(r'data-held="([^"]+)"', sent(address, called.hold, start=start).html)
        if held is None:
            return True
        way = self.chance.choices(["pick", "longer", "leave", "stay"], [5, 2, 2, 2])[0]
        if way == "longer":
            sent(f"{address}longer/", called.longer)
        elif way == "leave":
            sent(f"{address}let-go/", called.let_go, hold=held[1])
        return way in ("pick", "longer")

    def _decline(self, browser: Browser, form: Form) -> None:
        ref = form.action.split("/")[3]
        asking = browser.read(f"{form.action}cancel/", "cancel instead").form(
            where=lambda one: "/cancel/" in one.action
        )
        if asking is not None:
            said = asking.filled(reason=self.token("declined"))
            browser.send("decline", asking, said, trace=f"declined:{ref}", ends=[ref])

    def _with_their_own(self, browser: Browser, page: Page) -> None:
        """Do by the link of a reminder what it offers: move the appointment, cancel it, stop reminders or have them again."""
        home = "/".join(page.path.split("/")[:3])
        ref = home.split("/")[2]
        way = self.chance.choices(["move", "cancel", "reminders", "only read"], [4, 1, 1, 8])[0]
        if way == "reminders":
            form = page.form(where=lambda one: one.action.endswith("/reminders/"))
            if form is not None:
                browser.send("want reminders or none", form, form.values)
        elif way == "cancel":
            form = browser.read(f"{home}/cancel/", "cancel one's own").form(
                where=lambda one: one.action.endswith("/cancel/")
            )
            if form is not None:
                said = form.filled(reason=self.token("left"))
                browser.send("cancel one's own", form, said, trace=f"left:{ref}")
        elif way == "move":
            self._move(browser, f"{home}/move/", "move one's own", f"own:{ref}")

    def _move(self, browser: Browser, address: str, kind: str, trace: str) -> None:
        """Choose another time on a page that moves an appointment at its client's wish."""
        moving = browser.read(address, kind).form(where=lambda one: bool(one.choices.get("start")))
        if moving is None:
            return
        start = self.chance.choice(moving.choices["start"][:10])
        if not self._goes_on(browser, moving, start, OF_ONES_OWN):
            return
        sequence = int(dict(moving.values)["sequence"]) + 1
        said = moving.filled(start=start, confirmed=start)
        browser.send(kind, moving, said, trace=f"{trace}/{sequence}@{start}")

    def _write(self, browser: Browser, page: Page) -> None:
        home = "/".join(page.path.split("/")[:3])
        if not home.startswith(("/choose/", "/book/")):
            return
        form = browser.read(f"{home}/write/", "none of these work").form()
        if form is not None:
            token = self.token("none of these work")
            browser.send("none of these work", form, form.filled(words=token), trace=f"message:{token}")

    def _opened(self, browser: Browser, page: Page) -> None:
        form = page.form(where=lambda one: one.action.endswith("/opened/"))
        if form is not None:
            browser.send("opened", form, form.values)

    def visit_portal(self) -> None:
        browser = self.browsers[0]
        threads = browser.read("/portal/", "portal").links(rf"/portal/messages/{UUID}/")
        # As few as no limit is met by, even where each is sent twice.
        if threads and self.written < WORDS.free // 2 - 2 and self.chance.random() < 0.5:
            self.written += 1
            page = browser.read(self.chance.choice(threads), "portal's conversation")
            form = page.form(where=lambda one: any(name == "words" for name, _value in one.values))
            if form is not None:
                token = self.token("message")
                browser.send("message", form, form.filled(words=token), trace=f"message:{token}")


def sign_in(browser: Browser, email: str) -> bool:
    """Sign in. Returns whether it worked."""
    page = browser.read("/sign-in/", "sign-in page")
    form = next(
        (form for form in page.forms() if any(name == "password" for name, _value in form.values)), None
    )
    if form is None:
        return False
    return browser.send("sign in", form, form.filled(login=email, password=PASSWORD)).status == 302


def as_trace(instant: datetime) -> str:
    """Return an instant as forms and traces name it."""
    return instant.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%MZ")
