"""Faults of a file: why nothing of it could be read, each one sentence."""

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class FileFault(Refusal):
    """A file could not be read. Nothing was kept of it."""

    kind = Kind.BAD_INPUT
    field: str | None = "file"
    code = "file_fault"
    sentence = _(
        "This file could not be read. Nothing was kept; please save it as CSV or XLSX and choose it again."
    )


class FileEmpty(FileFault):
    code = "file_empty"
    sentence = _("There is nothing in this file. Please choose another one.")


class FileTooLarge(FileFault):
    code = "file_too_large"
    sentence = _(
        "This file holds more than Raincheck reads at once. Nothing was kept; please split it into files of at most 20,000 rows."
    )


class TooManyColumns(FileFault):
    code = "too_many_columns"
    sentence = _(
        "This file has more columns than Raincheck reads. Nothing was kept; please leave only the columns you need."
    )


class CellTooLong(FileFault):
    code = "cell_too_long"
    sentence = _(
        "A cell of this file is longer than Raincheck reads, often because a quotation mark never closes. Nothing was kept; please save it again from your spreadsheet program."
    )


class QuoteNeverCloses(FileFault):
    code = "quote_never_closes"
    sentence = _(
        "A quotation mark opens in row {row} and never closes, so the rows after it can't be told apart. Nothing was kept; please save the file again from your spreadsheet program."
    )


class NotASpreadsheet(FileFault):
    code = "not_a_spreadsheet"
    sentence = _(
        "This is not a spreadsheet. Nothing was kept; please save it as CSV or XLSX and choose it again."
    )


class OldSpreadsheet(FileFault):
    code = "old_spreadsheet"
    sentence = _(
        "This is a spreadsheet in the format of before 2007. Nothing was kept; please save it as XLSX or CSV and choose it again."
    )


class FileHasPassword(FileFault):
    code = "file_has_password"
    sentence = _(
        "This spreadsheet is protected by a password. Nothing was kept; please save a copy without one and choose it again."
    )


class FileHasMacros(FileFault):
    code = "file_has_macros"
    sentence = _(
        "This spreadsheet holds macros, which are never opened here. Nothing was kept; please save it as XLSX and choose it again."
    )


class FileDamaged(FileFault):
    code = "file_damaged"
    sentence = _(
        "This spreadsheet is damaged and could not be opened. Nothing was kept; please save it again."
    )


class FileTakesTooLong(FileFault):
    code = "file_takes_too_long"
    sentence = _(
        "Reading this file took too long, so it was stopped. Nothing was kept; please save it as CSV."
    )


class NoHeader(FileFault):
    code = "no_header"
    sentence = _(
        "No row of this file names its columns in a way we know. Nothing was kept; please give the columns names like First name and E-mail."
    )


class NoNameColumn(FileFault):
    code = "no_name_column"
    sentence = _("No column holds names. Nothing was kept; please say which column does.")


class NoStartColumn(FileFault):
    code = "no_start_column"
    sentence = _("No column says when appointments start. Nothing was kept; please say which column does.")


# Only these may come from the process that reads files.
READING_FAULTS = (
    FileFault, FileEmpty, FileTooLarge, TooManyColumns, CellTooLong, QuoteNeverCloses, NotASpreadsheet, OldSpreadsheet,
    FileHasPassword, FileHasMacros, FileDamaged, FileTakesTooLong,
)  # fmt: skip
# What a staged file still lacks, by code.
BY_CODE = {fault.code: fault for fault in (NoNameColumn, NoStartColumn)}
