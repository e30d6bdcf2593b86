"""Every verb, sent twice, acts once; and tried again after a failure, it acts as if there had been none."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID

import pytest
from django.db import connection
from tests.app.cast import (
    FRIDAY_AT_NINE,
    NOW,
    TUESDAY_AT_ELEVEN,
    Cast,
    a_key,
    as_read,
    client_in,
    new_york,
    room_of,
)
from tests.app.told import told

from raincheck import actions
from raincheck.actions import (
    accounts,
    availability,
    conversations,
    out_of_office,
    practice,
    tasks,
)
from raincheck.actions.access import (
    appearance,
    emergency,
    first_start,
    invitations,
    passkeys,
    people as rights,
    rehearsal,
    second_factor,
    sessions,
)
from raincheck.actions.access.webauthn import MadePasskey
from raincheck.actions.appointments import (
    booking as appointments,
    holding as own_holds,
    needed_by,
    outcomes,
    rebooking,
    reinstate as reinstating,
    self_service,
    series,
    series_changes,
    undo as undo_changes,
)
from raincheck.actions.calendars import (
    checks as calendar_checks,
    feeds as calendar_feeds,
    pushes as calendar_pushes,
    sources as calendars,
)
from raincheck.actions.clients import leaving, merging, record, unmerging
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import Answer, KeyUsedForAnother, run_command
from raincheck.actions.imports import calendars as calendar_imports, importing as imports, staging, undoing
from raincheck.actions.reschedule import (
    answer as answers,
    ask as asking,
    choice,
    hold as holds,
    links,
    suggest,
    undo,
    urge,
    waiting,
    whereabouts,
)
from raincheck.actions.timing.sweep import sweep
from raincheck.data.access.appearance import Appearance
from raincheck.data.access.invitations import Invitation
from raincheck.data.access.passkeys import Passkey, passkeys_of
from raincheck.data.access.sessions import UserSession
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.calendars.pushes import CalendarPush
from raincheck.data.conversations import Conversation
from raincheck.data.notifications import Link, Notification
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Membership, Recipient, User
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.slots import NOBODY
from raincheck.data.tasks import Task
from raincheck.domain.access import authenticator
from raincheck.domain.access.invitations import PEOPLES_LIVE, digest_of, sound_invitee
from raincheck.domain.access.people import Person
from raincheck.domain.access.sign_in import WayIn
from raincheck.domain.appointments.lifecycle import CancelReason, PlaceKind, Status, TypeKind
from raincheck.domain.appointments.needed_by import NeededFor
from raincheck.domain.appointments.outcomes import Outcome
from raincheck.domain.appointments.series import Scope
from raincheck.domain.availability.hours import availability_from
from raincheck.domain.calendars.checks import CalendarKind, Source
from raincheck.domain.calendars.feeds import Titles
from raincheck.domain.clients.leaving import Told
from raincheck.domain.clients.record import ClientDetails
from raincheck.domain.imports.calendar_files import CalendarEvent, CalendarFile, EventTime
from raincheck.domain.imports.columns import Field, Kind
from raincheck.domain.imports.tables import Sheet
from raincheck.domain.notifications import Channel
from raincheck.domain.people import OPERATOR, SYSTEM, Actor, ActorKind, Contact, NotInThisPractice, Role
from raincheck.domain.practice import PlaceDetails, PracticeDetails, TypeDetails
from raincheck.domain.reschedule.lifecycle import Reason, TookTooLong
from raincheck.domain.spans import Span

HOURS = timedelta(hours=1)
SUNDAY_AT_NINE = new_york(22, 9)
FRIDAY = Span(FRIDAY_AT_NINE, FRIDAY_AT_NINE + HOURS)
BY_SASHA = Actor(ActorKind.MANAGER, 1)
SHORT = TypeDetails(
    name="Follow-up",
    kind=TypeKind.FOLLOW_UP,
    length=HOURS / 2,
    buffer_before=0 * HOURS,
    buffer_after=0 * HOURS,
)
ROOM = PlaceDetails(name="Room 2", kind=PlaceKind.ROOM, zone="America/New_York", address="48 Harbor Street")
Verb = Callable[[], Answer]


def done(verb: Verb) -> Answer:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=NOW)


def booking(cast: Cast) -> Verb:
    said = appointments.Booking(
        cast.okafor.pk, cast.riley.pk, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE
    )
    return partial(appointments.book, said, by=cast.by_okafor, now=NOW)


def booking_a_series(cast: Cast) -> Verb:
    said = series.SeriesBooking(
        cast.okafor.pk,
        cast.riley.pk,
        cast.follow_up.pk,
        cast.telehealth.pk,
        datetime.fromisoformat("2026-11-27T09:00"),
        1,
        count=3,
    )
    return partial(series.book_series, said, by=cast.by_okafor, now=NOW)


def adding_and_booking_a_series(cast: Cast) -> Verb:
    at = datetime.fromisoformat("2026-11-27T09:00")
    said = series.SeriesBooking(cast.okafor.pk, NOBODY, cast.follow_up.pk, cast.telehealth.pk, at, 1, count=3)
    details = ClientDetails(first_name="Nico", contact=Contact("nico@clients.example", "", False))
    here = cast.practice.pk
    return partial(series.add_and_book_series, details, said, practice_id=here, by=cast.by_okafor, now=NOW)


def booked_series(cast: Cast) -> Appointment:
    done(booking_a_series(cast))
    return Appointment.objects.filter(series__isnull=False).earliest("starts_at")


def changing_a_series(cast: Cast) -> Verb:
    row = booked_series(cast)
    details = appointments.Details(new_york(28, 9), row.type_id, row.place_id, row.join_url)
    return partial(
        series_changes.change_series, row.ref, scope=Scope.ALL, details=details, by=cast.by_okafor, now=NOW
    )


def cancelling_a_series(cast: Cast) -> Verb:
    row = booked_series(cast)
    said = appointments.Cancellation(CancelReason.CLINICAL, note="As we said.", rebook_link=True)
    return partial(
        series_changes.cancel_series,
        row.ref,
        scope=Scope.ALL,
        cancellation=said,
        by=cast.by_okafor,
        now=NOW,
    )


def changing(cast: Cast) -> Verb:
    row = cast.booked()
    cast.asked(row)
    details = appointments.Details(FRIDAY_AT_NINE, row.type_id, row.place_id, row.join_url)
    return partial(
        appointments.change_appointment_details, row.ref, details=details, by=cast.by_okafor, now=NOW
    )


def cancelling(cast: Cast) -> Verb:
    row = cast.booked()
    cast.asked(row)
    said = appointments.Cancellation(CancelReason.CLINICAL, note="As we said.", rebook_link=True)
    return partial(appointments.cancel_appointment, row.ref, cancellation=said, by=cast.by_okafor, now=NOW)


def asking_about_two(cast: Cast) -> Verb:
    rows = cast.booked(), cast.booked(new_york(1, 11, month=12))
    said = asking.Ask(
        [row.ref for row in rows],
        Reason.TRAVEL,
        note="Sorry.",
        block=Span(TUESDAY_AT_ELEVEN, TUESDAY_AT_ELEVEN + HOURS),
    )
    return partial(asking.ask_to_reschedule, said, practice_id=cast.practice.pk, by=cast.by_okafor, now=NOW)


def picking(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    return partial(answers.pick_new_time, request.ref, start=FRIDAY_AT_NINE, by=cast.by_riley, now=NOW)


def keeping_by_video(cast: Cast) -> Verb:
    request = cast.asked(cast.booked(place=room_of(cast)), by_video=True)
    return partial(answers.keep_by_video, request.ref, by=cast.by_riley, now=NOW)


def saying_where_one_will_be(cast: Cast) -> Verb:
    cast.okafor.licensed_in = ["US-NY"]
    cast.okafor.save(update_fields=["licensed_in"])
    request = cast.asked(cast.booked())
    cast.pick(request)
    return partial(whereabouts.say_where, request.appointment.ref, region="US-NJ", by=cast.by_riley, now=NOW)


def declining(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    return partial(answers.decline, request.ref, by=cast.by_riley, now=NOW, reason="Enough.")


def withdrawing(cast: Cast) -> Verb:
    request = cast.asked(cast.booked(), block=FRIDAY)
    return partial(answers.withdraw, request.ref, by=cast.by_okafor, now=NOW, note="All is well.")


def undoing_an_ask(cast: Cast) -> Verb:
    cast.choose()
    request = cast.asked(cast.booked())
    return partial(undo.undo_ask, request.ref, by=cast.by_okafor, now=NOW)


def holding(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    return partial(holds.hold_time, request.ref, start=FRIDAY_AT_NINE, now=NOW)


def holding_longer(cast: Cast) -> Verb:
    verb = holding(cast)
    done(verb)
    return partial(holds.hold_longer, RescheduleRequest.objects.get().ref, now=NOW + HOURS / 60)


def letting_go(cast: Cast) -> Verb:
    held = UUID(done(holding(cast))["hold"])
    return partial(holds.let_go, RescheduleRequest.objects.get().ref, hold=held, now=NOW)


def changing_a_choice(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    cast.pick(request)
    start = FRIDAY_AT_NINE + HOURS
    return partial(choice.change_choice, request.ref, start=start, sequence=1, by=cast.by_riley, now=NOW)


def reinstating_an_appointment(cast: Cast) -> Verb:
    row = cast.booked()
    said = appointments.Cancellation(CancelReason.CLINICAL)
    done(partial(appointments.cancel_appointment, row.ref, cancellation=said, by=cast.by_okafor, now=NOW))
    return partial(reinstating.reinstate, row.ref, by=cast.by_okafor, now=NOW)


def undoing_a_change(cast: Cast) -> Verb:
    cast.choose()
    row = cast.booked()
    said = appointments.Cancellation(CancelReason.CLINICAL)
    done(partial(appointments.cancel_appointment, row.ref, cancellation=said, by=cast.by_okafor, now=NOW))
    return partial(undo_changes.undo_change, row.ref, sequence=1, by=cast.by_okafor, now=NOW)


def extending(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    return partial(urge.extend, request.ref, by_length=12 * HOURS, by=cast.by_okafor, now=NOW)


def reminding_by_hand(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=NOW)
    return partial(urge.remind_by_hand, request.ref, by=cast.by_okafor, now=NOW)


def suggesting_times(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    return partial(suggest.suggest_times, request.ref, starts=[SUNDAY_AT_NINE], by=cast.by_okafor, now=NOW)


def taking_a_time_back(cast: Cast) -> Verb:
    request = cast.asked(cast.booked(), suggestions=[SUNDAY_AT_NINE])
    held = Hold.objects.get(request=request)
    return partial(suggest.take_suggestion_back, request.ref, hold=held.ref, by=cast.by_okafor, now=NOW)


def saying_that_none_work(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    word_at = request.deadline_at - HOURS
    return partial(answers.none_work, request.batch, words="Evenings?", by=cast.by_riley, now=word_at)


def saying_that_nobody_came(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    at = TUESDAY_AT_ELEVEN + HOURS / 2
    sweep(now=at)
    return partial(waiting.nobody_came, request.ref, by=cast.by_riley, now=at)


def writing(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    return partial(
        conversations.write_message,
        cast.okafor.pk,
        cast.riley.pk,
        words="Evenings?",
        by=cast.by_riley,
        now=request.deadline_at - HOURS,
    )


def reading_messages(cast: Cast) -> Verb:
    cast.booked()
    return partial(conversations.mark_read, Conversation.objects.get(), by=cast.by_okafor, now=NOW)


def holding_ones_own(cast: Cast) -> Verb:
    wish = own_holds.to_move(cast.booked().ref)
    return partial(own_holds.hold_own_time, wish, start=FRIDAY_AT_NINE, now=NOW)


def holding_ones_own_longer(cast: Cast) -> Verb:
    done(holding_ones_own(cast))
    wish = own_holds.to_move(Appointment.objects.get().ref)
    return partial(own_holds.hold_own_time_longer, wish, now=NOW + HOURS / 60)


def letting_ones_own_go(cast: Cast) -> Verb:
    held = UUID(done(holding_ones_own(cast))["hold"])
    wish = own_holds.to_move(Appointment.objects.get().ref)
    return partial(own_holds.let_own_time_go, wish, hold=held, now=NOW)


def rebooking_a_time(cast: Cast) -> Verb:
    cast.decline(cast.asked(cast.booked()))
    offer = RebookOffer.objects.get()
    return partial(rebooking.rebook, offer.ref, start=FRIDAY_AT_NINE, by=cast.by_riley, now=NOW)


def moving_ones_own(cast: Cast) -> Verb:
    ref = cast.booked().ref
    return partial(
        self_service.move_own_appointment, ref, start=FRIDAY_AT_NINE, sequence=0, by=cast.by_riley, now=NOW
    )


def cancelling_ones_own(cast: Cast) -> Verb:
    ref = cast.booked().ref
    return partial(
        self_service.cancel_own_appointment, ref, sequence=0, words="Away.", by=cast.by_riley, now=NOW
    )


def saying_by_when_it_is_needed(cast: Cast) -> Verb:
    request = cast.asked(cast.booked())
    return partial(
        needed_by.set_needed_by,
        request.appointment.ref,
        needed_by=FRIDAY_AT_NINE.date(),
        needed_for=NeededFor.REFILL,
        by=cast.by_okafor,
        now=NOW,
    )


def wanting_no_reminders(cast: Cast) -> Verb:
    recipient = Recipient.objects.get(client=cast.riley).pk
    return partial(self_service.want_reminders, recipient, wanted=False, by=cast.by_riley, now=NOW)


def blocking(cast: Cast) -> Verb:
    return partial(out_of_office.block_time, cast.okafor.pk, span=FRIDAY, now=NOW, note="Away")


def blocked(cast: Cast) -> dict[str, object]:
    done(blocking(cast))
    return {"ref": OutOfOffice.objects.get().ref, "practice_id": cast.practice.pk, "now": NOW}


def changing_a_block(cast: Cast) -> Verb:
    span = Span(FRIDAY.end, FRIDAY.end + HOURS)
    return partial(out_of_office.change_block, span=span, note="Later", **blocked(cast))  # type: ignore[arg-type]


def removing_a_block(cast: Cast) -> Verb:
    return partial(out_of_office.remove_block, **blocked(cast))  # type: ignore[arg-type]


def setting_hours(cast: Cast) -> Verb:
    hours = availability_from(
        {"weekly": [{"weekday": 0, "start": "09:00", "end": "12:00", "places": []}], "overrides": []}
    )
    return partial(
        availability.set_availability, cast.okafor.pk, availability=hours, by=cast.by_okafor, now=NOW
    )


def importing(cast: Cast) -> Verb:
    return partial(
        calendars.import_busy_time,
        cast.okafor.pk,
        name="home.ics",
        reading=as_read(FRIDAY, problems=["One event could not be read."]),
        now=NOW,
    )


def removing_a_calendar(cast: Cast) -> Verb:
    done(importing(cast))
    return partial(
        calendars.remove_calendar, BusyCalendar.objects.get().ref, provider_id=cast.okafor.pk, now=NOW
    )


def making_a_feed(cast: Cast) -> Verb:
    made = {"digest": b"two", "titles": Titles.INITIALS, "now": NOW}
    done(partial(calendar_feeds.make_feed, cast.okafor, **made | {"digest": b"one"}))  # type: ignore[arg-type]
    return partial(calendar_feeds.make_feed, cast.okafor, **made)  # type: ignore[arg-type]


def titling_a_feed(cast: Cast) -> Verb:
    done(making_a_feed(cast))
    return partial(calendar_feeds.title_feed, cast.okafor, titles=Titles.NEUTRAL)


def stopping_a_feed(cast: Cast) -> Verb:
    made = done(making_a_feed(cast))
    return partial(calendar_feeds.stop_feed, UUID(made["feed"]), now=NOW)


def connecting(cast: Cast) -> Verb:
    source = Source(CalendarKind.SUBSCRIPTION, "calendars.example", "https://calendars.example/okafor.ics")
    work, home = (
        calendars.Brought(name, as_read(FRIDAY), source, keeps_titles=True) for name in ("Work", "Home")
    )
    return partial(calendars.connect_calendars, cast.okafor.pk, calendars=[work, home], now=NOW)


def subscribed(cast: Cast) -> BusyCalendar:
    """Return a calendar that is read from an address."""
    return BusyCalendar.objects.get(ref=done(connecting(cast))["calendar"])


def forgetting_titles(cast: Cast) -> Verb:
    return partial(
        calendars.keep_titles, subscribed(cast).ref, provider_id=cast.okafor.pk, keep=False, now=NOW
    )


def checking_now(cast: Cast) -> Verb:
    return partial(calendar_checks.check_now, subscribed(cast).ref, provider_id=cast.okafor.pk, now=NOW)


def account_of(cast: Cast) -> BusyCalendar:
    source = Source(
        CalendarKind.CALDAV, "dav.example", "https://dav.example/office/", "okafor", "open sesame"
    )
    verb = partial(
        calendars.import_busy_time, cast.okafor.pk, name="Work", reading=as_read(), source=source, now=NOW
    )
    return BusyCalendar.objects.get(ref=done(verb)["calendar"])


def pushing_into_a_calendar(cast: Cast) -> Verb:
    ref = account_of(cast).ref
    return partial(calendar_pushes.push_into, ref, provider_id=cast.okafor.pk, now=NOW)


def stopping_to_push(cast: Cast) -> Verb:
    ref = UUID(done(pushing_into_a_calendar(cast))["push"])
    push = CalendarPush.objects.get().pk
    until = done(partial(calendar_pushes.begin_run, push, now=NOW))["until"]
    done(partial(calendar_pushes.begin_event, push, cast.booked().pk, until=until, now=NOW))
    return partial(calendar_pushes.stop_pushing, ref, take_back=True, now=NOW)


def adding_a_client(cast: Cast) -> Verb:
    details = ClientDetails(first_name="Noa", contact=Contact("noa@new.example", "+13105550100", texts=True))
    return partial(record.add_client, cast.practice.pk, details=details, by=cast.by_okafor, now=NOW)


def adding_and_booking(cast: Cast) -> Verb:
    details = ClientDetails(first_name="Noa", contact=Contact("noa@new.example", "", texts=False))
    said = appointments.Booking(cast.okafor.pk, NOBODY, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE)
    here = cast.practice.pk
    return partial(appointments.add_and_book, details, said, practice_id=here, by=cast.by_okafor, now=NOW)


def changing_a_client(cast: Cast) -> Verb:
    cast.asked(cast.booked())
    contact = Contact("riley@new.example", "+13105550100", texts=True)
    details = ClientDetails(first_name="Riley", contact=contact, do_not_auto_cancel=True)
    return partial(record.change_client, cast.riley.pk, details=details, seen=0, by=cast.by_okafor, now=NOW)


def twice(cast: Cast) -> tuple[int, int]:
    other = client_in(cast.practice, "Rilee", "Brooks")
    cast.booked(client=other)
    return cast.riley.pk, other.pk


def merging_records(cast: Cast) -> Verb:
    return partial(merging.merge_clients, *twice(cast), taken=(), seen=(0, 0), by=BY_SASHA, now=NOW)


def undoing_a_merge(cast: Cast) -> Verb:
    ref = UUID(done(merging_records(cast))["merge"])
    return partial(unmerging.undo_merge, ref, by=BY_SASHA, now=NOW)


def discharging(cast: Cast) -> Verb:
    cast.asked(cast.booked())
    said = leaving.Discharge(Told.OWN_WORDS, "Thank you.")
    return partial(leaving.discharge, cast.riley.pk, said=said, by=BY_SASHA, now=NOW)


def archiving(cast: Cast) -> Verb:
    return partial(leaving.archive, cast.riley.pk, by=BY_SASHA, now=NOW)


def bringing_back(cast: Cast) -> Verb:
    done(archiving(cast))
    return partial(leaving.bring_back, cast.riley.pk, by=BY_SASHA, now=NOW)


def telling_apart(cast: Cast) -> Verb:
    return partial(merging.tell_apart, *twice(cast), by=BY_SASHA, now=NOW)


def link_of(cast: Cast) -> Link:
    """Return the link of a prompt whose delivery has begun."""
    cast.asked(cast.booked())
    prompt = Notification.objects.get(kind="asked", channel="email")
    done(partial(begin_attempt, prompt.pk, now=NOW))
    return Link.objects.get()


def giving_a_link_up(cast: Cast) -> Verb:
    return partial(links.revoke_links, link_of(cast), now=NOW)


def opening_a_page(cast: Cast) -> Verb:
    return partial(links.mark_opened, link_of(cast).batch, now=NOW)


def choosing_a_zone(cast: Cast) -> Verb:
    return partial(links.choose_zone, cast.riley, zone="Europe/London", by=cast.by_riley, now=NOW)


def finishing_a_task(cast: Cast) -> Verb:
    done(giving_a_link_up(cast))
    return partial(tasks.finish_task, Task.objects.get(), now=NOW)


def seeing_news(cast: Cast) -> Verb:
    cast.pick(cast.asked(cast.booked()))
    newest = Notification.objects.filter(channel="in_app").latest("pk")
    return partial(tasks.see_news, cast.okafor.pk, up_to=newest.ref, now=NOW)


def adding_a_type(cast: Cast) -> Verb:
    details = replace(SHORT, name="Short follow-up")
    return partial(practice.add_type, cast.practice.pk, details=details, by=BY_SASHA, now=NOW)


def changing_a_type(cast: Cast) -> Verb:
    about = {"practice_id": cast.practice.pk, "seen": 0, "by": BY_SASHA, "now": NOW}
    return partial(practice.change_type, cast.follow_up.ref, details=SHORT, **about)  # type: ignore[arg-type]


def adding_a_place(cast: Cast) -> Verb:
    return partial(practice.add_place, cast.practice.pk, details=ROOM, by=BY_SASHA, now=NOW)


def changing_a_place(cast: Cast) -> Verb:
    about = {"practice_id": cast.practice.pk, "seen": 0, "by": BY_SASHA, "now": NOW}
    details = PlaceDetails(name="Video", kind=PlaceKind.TELEHEALTH)
    return partial(practice.change_place, cast.telehealth.ref, details=details, **about)  # type: ignore[arg-type]


def setting_rules(cast: Cast) -> Verb:
    cast.asked(cast.booked())
    rules = {"pick_notice": 6 * HOURS}
    return partial(practice.set_rules, cast.practice.pk, rules=rules, seen=0, by=BY_SASHA, now=NOW)


def setting_details(cast: Cast) -> Verb:
    row = cast.practice
    details = PracticeDetails(
        name="Pier", sender_name="Pier", reply_to=row.reply_to, phone=row.phone, urgent_help="", zone=row.zone
    )
    return partial(practice.set_details, row.pk, details=details, seen=0, by=BY_SASHA, now=NOW)


ADA = sound_invitee(name="Ada Lovelace", email="ada@new.example", roles=["provider", "manager"])
A_LINK: dict[str, object] = {"digest": digest_of("x" * 22), "lives": PEOPLES_LIVE, "now": NOW}


def inviting(cast: Cast) -> Verb:
    return partial(invitations.invite, cast.practice.pk, who=ADA, by=BY_SASHA, **A_LINK)  # type: ignore[arg-type]


def invited(cast: Cast) -> Invitation:
    return Invitation.objects.get(ref=done(inviting(cast))["invitation"])


def taking_an_invitation_back(cast: Cast) -> Verb:
    ref = invited(cast).ref
    return partial(invitations.revoke_invitation, ref, practice_id=cast.practice.pk, by=OPERATOR, now=NOW)


def accepting_an_invitation(cast: Cast) -> Verb:
    return partial(invitations.accept_invitation, invited(cast).ref, password="encoded", now=NOW)  # noqa: S106


def setting_a_practice_up(cast: Cast) -> Verb:
    del cast
    named = {"name": "Pier Clinic", "zone": "Europe/London", "manager": ADA}
    return partial(first_start.set_up_practice, by=OPERATOR, **named, **A_LINK)  # type: ignore[arg-type]


def beginning_a_sender_test(cast: Cast) -> Verb:
    about = {"channel": Channel.EMAIL, "to": "sasha@harbor.example", "now": NOW}
    return partial(first_start.begin_sender_test, cast.practice.pk, **about)  # type: ignore[arg-type]


def putting_the_checklist_away(cast: Cast) -> Verb:
    return partial(first_start.put_checklist_away, cast.practice.pk)


def rehearsing(cast: Cast) -> Verb:
    played = {"name": "Sasha", "mark": "(rehearsal)", "email": "sasha@harbor.example"}
    about = {"provider_id": cast.okafor.pk, "by": BY_SASHA, "now": NOW, **played}
    return partial(rehearsal.start_rehearsal, cast.practice.pk, **about)  # type: ignore[arg-type]


def clearing_a_rehearsal(cast: Cast) -> Verb:
    done(rehearsing(cast))
    return partial(rehearsal.clear_rehearsal, cast.practice.pk, by=BY_SASHA, now=NOW)


def sending_a_code(cast: Cast) -> Verb:
    user = User.objects.get(email="riley@clients.example")
    return partial(accounts.send_code, user, code="123456", lives=HOURS, now=NOW)


def setting_an_authenticator_up(cast: Cast) -> Verb:
    membership = Membership.objects.get(provider=cast.okafor)
    secret = authenticator.fresh_secret()
    typed = authenticator.code_at(secret, authenticator.step_at(NOW))
    verb = partial(second_factor.set_up_authenticator, membership.pk, secret=secret, typed=typed)
    return partial(verb, codes=["abcde-fghjk"], at=NOW, by=cast.by_okafor, now=NOW)


def _led(cast: Cast) -> Actor:
    """A manager who is there: whose right has ended changes nobody's."""
    user = User.objects.create_user("sasha@harbor.example", name="Sasha Lindqvist")
    own = Membership.objects.create(practice=cast.practice, user=user, role=Role.MANAGER)
    return Actor(ActorKind.MANAGER, own.pk)


