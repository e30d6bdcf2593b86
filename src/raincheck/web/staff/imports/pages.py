"""The pages of an import: the file, its columns, its rows with what is wrong, and what came in."""

from functools import partial

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from raincheck.actions.imports.importing import start_import
from raincheck.actions.imports.staging import StagedFile, correct_rows, drop_import, match_columns, stage_file
from raincheck.actions.imports.undoing import undo_import
from raincheck.data.imports.touched import rows_in_the_way
from raincheck.data.models import Import, ImportRow
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.faults import BY_CODE, FileTooLarge
from raincheck.domain.imports.importing import ImportState, InTheWay
from raincheck.domain.refusals import Refusal
from raincheck.integrations.imports.files import read_sheets_safely
from raincheck.queries.imports.files import (
    bad_rows,
    can_be_undone,
    examples_of,
    latest_files,
    left_out_rows,
    ready_rows,
    standing_of,
)
from raincheck.web.paging import Paginator
from raincheck.web.requests import Ref
from raincheck.web.staff.imports.corrections import corrections_in
from raincheck.web.staff.imports.forms import ColumnsForm, FileForm
from raincheck.web.staff.imports.words import (
    ORDER_WORDS,
    STATE_WORDS,
    WHY_IN_THE_WAY,
    appointment_line,
    bad_row,
    client_line,
)
from raincheck.web.staff.shell import PageForm, Staff, for_managers, send, send_and_tell, show
from raincheck.web.submission import key_of, sentence_of

ON_A_PAGE = 25
# So many rows that are ready are shown as they were read, and so many that were left out.
FIRST_ROWS = 5
LEFT_OUT = 50
IN_THE_WAY = 50
LOOK_AGAIN = 2  # seconds between two looks at rows that come in


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def import_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Choose a file; below stand the latest ones."""
    kept = staff.practice.zone
    if request.method != "POST":
        return _file_page(request, staff, FileForm(kept=kept, initial={"zone": kept, "kind": Kind.CLIENTS}))
    form = FileForm(request.POST, request.FILES, kept=kept)
    # A file larger than is taken at all never reaches the form.
    if (
        "file" not in request.FILES
        and int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    ):
        form.refuse(FileTooLarge())
    if not form.is_valid():
        return _file_page(request, staff, form, status=422)
    uploaded: UploadedFile[bytes] = form.cleaned_data["file"]
    try:
        # Read before anything is written: a stranger's file, in a process of its own.
        sheets = read_sheets_safely(uploaded.read())
    except Refusal as refusal:
        form.refuse(refusal)
        return _file_page(request, staff, form, status=422)
    file = StagedFile(uploaded.name or "", Kind(form.cleaned_data["kind"]), form.cleaned_data["zone"], sheets)
    sent = send(request, staff, form, stage_file, staff.practice.pk, file=file)
    if sent.answer is None:
        return _file_page(request, staff, form, status=sent.status)
    return redirect("import-columns", ref=sent.answer["import"])


def _file_page(request: HttpRequest, staff: Staff, form: FileForm, *, status: int = 200) -> HttpResponse:
    files = [(file, *STATE_WORDS[ImportState(file.state)]) for file in latest_files(staff.practice.pk)]
    context = {"form": form, "files": files, "zone": staff.zone, "key": key_of(request)}
    return show(
        request, staff, "raincheck/staff/imports/file.html", context, current="clients", status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def columns_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Say what each column holds, with what its first rows say beside it."""
    file = _own(staff, ref)
    if file.state != ImportState.STAGED:
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
            sent = send(
                request, staff, form, match_columns, file.ref, practice_id=staff.practice.pk,
                chosen=form.chosen(), zone=said["zone"], order=form.order_said(),
            )  # fmt: skip
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
@for_managers
def import_file_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show the rows with a problem, to correct or to leave out; once started, how the import goes or what came of it."""
    file = _own(staff, ref)
    refused = PageForm(request.POST)
    if request.method == "POST":
        sent = send(
            request, staff, refused, correct_rows, file.ref, practice_id=staff.practice.pk, corrections=corrections_in(request.POST, file)
        )  # fmt: skip
        if sent.answer is not None:
            return redirect("import-file", ref=file.ref)
        file.refresh_from_db()
        return _rows_page(request, staff, file, refused=refused, status=sent.status)
    return _rows_page(request, staff, file)


def _rows_page(
    request: HttpRequest, staff: Staff, file: Import, *, refused: PageForm | None = None, status: int = 200
) -> HttpResponse:
    if file.state == ImportState.STAGED:
        line = client_line if file.kind == Kind.CLIENTS else appointment_line
        page = Paginator(bad_rows(file), ON_A_PAGE).get_page(request.GET.get("page"))
        context = {
            "file": file,
            "standing": standing_of(file),
            "page": page,
            "bad": [bad_row(file, row) for row in page],
            "first": [line(row) for row in ready_rows(file)[:FIRST_ROWS]],
            "zone": staff.zone,
            "left_out": list(left_out_rows(file)[:LEFT_OUT]),
            "lacks": _lacks(file),
            "refused": refused,
            "order_words": ORDER_WORDS[DateOrder(file.order)],
            "key": key_of(request),
        }
        return show(
            request, staff, "raincheck/staff/imports/check.html", context, current="clients", status=status
        )
    undoable = can_be_undone(file, now=staff.now)
    in_the_way = rows_in_the_way(file, now=staff.now) if undoable else ImportRow.objects.none()
    context = {
        "file": file,
        "standing": standing_of(file),
        "undoable": undoable,
        "in_the_way_count": in_the_way.count(),
        "in_the_way": [
            (row, WHY_IN_THE_WAY[InTheWay(row.in_the_way)])  # type: ignore[attr-defined]  # annotated
            for row in in_the_way[:IN_THE_WAY]
        ],
        "zone": staff.zone,
        "key": key_of(request),
    }
    shown = show(
        request, staff, "raincheck/staff/imports/outcome.html", context, current="clients", status=status
    )
    if file.state == ImportState.IMPORTING:
        # Understood by every browser, so that the page moves on without a script.
        shown["Refresh"] = str(LOOK_AGAIN)
    return shown


@require_POST
@for_managers
def start(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Bring the rows in: a worker does it, and the page says how far it is."""
    file = _own(staff, ref)
    return send_and_tell(
        request,
        staff,
        partial(start_import, file.ref, practice_id=staff.practice.pk),
        told=_("Your rows are coming in. You can leave this page."),
        to=reverse("import-file", args=[file.ref]),
    )


@require_POST
@for_managers
def undo(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Take back what came in."""
    file = _own(staff, ref)
    return send_and_tell(
        request,
        staff,
        partial(undo_import, file.ref, practice_id=staff.practice.pk),
        told=_("Undone. What came in with this file is gone."),
        to=reverse("import-file", args=[file.ref]),
    )


@require_POST
@for_managers
def drop(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Give a file up before it came in."""
    file = _own(staff, ref)
    return send_and_tell(
        request,
        staff,
        partial(drop_import, file.ref, practice_id=staff.practice.pk),
        told=_("Given up. Nothing of this file was kept."),
        to=reverse("import"),
    )


def _own(staff: Staff, ref: Ref) -> Import:
    return get_object_or_404(Import.objects.filter(practice=staff.practice), ref=ref)


def _lacks(file: Import) -> str:
    """Return what a file lacks to be read at all, in words."""
    fault = BY_CODE.get(file.fault)
    return sentence_of(fault()) if fault else ""
