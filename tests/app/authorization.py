"""Who may come in where: one rule for each address, everybody who could come, and two practices with one of everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import partial
from hashlib import sha256
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from tests.app.cast import NOW, Cast, as_read, client_in, harbor, new_york, provider_in
from tests.app.client_browser import mint
from tests.app.staff_browser import prove_again, sign_in_staff

from raincheck import clock
from raincheck.actions.access.invitations import invite
from raincheck.actions.access.sessions import begin_session
from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.calendars.feeds import make_feed
from raincheck.actions.calendars.pushes import push_into
from raincheck.actions.calendars.sources import import_busy_time
from raincheck.actions.clients.merging import merge_clients
from raincheck.actions.conversations import write_message
from raincheck.actions.deliveries import Result, begin_attempt, end_attempts
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.imports.calendars import StagedCalendar, stage_calendar
from raincheck.actions.imports.staging import StagedFile, stage_file
from raincheck.actions.out_of_office import block_time
from raincheck.actions.reschedule.answer import decline
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.data.access.appearance import Appearance
from raincheck.data.access.invitations import Invitation
from raincheck.data.access.passkeys import Passkey, closed
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Membership, Practice, Provider, User
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.access import invitations as digests
from raincheck.domain.access.appearance import Color
from raincheck.domain.access.invitations import PEOPLES_LIVE, sound_invitee
from raincheck.domain.access.sign_in import WayIn
from raincheck.domain.calendars.checks import CalendarKind, Source
from raincheck.domain.calendars.feeds import Titles, digest_of
from raincheck.domain.imports.calendar_files import CalendarEvent, CalendarFile, EventTime
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.tables import Sheet
from raincheck.domain.notifications import Outcome as Delivered
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.domain.spans import Span
from raincheck.web.requests import Arrival


class Outcome(StrEnum):
    IN = "let in"
    SIGN_IN = "asked to sign in"
    NOT_FOUND = "not found"
    NOT_SO = "not by this method"


@dataclass(slots=True)
class Corner:
    """A provider and a client of theirs, and the refs of what is theirs."""

    practice: Practice
    provider: Provider
    client: Client
    refs: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Role:
    """Somebody with a browser. `whose` is the row they are, a provider or a client; `practice` is where staff work."""

    name: str
    kind: str
    whose: object = None
    practice: Practice | None = None
    browser: Browser = field(default_factory=Browser)
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    proved_at: float | None = None
    """When who is signed in has proved who they are, in seconds of the machine."""

    def get(self, address: str) -> HttpResponse:
        return self._and_forget(self.browser.get(address, **_arrival()))

    def post(self, address: str) -> HttpResponse:
        self._prove_again()
        return self._and_forget(self.browser.post(address, {"key": str(uuid4())}, **_arrival()))

    def post_incomplete(self, address: str) -> HttpResponse:
        """Send a form without its key: whoever may send reads why it was refused, others find nothing there."""
        self._prove_again()
        return self._and_forget(self.browser.post(address, {}, **_arrival()))

    def open(self, address: str) -> None:
        """Follow a link and keep the cookie it gives."""
        assert self.browser.get(address, **_arrival()).status_code == 302
        self.cookies = deepcopy(self.browser.cookies)

    def _prove_again(self) -> None:
        """Be asked by no sensitive step who they are, however long the tests before took."""
        if self.proved_at is not None and clock.monotonic() - self.proved_at > 60:
            prove_again(self.browser)
            self.proved_at = clock.monotonic()

    def _and_forget(self, response: HttpResponse) -> HttpResponse:
        """Leave the browser as it was: whoever opens a link could come in by it from then on. A file is read to its end."""
        if response.streaming:
            response.streaming_content = [b"".join(response)]
        self.browser.cookies = deepcopy(self.cookies)
        return response


def _arrival() -> dict[str, Any]:
    return {"raincheck.arrival": Arrival(NOW, clock.monotonic())}


Rule = Callable[[Role, Corner], Outcome]
# Whose the pages of a practice are; the last is a provider and a manager in one person.
STAFF = ("provider", "manager", "scheduler", "both")


def anybody(_role: Role, _corner: Corner) -> Outcome:
    return Outcome.IN


def nobody(_role: Role, _corner: Corner) -> Outcome:
    return Outcome.NOT_FOUND


def nobody_any_more(_role: Role, _corner: Corner) -> Outcome:
    """There are practices already."""
    return Outcome.NOT_FOUND


def whoever_is_signed_in(role: Role, _corner: Corner) -> Outcome:
    return Outcome.SIGN_IN if role.kind in ("stranger", "link") else Outcome.IN


def _of_practice(role: Role, *, let_in: bool) -> Outcome:
    if role.kind in ("stranger", "link"):
        return Outcome.SIGN_IN
    return Outcome.IN if let_in else Outcome.NOT_FOUND


def staff(role: Role, _corner: Corner) -> Outcome:
    return _of_practice(role, let_in=role.kind in STAFF)


def staff_but_schedulers(role: Role, _corner: Corner) -> Outcome:
    return _of_practice(role, let_in=role.kind in STAFF and role.kind != "scheduler")


def providers(role: Role, _corner: Corner) -> Outcome:
    return _of_practice(role, let_in=role.kind in ("provider", "both"))


def managers(role: Role, _corner: Corner) -> Outcome:
    return _of_practice(role, let_in=role.kind in ("manager", "both"))


def who_acts_for_all(role: Role, _corner: Corner) -> Outcome:
    return _of_practice(role, let_in=role.kind in ("scheduler", "manager", "both"))


def who_works_elsewhere_too(role: Role, _corner: Corner) -> Outcome:
    # Nobody of the two practices works in both; who does is tried in test_two_practices.py.
    return _of_practice(role, let_in=False)


def its_manager(role: Role, corner: Corner) -> Outcome:
    return _of_practice(role, let_in=role.kind in ("manager", "both") and role.practice == corner.practice)


def its_staff(role: Role, corner: Corner) -> Outcome:
    """Its provider, and who acts for every provider of the practice."""
    for_all = role.kind in ("manager", "scheduler", "both") and role.practice == corner.practice
    return _of_practice(role, let_in=for_all or role.whose == corner.provider)


def its_practice(role: Role, corner: Corner) -> Outcome:
    """Whoever works in the practice that it belongs to."""
    return _of_practice(role, let_in=role.kind in STAFF and role.practice == corner.practice)


def its_staff_but_schedulers(role: Role, corner: Corner) -> Outcome:
    let_in = its_staff(role, corner) is Outcome.IN and role.kind != "scheduler"
    return _of_practice(role, let_in=let_in)


def its_provider(role: Role, corner: Corner) -> Outcome:
    return _of_practice(role, let_in=role.whose == corner.provider)


def clients(role: Role, _corner: Corner) -> Outcome:
    return _of_practice(role, let_in=role.kind == "client")


def its_client(role: Role, corner: Corner) -> Outcome:
    return _of_practice(role, let_in=role.whose == corner.client)


def its_client_by_link_too(role: Role, corner: Corner) -> Outcome:
    return Outcome.IN if role.whose == corner.client else Outcome.NOT_FOUND


def its_client_by_link(role: Role, corner: Corner) -> Outcome:
    by_link = role.kind == "link" and role.whose == corner.client
    return Outcome.IN if by_link else Outcome.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Who may look, who may send, and which refs stand in the address. No rule: that method is not taken there."""

    look: Rule | None
    send: Rule | None = None
    refs: tuple[str, ...] = ()


