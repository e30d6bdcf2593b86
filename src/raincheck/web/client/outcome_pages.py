"""The outcome of a request as its client reads it: the ending, and what has become of the appointment since."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from raincheck.data.models import Appointment, Place, Provider, RebookOffer, RescheduleRequest
from raincheck.data.reschedule.choices import choice_changes_until, stands_as_chosen
from raincheck.data.reschedule.standing import standing_appointments
from raincheck.data.timing.zone_rules import instants_of_present_time
from raincheck.domain.appointments.lifecycle import (
    AT_THE_CLIENTS_WISH,
    CancelledBy,
    CancelledWhy,
    PlaceKind,
    Status,
)
from raincheck.domain.people import ActorKind
from raincheck.domain.regions import asks_where, regions
from raincheck.domain.reschedule.lifecycle import CHOSEN, State
from raincheck.domain.reschedule.silence import nobody_came_from
from raincheck.notifications.formats import duration, long_day_and_time
from raincheck.queries.appointments.own import OwnAppointment
from raincheck.queries.appointments.whereabouts import whereabouts_of
from raincheck.queries.reschedule.choose import Settled
from raincheck.web.client.link_access import Visit
from raincheck.web.client.times import Clock
from raincheck.web.regions import Choices, region_choices

ENDS_MORE = {CancelledWhy.DISCHARGED, CancelledWhy.SERIES_ENDED}
"""After these the client's other appointments do not stand, so no page may say so."""

ON_ITS_WAY = timedelta(hours=1)
"""For so long after a pick its page says that the confirmation is coming; later it has come."""


@dataclass(slots=True)
class Ending:
    """One settled request in words: a heading, the time it had and the time it has, and the ways on (empty = not there)."""

    heading: str
    sentences: list[str] = field(default_factory=list)
    former: str = ""
    when: str = ""
    named: str = ""
    where: str = ""
    calendar_url: str = ""
    join_url: str = ""
    book_url: str = ""
    booked_url: str = ""
    call: bool = False
    nobody_came_url: str = ""
    where_url: str = ""
    """Where to say where they will be; empty where nobody asks."""
    regions: Choices = field(default_factory=list)
    receipt: str = ""
    """That the practice was told that nobody came."""
    asked_again: bool = False
    change_url: str = ""
    """Where the client changes their choice, for a day."""
    moved: bool = False
    """Whether it stands as the client chose it: at their new time, or by video."""


def others_stand(visit: Visit) -> bool:
    """Return whether the client has appointments ahead that nobody asks about: whoever has none is told of none."""
    return bool(standing_appointments([visit.client.pk], now=visit.now))


def ending_of(settled: Settled, visit: Visit, *, others_stand: bool) -> Ending:
    """Return what a client reads about one settled request."""
    request = settled.request
    ending = _as_it_stands(settled, visit, others_stand=others_stand)
    if ending.moved and request.appointment.starts_at > visit.now:
        address = visit.address("where", request.ref)
        _ask_where(ending, request.appointment, visit, said=settled.region, address=address)
    ending.asked_again = settled.asked_again
    until = choice_changes_until(request, request.appointment)
    if until is not None and until > visit.now and not settled.asked_again:
        ending.change_url = visit.address("change", request.ref)
    return ending


def _as_it_stands(settled: Settled, visit: Visit, *, others_stand: bool) -> Ending:
    """What has become of the appointment comes before how the request ended."""
    request, appointment = settled.request, settled.request.appointment
    state = State(request.state)
    if appointment.status == Status.CANCELLED:
        why = _why_cancelled(appointment, visit, deadline=request.deadline_at)
        return _canceled(appointment, settled.offer, visit, why=why, others_stand=others_stand)
    if state in (State.VOID, State.OPEN):
        return _not_settled(settled, visit)
    if state in (State.DECLINED, State.LAPSED) and request.asked_starts_at == appointment.starts_at:
        return _put_back(request, visit)
    if not _is_as_it_ended(request):
        return _changed(request, visit)
    return _chosen(request, visit) if state in CHOSEN else _stands(request, visit)


