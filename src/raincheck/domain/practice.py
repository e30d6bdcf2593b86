"""A practice may offer certain types and places; its messages carry its details."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from raincheck.domain.appointments.lifecycle import PlaceKind, TypeKind
from raincheck.domain.people import NotAnEmail, sound_email, sound_phone
from raincheck.domain.policy import HOUR, MINUTE, Range
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.zones import zone_named

LENGTHS = Range(5 * MINUTE, 8 * HOUR)
BUFFERS = Range(0 * HOUR, 2 * HOUR)
"""How long buffers may be before, and after, a session."""
NAME_LIMIT = 60
PRACTICE_NAME_LIMIT = 200
ADDRESS_LIMIT = 200
# Every text begins with the sender's name and has 160 characters in all.
SENDER_LIMIT = 24
URGENT_HELP_LIMIT = 300
GREETING_LIMIT = 160
# Beginnings of words, in the names that practices give their types: "Psychotherapy" on a lock screen tells too much.
CLINICAL = re.compile(
    r"\b(addict|anxi|autis|behavio|clinic|counsel|depress|emdr|health|hospital|medic|mental|mind|psych|rehab|therap|trauma)",
    re.IGNORECASE,
)


class PracticeEvent(StrEnum):
    """What changed about a practice; each is one row of its history."""

    TYPE_ADDED = "type_added"
    TYPE_CHANGED = "type_changed"
    PLACE_ADDED = "place_added"
    PLACE_CHANGED = "place_changed"
    RULES_CHANGED = "rules_changed"
    DETAILS_CHANGED = "details_changed"


class SettingsChangedMeanwhile(Refusal):
    kind = Kind.CONFLICT
    code = "settings_changed_meanwhile"
    sentence = _(
        "Somebody else has saved a change since you opened this page, so nothing was changed now. "
        "What you typed is still here. Please look at how it stands and save again if you still want to."
    )


class TypeGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "type_gone"
    sentence = _("We can't find that appointment type. Nothing was changed.")


class PlaceGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "place_gone"
    sentence = _("We can't find that place. Nothing was changed.")


class NameMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "name_missing"
    sentence = _("Please write a name. Nothing was changed yet.")
    field = "name"


class NameTooLong(Refusal):
    kind = Kind.BAD_INPUT
    code = "name_too_long"
    sentence = _("This has {count} characters; {limit} fit. Nothing was changed yet; please shorten it.")
    field = "name"


class TypeNameTaken(Refusal):
    kind = Kind.CONFLICT
    code = "type_name_taken"
    sentence = _("Another appointment type has this name. Nothing was changed; please choose another name.")
    field = "name"


class PlaceNameTaken(Refusal):
    kind = Kind.CONFLICT
    code = "place_name_taken"
    sentence = _("Another place has this name. Nothing was changed; please choose another name.")
    field = "name"


class KindIsFixed(Refusal):
    kind = Kind.CONFLICT
    code = "kind_is_fixed"
    sentence = _(
        "Appointments of this type are booked already, so it stays what it is. "
        "Nothing was changed; please add another type instead."
    )
    field = "kind"


class LengthNotAllowed(Refusal):
    kind = Kind.BAD_INPUT
    code = "length_not_allowed"
    sentence = _(
        "A session can last 5 minutes to 8 hours, in whole minutes. Nothing was changed; please choose a length between them."
    )
    field = "length"


class BufferNotAllowed(Refusal):
    kind = Kind.BAD_INPUT
    code = "buffer_not_allowed"
    sentence = _(
        "Buffers can last up to 2 hours, in whole minutes. Nothing was changed; please choose a length up to that."
    )


class RoomNeedsZone(Refusal):
    kind = Kind.BAD_INPUT
    code = "room_needs_zone"
    sentence = _("Please choose the time zone of the room. Nothing was changed yet.")
    field = "zone"


class PhoneMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "phone_missing"
    sentence = _(
        "Please write a phone number: it stands wherever a client is stuck. Nothing was changed yet."
    )
    field = "phone"


class ReplyToMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "reply_to_missing"
    sentence = _("Please write the address that answers go to. Nothing was changed yet.")
    field = "reply_to"


class SenderNotSet(Refusal):
    """Whoever is asked must see from whom, and whom to call when it is urgent."""

    kind = Kind.CONFLICT
    code = "sender_not_set"
    sentence = _(
        "No request can be sent yet: nobody has said in whose name it goes out, and whom clients call. "
        "Nothing was changed. A manager says both under Practice, Details for messages."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDetails:
    """What a practice says about one appointment type."""

    name: str
    kind: TypeKind
    length: timedelta
    buffer_before: timedelta
    buffer_after: timedelta
    offered: bool = True
    silence_cancels: bool | None = None
    """Whether a request that nobody answers cancels it; None is as the practice's rules say."""
    for_medicine: bool = False
    """Whether a prescriber sees clients in it, who may run out of medicine when it moves."""
    may_be_by_video: bool = True
    """Whether its sessions in a room may be held by video instead; False is "in person needed"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceDetails:
    """What a practice says about one place; only a room has a zone and an address of its own."""

    name: str
    kind: PlaceKind
    zone: str = ""
    address: str = ""
    offered: bool = True
    one_at_a_time: bool = False
    """Whether two sessions of different clients are never there at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeDetails:
    """What messages and pages carry of a practice; an empty urgent-help line stands for that of the client's country.

    `greeting` is a warm line for clients who are asked to choose a new time.
    """

    name: str
    sender_name: str
    reply_to: str
    phone: str
    urgent_help: str
    zone: str
    greeting: str = ""