ENDPOINTS = {
    "health": Endpoint(anybody),
    "metrics": Endpoint(anybody),
    "health-live": Endpoint(anybody),
    "health-ready": Endpoint(anybody),
    "csp-report": Endpoint(None, anybody),
    "sign-in": Endpoint(anybody, anybody),
    "account_login": Endpoint(anybody, anybody),
    "account_request_login_code": Endpoint(anybody, anybody),
    "account_confirm_login_code": Endpoint(anybody, anybody),
    "mfa_authenticate": Endpoint(anybody, anybody),
    "passkey-sign-in": Endpoint(anybody, anybody),
    "passkey-options": Endpoint(anybody),
    "account_inactive": Endpoint(anybody),
    "forgotten": Endpoint(anybody, anybody),
    "account_reset_password": Endpoint(anybody, anybody),
    "account_confirm_password_reset_code": Endpoint(anybody, anybody),
    "account_complete_password_reset": Endpoint(anybody, anybody),
    "sign-out": Endpoint(anybody, anybody),
    "account_logout": Endpoint(anybody, anybody),
    "setup": Endpoint(nobody_any_more),
    "invitation": Endpoint(anybody, anybody, ("invitation token",)),
    "demo": Endpoint(nobody),
    "demo-clock": Endpoint(None, nobody),
    "demo-attachment": Endpoint(nobody, None, ("notification", "number")),
    "demo-continue": Endpoint(None, nobody, ("user",)),
    "link": Endpoint(anybody, None, ("token",)),
    "choose": Endpoint(its_client_by_link_too, None, ("batch",)),
    "choose-times": Endpoint(its_client_by_link_too, None, ("batch",)),
    "choose-opened": Endpoint(None, its_client_by_link_too, ("batch",)),
    "choose-write": Endpoint(its_client_by_link_too, its_client_by_link_too, ("batch",)),
    "choose-zone": Endpoint(its_client_by_link_too, its_client_by_link_too, ("batch",)),
    "choose-not-you": Endpoint(its_client_by_link, its_client_by_link, ("batch",)),
    "choose-request": Endpoint(its_client_by_link_too, its_client_by_link_too, ("batch", "request")),
    "choose-hold": Endpoint(None, its_client_by_link_too, ("batch", "request")),
    "choose-hold-longer": Endpoint(None, its_client_by_link_too, ("batch", "request")),
    "choose-let-go": Endpoint(None, its_client_by_link_too, ("batch", "request")),
    **{
        f"choose-change-{step}": Endpoint(None, its_client_by_link_too, ("batch", "request"))
        for step in ("hold", "hold-longer", "let-go")
    },
    "choose-cancel": Endpoint(its_client_by_link_too, its_client_by_link_too, ("batch", "request")),
    "choose-change": Endpoint(its_client_by_link_too, its_client_by_link_too, ("batch", "request")),
    "choose-nobody-came": Endpoint(its_client_by_link_too, its_client_by_link_too, ("batch", "request")),
    "choose-where": Endpoint(its_client_by_link_too, its_client_by_link_too, ("batch", "request")),
    "choose-calendar": Endpoint(its_client_by_link_too, None, ("batch", "request")),
    "book": Endpoint(its_client_by_link_too, its_client_by_link_too, ("offer",)),
    **{
        f"book-{step}": Endpoint(None, its_client_by_link_too, ("offer",))
        for step in ("hold", "hold-longer", "let-go")
    },
    "book-where": Endpoint(its_client_by_link_too, its_client_by_link_too, ("used offer",)),
    "book-write": Endpoint(its_client_by_link_too, its_client_by_link_too, ("offer",)),
    "book-zone": Endpoint(its_client_by_link_too, its_client_by_link_too, ("offer",)),
    "book-not-you": Endpoint(its_client_by_link, its_client_by_link, ("offer",)),
    "book-calendar": Endpoint(its_client_by_link_too, None, ("used offer",)),
    "stop-reminders": Endpoint(anybody, anybody, ("own token",)),
    "my-appointment": Endpoint(its_client_by_link_too, None, ("own appointment",)),
    "my-appointment-move": Endpoint(its_client_by_link_too, its_client_by_link_too, ("own appointment",)),
    **{
        f"my-appointment-{step}": Endpoint(None, its_client_by_link_too, ("own appointment",))
        for step in ("hold", "hold-longer", "let-go")
    },
    "my-appointment-where": Endpoint(its_client_by_link_too, its_client_by_link_too, ("own appointment",)),
    "my-appointment-cancel": Endpoint(its_client_by_link_too, its_client_by_link_too, ("own appointment",)),
    "my-appointment-reminders": Endpoint(None, its_client_by_link_too, ("own appointment",)),
    "my-appointment-write": Endpoint(its_client_by_link_too, its_client_by_link_too, ("own appointment",)),
    "my-appointment-zone": Endpoint(its_client_by_link_too, its_client_by_link_too, ("own appointment",)),
    "my-appointment-not-you": Endpoint(its_client_by_link, its_client_by_link, ("own appointment",)),
    "my-appointment-calendar": Endpoint(its_client_by_link_too, None, ("own appointment",)),
    "feed": Endpoint(anybody, None, ("feed token",)),
    "portal": Endpoint(clients),
    "portal-feed-make": Endpoint(None, its_client, ("client",)),
    "portal-feed-stop": Endpoint(None, its_client, ("client's feed",)),
    "portal-conversation": Endpoint(its_client, its_client, ("conversation",)),
    "portal-conversation-read": Endpoint(None, its_client, ("conversation",)),
    "start": Endpoint(whoever_is_signed_in),
    "account": Endpoint(staff),
    "own-appearance": Endpoint(staff, staff),
    "own-photo-remove": Endpoint(None, staff),
    "sessions-end": Endpoint(None, staff),
    "session-end": Endpoint(None, its_provider, ("session",)),
    "asked-again": Endpoint(staff, staff),
    "authenticator": Endpoint(staff, staff),
    "authenticator-change": Endpoint(staff, staff),
    "authenticator-remove": Endpoint(staff, staff),
    "passkey-new": Endpoint(staff, staff),
    "passkey-new-options": Endpoint(staff),
    "passkey-rename": Endpoint(its_provider, its_provider, ("passkey",)),
    "passkey-remove": Endpoint(its_provider, its_provider, ("passkey",)),
    "recovery-codes": Endpoint(staff, staff),
    "recovery-codes-new": Endpoint(staff, staff),
    "recovery-codes-file": Endpoint(None, staff),
    "home": Endpoint(staff),
    "test-mail": Endpoint(None, managers),
    "test-text": Endpoint(None, managers),
    "rehearsal-start": Endpoint(None, managers),
    "rehearsal-clear": Endpoint(None, managers),
    "setup-put-away": Endpoint(None, managers),
    "here": Endpoint(None, anybody),
    "time-left": Endpoint(anybody),
    "keep-words": Endpoint(None, anybody),
    "news-seen": Endpoint(None, providers),
    "task-done": Endpoint(None, its_staff, ("task",)),
    "switch-practice": Endpoint(None, who_works_elsewhere_too),
    "appointments": Endpoint(staff),
    "calendar-feed": Endpoint(staff),
    "team-day": Endpoint(who_acts_for_all),
    "open-times": Endpoint(staff),
    "appointment-new": Endpoint(staff, staff),
    "block-new": Endpoint(staff, staff),
    "appointment": Endpoint(its_staff, None, ("appointment",)),
    "appointment-change": Endpoint(its_staff, its_staff, ("appointment",)),
    "appointment-ask": Endpoint(its_staff, its_staff, ("appointment",)),
    "appointment-cancel": Endpoint(its_staff, its_staff, ("appointment",)),
    "appointment-needed-by": Endpoint(its_staff, its_staff, ("appointment",)),
    "appointment-reinstate": Endpoint(its_staff, its_staff, ("appointment",)),
    "appointment-undo": Endpoint(None, its_staff, ("appointment", "number")),
    "appointment-outcome": Endpoint(None, its_staff, ("appointment",)),
    "appointment-rebook-link": Endpoint(None, its_staff, ("appointment",)),
    "took-place": Endpoint(None, staff),
    "zone-rules": Endpoint(staff),
    "block": Endpoint(its_staff, its_staff, ("block",)),
    "requests": Endpoint(staff),
    "request": Endpoint(its_staff, None, ("request",)),
    "request-withdraw": Endpoint(its_staff, its_staff, ("request",)),
    "request-extend": Endpoint(its_staff, its_staff, ("request",)),
    "request-remind": Endpoint(None, its_staff, ("request",)),
    "request-undo": Endpoint(None, its_staff, ("request",)),
    "request-suggest": Endpoint(its_staff, its_staff, ("request",)),
    "request-take-back": Endpoint(None, its_staff, ("request", "hold")),
    "request-pick": Endpoint(its_staff, its_staff, ("request",)),
    "search": Endpoint(staff),
    "clients": Endpoint(staff),
    "client": Endpoint(its_staff, None, ("client",)),
    "client-new": Endpoint(staff, staff),
    "client-edit": Endpoint(its_staff, its_staff, ("client",)),
    "client-discharge": Endpoint(its_staff_but_schedulers, its_staff_but_schedulers, ("client",)),
    "client-archive": Endpoint(None, its_staff, ("client",)),
    "client-bring-back": Endpoint(None, its_staff, ("client",)),
    "client-duplicates": Endpoint(managers, managers),
    "client-merge": Endpoint(its_manager, its_manager, ("client",)),
    "client-merge-undo": Endpoint(None, its_manager, ("merge",)),
    "message-client": Endpoint(its_provider, its_provider, ("client",)),
    "export": Endpoint(managers),
    "export-file": Endpoint(managers),
    "import-template": Endpoint(managers),
    "import": Endpoint(staff_but_schedulers, staff_but_schedulers),
    "import-file": Endpoint(its_manager, its_manager, ("import",)),
    "import-columns": Endpoint(its_manager, its_manager, ("import",)),
    "import-clients": Endpoint(its_staff_but_schedulers, its_staff_but_schedulers, ("calendar import",)),
    "import-start": Endpoint(None, its_manager, ("import",)),
    "import-undo": Endpoint(None, its_manager, ("import",)),
    "import-drop": Endpoint(None, its_manager, ("import",)),
    "messages": Endpoint(providers),
    "conversation": Endpoint(its_provider, its_provider, ("conversation",)),
    "conversation-read": Endpoint(None, its_provider, ("conversation",)),
    "emergency-open": Endpoint(its_manager, its_manager, ("conversation",)),
    "emergency-read": Endpoint(its_manager, None, ("conversation",)),
    "emergency-end": Endpoint(None, its_manager, ("conversation",)),
    "people": Endpoint(managers, managers),
    "invitation-resend": Endpoint(None, its_manager, ("sent invitation",)),
    "invitation-revoke": Endpoint(None, its_manager, ("sent invitation",)),
    "person": Endpoint(its_manager, its_manager, ("person",)),
    "person-appearance": Endpoint(its_manager, its_manager, ("person",)),
    "person-photo-remove": Endpoint(None, its_manager, ("person",)),
    "person-photo": Endpoint(its_practice, None, ("person", "photo")),
    "person-end": Endpoint(its_manager, its_manager, ("person",)),
    "person-appointments": Endpoint(its_manager, its_manager, ("person",)),
    "person-second-factor": Endpoint(its_manager, its_manager, ("person",)),
    "person-give-back": Endpoint(None, its_manager, ("person",)),
    "practice": Endpoint(staff_but_schedulers),
    "read-log": Endpoint(managers),
    "read-log-file": Endpoint(managers),
    "appointment-type-new": Endpoint(managers, managers),
    "appointment-type": Endpoint(its_manager, its_manager, ("type",)),
    "place-new": Endpoint(managers, managers),
    "place": Endpoint(its_manager, its_manager, ("place",)),
    "booking-rules": Endpoint(managers, managers),
    "practice-details": Endpoint(managers, managers),
    "availability": Endpoint(staff, staff),
    "availability-preview": Endpoint(None, staff),
    "calendars": Endpoint(staff_but_schedulers, staff_but_schedulers),
    "calendar-link": Endpoint(staff_but_schedulers, staff_but_schedulers),
    "calendar-account": Endpoint(staff_but_schedulers, staff_but_schedulers),
    "calendar-choose": Endpoint(staff_but_schedulers, staff_but_schedulers),
    "calendar-check": Endpoint(None, its_staff_but_schedulers, ("calendar",)),
    "calendar-titles": Endpoint(None, its_provider, ("calendar",)),
    "calendar-remove": Endpoint(None, its_staff_but_schedulers, ("calendar",)),
    "push-start": Endpoint(None, providers),
    "push-stop": Endpoint(None, its_staff_but_schedulers, ("push",)),
    "feed-make": Endpoint(None, providers),
    "feed-titles": Endpoint(None, providers),
    "feed-stop": Endpoint(None, its_staff_but_schedulers, ("feed",)),
}
FOR_ANYBODY = {name for name, endpoint in ENDPOINTS.items() if anybody in (endpoint.look, endpoint.send)}


