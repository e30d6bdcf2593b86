"""Puts notifications into words at the moment they are handed over, with the names, zones and addresses of that moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.translation import override

from raincheck.data.conversations import Message as Said
from raincheck.data.models import (
    EmergencyAccess,
    Notification,
    NotificationAppointment,
    Place,
    Recipient,
    RescheduleRequest,
    Series,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.data.reschedule.suggestions import suggested_in
from raincheck.domain.appointments.lifecycle import PlaceKind, Status
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.calendar_entries import Method, Parties, Session, calendar_object
from raincheck.notifications.catalogue import CATALOGUE, Holds
from raincheck.notifications.context import Values, emergency_values, people, plain
from raincheck.notifications.factors import factor_values
from raincheck.notifications.facts import Listed, listed, read
from raincheck.notifications.formats import duration
from raincheck.notifications.links import CODE, PLACEHOLDER
from raincheck.notifications.render import rendered, words_for
from raincheck.notifications.series_entries import (
    location_of,
    occurrences_of,
    parties_of,
    sequence_of,
    series_object,
)
from raincheck.notifications.subjects import Audience, NoticeSubject, Words

ADDRESSEES = ("practice", "recipient__client", "provider", "user", "rebook_offer", "conversation")
LISTED = ("appointment__provider", "appointment__client", "appointment__place", "request")

Rows = Sequence[NotificationAppointment]
Standing = Mapping[int, Set[int]]
"""Appointments by client, as `standing_appointments` finds them."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it goes out, with `{link}` where the attempt's own link goes and `{code}` for a code to sign in."""

    words: Words
    calendar: str = ""


def listed_rows(notifications: Iterable[Notification]) -> dict[int, list[NotificationAppointment]]:
    """Return what notifications speak of, by their number, in the order in which they list it; in one query."""
    by_number = {row.pk: row for row in notifications}
    found: dict[int, list[NotificationAppointment]] = defaultdict(list)
    asked = RescheduleRequest.objects.filter(OPEN, appointment=OuterRef("appointment"))
    rows = NotificationAppointment.objects.filter(notification__in=list(by_number)).select_related(*LISTED)
    rows = rows.annotate(is_asked=Exists(asked))
    for one in rows.order_by("pk"):
        # Loaded with the notification already; a join would bring it again for every row.
        one.appointment.practice = by_number[one.notification_id].practice
        found[one.notification_id].append(one)
    return found


def first_ever(notifications: Iterable[Notification]) -> set[int]:
    """Return the numbers of those that may be stopped and before which nothing was ever written to their recipient; in one query.

    An import tells nobody, and then a reminder comes.
    """
    wanted = [row.pk for row in notifications if CATALOGUE[NotificationType(row.kind)].may_be_stopped]
    if not wanted:
        return set()
    before = Notification.objects.filter(recipient=OuterRef("recipient"), pk__lt=OuterRef("pk"))
    return set(Notification.objects.filter(~Exists(before), pk__in=wanted).values_list("pk", flat=True))


def has_a_point(notification: Notification, rows: Rows, *, now: datetime) -> bool:
    """Return whether a message is not obsolete: what it asks for is not settled, nor what it says over."""
    holds = CATALOGUE[NotificationType(notification.kind)].holds
    if holds is Holds.UNTIL_GIVEN_UP:
        return now < notification.give_up_at
    if holds is Holds.WHILE_IT_STANDS:
        wanted = notification.recipient is None or notification.recipient.reminders_off_at is None
        return wanted and all(_stands(one, now=now) for one in rows)
    if not holds.needs_an_open_request:
        return True
    waiting = [one.request for one in rows if one.request is not None and one.request.is_open]
    if holds is Holds.WHILE_IT_WAITS:
        return any(request.needs_provider for request in waiting)
    if holds is Holds.WHILE_SUGGESTED:
        # All may have been taken back since: then the page has none.
        return bool(waiting and suggested_in(batch=notification.batch_id))
    return any(holds is Holds.WHILE_OPEN or request.deadline_at > now for request in waiting)