def _fischer() -> UUID:
    return User.objects.get(email="fischer@harbor.example").ref


def changing_a_person(cast: Cast) -> Verb:
    said = Person("Dr. Lena F.", "lena@harbor.example", frozenset({Role.PROVIDER, Role.SCHEDULER}))
    about = {"practice_id": cast.practice.pk, "seen": 0, "by": _led(cast), "now": NOW}
    return partial(rights.change_person, _fischer(), said=said, **about)


def changing_an_appearance(cast: Cast) -> Verb:
    about = {"practice_id": cast.practice.pk, "by": _led(cast), "now": NOW}
    return partial(appearance.change_appearance, _fischer(), color="plum", photo=b"a photo", **about)


def removing_a_photo(cast: Cast) -> Verb:
    user = User.objects.get(email="fischer@harbor.example")
    digest = sha256(b"a photo").hexdigest()
    Appearance.objects.create(
        practice=cast.practice, user=user, color="plum", photo=b"a photo", photo_hash=digest
    )
    return partial(appearance.remove_photo, user.ref, practice_id=cast.practice.pk, by=_led(cast), now=NOW)


def inviting_by_mail(cast: Cast) -> Verb:
    return partial(
        invitations.invite_by_mail, cast.practice.pk, who=ADA, token="t" * 22, by=_led(cast), now=NOW
    )