def _acted(verb: Callable[[], Answer]) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=NOW)


def furnish(corner: Corner) -> None:
    """Give a provider and a client one of everything that an address can name."""
    practice, provider, client = corner.practice, corner.provider, corner.client
    by, by_client = Actor(ActorKind.PROVIDER, provider.pk), Actor(ActorKind.CLIENT, client.pk)
    follow_up = AppointmentType.objects.get(practice=practice, kind="follow_up")
    place = Place.objects.get(practice=practice, kind="telehealth")
    requests = []
    for start in (new_york(24, 11), new_york(25, 11), new_york(26, 11)):
        booking = Booking(provider.pk, client.pk, follow_up.pk, place.pk, start)
        appointment = UUID(_acted(partial(book, booking, by=by, now=NOW))["appointment"])
        suggested = [new_york(22, 9)] if not requests else []
        ask = Ask([appointment], Reason.TRAVEL, repeat_confirmed=True, suggestions=suggested)
        asked = _acted(partial(ask_to_reschedule, ask, practice_id=practice.pk, by=by, now=NOW))
        requests.append(RescheduleRequest.objects.get(ref=asked["request"]))
    still_open, *declined = requests
    for request in declined:
        _acted(partial(decline, request.ref, by=by_client, now=NOW))
    offer, used = (RebookOffer.objects.get(appointment=request.appointment_id) for request in declined)
    booked = _acted(partial(rebook, used.ref, start=new_york(30, 9), by=by_client, now=NOW))
    own = Appointment.objects.get(ref=booked["appointment"])
    thread = _acted(partial(write_message, provider.pk, client.pk, words="Hello.", by=by_client, now=NOW))
    away = Span(new_york(27, 15), new_york(27, 16))
    block = _acted(partial(block_time, provider.pk, span=away, now=NOW))
    busy = partial(import_busy_time, provider.pk, name="Home", reading=as_read(), now=NOW)
    letter = Notification.objects.filter(recipient__client=client, kind="booked").earliest("pk")
    begun = _acted(partial(begin_attempt, letter.pk, now=NOW))
    accepted = Result(int(begun["attempt"]), Delivered.ACCEPTED, "", at=NOW)
    _acted(partial(end_attempts, [accepted], now=NOW))
    user = Membership.objects.get(provider=corner.provider, role="provider").user_id
    key = sha256(str(user).encode()).hexdigest()[:40]
    session = begin_session(user, key=key, way=WayIn.PASSWORD, device="", network="", now=clock.real_now())
    corner.refs = {
        "session": session["session"],
        "passkey": _passkey(user),
        "appointment": still_open.appointment.ref,
        "request": still_open.ref,
        "batch": still_open.batch.ref,
        "hold": Hold.objects.get(request=still_open).ref,
        "offer": offer.ref,
        "used offer": used.ref,
        "own appointment": own.ref,
        "own token": mint(own)[1],
        "task": Task.objects.filter(provider=provider).earliest("pk").ref,
        "client": client.ref,
        "merge": _merged(corner),
        "conversation": UUID(thread["conversation"]),
        "block": UUID(block["block"]),
        "type": follow_up.ref,
        "place": place.ref,
        "calendar": UUID(_acted(busy)["calendar"]),
        "notification": letter.ref,
        "number": 1,
        "person": User.objects.get(memberships__provider=provider).ref,
        "photo": _photographed(corner),
        "import": _staged(practice),
        "calendar import": _staged_calendar(corner),
        "user": User.objects.get(memberships__client=client, memberships__practice=practice).ref,
        "token": mint(still_open.batch)[1],
        "invitation token": _invited(corner),
        "sent invitation": Invitation.objects.get(practice=practice).ref,
        **_feeds(corner),
        "push": _written_into(corner),
    }


