"""Records that are likely of one person: the list of them, two side by side, merging them, and undoing that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _, gettext_lazy as later, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from raincheck.actions.clients.merging import merge_clients, tell_apart
from raincheck.actions.clients.unmerging import undo_merge
from raincheck.data.clients.history import changes_of_client
from raincheck.data.models import Appointment, Client, ClientMerge, Conversation, Recipient
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.clients.merging import Part, better_from_gone, undone_until
from raincheck.domain.clients.phones import shown_phone
from raincheck.domain.refusals import Refusal
from raincheck.domain.regions import regions
from raincheck.notifications.formats import short_day_and_time, zone_city
from raincheck.queries.clients.likeness import likely_pairs_in
from raincheck.queries.people import found_by, own_recipient
from raincheck.web.requests import Ref, ref_in, words_in
from raincheck.web.staff.clients.never_works import never_works_in_words
from raincheck.web.staff.shell import WHY, Context, PageForm, Staff, for_managers, send, send_and_tell, show
from raincheck.web.submission import Submission, key_of, sentence_of

SHOWN = 50
FOUND = 12
LABELS = {
    Part.NAME: later("Name"),
    Part.PRONOUNS: later("Pronouns"),
    Part.DATE_OF_BIRTH: later("Date of birth"),
    Part.EMAIL: later("E-mail"),
    Part.PHONE: later("Phone and texts"),
    Part.ZONE: later("Time zone"),
    Part.LANGUAGE: later("Language"),
    Part.USUAL_PROVIDER: later("Usual provider"),
    Part.NEUTRAL_WORDING: later("Neutral wording"),
    Part.DO_NOT_AUTO_CANCEL: later("Do not auto-cancel"),
    Part.PAYER_FORBIDS_FEES: later("Payer forbids fees"),
    Part.NEVER_WORKS: later("Times that never work"),
    Part.USUAL_REGION: later("Usually in"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One part of the two records side by side; `from_gone` is which of them is chosen. Equal parts need no choice."""

    part: Part
    label: str
    kept: str
    gone: str
    from_gone: bool

    @property
    def same(self) -> bool:
        return self.kept == self.gone


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge as the page of the kept record tells of it; `until` is empty once it can't be undone."""

    ref: str
    name: str
    at: datetime
    until: datetime | None


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def duplicates_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List the records that are likely of the same person; a POST says of two that they are not."""
    if request.method == "POST":
        named = [ref_in(request.POST[name]) for name in ("one", "other") if name in request.POST]
        found = list(_own(staff).filter(ref__in=named).values_list("pk", flat=True))
        # A form that names no two of them reads so, like one that names the same twice.
        one, other = found if len(found) == 2 else (0, 0)
        told = _("Kept apart. You won't be asked about these two again.")
        return send_and_tell(request, staff, partial(tell_apart, one, other), told=told, to=request.path)
    pairs = likely_pairs_in(staff.practice.pk)
    context: Context = {
        "pairs": [(pair, [WHY[why] for why in sorted(pair.why)]) for pair in pairs[:SHOWN]],
        "more": len(pairs) - SHOWN,
        "key": key_of(request),
    }
    return show(request, staff, "raincheck/staff/clients/duplicates.html", context, current="clients")


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def merge_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Look for the other record of somebody, compare the two, and merge them."""
    if request.method != "POST" or not request.POST.get("with"):
        kept = _client(staff, ref)
        if not request.GET.get("with"):
            return _search(request, staff, kept)
        return _compare(request, staff, kept, _client(staff, request.GET["with"]))
    # Also what has become part of another since: the same form sent again gets its first answer.
    ours = Client.objects.filter(practice=staff.practice).select_related("usual_provider")
    kept = get_object_or_404(ours, ref=ref)
    gone = get_object_or_404(ours, ref=ref_in(request.POST["with"]))
    taken = [part for part in Part if request.POST.get(part) == "gone"]
    form = PageForm(request.POST)
    seen = (_number(request.POST.get("seen-kept")), _number(request.POST.get("seen-gone")))
    sent = send(request, staff, form, merge_clients, kept.pk, gone.pk, taken=taken, seen=seen)
    if sent.answer is None:
        if kept.merged_into_id or gone.merged_into_id:
            raise Http404
        return _compare(request, staff, kept, gone, form=form, taken=taken, status=sent.status)
    messages.success(request, _("Merged. Nothing was sent. For a day you can undo it here."))
    return redirect("client", ref=kept.ref)


