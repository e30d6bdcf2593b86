"""How far a practice is set up, as the list on Home tells it; in a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime

from raincheck.data.access.invitations import UNUSED
from raincheck.data.models import AppointmentType, Client, Invitation, Membership, Place, Practice, Provider
from raincheck.domain.people import STAFF_ROLES


@dataclass(frozen=True, slots=True)
class Progress:
    """What there is: places and types that are offered, people and open invitations, providers, clients."""

    places: list[str]
    types: list[AppointmentType]
    people: int
    invited: int
    providers: int
    without_hours: list[Provider]
    clients: int


def progress_of(practice: Practice, *, now: datetime) -> Progress:
    here = {"practice": practice}
    staff = Membership.objects.filter(**here, role__in=STAFF_ROLES, ended_at__isnull=True)
    at_work = set(staff.values_list("user", "provider"))
    calendars = {provider for _user, provider in at_work if provider is not None}
    providers = list(Provider.objects.filter(**here, pk__in=calendars).order_by("name"))
    return Progress(
        places=list(
            Place.objects.filter(**here, offered=True).order_by("name").values_list("name", flat=True)
        ),
        types=list(AppointmentType.objects.filter(**here, offered=True).order_by("length", "name")),
        people=len({user for user, _provider in at_work}),
        invited=Invitation.objects.filter(UNUSED, **here, ends_at__gt=now).count(),
        providers=len(providers),
        without_hours=[one for one in providers if not _has_hours(one.availability)],
        clients=Client.objects.filter(**here).count(),
    )


def _has_hours(availability: dict[str, object]) -> bool:
    return bool(availability.get("weekly") or availability.get("overrides"))