def _photographed(corner: Corner) -> str:
    """Give a provider a photo; its address has this hash."""
    user = Membership.objects.get(provider=corner.provider, role="provider").user
    # The same in both practices, so that the address differs by whose it is alone.
    shown = Appearance(practice=corner.practice, user=user, color=Color.BLUE, photo=b"a photo")
    shown.photo_hash = sha256(b"a photo").hexdigest()
    shown.save()
    return shown.photo_hash


def _passkey(user: int) -> UUID:
    """Give somebody a passkey that nobody could sign with."""
    one = Passkey(user, "Laptop", f"credential of {user}".encode(), b"no key", 0)
    Authenticator(user_id=user, type=Authenticator.Type.WEBAUTHN, data=closed(one), created_at=NOW).save()
    return one.ref


def _feeds(corner: Corner) -> dict[str, object]:
    """Give both their calendar address; the token is the provider's."""
    token = f"{corner.provider.ref.hex}{'x' * 11}"
    of_provider = partial(make_feed, corner.provider, digest=digest_of(token), titles=Titles.NEUTRAL, now=NOW)
    of_client = partial(
        make_feed, corner.client, digest=digest_of(token[::-1]), titles=Titles.NEUTRAL, now=NOW
    )
    return {
        "feed token": token,
        "feed": UUID(_acted(of_provider)["feed"]),
        "client's feed": UUID(_acted(of_client)["feed"]),
    }


