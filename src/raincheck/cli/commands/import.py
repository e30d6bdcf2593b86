"""`raincheck import clients FILE`, `raincheck import appointments FILE`: rows of a spreadsheet come in, or are looked at."""

import argparse
from pathlib import Path

HELP = "look at a spreadsheet of clients or appointments, and say what of it could come in"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=["clients", "appointments"])
    parser.add_argument("file", metavar="FILE", type=Path, help="CSV or XLSX")
    parser.add_argument(
        "--zone", metavar="ZONE", required=True, help="the zone of the file's times, such as America/New_York"
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
        help="a provider the practice has; without any, each name is taken",
    )
    parser.add_argument("--dry-run", action="store_true", required=True, help="only look; nothing is kept")
    parser.add_argument("--json", action="store_true", help="print every row as JSON")


def run(arguments: argparse.Namespace) -> int:
    # A look at a file needs no database, so none is started.
    from raincheck.cli import imports

    return imports.look(arguments)