def _canceled(
    appointment: Appointment, offer: RebookOffer | None, visit: Visit, *, why: str, others_stand: bool
) -> Ending:
    """Return what is read of a canceled appointment, with the way to another one."""
    ending = _gone(appointment, visit, why=why, others_stand=others_stand)
    # Before its expiry: a booking stands, however long ago its offer ended.
    if offer is not None and offer.booked_id is not None:
        ending.booked_url = reverse("book", args=[offer.ref])
    elif offer is not None and offer.expires_at > visit.now:
        ending.book_url = reverse("book", args=[offer.ref])
    else:
        ending.call = True
    return ending


def _not_settled(settled: Settled, visit: Visit) -> Ending:
    """Its start came before anybody had decided."""
    appointment = settled.request.appointment
    when = Clock.at(appointment.place, own=visit.zone).when(appointment.starts_at, now=visit.now)
    ending = _live(appointment, visit, heading=_("Your appointment was set for %(when)s") % {"when": when})
    ending.when = ""  # the heading says it
    ending.sentences = [_("It was neither moved nor canceled.")]
    ending.call = True
    if settled.nobody_came_at is not None:
        at = {"instant": long_day_and_time(settled.nobody_came_at, visit.zone, now=visit.now)}
        ending.receipt = _("Thank you for telling us. The practice was told on %(instant)s.") % at
    elif appointment.status == Status.SCHEDULED and nobody_came_from(appointment.starts_at) <= visit.now:
        ending.nobody_came_url = visit.address("nobody-came", settled.request.ref)
    return ending


def _put_back(request: RescheduleRequest, visit: Visit) -> Ending:
    ending = _live(request.appointment, visit, heading=_("Your original time stands"))
    back = _("It was canceled, and %(practice)s has put it back. If it doesn't suit you, please write to us.")
    ending.sentences = [back % {"practice": visit.practice.name}]
    return _with_calendar(ending, request.appointment, visit.address("calendar", request.ref), visit)


def _chosen(request: RescheduleRequest, visit: Visit) -> Ending:
    """Return what is read of a time that its client chose: another one, or the same by video."""
    appointment = request.appointment
    ending = _live(appointment, visit, heading=_all_set(visit))
    ending.moved = True
    ending.sentences = _on_its_way(request.settled_at, visit)
    if request.state == State.KEPT:
        ending.when = _("%(when)s, by video") % {"when": ending.when}
        ending.sentences.insert(0, _("Your time stays, and you meet by video."))
    else:
        clock = Clock.at(appointment.place, own=visit.zone)
        ending.former = clock.when(request.asked_starts_at, now=visit.now)
    return _with_calendar(ending, appointment, visit.address("calendar", request.ref), visit)


def _stands(request: RescheduleRequest, visit: Visit) -> Ending:
    """The request was taken back: nothing has changed."""
    appointment = request.appointment
    ending = _live(appointment, visit, heading=_("Your original time stands"))
    ending.sentences = [_("You don't need to choose a new time any more.")]
    lead = visit.practice.rules.lead
    # Nobody is offered what the rules don't allow; an ask that was undone has unsettled nobody.
    if request.state != State.UNDONE and appointment.starts_at - lead > visit.now:
        free = _(
            "If it no longer suits you, please write to us. Moving or canceling is free until %(lead)s before the start."
        )
        ending.sentences.append(free % {"lead": duration(lead)})
    return ending


def _ask_where(ending: Ending, appointment: Appointment, visit: Visit, *, said: str, address: str) -> None:
    """Ask where the client will be, of a time by video that they chose away from their usual place; or say what was said."""
    if appointment.place.kind != PlaceKind.TELEHEALTH:
        return
    if said:
        told = _("You told us that you will be in %(place)s.")
        ending.sentences.append(told % {"place": regions()[said]})
    elif asks_where(visit.provider.licensed_in, usual=visit.client.usual_region, zone=visit.zone):
        ending.where_url = address
        ending.regions = region_choices(_("Choose a state or country"))


