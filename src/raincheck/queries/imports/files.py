"""Questions about the files of a practice: its latest ones, and how the rows of one stand."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from raincheck.data.models import Import, ImportRow
from raincheck.domain.imports.importing import UNDO_WITHIN, ImportState

LATEST = 10
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How many rows of a file are ready, have a problem, or were left out."""

    ready: int
    wrong: int
    left_out: int
    over: int

    @property
    def all(self) -> int:
        return self.ready + self.wrong


def standing_of(file: Import) -> Standing:
    in_it = Q(left_out=False)
    counted = ImportRow.objects.filter(file=file).aggregate(
        ready=Count("pk", filter=in_it & Q(read__isnull=False)),
        wrong=Count("pk", filter=in_it & Q(problem__isnull=False)),
        over=Count("pk", filter=in_it & Q(read__isnull=True, problem__isnull=True)),
        left_out=Count("pk", filter=Q(left_out=True)),
    )
    return Standing(**counted)


def bad_rows(file: Import) -> QuerySet[ImportRow]:
    """Return the rows of a file that have a problem and are not left out, as the file has them."""
    return ImportRow.objects.filter(file=file, problem__isnull=False, left_out=False).order_by("number")


def ready_rows(file: Import) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(file=file, read__isnull=False, left_out=False).order_by("number")


def left_out_rows(file: Import) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(file=file, left_out=True).order_by("number")


def examples_of(file: Import) -> dict[str, list[str]]:
    """Return by column what its first rows say."""
    rows = list(ImportRow.objects.filter(file=file).order_by("number").values_list("cells", flat=True)[:50])
    return {name: [cells[name] for cells in rows if name in cells][:EXAMPLES] for name in file.columns}


def latest_files(practice_id: int) -> QuerySet[Import]:
    """Return the latest files of a practice that were not given up, each with its number of rows."""
    files = Import.objects.filter(practice=practice_id).exclude(state=ImportState.DROPPED)
    return files.annotate(size=Count("rows")).order_by("-made_at", "-pk")[:LATEST]


def can_be_undone(file: Import, *, now: datetime) -> bool:
    """Return whether an import is young enough to be undone; `rows_in_the_way` says who has worked with it."""
    return (
        file.state == ImportState.IMPORTED
        and file.imported_at is not None
        and now - file.imported_at <= UNDO_WITHIN
    )