def _staged(practice: Practice) -> UUID:
    """Stage a file that a manager chose."""
    sheet = Sheet([["Name", "E-mail"], ["Theo Alvarez", "theo@clients.example"]])
    file = StagedFile("clients.csv", Kind.CLIENTS, "America/New_York", [sheet])
    return UUID(_acted(partial(stage_file, practice.pk, file=file, by=SYSTEM, now=NOW))["import"])


def _staged_calendar(corner: Corner) -> UUID:
    """Stage a calendar that its provider chose."""
    start = NOW + timedelta(days=1)
    events = {1: CalendarEvent(1, "a", "Lunch", "")}
    times = [EventTime(1, start=start, end=start + timedelta(minutes=50))]
    file = StagedCalendar("cal.ics", "America/New_York", CalendarFile(events, times), corner.provider.pk)
    by = Actor(ActorKind.PROVIDER, corner.provider.pk, practice=corner.practice.pk)
    return UUID(_acted(partial(stage_calendar, corner.practice.pk, file=file, by=by, now=NOW))["import"])


def _merged(corner: Corner) -> UUID:
    """Write the client down a second time, and let both records become one."""
    # Another name in each practice: the read log's walk tells clients apart by theirs.
    first, last = ("Quilla", "Farthing") if corner.client.first_name == "Riley" else ("Ottoline", "Pemberton")
    twice = client_in(corner.practice, first, last)
    verb = partial(merge_clients, corner.client.pk, twice.pk, taken=(), seen=(0, 0), by=SYSTEM, now=NOW)
    return UUID(_acted(verb)["merge"])