def opening_in_an_emergency(cast: Cast) -> Verb:
    cast.booked()
    thread = Conversation.objects.get()
    return partial(
        emergency.open_in_emergency,
        thread.ref,
        practice_id=cast.practice.pk,
        reason="She can't be reached, and he is away.",
        by=_led(cast),
        now=NOW,
    )


def ending_an_emergency(cast: Cast) -> Verb:
    verb = opening_in_an_emergency(cast)
    ref = UUID(done(verb)["access"])
    by = Actor(ActorKind.MANAGER, Membership.objects.get(role=Role.MANAGER).pk)
    return partial(emergency.end_emergency, ref, practice_id=cast.practice.pk, by=by, now=NOW)


def ending_access(cast: Cast) -> Verb:
    return partial(rights.end_access, _fischer(), practice_id=cast.practice.pk, by=_led(cast), now=NOW)


def resetting_a_second_factor(cast: Cast) -> Verb:
    return partial(
        rights.reset_second_factor, _fischer(), practice_id=cast.practice.pk, by=_led(cast), now=NOW
    )


def giving_access_back(cast: Cast) -> Verb:
    Membership.objects.filter(provider=cast.fischer).update(ended_at=NOW)
    return partial(rights.give_access_back, _fischer(), practice_id=cast.practice.pk, by=_led(cast), now=NOW)


