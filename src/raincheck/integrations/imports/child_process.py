"""The process in which strangers' spreadsheets are read: it limits itself, answers one question and ends.

Run as `python -m raincheck.integrations.imports.child_process`: one line of JSON and then the file on standard input, one JSON
document on standard output. It starts no framework, writes no file and opens no connection.
"""

import json
import sys
from typing import cast

from raincheck.domain.imports.faults import (
    READING_FAULTS,
    FileDamaged,
    FileEmpty,
    FileFault,
    FileHasPassword,
    FileTooLarge,
    NotASpreadsheet,
    OldSpreadsheet,
)
from raincheck.domain.imports.tables import Sheet
from raincheck.domain.refusals import Refusal
from raincheck.integrations.imports.delimited import rows_in
from raincheck.integrations.imports.workbook import sheets_in
from raincheck.integrations.limited_process import limit_this_process

# Bytes of address space for the whole process, its libraries included.
MEMORY = 768 * 1024 * 1024
OLD_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SEALED = "EncryptedPackage".encode("utf-16-le")
OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x7fELF",
    b"MZ\x90",
    b"{\\rtf",
)


def question(data: bytes, *, seconds: int) -> bytes:
    """Return what to write to the process; `seconds` is the processor time it allows itself."""
    return json.dumps({"seconds": seconds}).encode() + b"\n" + data


def sheets_from(answer: bytes) -> list[Sheet]:
    """Return the sheets that the process wrote. Raises the refusal that it wrote instead, if so."""
    said = json.loads(answer)
    if "refusal" in said:
        # Only a fault of reading: the process has read a stranger's file and is not believed anything else.
        fault = next((one for one in READING_FAULTS if one.code == said["refusal"]), FileFault)
        raise fault(**{name: str(value)[:20] for name, value in said["values"].items()})
    return [Sheet(sheet["rows"], sheet["title"], sheet["from_1904"]) for sheet in said["sheets"]]


def sheets_of(data: bytes) -> list[Sheet]:
    """Return the sheets of a file by what it is, not by what it is called. Raises a fault of reading."""
    if not data.strip():
        raise FileEmpty
    if data.startswith(OLD_CONTAINER):
        raise FileHasPassword if SEALED in data else OldSpreadsheet
    if data.startswith(OTHERS):
        raise NotASpreadsheet
    return sheets_in(data) if data.startswith(b"PK") else [Sheet(rows_in(data))]


def answer_to(data: bytes) -> bytes:
    """Return what the process writes: the sheets, or the refusal of them, as JSON."""
    return json.dumps(_sheets_or_refusal(data)).encode()


def _sheets_or_refusal(data: bytes) -> dict[str, object]:
    try:
        sheets = sheets_of(data)
    except Refusal as refusal:
        return {"refusal": refusal.code, "values": refusal.values}
    except MemoryError:
        return {"refusal": FileTooLarge.code, "values": {}}
    except RecursionError:
        return {"refusal": FileDamaged.code, "values": {}}
    return {
        "sheets": [
            {"rows": sheet.rows, "title": sheet.title, "from_1904": sheet.from_1904} for sheet in sheets
        ]
    }


def main() -> None:
    head = cast("dict[str, int]", json.loads(sys.stdin.buffer.readline()))
    # Before the first byte of the file is read.
    limit_this_process(memory=MEMORY, seconds=head["seconds"])
    sys.stdout.buffer.write(answer_to(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
