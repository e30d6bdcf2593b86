"""The page of a calendar that is brought in: whose its events are, asked once for all times of a title."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from raincheck.actions.imports.calendars import Decision, say_whose
from raincheck.data.access.shown import shows
from raincheck.data.imports.known_calendar import KnownClient
from raincheck.data.models import Import
from raincheck.domain.appointments.series import MOST
from raincheck.domain.calendars.busy import Problem, ProblemKind
from raincheck.domain.imports.calendar_files import AHEAD, FileFormat
from raincheck.domain.imports.importing import ImportState
from raincheck.domain.imports.names import same_name
from raincheck.domain.imports.repeating import SINGLY
from raincheck.queries.imports.calendars import (
    Question,
    differing,
    gone_from,
    one_by_one,
    questions_of,
    ready_lines,
    unreadable_events,
    waiting_for_whose,
    with_likely,
)
from raincheck.queries.imports.files import files_of
from raincheck.web.paging import Paginator
from raincheck.web.requests import Ref
from raincheck.web.staff.imports.words import pattern_words
from raincheck.web.staff.shell import PageForm, Staff, for_managers_and_providers, send, show
from raincheck.web.submission import key_of

ON_A_PAGE = 25
FIELD = re.compile(r"(who|none)-(\d{1,7})(-one)?")
# More events of one title are decided about together or not at all.
MOST_APART = 30


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers_and_providers
def whose_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Say whose events are that name nobody we know, and see whose the others are taken for."""
    file = own_file(staff, ref)
    if file.state != ImportState.STAGED or file.format != FileFormat.CALENDAR:
        return redirect("import-file", ref=file.ref)
    page = Paginator(questions_of(file), ON_A_PAGE).get_page(request.GET.get("page"))
    known = with_likely(file, page)
    form = PageForm(request.POST)
    status = 200
    wrong: dict[str, str] = {}
    if request.method == "POST":
        answers = Answers(request.POST, page, known)
        status, wrong = 422, answers.wrong
        if not wrong:
            verb = partial(say_whose, file.ref, practice_id=staff.practice.pk, decisions=answers.decisions)
            sent = send(request, staff, form, lambda now, **_by: verb(now=now))
            if sent.answer is not None:
                again = "again" in request.POST or any(name.startswith("likely-") for name in request.POST)
                return redirect(
                    "import-clients" if again and waiting_for_whose(file) else "import-file", ref=file.ref
                )
            status = sent.status
    shows(*(one.pk for one in known))
    context = {
        "file": file,
        "page": page,
        "lines": [QuestionLine(one, request.POST, wrong) for one in page],
        "clients": labels_of(known),
        "waiting": waiting_for_whose(file),
        "most_apart": MOST_APART,
        "zone": file.zone,
        "form": form if request.method == "POST" else None,
        "wrong": wrong,
        "key": key_of(request),
    }
    return show(
        request, staff, "raincheck/staff/imports/clients.html", context, current="clients", status=status
    )


class QuestionLine:
    """A question with what stands in its fields: what was typed, else whose the events are taken for.

    `apart` are its events with what was typed for each, and what is wrong with it; `is_open` shows them.
    """

    def __init__(self, question: Question, said: QueryDict, wrong: Mapping[str, str]) -> None:
        number = question.number
        self.question, self.error = question, wrong.get(f"who-{number}", "")
        typed = bool(said)
        self.who = said.get(f"who-{number}", "") if typed else question.client
        self.is_none = f"none-{number}" in said if typed else question.is_none
        self.apart = [
            (
                event,
                said.get(f"who-{event.number}-one", ""),
                f"none-{event.number}-one" in said,
                wrong.get(f"who-{event.number}-one", ""),
            )
            for event in question.events.values()
        ]
        self.may_be_apart = 1 < len(question.events) <= MOST_APART
        self.is_open = any(who or is_none for _event, who, is_none, _error in self.apart)