def staging_a_file(cast: Cast) -> Verb:
    sheet = Sheet([["Name", "E-mail"], ["Theo Alvarez", "theo@clients.example"], ["Ann", "no address"]])
    file = staging.StagedFile("clients.csv", Kind.CLIENTS, "America/New_York", [sheet])
    return partial(staging.stage_file, cast.practice.pk, file=file, by=BY_SASHA, now=NOW)


def of_a_file(cast: Cast, verb: Callable[..., Answer], **said: object) -> Verb:
    ref = UUID(done(staging_a_file(cast))["import"])
    out = [staging.Correction(3, {}, left_out=True)]
    done(partial(staging.correct_rows, ref, practice_id=cast.practice.pk, corrections=out, now=NOW))
    return told(verb, ref, practice_id=cast.practice.pk, **said, by=BY_SASHA, now=NOW)


def matching_columns(cast: Cast) -> Verb:
    chosen = {"Name": Field.NAME, "E-mail": Field.EMAIL}
    return of_a_file(cast, staging.match_columns, chosen=chosen, zone="Europe/Paris", order=None)


def correcting_a_row(cast: Cast) -> Verb:
    return of_a_file(cast, staging.correct_rows, corrections=[staging.Correction(2, {"Name": "Theo"})])


def dropping_a_file(cast: Cast) -> Verb:
    return of_a_file(cast, staging.drop_import)


