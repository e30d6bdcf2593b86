"""A client's record: what a practice writes down of somebody, and what its history may tell of a change."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from raincheck.domain.clients.phones import read_phone
from raincheck.domain.people import Contact, TextsNeedANumber, sound_email
from raincheck.domain.practice import one_line
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.regions import UnknownRegion, regions
from raincheck.domain.sentences import _
from raincheck.domain.zones import start_at, wall, zone_named

NAME_LIMIT = 200
PRONOUNS_LIMIT = 60
EARLIEST_BIRTH = date(1890, 1, 1)
"""Nobody who is alive was born before."""
UNREACHED = Contact("", "", texts=False)
"""How somebody is reached of whom nothing is kept yet."""


class ClientEvent(StrEnum):
    """What became of a client's record; each is one row of its history."""

    ADDED = "added"
    CHANGED = "changed"
    IMPORTED = "imported"
    MERGED = "merged"
    MERGE_UNDONE = "merge_undone"
    DISCHARGED = "discharged"
    ARCHIVED = "archived"
    BROUGHT_BACK = "brought_back"
    OPENED_IN_EMERGENCY = "opened_in_emergency"


CODES = frozenset(
    {
        "texts",
        "agreed_on",
        "zone",
        "language",
        "reminders",
        "neutral_wording",
        "do_not_auto_cancel",
        "payer_forbids_fees",
        "usual_provider",
    }
)
"""Fields of which the history keeps what they were and are. Of all others it keeps only that they changed: it can't be erased."""


class FirstNameMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "first_name_missing"
    sentence = _("Please write a name. Nothing was changed yet.")
    field = "first_name"


class NotABirthDate(Refusal):
    kind = Kind.BAD_INPUT
    code = "not_a_birth_date"
    sentence = _("Nobody can be born on this day. Nothing was changed yet; please check the year.")
    field = "date_of_birth"


class ConsentAhead(Refusal):
    kind = Kind.BAD_INPUT
    code = "consent_ahead"
    sentence = _("This day has not come yet. Nothing was changed; please write the day on which they agreed.")
    field = "agreed_on"


class RecordChangedMeanwhile(Refusal):
    kind = Kind.CONFLICT
    code = "record_changed_meanwhile"
    sentence = _(
        "This record has changed since you opened it, so nothing was changed now. "
        "What you typed is still here. Please look at how it stands and save again if you still want to."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDetails:
    """What a practice writes down of a client. `agreed_on` is the day they agreed to texts, None for today.

    An empty zone is none chosen; `usual_provider` is the provider's number.
    """

    first_name: str
    last_name: str = ""
    goes_by: str = ""
    pronouns: str = ""
    date_of_birth: date | None = None
    contact: Contact
    agreed_on: date | None = None
    zone: str = ""
    language: str = "en"
    reminders: bool = True
    neutral_wording: bool = False
    usual_provider: int | None = None
    do_not_auto_cancel: bool = False
    payer_forbids_fees: bool = False
    never_works: str = ""
    """As the column keeps it: `codes_of` in domain/clients/never_works.py."""
    usual_region: str = ""
    """Where they usually are, by its code (domain/regions.py); empty is unknown."""


def sound_client(details: ClientDetails, *, kept: Contact, today: date, region: str | None) -> ClientDetails:
    """Return what will be kept; `kept` is how they are reached so far. Raises the refusal of a field that can't be."""
    first_name, last_name, goes_by = (
        one_line(getattr(details, field), limit=NAME_LIMIT, field=field)
        for field in ("first_name", "last_name", "goes_by")
    )
    if not first_name:
        raise FirstNameMissing
    born = details.date_of_birth
    if born is not None and not EARLIEST_BIRTH <= born <= today:
        raise NotABirthDate
    if details.agreed_on is not None and details.agreed_on > today:
        raise ConsentAhead
    if details.zone:
        zone_named(details.zone)
    if details.usual_region and details.usual_region not in regions():
        raise UnknownRegion(field="usual_region", value=details.usual_region[:60])
    return replace(
        details,
        first_name=first_name,
        last_name=last_name,
        goes_by=goes_by,
        pronouns=one_line(details.pronouns, limit=PRONOUNS_LIMIT, field="pronouns"),
        contact=contact_of(details.contact, kept=kept, region=region),
    )


def contact_of(said: Contact, *, kept: Contact, region: str | None) -> Contact:
    """Return how somebody is reached, with the number as E.164. Raises a refusal that names its field.

    A number that is `kept` already stays as it is: what was typed before numbers were read keeps nobody from saving.
    """
    phone = kept.phone if said.phone.strip() == kept.phone else read_phone(said.phone, region=region)
    contact = Contact(sound_email(said.email), phone, said.texts)
    if contact.texts and not contact.phone:
        raise TextsNeedANumber
    return contact


def agreed_at(
    contact: Contact,
    agreed_on: date | None,
    *,
    former: Contact,
    former_at: datetime | None,
    zone: ZoneInfo,
    now: datetime,
) -> datetime | None:
    """Return when somebody agreed to texts, None for who did not. `former` and `former_at` are what is kept so far."""
    if not contact.texts:
        return None
    former_on = wall(former_at, zone=zone).date() if former_at else None
    if former.texts and former.phone == contact.phone and agreed_on in (None, former_on):
        return former_at
    # Agreed to for one number; another one is agreed to anew, whatever day still stands in the form.
    if agreed_on in (None, former_on, wall(now, zone=zone).date()):
        return now
    return start_at(datetime.combine(agreed_on, time.min), zone=zone)