def _stands(one: NotificationAppointment, *, now: datetime) -> bool:
    """Return whether an appointment is ahead, at the time that was to be told, and nobody asks about it or has left."""
    row, told = one.appointment, read(one.facts, sequence=one.sequence)
    is_asked: bool = one.is_asked  # type: ignore[attr-defined]  # by listed_rows
    here = row.provider.left_at is None and not is_asked
    return bool(here and row.status == Status.SCHEDULED and now < row.starts_at == told.starts_at)


def opens_a_page(notification: Notification) -> bool:
    """Return whether a recipient gets a link of their own."""
    opened = (notification.batch_id, notification.rebook_offer_id, notification.appointment_id)
    return any(number is not None for number in opened)


def zone_of(notification: Notification) -> str:
    """Return in which zone a recipient reads."""
    recipient = notification.recipient
    assert recipient is not None, "staff read in their provider's zone"
    return str(recipient.zone or recipient.client.zone_in(notification.practice))


def message(
    notification: Notification, rows: Rows, *, standing: Standing, first: Set[int], now: datetime
) -> Message:
    """Return what a notification says when it is handed over at `now`, to clients who have what is `standing` besides.

    `first` are the numbers that `first_ever` found among those that go out together.
    """
    kind, channel = NotificationType(notification.kind), Channel(notification.channel)
    recipient = notification.recipient
    audience = Audience.CLIENT if recipient is not None else Audience.PROVIDER
    spoken = recipient.language if recipient is not None else ""
    # In a language that we have no words for, only the days would be: half a message in each.
    language = spoken if spoken in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    # Whoever delivers has no request of a browser to take the language from.
    with override(language):
        if not rows:
            return Message(_without_appointments(notification, kind, audience, channel))
        told = _told(kind, rows, now=now)
        zone = zone_of(notification) if recipient is not None else told[0].appointment.provider.zone
        words = words_for(
            kind,
            told,
            audience=audience,
            channel=channel,
            zone=zone,
            now=now,
            has_link=opens_a_page(notification),
            others_stand=bool(standing.get(told[0].appointment.client_id)),
            own_word=_wrote(recipient, rows),
            is_first=notification.pk in first,
        )
        method = CATALOGUE[kind].calendar
        if method is None or channel is not Channel.EMAIL or recipient is None:
            return Message(words)
        entries = calendar_entries(
            told, method, attendee=notification.address, zone=zone, made_at=notification.made_at
        )
        return Message(words, entries)


def _without_appointments(
    notification: Notification, kind: NotificationType, audience: Audience, channel: Channel
) -> Words:
    """Return what a notice says that lists none: about signing in and working here, or that a message waits."""
    sender = plain(notification.practice.sender)
    if kind is NotificationType.SIGN_IN_CODE:
        lives = duration(timedelta(minutes=notification.facts["minutes"]))
        return rendered(kind, Audience.CLIENT, channel, {"code": CODE, "lives": lives, "sender": sender})
    if kind is NotificationType.INVITATION:
        values: Values = {"link": PLACEHOLDER, "days": notification.facts["days"], "sender": sender}
        return rendered(kind, Audience.PROVIDER, channel, values)
    if kind in (NotificationType.SECOND_FACTOR_CHANGED, NotificationType.SECOND_FACTOR_RESET):
        return rendered(kind, Audience.PROVIDER, channel, factor_values(notification))
    if kind is NotificationType.EMERGENCY_ACCESS:
        access = EmergencyAccess.objects.get(
            practice=notification.practice_id, pk=notification.facts["access"]
        )
        return rendered(kind, audience, channel, emergency_values(access))
    thread = notification.conversation
    assert thread is not None, "a notice lists appointments, or names a conversation, or is of signing in"
    # That a message waits, without a word of the message itself.
    values = people(notification.practice, thread.provider, thread.client)
    values["provider_left"] = notification.user is not None
    return rendered(NotificationType.MESSAGE, audience, channel, values)