def sound_type(details: TypeDetails) -> TypeDetails:
    """Return what will be kept. Raises the refusal of a field that can't be."""
    if not _allowed(details.length, LENGTHS):
        raise LengthNotAllowed
    for field in ("buffer_before", "buffer_after"):
        if not _allowed(getattr(details, field), BUFFERS):
            raise BufferNotAllowed(field=field)
    return replace(details, name=named(details.name))


def sound_place(details: PlaceDetails) -> PlaceDetails:
    """Return what will be kept. Raises the refusal of a field that can't be."""
    name = named(details.name)
    if details.kind is PlaceKind.TELEHEALTH:
        return replace(details, name=name, zone="", address="", one_at_a_time=False)
    if not details.zone:
        raise RoomNeedsZone
    zone_named(details.zone)
    return replace(
        details, name=name, address=one_line(details.address, limit=ADDRESS_LIMIT, field="address")
    )


def sound_details(details: PracticeDetails) -> PracticeDetails:
    """Return what will be kept. Raises the refusal of a field that can't be, at the form's name for it."""
    zone_named(details.zone)
    name = named(details.name, limit=PRACTICE_NAME_LIMIT)
    sender = named(details.sender_name, limit=SENDER_LIMIT, field="sender_name")
    try:
        reply_to = sound_email(details.reply_to)
    except NotAnEmail as refusal:
        # The form calls the practice's address by another name than a person's.
        refusal.field = "reply_to"
        raise
    if not reply_to:
        raise ReplyToMissing
    phone = sound_phone(details.phone)
    if not phone:
        raise PhoneMissing
    urgent = one_line(details.urgent_help, limit=URGENT_HELP_LIMIT, field="urgent_help")
    return replace(
        details,
        name=name,
        sender_name=sender,
        reply_to=reply_to,
        phone=phone,
        urgent_help=urgent,
        greeting=one_line(details.greeting, limit=GREETING_LIMIT, field="greeting"),
    )


def sounds_clinical(name: str) -> bool:
    """Return whether a name tells more than that somebody has an appointment. A hint, no more: it knows a few words."""
    return CLINICAL.search(name) is not None


def _allowed(length: timedelta, allowed: Range) -> bool:
    # Forms and sentences speak of whole minutes only.
    return allowed.least <= length <= allowed.most and not length % MINUTE


def named(name: str, *, limit: int = NAME_LIMIT, field: str = "name") -> str:
    """Return a name as one line. Raises NameMissing or NameTooLong at `field`."""
    line = one_line(name, limit=limit, field=field)
    if not line:
        raise NameMissing(field=field)
    return line


def one_line(words: str, *, limit: int, field: str) -> str:
    """Return the words as one line, without what no mail header or text can hold. Raises NameTooLong at the field."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    if len(line) > limit:
        raise NameTooLong(field=field, count=str(len(line)), limit=str(limit))
    return line
