"""Words for an appointment as the practice reads them: its time, its length, how it stands, its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.data.models import Appointment, AppointmentHistory, OutOfOffice, RescheduleRequest, Series
from raincheck.domain.appointments.lifecycle import CancelledWhy, History, Status
from raincheck.domain.appointments.outcomes import Outcome
from raincheck.domain.regions import regions
from raincheck.domain.reschedule.lifecycle import NeedsProvider
from raincheck.domain.reschedule.urging import BY_EXTENDING
from raincheck.domain.spans import Span
from raincheck.domain.zones import start_at
from raincheck.notifications.formats import (
    by_day,
    clock_time,
    duration,
    instant_with_day,
    long_day,
    long_day_and_time,
    short_day,
    short_day_and_time,
    short_time_left,
    time_left,
    zone_city,
)
from raincheck.queries.appointments.listing import Listed
from raincheck.web.staff.shell import Names


@dataclass(frozen=True, slots=True)
class Tag:
    """A state in words, and the kind of tag it stands in."""

    text: str
    kind: str


# A scheduled appointment is the usual one, and its tag stays without a color.
STATUSES = {
    Status.SCHEDULED: (later("Scheduled"), ""),
    Status.COMPLETED: (later("Took place"), "plain"),
    Status.CLIENT_NO_SHOW: (later("Client didn't come"), "amber"),
    Status.PROVIDER_NO_SHOW: (later("We couldn't"), "amber"),
    Status.CANCELLED: (later("Canceled"), "plain"),
}

# The buttons, in their order; each has its number as its key.
OUTCOMES = {
    Outcome.TOOK_PLACE: later("Took place"),
    Outcome.CLIENT_ABSENT: later("Client didn't come"),
    Outcome.PROVIDER_ABSENT: later("We couldn't"),
    Outcome.CANCELLED_LATE: later("Canceled late"),
}

# For the practice's own history. Clients never read a reason.
WHY_CANCELLED = {
    CancelledWhy.CLIENT: later("the client asked"),
    CancelledWhy.CLIENT_LATE: later("the client asked, late"),
    CancelledWhy.PROVIDER_CLINICAL: later("clinically necessary"),
    CancelledWhy.PROVIDER_UNAVAILABLE: later("provider unavailable"),
    CancelledWhy.NO_LONGER_NEEDED: later("no longer needed"),
    CancelledWhy.PROVIDER_OTHER: later("another reason"),
    CancelledWhy.DISCHARGED: later("the client was discharged"),
    CancelledWhy.SERIES_ENDED: later("the series ended"),
    CancelledWhy.RESCHEDULE_UNANSWERED: later("no new time was chosen in time"),
    CancelledWhy.RESCHEDULE_NO_TIME: later("no time was found that works"),
    CancelledWhy.RESCHEDULE_DECLINED: later("the client canceled instead of choosing a new time"),
    CancelledWhy.IMPORT_UNDONE: later("the import it came with was undone"),
}

# By `date.weekday()`: 0 is Monday.
WEEKDAYS = [
    later("Mondays"),
    later("Tuesdays"),
    later("Wednesdays"),
    later("Thursdays"),
    later("Fridays"),
    later("Saturdays"),
    later("Sundays"),
]


def tags(appointment: Appointment, request: RescheduleRequest | None, *, now: datetime) -> list[Tag]:
    """Return how an appointment stands: its status and, over it, the open request with the time left."""
    standing = [status_tag(appointment, now=now)]
    if request is not None:
        standing.append(asked_tag(request, now=now))
    return standing


def waits_for_delivery(request: RescheduleRequest, *, now: datetime) -> bool:
    """Return whether the client's time does not run because nothing arrived; past its deadline a person decides anyway."""
    return request.is_undelivered(now=now) and not request.needs_provider


def asked_tag(request: RescheduleRequest, *, now: datetime) -> Tag:
    """Return how an open request stands; red where somebody has to see to it that it arrives."""
    return Tag(asked(request, now=now), "red" if waits_for_delivery(request, now=now) else "asked")


