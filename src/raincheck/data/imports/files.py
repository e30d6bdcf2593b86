"""A staged file and its rows: what a spreadsheet says, what it was read as, and what came of it."""

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Client
from raincheck.data.tenancy import InPractice, NamedRow, PracticeRow, inside_its_practice, one_of
from raincheck.domain.imports.calendar_files import FileFormat
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.importing import ImportState
from raincheck.domain.people import ActorKind


class Import(NamedRow):
    """One file. `columns` are its columns' names in order, `chosen` what people said that some of them hold.

    `mapping` is what each column was read as at the latest check, and `order` the order of its dates then.
    """

    file_name = models.TextField()
    kind = models.TextField()
    state = models.TextField(default=ImportState.STAGED.value)
    zone = models.TextField()
    header = models.PositiveIntegerField()
    from_1904 = models.BooleanField(default=False)
    columns = models.JSONField()
    chosen = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    order_said = models.TextField(null=True, blank=True)
    order = models.TextField(default=DateOrder.MDY.value)
    # What a person said where rows don't: whose appointments, of which type and place. Row numbers by name.
    assumed = models.JSONField(default=dict)
    format = models.TextField(default=FileFormat.TABLE.value, db_default=FileFormat.TABLE.value)
    found = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="what a calendar holds besides its rows",
    )
    clients_told = models.BooleanField(
        default=False, db_default=False, help_text="clients get a confirmation by e-mail when it comes in"
    )
    done = models.PositiveIntegerField(default=0, help_text="how many rows are checked while they come in")
    fault = models.TextField(
        blank=True, help_text="why the latest try to bring them in ended, a refusal's code"
    )
    made_at = models.DateTimeField()
    actor_kind = models.TextField()
    actor = models.BigIntegerField(null=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="since then nothing of its cells is kept"
    )

    class Meta:
        constraints = [
            inside_its_practice("an_import_belongs_to_one_practice"),
            one_of("kind", Kind, name="an_import_has_a_known_kind"),
            one_of("format", FileFormat, name="an_import_has_a_known_format"),
            one_of("state", ImportState, name="an_import_has_a_known_state"),
            one_of("order", DateOrder, name="an_import_has_a_known_date_order"),
            one_of("order_said", DateOrder, name="an_import_was_told_a_known_date_order"),
            one_of("actor_kind", ActorKind, name="an_import_names_a_known_actor"),
        ]
        indexes = [
            models.Index(fields=["practice", "-made_at"], name="imports_of_a_practice"),
            models.Index(
                fields=["made_at", "id"], condition=models.Q(erased_at__isnull=True), name="imports_to_erase"
            ),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class ImportRow(PracticeRow):
    """One row: its cells by the names of their columns, what it was read as or what is wrong with it, and what came of it.

    A series is one row, which is that of its first time; once it came in, each later time has a row that names it.
    """

    file = InPractice(Import, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    cells = models.JSONField()
    left_out = models.BooleanField(default=False)
    apart = models.BooleanField(default=False, help_text="a person said: somebody else than who is here")
    problem = models.JSONField(null=True, blank=True)
    read = models.JSONField(null=True, blank=True)
    client = InPractice(Client, null=True, blank=True)
    appointment = InPractice(Appointment, null=True, blank=True)
    # Of a calendar: the event's place in the file, by which identifiers it is known, and when it is as the file has it.
    event = models.PositiveIntegerField(null=True, blank=True)
    uid = models.TextField(blank=True, default="", db_default="")
    recurrence_id = models.TextField(
        blank=True, default="", db_default="", help_text="the first start of one time of a series, in UTC"
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    event_fault = models.TextField(
        blank=True, default="", db_default="", help_text="why the event can't be read"
    )
    repeats = models.JSONField(
        null=True, blank=True, help_text="how an event repeats that comes in as a series, with its times"
    )
    dates_out = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        help_text="days of a series that a person left out",
    )
    part_of = models.PositiveIntegerField(
        null=True, blank=True, help_text="the row of the series whose later time this is"
    )
    whose = models.UUIDField(null=True, blank=True, help_text="the client a person chose, by ref")
    earlier = InPractice(
        Appointment, null=True, blank=True, help_text="what the same time is here as already", db_index=False
    )
    differs = models.BooleanField(
        default=False, db_default=False, help_text="it is here at another time than the file has it"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="a_row_is_staged_once")]
        indexes = [
            models.Index(
                fields=["file", "number"],
                condition=models.Q(problem__isnull=False, left_out=False),
                name="rows_with_a_problem",
            ),
            models.Index(
                fields=["practice", "uid"],
                condition=models.Q(appointment__isnull=False) & ~models.Q(uid=""),
                name="events_that_came_in",
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.number}"
