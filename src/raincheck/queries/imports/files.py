"""Questions about the files of a practice: its latest ones, and how the rows of one stand."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Sum

from raincheck.data.models import Import, ImportRow, Recipient
from raincheck.domain.imports.importing import UNDO_WITHIN, ImportState
from raincheck.domain.imports.problems import ProblemCode
from raincheck.domain.people import ActorKind

LATEST = 10
EXAMPLES = 3
FIRST_ROWS = 5
"""So many rows that are ready are shown as they were read, and besides them so many that repeat."""
SERIES = 100
DATES = Func(F("read__repeats__starts"), function="jsonb_array_length", output_field=IntegerField())
"""How many times the series of a row has."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many rows of a file are ready, have a problem, or were left out; `times` counts each date of those that are ready."""

    ready: int
    wrong: int
    left_out: int
    over: int
    here: int = 0
    times: int = 0

    @property
    def all(self) -> int:
        return self.ready + self.wrong

    @property
    def coming(self) -> int:
        """How many appointments come in once all is ready; of a row that is not, one is counted."""
        return self.times + self.wrong


def standing_of(file: Import) -> Standing:
    in_it = Q(left_out=False)
    counted = ImportRow.objects.filter(file=file).aggregate(
        ready=Count("pk", filter=in_it & Q(read__isnull=False)),
        wrong=Count("pk", filter=in_it & Q(problem__isnull=False)),
        over=Count("pk", filter=in_it & Q(read__isnull=True, problem__isnull=True, earlier__isnull=True)),
        here=Count("pk", filter=in_it & Q(earlier__isnull=False)),
        later=Sum(DATES - 1, filter=in_it),
        left_out=Count("pk", filter=Q(left_out=True)),
    )
    later = counted.pop("later") or 0
    return Standing(**counted, times=counted["ready"] + later)


def bad_rows(file: Import) -> QuerySet[ImportRow]:
    """Return the rows of a file that have a problem and are not left out, as the file has them.

    Whose the events of a calendar are is asked on a page of its own.
    """
    rows = ImportRow.objects.filter(file=file, problem__isnull=False, left_out=False)
    return rows.exclude(problem__code=ProblemCode.WHOSE).order_by("number")


def remarked_rows(file: Import) -> QuerySet[ImportRow]:
    """Return the rows that come in with a remark: the usual provider is nobody here, or nobody any more, or the region unknown."""
    provider = Q(read__unknown_provider__gt="") | Q(read__provider_left__gt="")
    return ready_rows(file).filter(provider | Q(read__unknown_region__gt=""))


def ready_rows(file: Import) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(file=file, read__isnull=False, left_out=False).order_by("number")


def later_series(file: Import) -> list[ImportRow]:
    """Return the rows that come in as series and do not stand among the first ones, so that each is seen."""
    first = list(ready_rows(file).values_list("pk", flat=True)[:FIRST_ROWS])
    return list(ready_rows(file).filter(read__repeats__starts__isnull=False).exclude(pk__in=first)[:SERIES])


def left_out_rows(file: Import) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(file=file, left_out=True).order_by("number")


def examples_of(file: Import) -> dict[str, list[str]]:
    """Return by column what its first rows say."""
    rows = list(ImportRow.objects.filter(file=file).order_by("number").values_list("cells", flat=True)[:50])
    return {name: [cells[name] for cells in rows if name in cells][:EXAMPLES] for name in file.columns}


def files_of(practice_id: int, *, provider_id: int | None) -> QuerySet[Import]:
    """Return the files of a practice, or those that a provider brought in themselves."""
    files = Import.objects.filter(practice=practice_id)
    if provider_id is None:
        return files
    return files.filter(actor_kind=ActorKind.PROVIDER, actor=provider_id)


def latest_files(practice_id: int, *, provider_id: int | None) -> QuerySet[Import]:
    """Return the latest of them that were not given up, each with its number of rows."""
    files = files_of(practice_id, provider_id=provider_id).exclude(state=ImportState.DROPPED)
    return files.annotate(size=Count("rows", filter=Q(rows__part_of__isnull=True))).order_by(
        "-made_at", "-pk"
    )[:LATEST]


@dataclass(frozen=True, slots=True)
class Mails:
    """What telling the clients of a file would send: so many mails to so many people, and who has no address."""

    mails: int
    people: int
    without: int


def mails_of(file: Import) -> Mails:
    """Return what telling a file's clients would send: each gets one mail for each provider they have appointments with."""
    read = ready_rows(file).values_list("read__client_id", "read__provider_id")
    pairs = {(client, provider) for client, provider in read.distinct().order_by()}
    clients = {client for client, _provider in pairs}
    addresses = Counter(
        Recipient.objects.filter(client__in=clients).exclude(email="").values_list("client", flat=True)
    )
    return Mails(
        sum(addresses[client] for client, _provider in pairs),
        sum(addresses.values()),
        sum(client not in addresses for client in clients),
    )


def can_be_undone(file: Import, *, now: datetime) -> bool:
    """Return whether an import is young enough to be undone; `rows_in_the_way` says who has worked with it."""
    return (
        file.state == ImportState.IMPORTED
        and file.imported_at is not None
        and now - file.imported_at <= UNDO_WITHIN
    )
