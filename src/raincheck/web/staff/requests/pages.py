"""Reschedule requests: the list, open ones first, and the page of one with its story."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.data.models import RescheduleRequest
from raincheck.data.notifications import knowing_failures
from raincheck.data.reschedule.suggestions import suggested_in
from raincheck.domain.reschedule.lifecycle import MANY_ASKS, NeedsProvider, Reason, State
from raincheck.notifications.formats import dialed, reason_sentence, time_left
from raincheck.queries.conversations import words_to_the_team
from raincheck.queries.people import found_by, names_by_membership
from raincheck.queries.reschedule.requests import Shown, ask_numbers, listed, sent_together, story
from raincheck.web.paging import Paginator
from raincheck.web.reasons import NAMES
from raincheck.web.requests import Ref, ref_in, words_in
from raincheck.web.staff.appointments.reinstate import reinstate_url
from raincheck.web.staff.appointments.words import Tag, waits_for_delivery
from raincheck.web.staff.shell import (
    STATES,
    WAITS_BECAUSE,
    Names,
    PageForm,
    Staff,
    for_staff,
    show,
    whose,
)
from raincheck.web.staff.shell.access import EVERYONE
from raincheck.web.staff.shell.possible import why_no_extension, why_no_reminder
from raincheck.web.staff.shell.undo import undoable_ask
from raincheck.web.staff.shell.words import told
from raincheck.web.tags import Undoable

ON_A_PAGE = 25
FILTERS = {
    Shown.ALL: later("All"),
    Shown.OPEN: later("Open"),
    Shown.NEEDS_YOU: later("Needs you"),
    Shown.SETTLED: later("Settled"),
    Shown.MANY_ASKS: later("Third ask or more"),
}
# Read along with a request: its page speaks of all of these, and must not ask for each by itself.
WHOLE = (
    "practice",
    "client",
    "provider",
    "batch",
    "appointment__practice",
    "appointment__provider",
    "appointment__client",
    "appointment__type",
    "appointment__place",
)


@dataclass(frozen=True, slots=True)
class ListedRequest:
    """A request as the list shows it. `first` is set on the first open and the first settled one of a page."""

    asked: RescheduleRequest
    marks: list[Tag]
    left: str
    first: bool
    undelivered: bool
    may_remind: bool
    may_extend: bool
    undo: Undoable | None
    reinstate_url: str


@for_staff
def requests_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List the open requests by deadline, then the settled ones; `?show=` some, `?q=` by client, `?provider=` one provider's."""
    words = words_in(request.GET.get("q"))
    wanted = request.GET.get("show", "")
    filters = _filters(staff)
    which = Shown(wanted) if wanted in filters else Shown.ALL
    theirs = staff.listed(RescheduleRequest.objects.all())
    # Whose they are is a question where the list holds everybody's.
    providers = staff.choices() if staff.lists_all else []
    named = request.GET.get("provider") if providers else None
    if named:
        theirs = theirs.filter(provider=get_object_or_404(staff.providers(), ref=ref_in(named)))
    found = listed(theirs, which, now=staff.now)
    if words:
        found = found.filter(client__in=found_by(words, practice_id=staff.practice.pk))
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    asks = ask_numbers(list(page)) if staff.manages else {}
    rows, was_open = [], None
    for asked in page:
        # A heading stands above the first open and the first settled one of each page.
        first, was_open = asked.is_open is not was_open, asked.is_open
        asked.practice = staff.practice  # at hand already, and the same for all of the list
        undelivered = waits_for_delivery(asked, now=staff.now)
        rows.append(
            ListedRequest(
                asked,
                _marks(asked, asks.get(asked.pk, 0)),
                _left(asked, now=staff.now),
                first,
                undelivered,
                may_remind=asked.is_open and not why_no_reminder(asked, now=staff.now),
                may_extend=asked.is_open and not why_no_extension(asked, now=staff.now),
                undo=undoable_ask(asked, now=staff.now),
                reinstate_url=_reinstate_url(asked, now=staff.now),
            )
        )
    kept = {
        "q": words,
        "whose": EVERYONE if staff.chose_everyone else "",
        "provider": named or "",
    }
    searched = {name: value for name, value in kept.items() if value}
    context = {
        "page": page,
        "rows": rows,
        "zone": staff.zone,
        "words": words,
        "which": which,
        "whose": whose(request, staff),
        "providers": providers,
        "named": named,
        "query": urlencode(({"show": which} if which is not Shown.ALL else {}) | searched),
        "filters": [
            (label, f"?{urlencode({'show': one} | searched)}", one is which) for one, label in filters.items()
        ],
    }
    return show(request, staff, "raincheck/staff/requests/requests.html", context, current="requests")


