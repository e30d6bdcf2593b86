"""Files that leave: an export of the practice's clients or appointments, and the template of an import."""

import tempfile
from collections.abc import Iterable, Sequence

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_safe

from raincheck.actions.access.read_log import record_event
from raincheck.data.models import Provider
from raincheck.domain.access.events import Event
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.template import template
from raincheck.integrations.imports.writing import WRITERS
from raincheck.queries.imports.exporting import exported
from raincheck.web.access.networks import network_of
from raincheck.web.access.step_up import asked_again
from raincheck.web.staff.shell import Staff, for_managers, show

# What is larger waits in a file that has no name, not in memory.
IN_MEMORY = 1 << 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}


class FileWanted(forms.Form):
    """Which rows, in which kind of file; an address that says neither means clients, as text."""

    kind = forms.ChoiceField(
        label=later("What do you need?"),
        choices=[
            (Kind.CLIENTS.value, later("Clients")),
            (Kind.APPOINTMENTS.value, later("Appointments")),
        ],
        initial=Kind.CLIENTS.value,
        required=False,
        widget=forms.RadioSelect,
    )
    format = forms.ChoiceField(
        label=later("Kind of file"),
        choices=[
            ("xlsx", later("Workbook (.xlsx), for Excel and others")),
            ("csv", later("Text (.csv), for other programs")),
        ],
        initial="xlsx",
        required=False,
        widget=forms.RadioSelect,
    )

    def wanted(self) -> tuple[Kind, str]:
        said = self.cleaned_data if self.is_valid() else {}
        return Kind(said.get("kind") or Kind.CLIENTS), said.get("format") or "csv"


@require_safe
@for_managers
def export_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Choose what is exported."""
    form = FileWanted(initial={"kind": Kind.CLIENTS.value, "format": "xlsx"}, label_suffix="")
    return show(request, staff, "raincheck/staff/imports/export.html", {"form": form}, current="clients")


@require_safe
@for_managers
@asked_again
def export_file(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with the practice's rows as a file, whole or not at all; that it was made is a row of the read log."""
    kind, ending = FileWanted(request.GET).wanted()
    answer = _file(exported(staff.practice, kind), kind.value, ending)
    record_event(
        Event.ROWS_EXPORTED,
        by=staff.actor,
        network=network_of(request).name,
        detail={"kind": kind.value, "format": ending},
        now=staff.now,
    )
    return answer


@require_safe
@for_managers
def import_template(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Answer with the columns of a file and two rows that show how they are filled."""
    kind, ending = FileWanted(request.GET).wanted()
    provider = Provider.objects.filter(practice=staff.practice).order_by("pk").first()
    rows = template(kind, zone=staff.practice.zone, provider=provider.name if provider else "")
    return _file(rows, f"{kind.value}-template", ending)


def _file(rows: Iterable[Sequence[str]], name: str, ending: str) -> HttpResponse:
    # Written before anything is sent: a reader who takes their time holds no connection to the database.
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # the answer closes it
    WRITERS[ending](rows, file)
    file.seek(0)
    named = f"{name}.{ending}"
    return FileResponse(file, as_attachment=True, filename=named, content_type=CONTENT_TYPES[ending])  # type: ignore[return-value]  # streamed: a sister of what pages answer with