def starting_an_import(cast: Cast) -> Verb:
    return of_a_file(cast, imports.start_import)


def importing_rows(cast: Cast) -> Verb:
    return of_a_file(cast, imports.import_rows)


def undoing_an_import(cast: Cast) -> Verb:
    verb = importing_rows(cast)
    done(verb)
    return partial(undoing.undo_import, *verb.args, **verb.keywords)  # type: ignore[attr-defined]


def a_session(cast: Cast) -> tuple[int, UserSession]:
    membership = Membership.objects.get(provider=cast.okafor)
    begun = partial(
        sessions.begin_session, membership.user_id, way=WayIn.PASSWORD, device="", network="", now=NOW
    )
    begun(key="a" * 40)
    begun(key="b" * 40)
    return membership.pk, UserSession.objects.get(key="a" * 40)


def ending_a_session(cast: Cast) -> Verb:
    membership, session = a_session(cast)
    return partial(sessions.end_session, membership, session.ref, by=cast.by_okafor, now=NOW)


def ending_other_sessions(cast: Cast) -> Verb:
    membership, session = a_session(cast)
    return partial(sessions.end_other_sessions, membership, but=session.key, by=cast.by_okafor, now=NOW)


def _with_passkeys(cast: Cast, *, count: int = 0) -> tuple[int, list[Passkey]]:
    """Give Dr. Okafor an app, recovery codes and passkeys; return the membership and the passkeys."""
    done(setting_an_authenticator_up(cast))
    membership = Membership.objects.get(provider=cast.okafor)
    for number in range(count):
        verb = partial(passkeys.add_passkey, membership.pk, name=f"Key {number}", made=_made(number))
        done(partial(verb, at=NOW, by=cast.by_okafor, now=NOW))
    return membership.pk, [one for _row, one in passkeys_of(membership.user_id)]


