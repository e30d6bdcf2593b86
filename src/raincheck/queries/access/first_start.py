"""How far a practice is set up, as the list on Home tells it; in a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from raincheck.data.access.invitations import UNUSED
from raincheck.data.models import (
    AppointmentType,
    Client,
    Invitation,
    Membership,
    Place,
    Practice,
    Provider,
    Recipient,
    RescheduleRequest,
)
from raincheck.domain.people import STAFF_ROLES


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The latest rehearsal: its request, where the appointment went, and whether it was cleared away."""

    ref: UUID
    state: str
    moved_to: datetime | None
    email: str
    is_cleared: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """What there is: places and types that are offered, people and open invitations, providers, clients."""

    places: list[str]
    types: list[AppointmentType]
    people: int
    invited: int
    providers: list[Provider]
    without_hours: list[Provider]
    clients: int
    rehearsal: Rehearsal | None

    def rehearses_with(self, own: Provider | None) -> Provider | None:
        """Return whose appointment a rehearsal is about: one's own, else the first of whoever has hours; None when nobody has."""
        with_hours = [one for one in self.providers if one not in self.without_hours]
        return own if own in with_hours else next(iter(with_hours), None)


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
        providers=providers,
        without_hours=[one for one in providers if not one.has_hours],
        clients=Client.objects.filter(**here, rehearsal=False).count(),
        rehearsal=_latest_rehearsal(practice),
    )


def _latest_rehearsal(practice: Practice) -> Rehearsal | None:
    # Values, no rows: Home shows no client here, and the read log is told of each that is read.
    requests = RescheduleRequest.objects.filter(practice=practice, client__rehearsal=True).order_by("-pk")
    own = Recipient.objects.filter(client=OuterRef("client"), is_client=True).values("email")[:1]
    wanted = ("ref", "state", "moved_to", "email", "client__archived_at")
    found = requests.annotate(email=Subquery(own)).values_list(*wanted).first()
    if found is None:
        return None
    ref, state, moved_to, email, archived_at = found
    return Rehearsal(ref, state, moved_to, email, is_cleared=archived_at is not None)
