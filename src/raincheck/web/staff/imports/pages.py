"""The pages of an import: the file, its columns, its rows with what is wrong, and what came in."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from raincheck.actions.engine.runner import Answer
from raincheck.actions.imports.calendars import StagedCalendar, stage_calendar
from raincheck.actions.imports.importing import start_import
from raincheck.actions.imports.staging import StagedFile, correct_rows, drop_import, match_columns, stage_file
from raincheck.actions.imports.undoing import undo_import
from raincheck.data.imports.touched import rows_in_the_way
from raincheck.data.models import Import, ImportRow
from raincheck.domain.imports.calendar_files import FileFormat
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.faults import BY_CODE, FileTooLarge
from raincheck.domain.imports.importing import ImportState, InTheWay
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import zone_named
from raincheck.integrations.ics.files import is_calendar, read_occurrences_safely
from raincheck.integrations.imports.files import read_sheets_safely
from raincheck.queries.appointments.listing import places_offered, types_of
from raincheck.queries.imports.files import (
    FIRST_ROWS,
    bad_rows,
    can_be_undone,
    examples_of,
    later_series,
    latest_files,
    left_out_rows,
    mails_of,
    ready_rows,
    remarked_rows,
    standing_of,
)
from raincheck.web.paging import Paginator
from raincheck.web.requests import Ref
from raincheck.web.staff.imports.calendars import calendar_context, own_file, whose_files
from raincheck.web.staff.imports.corrections import corrections_in
from raincheck.web.staff.imports.forms import ColumnsForm, FileForm
from raincheck.web.staff.imports.words import (
    ORDER_WORDS,
    STATE_WORDS,
    WHY_IN_THE_WAY,
    appointment_line,
    bad_row,
    client_line,
    left_out_line,
    remarked_row,
)
from raincheck.web.staff.shell import (
    PageForm,
    Staff,
    for_managers,
    for_managers_and_providers,
    send,
    send_and_tell,
    show,
)
from raincheck.web.submission import key_of, sentence_of

ON_A_PAGE = 25
IN_THE_WAY = 50
LOOK_AGAIN = 2  # seconds between two looks at rows that come in


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers_and_providers
def import_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Choose a file; below stand the latest ones."""
    if request.method != "POST":
        return _file_page(request, staff, FileForm(staff=staff, initial=_usual(staff)))
    form = FileForm(request.POST, request.FILES, staff=staff)
    # A file larger than is taken at all never reaches the form.
    if (
        "file" not in request.FILES
        and int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    ):
        form.refuse(FileTooLarge())
    if not form.is_valid():
        return _file_page(request, staff, form, status=422)
    uploaded: UploadedFile[bytes] = form.cleaned_data["file"]
    name, data = uploaded.name or "", uploaded.read()
    try:
        # Read before anything is written: a stranger's file, in a process of its own.
        staging, to = _staging(staff, form, name, data)
    except Refusal as refusal:
        # Whatever a file is refused for stands at the file.
        refusal.field = refusal.field or "file"
        form.refuse(refusal)
        return _file_page(request, staff, form, status=422)
    if form.errors:
        return _file_page(request, staff, form, status=422)
    sent = send(request, staff, form, staging)
    if sent.answer is None:
        return _file_page(request, staff, form, status=sent.status)
    return redirect(to, ref=sent.answer["import"])


def _staging(staff: Staff, form: FileForm, name: str, data: bytes) -> tuple[Callable[..., Answer], str]:
    """Return the verb that keeps a file and the page that comes after it. Raises a fault of reading."""
    said = form.cleaned_data
    if is_calendar(data, name=name):
        calendar = read_occurrences_safely(data, now=staff.now, zone=zone_named(said["zone"]))
        provider = form.whose()
        file = StagedCalendar(
            name,
            said["zone"],
            calendar,
            provider.pk if provider else 0,
            said["type"].pk if said["type"] else None,
            said["place"].pk if said["place"] else None,
        )
        return partial(stage_calendar, staff.practice.pk, file=file), "import-clients"
    if staff.manages is None:
        form.add_error(
            "file",
            _(
                "This is no calendar. Please choose your calendar as an .ics file; a manager can bring spreadsheets in."
            ),
        )
        return partial(stage_file), "import"
    sheets = read_sheets_safely(data)
    table = StagedFile(name, Kind(said["kind"]), said["zone"], sheets)
    return partial(stage_file, staff.practice.pk, file=table), "import-columns"


def _usual(staff: Staff) -> dict[str, object]:
    """Return what stands in the form at first: the practice's zone, the one provider there is, the usual type and place."""
    providers = list(staff.providers().filter(left_at__isnull=True)[:2])
    return {
        "zone": staff.practice.zone,
        "kind": Kind.CLIENTS,
        "provider": staff.provider or (providers[0] if len(providers) == 1 else None),
        "type": types_of(staff.practice).first(),
        "place": places_offered(staff.practice).first(),
    }