def _made(number: int) -> MadePasskey:
    return MadePasskey(bytes([number]) * 32, b"key", 0)


def setting_a_passkey_up(cast: Cast) -> Verb:
    membership = Membership.objects.get(provider=cast.okafor)
    verb = partial(passkeys.set_up_passkey, membership.pk, name="Laptop", made=_made(1))
    return partial(verb, codes=["abcde-fghjk"], at=NOW, by=cast.by_okafor, now=NOW)


def adding_a_passkey(cast: Cast) -> Verb:
    membership, _none = _with_passkeys(cast)
    verb = partial(passkeys.add_passkey, membership, name="Laptop", made=_made(1))
    return partial(verb, at=NOW, by=cast.by_okafor, now=NOW)


def renaming_a_passkey(cast: Cast) -> Verb:
    membership, (one,) = _with_passkeys(cast, count=1)
    return partial(passkeys.rename_passkey, membership, one.ref, name="Phone", by=cast.by_okafor, now=NOW)


def removing_a_passkey(cast: Cast) -> Verb:
    membership, (one, _other) = _with_passkeys(cast, count=2)
    verb = partial(passkeys.remove_passkey, membership, one.ref, here="")
    return partial(verb, at=NOW, by=cast.by_okafor, now=NOW)


def changing_an_authenticator(cast: Cast) -> Verb:
    membership, _none = _with_passkeys(cast)
    secret = authenticator.fresh_secret()
    typed = authenticator.code_at(secret, authenticator.step_at(NOW))
    verb = partial(second_factor.change_authenticator, membership, secret=secret, typed=typed, here="")
    return partial(verb, at=NOW, by=cast.by_okafor, now=NOW)


def removing_an_authenticator(cast: Cast) -> Verb:
    membership, _one = _with_passkeys(cast, count=1)
    verb = partial(second_factor.remove_authenticator, membership, here="")
    return partial(verb, at=NOW, by=cast.by_okafor, now=NOW)


def making_recovery_codes(cast: Cast) -> Verb:
    membership, _none = _with_passkeys(cast)
    verb = partial(second_factor.make_recovery_codes, membership, codes=["mnpqr-stuvw"])
    return partial(verb, at=NOW, by=cast.by_okafor, now=NOW)