def _filters(staff: Staff) -> Mapping[Shown, object]:
    """Return what the list can be narrowed to; who is asked again and again is for managers to see."""
    return {one: label for one, label in FILTERS.items() if one is not Shown.MANY_ASKS or staff.manages}


@for_staff
def request_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show a request with its story, and write down that it was read."""
    asked = own_request(staff, ref)
    staff = staff.acting_for(asked.provider)
    return record(request, staff, asked)


def own_request(staff: Staff, ref: Ref) -> RescheduleRequest:
    """Return a request with everything its pages speak of. One of somebody else's is not there: 404."""
    rows = knowing_failures(staff.own(RescheduleRequest.objects.all()).select_related(*WHOLE))
    return get_object_or_404(rows, ref=ref)


def record(
    request: HttpRequest,
    staff: Staff,
    asked: RescheduleRequest,
    form: PageForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render the page of one request; with a refused form, its sentence stands above."""
    happened = story(asked)
    asks = ask_numbers([asked]) if staff.manages else {}
    members = names_by_membership((one.actor_kind, one.actor) for one in happened)
    reader = _("You") if staff.is_own(asked.provider) else asked.provider.short_name
    names = Names(asked.client.known_as, reader, members)
    waits = asked.needs_provider if asked.is_open else ""
    context = {
        "asked": asked,
        "appointment": asked.appointment,
        "zone": asked.provider.zone,
        "client_zone": asked.client.zone_in(asked.practice),
        "marks": _marks(asked, asks.get(asked.pk, 0)),
        "left": _left(asked, now=staff.now),
        "waits": str(WAITS_BECAUSE[NeedsProvider(waits)]) % {"name": names.client} if waits else "",
        "call": dialed(asked.client.phone),
        "undelivered": waits_for_delivery(asked, now=staff.now),
        "undo": undoable_ask(asked, now=staff.now),
        "reinstate_url": _reinstate_url(asked, now=staff.now),
        "why_no_extension": why_no_extension(asked, now=staff.now),
        "why_no_reminder": why_no_reminder(asked, now=staff.now),
        "private_note": asked.batch.private_note if staff.may_read_private(asked.provider) else "",
        "reason": NAMES[Reason(asked.batch.reason)],
        "client_reads": reason_sentence(asked.provider.short_name),
        "would_work": words_to_the_team(asked.batch),
        "together": sent_together(asked),
        "suggested": suggested_in(batch=asked.batch_id) if asked.is_open else [],
        "story": [(one.at, told(one, names, zone=asked.provider.zone, now=staff.now)) for one in happened],
        "form": form,
    }
    return show(
        request, staff, "raincheck/staff/requests/request.html", context, current="requests", status=status
    )


def _marks(asked: RescheduleRequest, asks: int) -> list[Tag]:
    """Return what is to be known at a glance: how it stands, and while it is open, who is needed."""
    words, kind = STATES[State(asked.state)]
    marks = [Tag(str(words), kind)]
    # What needs a person is red; everything else can wait for its deadline.
    if asked.is_open and asked.needs_provider:
        marks.append(Tag(_("Waits for you"), "red"))
    if asked.is_open and asked.client_wrote_at:
        marks.append(Tag(_("Client wrote"), "amber"))
    if asked.last_minute:
        marks.append(Tag(_("Last-minute"), "plain"))
    # Counted for managers alone; the provider was told in the form.
    if asks >= MANY_ASKS:
        marks.append(Tag(_("Asked %(count)d times in 90 days") % {"count": asks}, "amber"))
    return marks


def _reinstate_url(asked: RescheduleRequest, *, now: datetime) -> str:
    """Return the address that puts an appointment back whose request canceled it; empty where nothing can be put back."""
    canceled = State(asked.state) in (State.LAPSED, State.DECLINED)
    return reinstate_url(asked.appointment, now=now) if canceled else ""


def _left(asked: RescheduleRequest, *, now: datetime) -> str:
    """Return how much time an open request has; nothing for a settled one."""
    if not asked.is_open:
        return ""
    if waits_for_delivery(asked, now=now):
        return _("Not delivered, the clock is not running")
    # It lapses one to two minutes later; until then an answer that came in time still counts.
    if asked.deadline_at <= now:
        return _("The deadline has passed")
    return _("%(time)s left") % {"time": time_left(asked.deadline_at - now)}