def booked_ending(appointment: Appointment, visit: Visit) -> Ending:
    """Return what a client reads about the appointment they booked by a rebook offer."""
    if appointment.status == Status.CANCELLED:
        why = _why_cancelled(appointment, visit, deadline=None)
        ending = _gone(appointment, visit, why=why, others_stand=others_stand(visit))
        ending.call = True
        return ending
    ending = _live(appointment, visit, heading=_all_set(visit))
    ending.moved = True
    ending.sentences = _on_its_way(appointment.booked_at, visit)
    _ask_where_of_own(ending, appointment, visit)
    return _with_calendar(ending, appointment, visit.address("calendar"), visit)


def own_ending(stands: OwnAppointment, visit: Visit) -> Ending:
    """Return what a client reads about an appointment of theirs, as it stands now."""
    appointment, offer = stands.appointment, stands.offer
    if appointment.status == Status.CANCELLED:
        why = _why_cancelled(appointment, visit, deadline=None)
        return _canceled(appointment, offer, visit, why=why, others_stand=others_stand(visit))
    if appointment.ends_at <= visit.now:
        return _live(appointment, visit, heading=_("This appointment is over"))
    ending = _live(appointment, visit, heading=_("Your appointment"))
    if stands.asked is not None:
        asks = _("%(provider)s has asked you to choose a new time for it. Until you do, it stays as it is.")
        ending.sentences = [asks % {"provider": visit.provider.short_name}]
    elif stands.changes_until is not None:
        until = {"instant": long_day_and_time(stands.changes_until, visit.zone, now=visit.now)}
        ending.sentences = [_("You can move or cancel it here until %(instant)s, free of charge.") % until]
    elif appointment.starts_at > visit.now:
        ending.sentences = [
            _("It is too near to be moved or canceled here. If you can't come, please tell us.")
        ]
        ending.call = True
    if stands.asked is None:
        _ask_where_of_own(ending, appointment, visit)
    return _with_calendar(ending, appointment, visit.address("calendar"), visit)


def _ask_where_of_own(ending: Ending, appointment: Appointment, visit: Visit) -> None:
    """The same of a time that the client booked, or moved their appointment to, by themselves."""
    if appointment.starts_at <= visit.now:
        return
    known = whereabouts_of([appointment.pk])[appointment.pk]
    if known.region or known.chosen_by_client:
        _ask_where(ending, appointment, visit, said=known.region, address=visit.address("where"))


def where(place: Place, provider: Provider, length: timedelta) -> str:
    """Return "Telehealth with Dr. Okafor, 50 minutes", or the room with its address."""
    named = ", ".join(part for part in (place.name, place.address) if part)
    said = {"place": named, "provider": provider.short_name, "length": duration(length)}
    return _("%(place)s with %(provider)s, %(length)s") % said


def _is_as_it_ended(request: RescheduleRequest) -> bool:
    # By video is what was kept; in a room again it is another appointment than the client agreed to.
    if request.state == State.KEPT and request.appointment.place.kind != PlaceKind.TELEHEALTH:
        return False
    stays = request.asked_starts_at
    expected = {
        State.MOVED: request.moved_to,
        State.WITHDRAWN: stays,
        State.KEPT: stays,
        State.UNDONE: stays,
    }
    time = expected.get(State(request.state))
    if State(request.state) in CHOSEN and stands_as_chosen(request, request.appointment):
        return True
    # New clock rules may have moved the instant of a wall time that was agreed on; to its client that is the same time.
    return time == request.appointment.starts_at or time in instants_of_present_time(request.appointment)