def staging_a_calendar(cast: Cast) -> Verb:
    start = NOW + timedelta(days=1)
    events = {1: CalendarEvent(1, "a", "Lunch", "")}
    times = [EventTime(1, start=start, end=start + timedelta(minutes=50))]
    file = calendar_imports.StagedCalendar(
        "cal.ics", "America/New_York", CalendarFile(events, times), cast.okafor.pk
    )
    return partial(calendar_imports.stage_calendar, cast.practice.pk, file=file, by=BY_SASHA, now=NOW)


def saying_whose(cast: Cast) -> Verb:
    ref = UUID(done(staging_a_calendar(cast))["import"])
    nobodys = [calendar_imports.Decision(1, is_none=True)]
    return partial(calendar_imports.say_whose, ref, practice_id=cast.practice.pk, decisions=nobodys, now=NOW)


def saying_what_happened(cast: Cast) -> Verb:
    row, said = cast.booked(), outcomes.WhatHappened(Outcome.TOOK_PLACE, Status.SCHEDULED)
    at = row.starts_at + HOURS
    return partial(outcomes.say_what_happened, row.ref, said=said, by=cast.by_okafor, now=at)


def sending_a_rebook_link(cast: Cast) -> Verb:
    row, said = cast.booked(), outcomes.WhatHappened(Outcome.PROVIDER_ABSENT, Status.SCHEDULED)
    about = {"by": cast.by_okafor, "now": row.starts_at + HOURS}
    done(partial(outcomes.say_what_happened, row.ref, said=said, **about))  # type: ignore[arg-type]
    return partial(rebooking.send_rebook_link, row.ref, **about)  # type: ignore[arg-type]


def saying_that_all_took_place(cast: Cast) -> Verb:
    row = cast.booked()
    return partial(outcomes.say_all_took_place, [row.ref], by=cast.by_okafor, now=row.starts_at + HOURS)


VERBS = {
    "stage_calendar": staging_a_calendar,
    "say_whose": saying_whose,
    "say_what_happened": saying_what_happened,
    "say_all_took_place": saying_that_all_took_place,
    "send_rebook_link": sending_a_rebook_link,
    "set_up_passkey": setting_a_passkey_up,
    "add_passkey": adding_a_passkey,
    "rename_passkey": renaming_a_passkey,
    "remove_passkey": removing_a_passkey,
    "change_authenticator": changing_an_authenticator,
    "remove_authenticator": removing_an_authenticator,
    "make_recovery_codes": making_recovery_codes,
    "clear_rehearsal": clearing_a_rehearsal,
    "start_rehearsal": rehearsing,
    "begin_sender_test": beginning_a_sender_test,
    "put_checklist_away": putting_the_checklist_away,
    "accept_invitation": accepting_an_invitation,
    "invite_by_mail": inviting_by_mail,
    "invite": inviting,
    "revoke_invitation": taking_an_invitation_back,
    "set_up_practice": setting_a_practice_up,
    "add_and_book": adding_and_booking,
    "add_client": adding_a_client,
    "stage_file": staging_a_file,
    "match_columns": matching_columns,
    "correct_rows": correcting_a_row,
    "drop_import": dropping_a_file,
    "start_import": starting_an_import,
    "import_rows": importing_rows,
    "undo_import": undoing_an_import,
    "add_place": adding_a_place,
    "add_type": adding_a_type,
    "ask_to_reschedule": asking_about_two,
    "block_time": blocking,
    "book": booking,
    "book_series": booking_a_series,
    "change_series": changing_a_series,
    "cancel_series": cancelling_a_series,
    "add_and_book_series": adding_and_booking_a_series,
    "cancel_appointment": cancelling,
    "change_appointment_details": changing,
    "change_block": changing_a_block,
    "change_client": changing_a_client,
    "change_appearance": changing_an_appearance,
    "change_person": changing_a_person,
    "remove_photo": removing_a_photo,
    "change_place": changing_a_place,
    "change_type": changing_a_type,
    "check_now": checking_now,
    "choose_zone": choosing_a_zone,
    "connect_calendars": connecting,
    "decline": declining,
    "end_other_sessions": ending_other_sessions,
    "end_session": ending_a_session,
    "open_in_emergency": opening_in_an_emergency,
    "end_emergency": ending_an_emergency,
    "finish_task": finishing_a_task,
    "import_busy_time": importing,
    "keep_titles": forgetting_titles,
    "make_feed": making_a_feed,
    "merge_clients": merging_records,
    "discharge": discharging,
    "archive": archiving,
    "bring_back": bringing_back,
    "undo_merge": undoing_a_merge,
    "tell_apart": telling_apart,
    "mark_opened": opening_a_page,
    "mark_read": reading_messages,
    "nobody_came": saying_that_nobody_came,
    "none_work": saying_that_none_work,
    "pick_new_time": picking,
    "rebook": rebooking_a_time,
    "hold_own_time": holding_ones_own,
    "hold_own_time_longer": holding_ones_own_longer,
    "let_own_time_go": letting_ones_own_go,
    "move_own_appointment": moving_ones_own,
    "cancel_own_appointment": cancelling_ones_own,
    "want_reminders": wanting_no_reminders,
    "reset_second_factor": resetting_a_second_factor,
    "remove_block": removing_a_block,
    "remove_calendar": removing_a_calendar,
    "revoke_links": giving_a_link_up,
    "see_news": seeing_news,
    "send_code": sending_a_code,
    "set_availability": setting_hours,
    "stop_feed": stopping_a_feed,
    "title_feed": titling_a_feed,
    "end_access": ending_access,
    "give_access_back": giving_access_back,
    "set_details": setting_details,
    "set_rules": setting_rules,
    "set_up_authenticator": setting_an_authenticator_up,
    "keep_by_video": keeping_by_video,
    "say_where": saying_where_one_will_be,
    "withdraw": withdrawing,
    "undo_ask": undoing_an_ask,
    "hold_time": holding,
    "hold_longer": holding_longer,
    "let_go": letting_go,
    "change_choice": changing_a_choice,
    "undo_change": undoing_a_change,
    "reinstate": reinstating_an_appointment,
    "extend": extending,
    "remind_by_hand": reminding_by_hand,
    "set_needed_by": saying_by_when_it_is_needed,
    "suggest_times": suggesting_times,
    "take_suggestion_back": taking_a_time_back,
    "stop_pushing": stopping_to_push,
    "push_into": pushing_into_a_calendar,
    "write_message": writing,
}
NEVER_SENT = {
    "check_part",
    "fail_import",
    "keep_page",
    "forget_pages",
    "ask_about_restored",
    "begin_attempt",
    "begin_attempts",
    "begin_check",
    "begin_event",
    "begin_run",
    "drop_attempt",
    "end_attempts",
    "end_event",
    "give_back",
    "give_words_back",
    "keep_words",
    "hold_on",
    "end_run",
    "keep_reading",
    "seal_rows",
    "make_key",
    "look_at_open_times",
    "note_fault",
    "note_found",
    "prove_passkey",
    "prove_second_factor",
    "begin_session",
    "note_seen",
    "time_out_session",
    "end_sessions_of",
    "put_off",
    "take_over",
    "note_use",
    "end_removal",
    "end_sender_test",
    "take_back",
    "try_to_enter",
}
"""Nobody sends these: they belong to a job, whose row is its truth, to a program that only looks, or to the answer to a form."""
EVERYWHERE = pytest.mark.parametrize("of", list(VERBS.values()), ids=list(VERBS))


