"""Writing a client down, and changing what is written down of them."""

from datetime import datetime

from raincheck.actions.appointments.remind import look_again_at_reminders
from raincheck.actions.clients.contact import let_sign_in, reached_by, spare, write_contact
from raincheck.actions.clients.history import Value, change_between, record_change
from raincheck.actions.engine.locks import ReadAgain, acting_as, lock, refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.data.clients.history import changes_of_client
from raincheck.data.models import Client, Practice, Provider, Recipient, RescheduleRequest
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.clients.record import (
    UNREACHED,
    ClientDetails,
    ClientEvent,
    RecordChangedMeanwhile,
    agreed_at,
    sound_client,
)
from raincheck.domain.people import SYSTEM, Actor, Contact, NotInThisPractice
from raincheck.domain.zones import wall, zone_named

OWN = (
    "first_name",
    "last_name",
    "goes_by",
    "pronouns",
    "date_of_birth",
    "zone",
    "neutral_wording",
    "do_not_auto_cancel",
    "payer_forbids_fees",
    "never_works",
    "usual_region",
)
"""The fields of the client's own row that are written as they are said."""


def add_client(practice_id: int, *, details: ClientDetails, by: Actor, now: datetime) -> Answer:
    """Write a new client down. Nothing is sent to them."""
    return {"client": str(write_down(practice_id, details=details, by=by, now=now).ref)}


def write_down(practice_id: int, *, details: ClientDetails, by: Actor, now: datetime) -> Client:
    """Write a new client down, with the first row of their history. A step, not a verb."""
    practice = Practice.objects.get(pk=practice_id)
    client = Client(practice=practice, client_since=wall(now, zone=zone_named(practice.zone)).date())
    refuse_what_is_not_theirs(client)
    details = _sound(details, practice, kept=UNREACHED, now=now)
    recipient = Recipient(practice=practice, client=client)
    blank = record_of(client, recipient, practice)
    agreed, contact = _take_on(client, recipient, details, practice, now=now), details.contact
    client.phone, recipient.phone, recipient.email = contact.phone, contact.phone, contact.email
    if agreed:
        recipient.sms_agreed_at, recipient.sms_agreed_by_kind, recipient.sms_agreed_by = (
            agreed,
            by.kind,
            by.who,
        )
    client.save(force_insert=True)
    recipient.client = client
    recipient.save(force_insert=True)
    let_sign_in(client, recipient.email)
    change = change_between(blank, record_of(client, recipient, practice))
    record_change(client, ClientEvent.ADDED, change, by=by, now=now)
    return client


def change_client(
    client_id: int,
    *,
    details: ClientDetails,
    seen: int,
    confirmed: bool = False,
    by: Actor,
    now: datetime,
) -> Answer:
    """Change what is written down of a client. Open requests go to an address that is new; links to a former one end.

    `seen` is how many changes of the record there were when the form was made: RecordChangedMeanwhile when there are more
    by now. `confirmed` says that the client was asked after a "Not you?", and the address is theirs.
    With `do not auto-cancel` open requests are spared from now on and the client is told so; taking the mark away takes
    that back from nobody.
    """
    client, waiting = _locked(client_id, marked=details.do_not_auto_cancel)
    if seen != changes_of_client(client_id):
        raise RecordChangedMeanwhile
    practice = Practice.objects.get(pk=client.practice_id)
    recipient, _made = Recipient.objects.get_or_create(
        client=client, is_client=True, defaults={"practice": practice}
    )
    details = _sound(details, practice, kept=reached_by(recipient), now=now)
    former = record_of(client, recipient, practice)
    agreed = _take_on(client, recipient, details, practice, now=now)
    client.save(update_fields=[*OWN, "usual_provider"])
    recipient.save(update_fields=["language", "zone", "reminders_off_at"])
    write_contact(client, recipient, details.contact, agreed_at=agreed, confirmed=confirmed, by=by, now=now)
    change = change_between(former, record_of(client, recipient, practice))
    if change:
        record_change(client, ClientEvent.CHANGED, change, by=by, now=now)
    if former["zone"] != client.zone:
        look_again_at_reminders(client_id, now=now)
    told = spare(waiting, by=by, now=now)
    return {"client": str(client.ref), "told": str(told)}


def record_of(client: Client, recipient: Recipient, practice: Practice) -> dict[str, Value]:
    """Return what is written down of a client, by field, as its history compares it."""
    agreed_on = (
        recipient.sms_agreed_at and wall(recipient.sms_agreed_at, zone=zone_named(practice.zone)).date()
    )
    return {field: getattr(client, field) for field in OWN} | {
        "email": recipient.email,
        "phone": recipient.phone,
        "texts": recipient.gets_sms,
        "agreed_on": agreed_on.isoformat() if agreed_on else "",
        "language": recipient.language,
        "reminders": recipient.reminders_off_at is None,
        "usual_provider": client.usual_provider_id,
    }


def _locked(client_id: int, *, marked: bool) -> tuple[Client, list[RescheduleRequest]]:
    """Lock a client, and with a mark against auto-cancel the open requests that it spares, whoever's they are."""
    waiting = RescheduleRequest.objects.filter(OPEN, client=client_id, spared=False)
    found = list(waiting.values_list("pk", "appointment")) if marked else []
    client = lock(clients=[client_id]).clients[client_id]
    # The mark is the client's: it counts for requests of their other providers, too.
    with acting_as(SYSTEM):
        locked = lock(appointments=[row[1] for row in found], requests=[row[0] for row in found])
    if marked and {row[0] for row in found} != set(waiting.values_list("pk", flat=True)):
        raise ReadAgain  # somebody asked, or a request ended, between the look-up and the lock
    for request in locked.requests.values():
        request.appointment = locked.appointments[request.appointment_id]
    return client, list(locked.requests.values())


def _sound(details: ClientDetails, practice: Practice, *, kept: Contact, now: datetime) -> ClientDetails:
    today = wall(now, zone=zone_named(practice.zone)).date()
    usual = details.usual_provider
    if usual is not None and not Provider.objects.filter(practice=practice, pk=usual).exists():
        raise NotInThisPractice
    return sound_client(details, kept=kept, today=today, region=practice.region)


def _take_on(
    client: Client, recipient: Recipient, details: ClientDetails, practice: Practice, *, now: datetime
) -> datetime | None:
    """Write the details into the rows, but for how the client is reached; return when they agreed to texts."""
    for field in OWN:
        setattr(client, field, getattr(details, field))
    client.usual_provider_id = details.usual_provider
    recipient.language = details.language
    # Kept with the instant of the first no: saving the record again is no new one.
    recipient.reminders_off_at = None if details.reminders else recipient.reminders_off_at or now
    # An address with a zone of its own follows what is said of the client.
    recipient.zone = recipient.zone and details.zone
    return agreed_at(
        details.contact,
        details.agreed_on,
        former=reached_by(recipient),
        former_at=recipient.sms_agreed_at,
        zone=zone_named(practice.zone),
        now=now,
    )