def _written_into(corner: Corner) -> UUID:
    """Connect an account of the provider's and have their appointments written into it."""
    source = Source(CalendarKind.CALDAV, "dav.example", "https://dav.example/office/", "me", "open sesame")
    account = partial(
        import_busy_time, corner.provider.pk, name="Work", reading=as_read(), source=source, now=NOW
    )
    ref = UUID(_acted(account)["calendar"])
    return UUID(_acted(partial(push_into, ref, provider_id=corner.provider.pk, now=NOW))["push"])


def _invited(corner: Corner) -> str:
    """Invite somebody into the practice, and return the token of their link."""
    token = f"{corner.practice.ref.hex}"[:22]
    who = sound_invitee(name="Ada Lovelace", email="ada@new.example", roles=["manager"])
    digest = digests.digest_of(token)
    verb = partial(invite, corner.practice.pk, who=who, digest=digest, lives=PEOPLES_LIVE, by=SYSTEM, now=NOW)
    _acted(verb)
    return token


@dataclass(slots=True)
class World:
    corners: list[Corner]
    roles: list[Role]


def build() -> World:
    """Make two practices with one of everything, and everybody who could come."""
    cast = harbor()
    corners = [
        Corner(cast.practice, cast.okafor, cast.riley),
        Corner(cast.elsewhere, cast.mallory, cast.eve),
    ]
    for corner in corners:
        furnish(corner)
    return World(corners, list(_roles(cast, corners[0])))