def _wrote(recipient: Recipient | None, rows: Rows) -> bool:
    """Return whether it was this recipient who has written since they were asked: nobody is told of another's words."""
    since = [one.request.client_wrote_at for one in rows if one.request and one.request.client_wrote_at]
    if recipient is None or not since:
        return False
    row = rows[0].appointment
    return Said.objects.filter(
        conversation__provider=row.provider_id,
        conversation__client=row.client_id,
        recipient=recipient,
        at__gte=min(since),
    ).exists()


def _told(kind: NotificationType, rows: Rows, *, now: datetime) -> list[Listed]:
    """Return the appointments to speak of, as the event left them; what holds only for a while, as they are by now.

    A prompt or reminder lists the requests that are still open, each with the deadline that a hand-over at `now` gives it.
    """
    holds = CATALOGUE[kind].holds
    if holds.says_what_is_so and not holds.needs_an_open_request:
        return [listed(NoticeSubject(one.appointment)) for one in rows]
    if holds.needs_an_open_request:
        still_open = []
        for one in rows:
            request = one.request
            if request is None or not request.is_open:
                continue
            still_open.append(listed(NoticeSubject(one.appointment, request), handed_over_at=now))
        return still_open
    told = [read(one.facts, sequence=one.sequence) for one in rows]
    elsewhere = {facts.place for facts in told} - {one.appointment.place_id for one in rows}
    # An event may tell of a place that the appointment has left since.
    places = Place.objects.in_bulk(elsewhere) if elsewhere else {}
    return [
        Listed(facts, one.appointment, places.get(facts.place, one.appointment.place))
        for facts, one in zip(told, rows, strict=True)
    ]


def calendar_entries(
    told: Sequence[Listed], method: Method, *, attendee: str, zone: str, made_at: datetime
) -> str:
    """Return a calendar entry for each appointment and for each series, one after the other; `zone` is where the client is.

    Each is an object of its own: RFC 5546 wants one UID in each. Without an address that can be written to there is nobody
    to invite, which delivery will say.
    """
    wanted = {number for one in told for number in (one.facts.former_series, one.facts.series)} - {None}
    series = Series.objects.select_related("client", "place").in_bulk(wanted) if wanted else {}
    entries: list[str] = []
    try:
        parties = parties_of(told[0].appointment.practice, attendee=attendee)
        whole = [one.facts for one in told if one.facts.whole_series]
        # The series that ended first, so that a calendar has room for the one that takes its place.
        numbers = [one.former_series for one in whole] + [one.series for one in whole]
        for number in dict.fromkeys(number for number in numbers if number in series):
            ended_or_new = series[number]
            rows = occurrences_of(ended_or_new.pk)
            entries.append(series_object(ended_or_new, rows, parties=parties, made_at=made_at))
        for one in told:
            its = series.get(one.facts.series or 0)
            if its is None or not one.facts.whole_series:
                entries.append(_entry(one, its, method, parties=parties, zone=zone, made_at=made_at))
    except ValueError:
        return ""
    return "".join(entries)


def _entry(
    one: Listed, series: Series | None, method: Method, *, parties: Parties, zone: str, made_at: datetime
) -> str:
    """Return the entry of one appointment; an occurrence of a series has its UID, by the clock of the series."""
    row, in_room = one.appointment, one.place.kind == PlaceKind.ROOM
    location = None if row.client.neutral_wording else location_of(one.place, row.join_url)
    sequence = sequence_of(series, one.facts.sequence) if series else one.facts.sequence
    known_by = one.facts.recurrence_id if series else None
    session = Session(sequence, one.facts.starts_at, one.facts.ends_at, location, known_by)
    return calendar_object(
        [session],
        uid=series.ical_uid if series else row.ical_uid,
        method=method,
        zone=series.zone if series else (in_room and one.place.zone) or zone,
        parties=parties,
        made_at=made_at,
    )
