"""The life of an import: a file is staged, its rows are checked and corrected, and all of them come in together or none.

    STAGED -- start --> IMPORTING -- done ----> IMPORTED -- undo --> UNDONE
    STAGED -- drop ---> DROPPED     -- fail --> STAGED

Nothing is sent to anybody by an import. Undoing is possible for a day, while nobody has worked with what came in.
"""

from datetime import timedelta
from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

UNDO_WITHIN = timedelta(days=1)
# The cells of a file are kept no longer than somebody may want to correct or undo.
CELLS_KEPT = timedelta(days=7)


class ImportState(StrEnum):
    STAGED = "staged"
    IMPORTING = "importing"
    IMPORTED = "imported"
    UNDONE = "undone"
    DROPPED = "dropped"


class InTheWay(StrEnum):
    """Why a row that came in keeps its import from being undone."""

    CHANGED = "changed"
    TOLD = "told"
    BEGUN = "begun"
    BOOKED = "booked"
    WROTE = "wrote"
    FOLLOWED = "followed"
    EDITED = "edited"


class ImportGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "import_gone"
    sentence = _("This import is not here any more. Nothing has changed; please choose the file again.")


class ImportNotOpen(Refusal):
    kind = Kind.CONFLICT
    code = "import_not_open"
    sentence = _("These rows have come in already, or were given up. Nothing was changed now.")


class RowsNotReady(Refusal):
    kind = Kind.CONFLICT
    code = "rows_not_ready"
    sentence = _(
        "Some rows are not ready: {count}. Nothing has come in yet; correct these rows, or leave them out."
    )


class NoRowsLeft(Refusal):
    kind = Kind.BAD_INPUT
    code = "no_rows_left"
    field = "file"
    sentence = _("There is no row to bring in. Nothing has changed; please choose another file.")


class NoTimesAhead(Refusal):
    kind = Kind.BAD_INPUT
    code = "no_times_ahead"
    field = "file"
    sentence = _(
        "Nothing in this calendar lies in the coming 26 weeks and takes time. Nothing was kept; please choose another file."
    )


class TooLateToUndo(Refusal):
    kind = Kind.CONFLICT
    code = "too_late_to_undo_import"
    sentence = _("An import can be undone for a day, and that day is over. Everything stays as it is.")


class WorkedWithSince(Refusal):
    kind = Kind.CONFLICT
    code = "worked_with_since"
    sentence = _(
        "Somebody has worked with rows that came in: {count}. So the import can't be undone as a whole, and everything stays as it is."
    )


class TimesTaken(Refusal):
    kind = Kind.CONFLICT
    code = "times_taken"
    sentence = _(
        "Somebody has booked one of these times meanwhile. Nothing has come in; please check the rows again."
    )