def _gone(appointment: Appointment, visit: Visit, *, why: str, others_stand: bool) -> Ending:
    clock = Clock.at(appointment.place, own=visit.zone)
    others_stand = others_stand and appointment.cancelled_why not in ENDS_MORE
    return Ending(
        heading=_("This appointment was canceled"),
        sentences=[why, *([_("Your other appointments stand.")] if others_stand else [])],
        former=clock.when(appointment.starts_at, now=visit.now),
        named=clock.named(appointment.starts_at),
        where=where(appointment.place, visit.provider, appointment.length),
    )


def _why_cancelled(appointment: Appointment, visit: Visit, *, deadline: datetime | None) -> str:
    why = appointment.cancelled_why
    if why == CancelledWhy.RESCHEDULE_DECLINED:
        return _("You canceled it, and there is no charge.")
    if why == CancelledWhy.RESCHEDULE_NO_TIME:
        if deadline is None:
            return _("We are sorry: no time was found. There is no charge.")
        until = long_day_and_time(deadline, visit.zone, now=visit.now)
        return _("We are sorry: no time was found by %(instant)s. There is no charge.") % {"instant": until}
    if why == CancelledWhy.RESCHEDULE_UNANSWERED:
        if deadline is None:
            return _("We hadn't heard from you. There is no charge.")
        until = long_day_and_time(deadline, visit.zone, now=visit.now)
        return _("We hadn't heard from you by %(instant)s. There is no charge.") % {"instant": until}
    by_provider = appointment.cancelled_by == CancelledBy.PROVIDER
    # Never why: what the practice chose there is for its own books.
    if appointment.cancelled_by == CancelledBy.CLIENT:
        who = _("You canceled this appointment.")
    elif why in AT_THE_CLIENTS_WISH:
        who = _("It was canceled as you asked.")
    else:
        name = visit.provider.short_name if by_provider else visit.practice.name
        who = _("%(name)s has canceled this appointment.") % {"name": name}
    if appointment.fee_allowed:
        fee = _("A fee for canceling on short notice may apply. If you have questions, please call us.")
        return f"{who} {fee}"
    return f"{who} {_('There is no charge.')}"


def _on_its_way(done_at: datetime | None, visit: Visit) -> list[str]:
    if done_at is None or visit.now >= done_at + ON_ITS_WAY:
        return []
    knows = _("%(provider)s knows, and a confirmation is on its way to you.")
    return [knows % {"provider": visit.provider.short_name}]


def _all_set(visit: Visit) -> str:
    return _("You're all set, %(first_name)s") % {"first_name": visit.client.known_as}


def _changed(request: RescheduleRequest, visit: Visit) -> Ending:
    """The practice changed the appointment, by superseding the request or after its ending."""
    appointment = request.appointment
    ending = _live(appointment, visit, heading=_("Your appointment was changed"))
    ending.sentences = [_("You don't need to choose a new time any more.")]
    if request.state == State.SUPERSEDED:
        by_provider = request.settled_by == ActorKind.PROVIDER
        name = visit.provider.short_name if by_provider else visit.practice.name
        ending.sentences.insert(0, _("%(name)s changed it.") % {"name": name})
    # Other details than the time may have changed; then there is no former time to name.
    if request.asked_starts_at != appointment.starts_at:
        ending.former = Clock.at(appointment.place, own=visit.zone).when(
            request.asked_starts_at, now=visit.now
        )
    return _with_calendar(ending, appointment, visit.address("calendar", request.ref), visit)


def _live(appointment: Appointment, visit: Visit, *, heading: str) -> Ending:
    clock = Clock.at(appointment.place, own=visit.zone)
    by_video = appointment.place.kind == PlaceKind.TELEHEALTH and appointment.ends_at > visit.now
    return Ending(
        heading=heading,
        when=clock.when(appointment.starts_at, now=visit.now),
        named=clock.named(appointment.starts_at),
        where=where(appointment.place, visit.provider, appointment.length),
        join_url=appointment.join_url if by_video else "",
    )


def _with_calendar(ending: Ending, appointment: Appointment, address: str, visit: Visit) -> Ending:
    if appointment.starts_at > visit.now:
        ending.calendar_url = address
    return ending