def _roles(cast: Cast, own: Corner) -> Iterator[Role]:
    yield Role("a stranger", "stranger")
    by_link = Role("Riley by link", "link", cast.riley)
    by_link.open(reverse("link", args=[own.refs["token"]]))
    for offer in ("offer", "used offer"):
        by_link.open(reverse("link", args=[mint(RebookOffer.objects.get(ref=own.refs[offer]))[1]]))
    by_link.open(reverse("link", args=[own.refs["own token"]]))
    yield by_link
    yield _signed_in("Dr. Okafor", "provider", cast.okafor, "okafor@harbor.example", cast.practice)
    yield _signed_in("Dr. Fischer", "provider", cast.fischer, "fischer@harbor.example", cast.practice)
    for practice, role, email in (
        (cast.practice, "manager", "sasha@harbor.example"),
        (cast.practice, "scheduler", "pia@harbor.example"),
        (cast.elsewhere, "manager", "mo@elsewhere.example"),
        (cast.elsewhere, "scheduler", "sky@elsewhere.example"),
    ):
        user = User.objects.create_user(email, name=f"A {role}")
        Membership.objects.create(practice=practice, user=user, role=role)
        yield _signed_in(f"the {role} of {practice.name}", role, None, email, practice)
    lead = provider_in(cast.practice, "Dr. Noor Lead", "Dr. Lead")
    user = User.objects.get(email="lead@harbor.example")
    Membership.objects.create(practice=cast.practice, user=user, role="manager")
    yield _signed_in("Dr. Lead, a provider and a manager", "both", lead, user.email, cast.practice)
    yield _signed_in("Riley", "client", cast.riley, "riley@clients.example")
    yield _signed_in("Maya", "client", cast.maya, "maya@clients.example")
    yield _signed_in("Dr. Vance", "provider", cast.mallory, "vance@elsewhere.example", cast.elsewhere)
    yield _signed_in("Eve", "client", cast.eve, "eve@clients.example")
    User.objects.create_user("nobody@harbor.example", name="No One")
    yield _signed_in("a user of no practice", "user", None, "nobody@harbor.example")


def _signed_in(name: str, kind: str, whose: object, email: str, practice: Practice | None = None) -> Role:
    role = Role(name, kind, whose, practice)
    sign_in_staff(role.browser, email)
    role.cookies, role.proved_at = deepcopy(role.browser.cookies), clock.monotonic()
    return role


def _is_red_light(response: HttpResponse) -> bool:
    """Return whether it is `/health/` that says so: in this world nothing runs, and everybody may know."""
    match = getattr(response, "resolver_match", None)
    return match is not None and match.url_name == "health" and response.status_code == 503


def outcome(response: HttpResponse) -> Outcome:
    assert response.status_code < 500 or _is_red_light(response)
    if response.status_code == 404:
        return Outcome.NOT_FOUND
    if response.status_code == 405:
        return Outcome.NOT_SO
    if response.status_code == 302 and response["Location"].startswith("/sign-in/"):
        return Outcome.SIGN_IN
    return Outcome.IN


def address(name: str, corner: Corner) -> str:
    return reverse(name, args=[corner.refs[ref] for ref in ENDPOINTS[name].refs])