def left_tag(request: RescheduleRequest, *, now: datetime) -> Tag:
    """Return how much time an open request has, where it is plain that it is one."""
    if waits_for_delivery(request, now=now):
        return Tag(asked(request, now=now), "red")
    if request.deadline_at <= now:
        return Tag(_("Deadline passed"), "red")
    return Tag(_("%(left)s left") % {"left": short_time_left(request.deadline_at - now)}, "asked")


def with_asked_tags(rows: Iterable[Listed], *, now: datetime) -> list[tuple[Appointment, Tag | None]]:
    """Return appointments with how their open requests stand."""
    return [(row.appointment, asked_tag(row.request, now=now) if row.request else None) for row in rows]


def asks_what_happened(appointment: Appointment, *, now: datetime) -> bool:
    """Return whether a session has begun of which nobody has said what became of it."""
    return appointment.status == Status.SCHEDULED and appointment.starts_at <= now


def status_tag(appointment: Appointment, *, now: datetime) -> Tag:
    """Return the status; of a session that has begun and of which nobody said what became of it, that question."""
    if asks_what_happened(appointment, now=now):
        return Tag(_("What happened?"), "amber")
    if appointment.status == Status.CANCELLED and appointment.outcome_at is not None:
        return Tag(str(OUTCOMES[Outcome.CANCELLED_LATE]), "amber")
    words, kind = STATUSES[Status(appointment.status)]
    return Tag(str(words), kind)


def asked(request: RescheduleRequest, *, now: datetime) -> str:
    """Return "Asked · 41 h left"."""
    # It no longer runs out: at its deadline it stays open until a person decides.
    if request.needs_provider:
        return _("Asked · waits for you")
    if waits_for_delivery(request, now=now):
        return _("Not delivered, the clock is not running")
    if request.deadline_at <= now:
        return _("Asked · time is up")
    return _("Asked · %(left)s left") % {"left": short_time_left(request.deadline_at - now)}


def asked_aloud(request: RescheduleRequest, *, now: datetime) -> str:
    """Return the same for whoever listens: "asked to reschedule, 41 hours left"."""
    if request.needs_provider and request.deadline_at > now:
        return _("asked to reschedule, waits for you")
    if waits_for_delivery(request, now=now):
        return _("asked to reschedule, not delivered, the clock is not running")
    if request.deadline_at <= now:
        return _("asked to reschedule, the time to answer is over")
    return _("asked to reschedule, %(left)s left") % {"left": time_left(request.deadline_at - now)}


def why_cancelled(appointment: Appointment) -> str:
    """Return why it was canceled in a few words; nothing for an appointment that was not."""
    if appointment.cancelled_why is None:
        return ""
    # "May": Raincheck takes no money and decides about none.
    words = str(WHY_CANCELLED[CancelledWhy(appointment.cancelled_why)])
    return _("%(why)s, a fee may be charged") % {"why": words} if appointment.fee_allowed else words


def clock_range(span: Span, zone: str) -> str:
    """Return "11:00 – 11:50 AM", with both halves of the day where they differ."""
    first, last = clock_time(span.start, zone), clock_time(span.end, zone)
    half = first.rpartition(" ")[2]
    same_day = short_day(span.start, zone) == short_day(span.end, zone)
    # "11:00 – 11:50 AM" is read at a glance; over noon or midnight each time needs its own half.
    if same_day and last.endswith(half):
        first = first.removesuffix(half).rstrip()
    return f"{first} – {last}"


def when(span: Span, zone: str, *, now: datetime) -> str:
    """Return "Tue, Nov 24 · 11:00 – 11:50 AM"; over several days both are named."""
    if short_day(span.start, zone) != short_day(span.end, zone):
        return (
            f"{short_day_and_time(span.start, zone, now=now)} – {short_day_and_time(span.end, zone, now=now)}"
        )
    return f"{short_day(span.start, zone, now=now)} · {clock_range(span, zone)}"


def whole_days_words(span: Span, zone: str, *, now: datetime) -> str:
    """Return "Thu, Nov 26" or "Thu, Nov 26 – Fri, Nov 27" for whole days."""
    first = short_day(span.start, zone, now=now)
    last = short_day(span.end - timedelta(seconds=1), zone, now=now)  # a span ends before its end
    return first if first == last else f"{first} – {last}"


