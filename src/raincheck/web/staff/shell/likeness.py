"""The question about somebody who is written down and looks like a client who is there: the same person, or someone else?"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.data.models import Client
from raincheck.domain.clients.likeness import Likeness, Person, likenesses
from raincheck.domain.clients.phones import read_phone
from raincheck.domain.clients.record import ClientDetails
from raincheck.domain.refusals import Refusal
from raincheck.queries.clients.likeness import known_clients, likely_same, person_of
from raincheck.web.staff.shell.access import Staff
from raincheck.web.staff.shell.own_clients import clients_seen_by
from raincheck.web.submission import has_acted

WHY = {
    Likeness.EMAIL: later("Same e-mail"),
    Likeness.PHONE: later("Same phone number"),
    Likeness.NAME_AND_BIRTH: later("Same name and date of birth"),
}
APART = "apart"
"""The button that says that it is someone else; its value names those whom somebody has looked at."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A client who is there already; without a `url` they are another provider's."""

    ref: str
    name: str
    url: str
    why: str


def asked_about(
    request: HttpRequest, staff: Staff, details: ClientDetails, *, client: Client | None = None
) -> Sequence[Alike]:
    """Return whom to ask about before somebody is written down; none once somebody has said that they are someone else,
    or where this form has acted.

    Of a record that is changed only what makes it alike anew is asked about.
    """
    said = _person(details, staff)
    found = likely_same(said, practice_id=staff.practice.pk, but=client.pk if client else None)
    before = person_of(known_clients(staff.practice.pk).get(pk=client.pk)) if client else Person("")
    alike = [(row, likenesses(said, person_of(row)) - likenesses(before, person_of(row))) for row in found]
    seen = set(
        clients_seen_by(staff).filter(pk__in=[row.pk for row, why in alike]).values_list("pk", flat=True)
    )
    rows = [
        Alike(
            ref=str(row.ref),
            name=row.full_name if row.pk in seen else _("A client of another provider here"),
            url=reverse("client", args=[row.ref]) if row.pk in seen else "",
            why=", ".join(str(WHY[one]) for one in sorted(why)),
        )
        for row, why in alike
        if why
    ]
    looked_at = set(request.POST.get(APART, "").split(","))
    # Last: whoever was added by the first sending of this form is there only together with its key.
    if not {row.ref for row in rows} - looked_at or has_acted(request, staff.actor):
        return ()
    return rows


def _person(details: ClientDetails, staff: Staff) -> Person:
    try:
        phone = read_phone(details.contact.phone, region=staff.practice.region)
    except Refusal:
        phone = ""  # the verb says what is wrong with it
    return Person(
        details.first_name,
        details.last_name,
        details.goes_by,
        details.date_of_birth,
        details.contact.email,
        phone,
    )
