"""The read log for managers: who was shown whom, narrowed by person, client and day; one client's own list; and its export."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext
from django.views.decorators.http import require_safe

from raincheck.actions.access.read_log import record_event
from raincheck.data.models import Client, ReadLog
from raincheck.domain.access.events import Event
from raincheck.domain.people import ActorKind
from raincheck.domain.zones import start_at, zone_named
from raincheck.queries.access.emergency import reasons_of
from raincheck.queries.access.read_log import Person, clients_named, entries, names_of, people_of
from raincheck.web.access.networks import network_of
from raincheck.web.access.step_up import asked_again
from raincheck.web.paging import Paginator
from raincheck.web.requests import ref_in, words_in
from raincheck.web.staff.practice.read_log_words import WHO, what_words
from raincheck.web.staff.shell import Staff, for_managers, show

ON_A_PAGE = 50
NAMED = 4
"""So many names stand in a line; the others are counted."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
EXPORTED = 50_000
"""Rows of one file; a day or a person asks for fewer."""


class Narrowed(forms.Form):
    """Which rows are asked for. What can't be read narrows nothing, and is said."""

    person = forms.ChoiceField(required=False, label=later("Person"))
    q = forms.CharField(required=False, max_length=80, label=later("Client"))
    day = forms.DateField(required=False, label=later("Day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, request: HttpRequest, people: list[tuple[Person, str]]) -> None:
        super().__init__(request.GET, label_suffix="")
        choices = [(f"{kind}:{who}", name) for (kind, who), name in people]
        self.fields["person"].choices = [("", _("Everybody")), *choices]  # type: ignore[attr-defined]  # a ChoiceField


@dataclass(frozen=True, slots=True)
class Line:
    """A row in words: when, who, what, whom, and from where."""

    at: datetime
    who: str
    what: str
    clients: str
    network: str
    why: str = ""


@require_safe
@for_managers
def read_log_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List the rows that are asked for, newest first."""
    form = Narrowed(request, people_of(staff.practice))
    form.is_valid()
    about = _client(request, staff)
    rows = _rows(form, staff, about)
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    shown = {name: value for name, value in request.GET.items() if name != "page" and value}
    context = {
        "form": form,
        "page": page,
        "lines": _lines(list(page), staff, about=about),
        "about": about,
        "narrowed": bool(shown),
        "query": urlencode(shown),
        "zone": staff.zone,
    }
    return show(request, staff, "raincheck/staff/practice/read_log.html", context, current="practice")


@require_safe
@for_managers
@asked_again
def read_log_file(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with the rows that are asked for as a spreadsheet; that it was made is a row too."""
    form = Narrowed(request, people_of(staff.practice))
    form.is_valid()
    about = _client(request, staff)
    rows = list(_rows(form, staff, about)[:EXPORTED])
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow([_("When"), _("Who"), _("What"), _("Clients"), _("Network"), _("Why")])
    for line in _lines(rows, staff, about=about, all_names=True):
        said = [line.at.isoformat(), line.who, line.what, line.clients, line.network, line.why]
        # A cell that begins like a formula is run by whatever opens the file; with this it is text.
        table.writerow([f"'{text}" if text.startswith(FORMULAS) else text for text in said])
    record_event(
        Event.LOG_EXPORTED,
        by=staff.actor,
        network=network_of(request).name,
        detail={"rows": len(rows)},
        now=staff.now,
    )
    response = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="read-log.csv"'
    return response


def _client(request: HttpRequest, staff: Staff) -> Client | None:
    """Return the one client whose own list is asked for. Somebody else's is not there: 404."""
    named = request.GET.get("client")
    return get_object_or_404(Client, practice=staff.practice, ref=ref_in(named)) if named else None


def _rows(form: Narrowed, staff: Staff, about: Client | None) -> QuerySet[ReadLog]:
    said = form.cleaned_data
    kind, _colon, who = (said.get("person") or "").partition(":")
    words, day = words_in(said.get("q")), said.get("day")
    clients = clients_named(words, practice=staff.practice) if words else None
    since = until = None
    if day is not None:
        zone = zone_named(staff.zone)
        since, until = (
            start_at(datetime.combine(one, time.min), zone=zone) for one in (day, day + timedelta(days=1))
        )
    return entries(
        staff.practice,
        person=(kind, int(who)) if who else None,
        clients=[about.pk] if about is not None else clients,
        since=since,
        until=until,
    )


def _lines(rows: list[ReadLog], staff: Staff, *, about: Client | None, all_names: bool = False) -> list[Line]:
    people = names_of({(row.actor_kind, row.actor) for row in rows})
    # One client's own list may be handed to them: it names nobody else.
    wanted = {about.pk} if about is not None else {pk for row in rows for pk in row.clients}
    named = {client.pk: client.name for client in Client.objects.filter(pk__in=wanted)}
    # Why a conversation was opened may name others, and is no part of one client's own list.
    numbers = [row.detail["reason"] for row in rows if "reason" in row.detail]
    reasons = {} if about is not None else reasons_of(staff.practice, numbers)
    return [
        Line(
            at=row.at,
            who=_who(row, people, named),
            what=what_words(row.what, row.detail),
            clients=_clients([named.get(pk, "") for pk in row.clients], everybody=all_names)
            if about is None
            else about.name,
            network=row.network,
            why=reasons.get(row.detail.get("reason"), ""),
        )
        for row in rows
    ]


def _who(row: ReadLog, people: Mapping[tuple[str, int | None], str], clients: Mapping[int, str]) -> str:
    name = people.get((row.actor_kind, row.actor), "")
    if row.actor_kind in (ActorKind.CLIENT, ActorKind.CLIENT_BY_LINK):
        name = clients.get(row.actor or 0, "")
    kind = str(WHO.get(row.actor_kind, row.actor_kind))
    return _("%(name)s (%(kind)s)") % {"name": name, "kind": kind} if name else kind


def _clients(names: list[str], *, everybody: bool) -> str:
    known = sorted(name for name in names if name)
    # Whoever was erased has no name any more, and was shown all the same.
    shown, left = (known, 0) if everybody else (known[:NAMED], max(len(known) - NAMED, 0))
    left += len(names) - len(known)
    if not left:
        return ", ".join(shown)
    more = ngettext("%(count)d more", "%(count)d more", left) % {"count": left}
    return ", ".join([*shown, more])
