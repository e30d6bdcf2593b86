"""The command `raincheck export`: a file that only its owner can read, whole or not at all."""

import argparse
import os

from raincheck.cli.imports.operator import practice_called
from raincheck.cli.refusal import CommandRefused
from raincheck.domain.imports.columns import Kind
from raincheck.integrations.imports.writing import WRITERS
from raincheck.queries.imports.exporting import exported


def write_export(arguments: argparse.Namespace) -> int:
    """Write the rows of a practice and return 0. Raises CommandRefused."""
    write = WRITERS.get(arguments.file.suffix.lower().removeprefix("."))
    if write is None:
        raise CommandRefused("The file's name must end with .csv or .xlsx.")
    practice = practice_called(arguments.practice)
    try:
        # Names and addresses of clients: nobody else on the machine reads them.
        handle = os.open(arguments.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandRefused(f"{arguments.file} is there already; please name another file.") from None
    except OSError as wrong:
        raise CommandRefused(f"The file can't be written: {wrong.strerror or wrong}.") from wrong
    with os.fdopen(handle, "wb") as file:
        write(exported(practice, Kind(arguments.kind)), file)
    print(f"{arguments.file} holds the {arguments.kind} of {practice.name}.")
    return 0
