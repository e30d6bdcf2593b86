"""The list on Home of what is still to be done until a practice can ask its clients: each line with its state and a way on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext, pgettext_lazy

from raincheck.domain.notifications import Channel, Outcome
from raincheck.domain.reschedule.lifecycle import State
from raincheck.notifications.formats import duration, short_day_and_time
from raincheck.notifications.urgent_help import urgent_help
from raincheck.queries.access.first_start import Progress, progress_of
from raincheck.web.staff.shell import Context, Staff

DONE, HALF, NEXT, LATER = "done", "half", "next", "later"
STATES = {
    DONE: pgettext_lazy("line of a list", "Done"),
    HALF: pgettext_lazy("line of a list", "Needs you"),
    NEXT: pgettext_lazy("line of a list", "Next"),
    LATER: pgettext_lazy("line of a list", "To do"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a test message."""

    words: str
    is_good: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, how it stands, and where to go on. `tests` offers test messages by these channels."""

    id: str
    title: str
    words: str
    state: str
    ways: list[tuple[str, str]] = field(default_factory=list)
    """Addresses with what stands on their buttons."""
    said: list[Said] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    presses: list[tuple[str, str]] = field(default_factory=list)
    """Addresses that a form is sent to, with what stands on their buttons."""

    @property
    def state_words(self) -> str:
        return str(STATES[self.state])


def checklist(staff: Staff) -> Context:
    """Return the list for whoever manages a practice that is being set up; nothing for others."""
    if not (staff.practice.being_set_up and staff.manages):
        return {}
    progress = progress_of(staff.practice, now=staff.now)
    lines = [
        _details(staff),
        _sender(staff),
        _offers(progress),
        _people(progress),
        _hours(progress),
        _clients(progress),
        _rehearsal(staff, progress),
    ]
    first = next((line for line in lines if line.state == LATER), None)
    lines = [replace(line, state=NEXT) if line is first else line for line in lines]
    done = sum(line.state == DONE for line in lines)
    return {"checklist": lines, "checklist_done": done, "checklist_may_go": staff.practice.can_ask}


def _details(staff: Staff) -> Line:
    practice = staff.practice
    told = [practice.name, practice.phone, urgent_help(practice, zone=practice.zone)]
    return Line(
        "details",
        _("Name, phone, urgent-help line"),
        " · ".join(told)
        if practice.can_ask
        else _("What clients read of you, whom they call, and what to do in an emergency."),
        DONE if practice.can_ask else LATER,
        [(reverse("practice-details"), _("Change") if practice.can_ask else _("Fill in"))],
    )


def _sender(staff: Staff) -> Line:
    practice = staff.practice
    about = ("sender", _("Sender"))
    if not practice.can_ask:
        words = _("Nobody has said yet in whose name messages go out. No client is asked until then.")
        return Line(*about, words, LATER, [(reverse("practice-details"), _("Name the sender"))])
    words = _("Mail comes from “%(sender)s”, %(address)s.") % {
        "sender": practice.sender,
        "address": settings.EMAIL_FROM,
    }
    tests = [str(Channel.EMAIL)] * bool(settings.EMAIL_URL) + [str(Channel.SMS)] * bool(settings.SMS_URL)
    by_mail = practice.sender_tests.get(Channel.EMAIL, {})
    done = by_mail.get("outcome") == Outcome.ACCEPTED
    if not settings.EMAIL_URL:
        done = settings.RAINCHECK_DEMO
        words += " " + (
            _("The demo keeps its mail in its mailbox.")
            if done
            else _(
                "No mail server is set, so no e-mail leaves. Whoever runs Raincheck names one in EMAIL_URL."
            )
        )
    said = [
        _said(Channel(channel), test, staff=staff)
        for channel, test in sorted(practice.sender_tests.items())
        if channel in tests
    ]
    return Line(*about, words, DONE if done else HALF, said=said, tests=tests)


def _said(channel: Channel, test: Mapping[str, str], *, staff: Staff) -> Said:
    """Return in words what the server made of the latest test."""
    values = {
        "to": test["to"],
        "when": short_day_and_time(datetime.fromisoformat(test["at"]), staff.practice.zone, now=staff.now),
        "answer": test["answer"].rstrip(". "),
    }
    outcome = Outcome(test["outcome"])
    return Said(OUTCOMES[channel, outcome]() % values, outcome is Outcome.ACCEPTED)


OUTCOMES = {
    (Channel.EMAIL, Outcome.ACCEPTED): lambda: _(
        "E-mail to %(to)s: accepted, %(when)s. The server said “%(answer)s”. Look whether it arrived, and not as spam."
    ),
    (Channel.EMAIL, Outcome.REFUSED): lambda: _(
        "E-mail to %(to)s: refused, %(when)s. The server said “%(answer)s”. It does not send for us, or not to this address: "
        "whoever runs Raincheck looks at EMAIL_FROM, and at the user and password in EMAIL_URL."
    ),
    (Channel.EMAIL, Outcome.DEFERRED): lambda: _(
        "E-mail to %(to)s: not taken, %(when)s. We heard “%(answer)s”. The server is away, or does not let us in: "
        "whoever runs Raincheck looks at EMAIL_URL. Then try again."
    ),
    (Channel.EMAIL, Outcome.UNKNOWN): lambda: _(
        "E-mail to %(to)s: not sure, %(when)s. Nobody said what became of it. Look whether it arrived, and try again."
    ),
    (Channel.SMS, Outcome.ACCEPTED): lambda: _(
        "Text to %(to)s: accepted, %(when)s. The gateway said “%(answer)s”. Look whether it arrived."
    ),
    (Channel.SMS, Outcome.REFUSED): lambda: _(
        "Text to %(to)s: refused, %(when)s. The gateway said “%(answer)s”. Until this is right, requests go by e-mail only."
    ),
    (Channel.SMS, Outcome.DEFERRED): lambda: _(
        "Text to %(to)s: not taken, %(when)s. We heard “%(answer)s”. The gateway is away: whoever runs Raincheck looks at "
        "SMS_URL. Then try again."
    ),
    (Channel.SMS, Outcome.UNKNOWN): lambda: _(
        "Text to %(to)s: not sure, %(when)s. Nobody said what became of it. Look whether it arrived, and try again."
    ),
}


def _offers(progress: Progress) -> Line:
    types = [f"{one.name} {duration(one.length)}" for one in progress.types]
    words = " · ".join(", ".join(names) for names in (progress.places, types) if names)
    complete = bool(progress.places and progress.types)
    if not complete:
        words = _("There has to be at least one place and one type, or nothing can be booked.")
    return Line(
        "offers",
        _("Places and types"),
        words,
        DONE if complete else HALF,
        [(reverse("practice"), _("Change"))],
    )


def _people(progress: Progress) -> Line:
    words = ngettext("%(count)d person", "%(count)d people", progress.people) % {"count": progress.people}
    if progress.invited:
        invited = ngettext("%(count)d invitation open", "%(count)d invitations open", progress.invited)
        words = f"{words}, {invited % {'count': progress.invited}}"
    if not progress.providers:
        words = _("%(who)s. Nobody has a calendar yet: appointments come with the first provider.") % {
            "who": words
        }
    ways = [(reverse("people"), _("Open"))]
    return Line("people", _("People"), words, DONE if progress.providers else LATER, ways)


def _hours(progress: Progress) -> Line:
    if not progress.providers:
        return Line("hours", _("Hours"), _("They come with the first provider."), LATER)
    if not progress.without_hours:
        words = _("Everybody with a calendar has hours.")
        return Line("hours", _("Hours"), words, DONE, [(reverse("availability"), _("Change"))])
    first, *others = progress.without_hours
    words = _("%(name)s has none yet, so clients are offered no time with them.")
    if others:
        words = ngettext(
            "%(name)s and one more have none yet, so clients are offered no time with them.",
            "%(name)s and %(count)d more have none yet, so clients are offered no time with them.",
            len(others),
        )
    words = words % {"name": first.name, "count": len(others)}
    address = f"{reverse('availability')}?provider={first.ref}"
    label = _("Set %(name)s's hours") % {"name": first.short_name}
    return Line("hours", _("Hours"), words, HALF, [(address, label)])


def _clients(progress: Progress) -> Line:
    words = _("Bring them from a file, or add the first by hand.")
    if progress.clients:
        words = ngettext("%(count)d client", "%(count)d clients", progress.clients) % {
            "count": progress.clients
        }
    ways = [(reverse("import"), _("Import")), (reverse("client-new"), _("Add client"))]
    return Line("clients", _("Clients"), words, DONE if progress.clients else LATER, ways)


def _rehearsal(staff: Staff, progress: Progress) -> Line:
    about, latest = ("rehearsal", _("Try an ask on yourself")), progress.rehearsal
    again = [(reverse("rehearsal-clear"), _("Clear it away"))]
    if latest is not None and not latest.is_cleared:
        ways = [(reverse("request", args=[latest.ref]), _("See the request"))]
        if latest.state == State.OPEN:
            words = _("A request went to %(email)s. Open the mail, and choose a new time as a client would.")
            return Line(*about, words % {"email": latest.email}, HALF, ways, presses=again)
        words = _("It has ended without a new time.")
        if latest.moved_to is not None:
            when = short_day_and_time(latest.moved_to, staff.practice.zone, now=staff.now)
            words = _("You moved it to %(when)s.") % {"when": when}
        return Line(*about, words, DONE, ways, presses=again)
    words = _(
        "You play the client: the mail, the page, the move. It is marked as a rehearsal and left out of every figure."
    )
    if latest is not None:
        words = _("You have tried it.")
    start = [(reverse("rehearsal-start"), _("Start the rehearsal"))]
    if not (staff.practice.can_ask and progress.rehearses_with(staff.provider)):
        words, start = f"{words} {_('It takes a sender, and somebody with hours.')}", []
    return Line(*about, words, LATER if latest is None else DONE, presses=start)
