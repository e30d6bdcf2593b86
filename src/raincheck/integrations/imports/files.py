"""Spreadsheets are read in a process of their own that cannot take much time or memory."""

from raincheck.domain.imports.faults import FileFault, FileTakesTooLong, FileTooLarge
from raincheck.domain.imports.tables import Sheet
from raincheck.integrations.imports.bounds import LARGEST_FILE
from raincheck.integrations.imports.child_process import question, sheets_from
from raincheck.integrations.limited_process import EndedBadly, TookTooLong, answer_of

READER = "raincheck.integrations.imports.child_process"
# A small file that takes long was made to; a large one may take its time. Both of the processor's time.
SECONDS = 5
SECONDS_PER_MEBIBYTE = 4


def read_sheets_safely(data: bytes) -> list[Sheet]:
    """Return the sheets of a stranger's file as text. Raises a fault of reading; then nothing was learned of it."""
    if len(data) > LARGEST_FILE:
        raise FileTooLarge
    seconds = SECONDS + len(data) // (1024 * 1024) * SECONDS_PER_MEBIBYTE
    try:
        answer = answer_of(READER, question(data, seconds=seconds), seconds=seconds)
    except TookTooLong as late:
        raise FileTakesTooLong from late
    except EndedBadly as ended:
        raise FileFault from ended
    return sheets_from(answer)