class Answers:
    """What a form says of the events it showed. `wrong` has a sentence for each name that nobody has, by its field."""

    def __init__(self, said: QueryDict, shown: Iterable[Question], known: Iterable[KnownClient]) -> None:
        self.as_shown = {one.number: (one.client, one.is_none) for one in shown}
        self.by_label: dict[str, KnownClient | None] = {}
        for one, label in labels_of(known):
            for spelled in {same_name(label), same_name(one.name)}:
                # A name that several have is none of theirs alone.
                self.by_label[spelled] = None if spelled in self.by_label else one
        self.wrong: dict[str, str] = {}
        self.decisions: list[Decision] = []
        known_refs = {one.ref for one, _label in labels_of(known)}
        fields = {match: text for name, text in said.items() if (match := FIELD.fullmatch(name))}
        together = {int(match[2]) for match in fields if match[3] is None}
        apart = {int(match[2]) for match in fields if match[3] is not None}
        for number in sorted(together):
            self._take(said, number, "")
        for number in sorted(apart):
            if said.get(f"who-{number}-one") or f"none-{number}-one" in said:
                self._take(said, number, "-one")
        for name in said:
            row, _colon, ref = name.removeprefix("likely-").partition(":")
            if name.startswith("likely-") and row.isdecimal() and ref in known_refs:
                self.wrong.pop(f"who-{int(row)}", None)
                self.decisions.append(Decision(int(row), UUID(ref)))

    def _take(self, said: QueryDict, number: int, suffix: str) -> None:
        typed, is_none = said.get(f"who-{number}{suffix}", "").strip(), f"none-{number}{suffix}" in said
        this_series = bool(suffix)
        if not this_series and self.as_shown.get(number) == (typed, is_none):
            return  # nobody has changed it, and what was said of single events stays
        client = None
        if typed and not is_none:
            spelled = same_name(typed)
            client = self.by_label.get(spelled)
            if client is None:
                sentence = (
                    _("Several clients here are called “%(name)s”. Please choose one from the list.")
                    if spelled in self.by_label
                    else _(
                        "No client here is called “%(name)s”. Please choose one from the list, or tick “Not an appointment”."
                    )
                )
                self.wrong[f"who-{number}{suffix}"] = sentence % {"name": typed[:60]}
                return
        self.decisions.append(Decision(number, UUID(client.ref) if client else None, is_none, this_series))


def labels_of(known: Iterable[KnownClient]) -> list[tuple[KnownClient, str]]:
    """Return how each client is called in a list: by name, those who share one with their address."""
    known = list(known)
    several = Counter(same_name(one.name) for one in known)
    return [
        (one, f"{one.name} ({one.email})" if several[same_name(one.name)] > 1 and one.email else one.name)
        for one in known
    ]


def calendar_context(file: Import, *, zone: str, now: datetime) -> dict[str, object]:
    """Return what the check of a calendar shows besides: what comes in, what is here, what differs and what stays out."""
    kinds = {one.value for one in ProblemKind}
    notes = [
        Problem(ProblemKind(kind), *rest) for kind, *rest in file.found.get("notes", []) if kind in kinds
    ]
    return {
        "waiting": waiting_for_whose(file),
        "ready_lines": [
            (line, pattern_words(line.repeats, zone=zone) if line.repeats else "")
            for line in ready_lines(file)
        ],
        "singly": [
            _(SINGLY[why]).format(title=title or _("Without a title"), most=MOST)
            for why, title in one_by_one(file)
        ],
        "differing": differing(file),
        "gone": gone_from(file, now=now),
        "notes": [note.told(_(note.template)) for note in notes],
        "unreadable": len(unreadable_events(file)),
        "until": file.made_at + AHEAD,
    }


def whose_files(staff: Staff) -> int | None:
    """Return the provider whose own files alone this person may see; a manager sees all."""
    return None if staff.manages is not None or staff.provider is None else staff.provider.pk


def own_file(staff: Staff, ref: Ref) -> Import:
    """Return a file that this person may see; a page that is not there, else."""
    return get_object_or_404(files_of(staff.practice.pk, provider_id=whose_files(staff)), ref=ref)