@require_POST
@for_managers
def undo(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Part two records again, or say why that can't be done any more."""
    merge = get_object_or_404(
        ClientMerge.objects.select_related("kept", "gone"), practice=staff.practice, ref=ref
    )
    try:
        Submission.of(request, by=staff.actor).run(partial(undo_merge, merge.ref))
    except Refusal as refusal:
        messages.error(request, sentence_of(refusal))
        return redirect("client", ref=merge.kept.ref)
    messages.success(
        request, _("Undone. %(name)s has a record of their own again.") % {"name": merge.gone.full_name}
    )
    return redirect("client", ref=merge.kept.ref)


def merges_of(client: Client, staff: Staff) -> list[Merged]:
    """Return the records that are part of this one, the latest first, for those who may undo it."""
    if staff.manages is None:
        return []
    rows = ClientMerge.objects.filter(kept=client, undone_at__isnull=True).select_related("gone")
    return [
        Merged(
            str(row.ref),
            row.gone.full_name,
            row.at,
            undone_until(row.at) if row.former and undone_until(row.at) > staff.now else None,
        )
        for row in rows.order_by("-pk")
    ]


def record_it_became(staff: Staff, ref: Ref) -> Client | None:
    """Return the record that another one has become part of; None for one that stands by itself or is not here."""
    row = Client.objects.filter(practice=staff.practice, ref=ref).select_related("merged_into").first()
    return row.merged_into if row is not None else None


def _own(staff: Staff) -> QuerySet[Client]:
    return Client.objects.filter(practice=staff.practice, merged_into__isnull=True)


def _client(staff: Staff, ref: object) -> Client:
    named = ref_in(ref) if isinstance(ref, str) else ref
    return get_object_or_404(_own(staff).select_related("usual_provider"), ref=named)


def _number(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 10 else -1


def _search(request: HttpRequest, staff: Staff, kept: Client) -> HttpResponse:
    """Offer what looks alike, and what is found by name, phone or e-mail."""
    words = words_in(request.GET.get("q"))
    alike = [
        pair.other if pair.one.pk == kept.pk else pair.one
        for pair in likely_pairs_in(staff.practice.pk)
        if kept.pk in (pair.one.pk, pair.other.pk)
    ]
    found = Client.objects.none()
    if words.split():
        by_words = found_by(words, practice_id=staff.practice.pk)
        found = _own(staff).filter(pk__in=by_words).exclude(pk=kept.pk)
    context: Context = {
        "client": kept,
        "words": words,
        "alike": alike,
        "found": found.order_by("last_name", "first_name", "pk")[:FOUND],
    }
    return show(request, staff, "raincheck/staff/clients/merge_with.html", context, current="clients")


def _compare(
    request: HttpRequest,
    staff: Staff,
    kept: Client,
    gone: Client,
    *,
    form: PageForm | None = None,
    taken: list[Part] | None = None,
    status: int = 200,
) -> HttpResponse:
    mine, theirs = (_said_of(client, staff) for client in (kept, gone))
    rows = [
        Row(
            part,
            str(LABELS[part]),
            mine[part],
            theirs[part],
            part in taken
            if taken is not None
            else better_from_gone(_known(mine[part]), _known(theirs[part])),
        )
        for part in Part
    ]
    context: Context = {
        "client": kept,
        "other": gone,
        "form": form,
        "rows": rows,
        "belongs": [_belongs(client, staff) for client in (kept, gone)],
        "seen": (changes_of_client(kept.pk), changes_of_client(gone.pk)),
        "zone": staff.zone,
        "key": key_of(request),
    }
    return show(
        request, staff, "raincheck/staff/clients/merge.html", context, current="clients", status=status
    )


def _known(said: str) -> str:
    return "" if said in (_("Nothing"), _("No")) else said


def _said_of(client: Client, staff: Staff) -> Mapping[Part, str]:
    """Return each part of a record in words; "Nothing" where nothing is written down."""
    reached = own_recipient(client) or Recipient()
    called = _("%(name)s (goes by %(goes_by)s)") % {"name": client.full_name, "goes_by": client.goes_by}
    phone = shown_phone(reached.phone or client.phone, region=staff.practice.region)
    zone = client.zone or client.confirmed_zone
    born = client.date_of_birth
    said = {
        Part.NAME: called if client.goes_by else client.full_name,
        Part.PRONOUNS: client.pronouns,
        Part.DATE_OF_BIRTH: formatted(born, pgettext("date", "F j, Y")) if born else "",
        Part.EMAIL: reached.email,
        Part.PHONE: _("%(phone)s, agreed to texts") % {"phone": phone} if reached.gets_sms else phone,
        Part.ZONE: zone_city(zone) if zone else "",
        Part.LANGUAGE: str(dict(settings.LANGUAGES).get(reached.language, reached.language)),
        Part.USUAL_PROVIDER: client.usual_provider.name if client.usual_provider else "",
        Part.NEVER_WORKS: never_works_in_words(client.never_works),
        Part.USUAL_REGION: regions().get(client.usual_region, ""),
    }
    marks = {
        Part.NEUTRAL_WORDING: client.neutral_wording,
        Part.DO_NOT_AUTO_CANCEL: client.do_not_auto_cancel,
        Part.PAYER_FORBIDS_FEES: client.payer_forbids_fees,
    }
    return {part: words or _("Nothing") for part, words in said.items()} | {
        part: _("Yes") if marked else _("No") for part, marked in marks.items()
    }


def _belongs(client: Client, staff: Staff) -> Context:
    """Return what would go over, or stays: appointments ahead and behind, conversations, and when they last came."""
    rows = Appointment.objects.filter(client=client)
    ahead = rows.filter(status=Status.SCHEDULED, starts_at__gt=staff.now).order_by("starts_at")
    first = ahead.select_related("provider").first()
    return {
        "client": client,
        "ahead": ahead.count(),
        "next": short_day_and_time(first.starts_at, staff.zone, now=staff.now) if first else "",
        "past": rows.filter(starts_at__lte=staff.now).count(),
        "conversations": Conversation.objects.filter(client=client).count(),
    }
