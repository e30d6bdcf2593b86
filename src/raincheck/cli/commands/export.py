"""`raincheck export clients`, `raincheck export appointments`: a practice's rows as a spreadsheet, to take along."""

import argparse
from pathlib import Path

HELP = "write a practice's clients or appointments into a spreadsheet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=["clients", "appointments"])
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="ends with .csv or .xlsx; it must not be there yet"
    )
    parser.add_argument("--practice", metavar="NAME", required=True, help="the practice, by its name")


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application

    with application():
        # It brings models, which need Django set up.
        from raincheck.cli.imports.exporting import write_export

        return write_export(arguments)
