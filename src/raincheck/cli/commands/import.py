"""`raincheck import clients FILE`, `raincheck import appointments FILE`: rows of a file come in, or are looked at."""

import argparse
from pathlib import Path

HELP = "bring clients or appointments in from a file, or look what of one could come in"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=["clients", "appointments"])
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="CSV or XLSX; of appointments a calendar (.ics), too"
    )
    parser.add_argument("--practice", metavar="NAME", help="the practice the rows are for, by its name")
    parser.add_argument(
        "--zone", metavar="ZONE", help="the zone of the file's times; default: the practice's"
    )
    parser.add_argument(
        "--date-order", choices=["mdy", "dmy", "ymd"], help="default: as the file's own dates tell"
    )
    parser.add_argument(
        "--region", metavar="XX", help="the country of numbers without one; default: the zone's"
    )
    parser.add_argument(
        "--provider",
        metavar="NAME",
        action="append",
        help="whose calendar a file is; with --dry-run and no practice, a provider there is; without any, each name is taken",
    )
    parser.add_argument(
        "--type",
        metavar="NAME",
        help="of a calendar: the appointment type where the length of an event is not that of another one",
    )
    parser.add_argument(
        "--place",
        metavar="NAME",
        help="of a calendar: the place where an event names none of the practice's and no video link",
    )
    parser.add_argument(
        "--leave-out-unknown",
        action="store_true",
        help="of a calendar: leave out events whose client is not known, and those that can't be read",
    )
    parser.add_argument(
        "--tell-clients",
        action="store_true",
        help="of appointments: write each client one e-mail that lists theirs; without it nobody is written to",
    )
    parser.add_argument("--dry-run", action="store_true", help="only look; nothing is kept")
    parser.add_argument("--json", action="store_true", help="print every row as JSON")


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.imports import dry_run
    from raincheck.cli.refusal import CommandRefused

    if arguments.practice is None:
        if not arguments.dry_run:
            raise CommandRefused("Say by --practice whose rows these are, or look at them with --dry-run.")
        if arguments.type or arguments.place:
            raise CommandRefused("Types and places are those of a practice: say by --practice of which one.")
        # A look at a file needs no database, so none is started.
        return dry_run.look(arguments)
    from raincheck.cli.application import application

    with application():
        # It brings models, which need Django set up.
        from raincheck.cli.imports.importing import import_file

        return import_file(arguments)