def block_words(block: OutOfOffice, zone: str, *, now: datetime) -> str:
    """Return when somebody is out of office, as people say it."""
    return (whole_days_words if block.all_day else when)(block.span, zone, now=now)


def for_client(appointment: Appointment, *, zone: str) -> str:
    """Return the client's own time where the clocks differ: "8:00 AM for Riley (Los Angeles)"; else nothing."""
    own = appointment.client.zone_in(appointment.practice)
    start = appointment.starts_at
    # Compared as they are read: two zones with the same clock today need no second time.
    here, there = instant_with_day(start, zone), instant_with_day(start, own)
    if here == there:
        return ""
    same_day = short_day(start, zone) == short_day(start, own)
    values = {
        "time": clock_time(start, own) if same_day else there,
        "name": appointment.client.known_as,
        "city": zone_city(own),
    }
    return _("%(time)s for %(name)s (%(city)s)") % values


def minutes(length: timedelta) -> str:
    """Return "50 min"."""
    return _("%(count)d min") % {"count": length // timedelta(minutes=1)}


def type_words(appointment: Appointment) -> str:
    """Return "Follow-up · 50 min"."""
    return f"{appointment.type.name} · {minutes(appointment.ends_at - appointment.starts_at)}"


def series_words(series: Series | None, appointment: Appointment, *, now: datetime) -> str:
    """Return "weekly on Tuesdays, until March 3"; nothing for a single appointment."""
    if series is None:
        return ""
    # By the agreed wall time: a series on Mondays stays one wherever the reader lives.
    day = WEEKDAYS[appointment.starts_wall.weekday()]
    if series.every_weeks == 1:
        often = _("weekly on %(day)s") % {"day": day}
    else:
        often = _("every %(count)d weeks on %(day)s") % {"count": series.every_weeks, "day": day}
    pattern = series.pattern
    if pattern.is_open_ended:
        return _("%(often)s, without an end") % {"often": often}
    last = start_at(pattern.last, zone=pattern.zone)
    return _("%(often)s, until %(last)s") % {"often": often, "last": long_day(last, series.zone, now=now)}


def too_late_to_ask(appointment: Appointment) -> str:
    """Return why there is too little time left to ask about an appointment: with the practice's number, by the client's day."""
    client, practice = appointment.client, appointment.practice
    words = _(
        "Too late to ask: %(name)s would have less than %(shortest)s to answer between %(morning)s and %(evening)s, %(zone)s."
    )
    shortest = duration(practice.rules.shortest_window)
    return words % {"name": client.known_as, "shortest": shortest, **by_day(client.zone_in(practice))}


# Every row of history must be told for as long as it is kept, so no event may leave this table.
STORY = {
    History.BOOKED: later("%(who)s booked it for %(to)s."),
    History.DETAILS_CHANGED: later("%(who)s changed the details."),
    History.ASKED: later("%(who)s asked %(client)s to choose a new time."),
    History.MOVED: later("%(who)s moved it from %(from)s to %(to)s."),
    History.KEPT: later("%(who)s kept the time, by video."),
    History.DECLINED: later("%(who)s canceled it instead of choosing a new time. No charge."),
    History.LAPSED: later("The time to answer was over, so it was canceled. No charge."),
    History.WITHDRAWN: later("%(who)s took the request back. The original time stands."),
    History.SUPERSEDED: later("The open request ended with another change."),
    History.VOID: later("It started before an answer. Nothing was canceled."),
    History.CANCELLED: later("%(who)s canceled it: %(why)s."),
    History.NONE_WORK: later("%(client)s wrote that none of the times work."),
    History.CLIENT_WROTE: later("%(client)s wrote while the request was open."),
    History.NEEDS_PROVIDER: later("The time to answer passed, and the request waits for a person."),
    History.NOBODY_CAME: later("%(client)s said that nobody came."),
    History.DEADLINE_MOVED: later("The time to answer was moved to %(deadline)s."),
    History.REMINDED: later("%(who)s reminded %(client)s of the open request."),
    History.SUGGESTED: later("%(who)s suggested new times to %(client)s."),
    History.SUGGESTION_TAKEN_BACK: later("%(who)s took a time back that was suggested to %(client)s."),
    History.OUTAGE: later(
        "Our pages were down for a while, so the time to answer was moved to %(deadline)s."
    ),
    History.LOCATED: later("%(client)s will be in %(where)s then."),
    History.REINSTATED: later("%(who)s put it back."),
    History.REBOOK_LINK_SENT: later("%(who)s sent %(client)s a link to book a new time."),
    History.COMPLETED: later("%(who)s noted that it took place."),
    History.CLIENT_NO_SHOW: later("%(who)s noted that %(client)s didn't come."),
    History.PROVIDER_NO_SHOW: later("%(who)s noted that the provider couldn't be there."),
    History.ZONE_CORRECTED: later("The clock rules changed. It stays at its time on the clock: %(to)s."),
    History.ZONE_CLASH: later(
        "The clock rules changed. It could not stay at its time, because that is taken. It is now at %(to)s."
    ),
    History.NEEDED_BY: later("%(who)s changed the day by which it is needed."),
    History.IMPORT_UNDONE: later("%(who)s undid the import that it came with, so it is off the calendar."),
    History.UNDONE: later("%(who)s undid that before anything was sent."),
}
EXTENDED = later("%(who)s gave %(client)s more time to answer, until %(deadline)s.")
FOR_CLIENT = {
    History.MOVED: later("%(who)s moved it from %(from)s to %(to)s, for %(client)s."),
    History.KEPT: later("%(who)s kept the time for %(client)s, by video."),
}
"""What somebody of the practice answered in the client's place."""
RETIMED = later("%(who)s changed the details and moved it from %(from)s to %(to)s.")
BOOKED_AGAIN = later("%(who)s booked it for %(to)s, after a cancellation.")
NO_ROOM = later("New clock rules left too little time to answer, so the request waits for a person.")

PROVIDER_LEFT = later("The provider does not work here any more, so the request waits for a person.")

RESTORED = later("Raincheck was brought back from a backup, so the request waits for a person.")

NO_ROOM_AFTER_OUTAGE = later(
    "Our pages were down for a while, and the start left no room for more time to answer. Without an answer the request waits for a person."
)


def told(row: AppointmentHistory, names: Names, *, zone: str, now: datetime) -> str:
    """Return one row of an appointment's history as a sentence."""
    # Other events carry a reason of their own kind: why a request waits for a person, say.
    why = row.details.get("why") if row.event == History.CANCELLED else None
    deadline = row.details.get("to")
    values = {
        "who": names.of(row.actor_kind, row.actor),
        "client": names.client,
        "from": short_day_and_time(row.from_starts_at, zone, now=now) if row.from_starts_at else "",
        "to": short_day_and_time(row.to_starts_at, zone, now=now) if row.to_starts_at else "",
        "where": regions().get(row.details.get("region", ""), ""),
        "why": str(WHY_CANCELLED[CancelledWhy(why)]) if why else _("no reason given"),
        "deadline": long_day_and_time(datetime.fromisoformat(deadline), zone, now=now) if deadline else "",
    }
    sentence, event = STORY[History(row.event)], History(row.event)
    if event in FOR_CLIENT and row.for_client is not None:
        sentence = FOR_CLIENT[event]
    elif event is History.DEADLINE_MOVED and row.details.get("why") == BY_EXTENDING:
        sentence = EXTENDED
    elif event is History.DETAILS_CHANGED and row.from_starts_at not in (None, row.to_starts_at):
        sentence = RETIMED
    elif event is History.BOOKED and "rebooked_from" in row.details:
        sentence = BOOKED_AGAIN
    elif row.details.get("why") == NeedsProvider.NO_ROOM_AFTER_ZONE_CHANGE:
        sentence = NO_ROOM
    elif row.details.get("why") == NeedsProvider.RESTORED:
        sentence = RESTORED
    elif row.details.get("why") == NeedsProvider.PROVIDER_LEFT:
        sentence = PROVIDER_LEFT
    elif event is History.OUTAGE and "to" not in row.details:
        # An outage that moved no deadline: the start left no room for it.
        sentence = NO_ROOM_AFTER_OUTAGE
    return str(sentence) % values