def test_no_verb_is_forgotten_here() -> None:
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(actions.__path__, "raincheck.actions.")
    ]
    found = {
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and function.__annotations__.get("return") in ("Answer", Answer)
        and name != run_command.__name__
    }
    assert found - NEVER_SENT == set(VERBS)


def everything() -> dict[str, str]:
    """Return every table with a digest of its rows, keys and their answers left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'raincheck_idempotencykey'"
            " AND (tablename LIKE 'raincheck_%%' OR tablename LIKE 'procrastinate_%%') ORDER BY 1"
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"
            )
            found[table] = cursor.fetchone()[0]
        return found


def counted() -> dict[str, int]:
    return {table: int(rows.split()[0]) for table, rows in everything().items()}


@EVERYWHERE
def test_p14_the_same_form_sent_twice_acts_once(cast: Cast, of: Callable[[Cast], Verb]) -> None:
    verb, key = of(cast), a_key()
    send = partial(run_command, verb, key=key, body={"said": "this"}, by=cast.by_okafor, now=NOW)
    first = send()
    once = everything()
    assert send() == first
    with pytest.raises(KeyUsedForAnother):
        run_command(verb, key=key, body={"said": "that"}, by=cast.by_okafor, now=NOW)
    assert everything() == once


@EVERYWHERE
def test_a_verb_that_is_too_late_leaves_no_trace(cast: Cast, of: Callable[[Cast], Verb]) -> None:
    verb = of(cast)
    before = everything()
    with pytest.raises(TookTooLong):
        run_command(verb, key=a_key(), body={}, by=cast.by_okafor, now=NOW, still_fresh=lambda: False)
    assert everything() == before


@EVERYWHERE
def test_a_verb_tried_again_after_a_deadlock_acts_once(cast: Cast, of: Callable[[Cast], Verb]) -> None:
    """The second try gets the same objects as the first: nothing of the first may cling to them."""
    verb = of(cast)
    inside: list[dict[str, int]] = []

    def fails_once() -> bool:
        inside.append(counted())
        if len(inside) == 1:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")
        return True

    run_command(verb, key=a_key(), body={}, by=cast.by_okafor, now=NOW, still_fresh=fails_once)
    assert len(inside) == 2
    assert inside[0] == inside[1] == counted()


BY_NOBODY_YET = {"accept_invitation", "send_code"}
"""Sent by somebody, or to somebody who has not signed in: there is nobody whose business it could be."""
WHOSE_CLIENT = {
    "add_client",
    "change_client",
    "choose_zone",
    "tell_apart",
    "archive",
    "bring_back",
    "want_reminders",
}
"""About a client of the practice, who is no single provider's."""
SCOPED = pytest.mark.parametrize(
    "of",
    [VERBS[name] for name in VERBS if name not in BY_NOBODY_YET],
    ids=[name for name in VERBS if name not in BY_NOBODY_YET],
)


def refused_and_changes_nothing(verb: Verb, *, by: Actor) -> bool:
    before = everything()
    with suppress(NotInThisPractice):
        run_command(verb, key=a_key(), body={}, by=by, now=NOW)
        return False
    return everything() == before


@SCOPED
def test_p17_no_verb_changes_what_is_not_the_business_of_whoever_acts(
    cast: Cast, of: Callable[[Cast], Verb], request: pytest.FixtureRequest
) -> None:
    """Whatever a page lets through: the runner says who acts, and each verb holds to it."""
    verb, here, there = of(cast), cast.practice.pk, cast.elsewhere.pk
    for stranger in (
        Actor(ActorKind.MANAGER, 1, practice=there),
        Actor(ActorKind.PROVIDER, cast.mallory.pk, practice=there),
        Actor(ActorKind.CLIENT, cast.eve.pk, practice=there),
        Actor(ActorKind.CLIENT_BY_LINK, cast.eve.pk, practice=there),
        Actor(ActorKind.CLIENT, cast.maya.pk, practice=here),
        Actor(ActorKind.CLIENT_BY_LINK, cast.maya.pk, practice=here),
    ):
        assert refused_and_changes_nothing(verb, by=stranger), stranger
    fischer = Actor(ActorKind.PROVIDER, cast.fischer.pk, practice=here)
    expected = request.node.callspec.id not in WHOSE_CLIENT
    assert refused_and_changes_nothing(verb, by=fischer) is expected