def _file_page(request: HttpRequest, staff: Staff, form: FileForm, *, status: int = 200) -> HttpResponse:
    if form.files and form.errors and not (form.non_field_errors() or form.has_error("file")):
        form.add_error("file", _("Please choose the file again: files are not kept."))
    latest = latest_files(staff.practice.pk, provider_id=whose_files(staff))
    files = [(file, *STATE_WORDS[ImportState(file.state)]) for file in latest]
    context = {"form": form, "files": files, "zone": staff.zone, "key": key_of(request)}
    return show(
        request, staff, "raincheck/staff/imports/file.html", context, current="clients", status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def columns_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Say what each column holds, with what its first rows say beside it."""
    file = own_file(staff, ref)
    if file.state != ImportState.STAGED or file.format == FileFormat.CALENDAR:
        return redirect("import-file", ref=file.ref)
    form = (
        ColumnsForm(request.POST, file=file)
        if request.method == "POST"
        else ColumnsForm(file=file, initial=ColumnsForm.known(file))
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            read_as = {"chosen": form.chosen(), "zone": said["zone"], "order": form.order_said()}
            verb = partial(match_columns, file.ref, practice_id=staff.practice.pk, **read_as)
            sent = send(request, staff, form, lambda now, **_by: verb(now=now))
            if sent.answer is not None:
                return redirect("import-file", ref=file.ref)
            status = sent.status
    context = {
        "file": file,
        "form": form,
        "lines": form.lines(examples_of(file)),
        "lacks": _lacks(file),
        "order_words": ORDER_WORDS[DateOrder(file.order)],
        "key": key_of(request),
    }
    return show(
        request, staff, "raincheck/staff/imports/columns.html", context, current="clients", status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers_and_providers
def import_file_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show the rows with a problem, to correct or to leave out; once started, how the import goes or what came of it."""
    file = own_file(staff, ref)
    refused = PageForm(request.POST)
    if request.method == "POST":
        corrections = corrections_in(request.POST, file)
        verb = partial(correct_rows, file.ref, practice_id=staff.practice.pk, corrections=corrections)
        sent = send(request, staff, refused, lambda now, **_by: verb(now=now))
        if sent.answer is not None:
            return redirect("import-file", ref=file.ref)
        file.refresh_from_db()
        return _rows_page(request, staff, file, refused=refused, status=sent.status)
    return _rows_page(request, staff, file)


def _rows_page(
    request: HttpRequest, staff: Staff, file: Import, *, refused: PageForm | None = None, status: int = 200
) -> HttpResponse:
    shared = {"file": file, "standing": standing_of(file), "zone": staff.zone, "key": key_of(request)}
    if file.state == ImportState.STAGED:
        line = client_line if file.kind == Kind.CLIENTS else partial(appointment_line, zone=staff.zone)
        page = Paginator(bad_rows(file), ON_A_PAGE).get_page(request.GET.get("page"))
        remarks = Paginator(remarked_rows(file), ON_A_PAGE).get_page(request.GET.get("remarks"))
        left_out = Paginator(left_out_rows(file), ON_A_PAGE).get_page(request.GET.get("out"))
        context = {
            **shared,
            "page": page,
            "bad": [bad_row(file, row) for row in page],
            "first": [line(row) for row in [*ready_rows(file)[:FIRST_ROWS], *later_series(file)]],
            "remarks": remarks,
            "remarked": [remarked_row(file, row) for row in remarks],
            "remarked_count": remarks.paginator.count,
            "left_out_page": left_out,
            "left_out": [left_out_line(file, row) for row in left_out],
            "lacks": _lacks(file),
            "refused": refused,
            "order_words": ORDER_WORDS[DateOrder(file.order)],
            "mails": mails_of(file) if file.kind == Kind.APPOINTMENTS else None,
            **(
                calendar_context(file, zone=staff.zone, now=staff.now)
                if file.format == FileFormat.CALENDAR
                else {}
            ),
        }
        return show(
            request, staff, "raincheck/staff/imports/check.html", context, current="clients", status=status
        )
    undoable = can_be_undone(file, now=staff.now)
    in_the_way = rows_in_the_way(file, now=staff.now) if undoable else ImportRow.objects.none()
    context = {
        **shared,
        "undoable": undoable,
        "in_the_way_count": in_the_way.count(),
        "in_the_way": [
            (row, WHY_IN_THE_WAY[InTheWay(row.in_the_way)])  # type: ignore[attr-defined]  # annotated
            for row in in_the_way[:IN_THE_WAY]
        ],
    }
    shown = show(
        request, staff, "raincheck/staff/imports/outcome.html", context, current="clients", status=status
    )
    if file.state == ImportState.IMPORTING:
        # Understood by every browser, so that the page moves on without a script.
        shown["Refresh"] = str(LOOK_AGAIN)
    return shown


@require_POST
@for_managers_and_providers
def start(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Bring the rows in: a worker does it, and the page says how far it is."""
    told = _("Your rows are coming in. You can leave this page.")
    verb = partial(start_import, tell_clients="tell" in request.POST)
    return _acted(
        request, staff, ref, lambda ref, practice_id, **_by: verb(ref, practice_id=practice_id), told=told
    )


@require_POST
@for_managers_and_providers
def undo(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Take back what came in."""
    return _acted(request, staff, ref, undo_import, told=_("Undone. What came in with this file is gone."))


@require_POST
@for_managers_and_providers
def drop(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Give a file up before it came in."""
    return _acted(
        request,
        staff,
        ref,
        lambda ref, practice_id, **_by: drop_import(ref, practice_id=practice_id),
        told=_("Given up. Nothing of this file was kept."),
        to=reverse("import"),
    )


def _acted(
    request: HttpRequest, staff: Staff, ref: Ref, verb: Callable[..., Answer], *, told: str, to: str = ""
) -> HttpResponse:
    """Carry a verb about a whole file out and say so, on the file's page unless said otherwise."""
    file = own_file(staff, ref)
    whole = partial(verb, file.ref, practice_id=staff.practice.pk)
    return send_and_tell(request, staff, whole, told=told, to=to or reverse("import-file", args=[file.ref]))


def _lacks(file: Import) -> str:
    """Return what a file lacks to be read at all, in words."""
    fault = BY_CODE.get(file.fault)
    return sentence_of(fault()) if fault else ""
