"""`raincheck slots FILE.json`: what can be booked in a written-down scenario, without a database."""

import argparse
from pathlib import Path

HELP = "read scenarios from a file and print the slots each one offers, as JSON"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.json", type=Path, help='one scenario, or {"scenarios": […]}')
    parser.add_argument("--explain", metavar="START", help="say why this start is not offered")


def run(arguments: argparse.Namespace) -> int:
    # Neither Django nor a database is needed for this, so neither is loaded.
    from raincheck.cli import slots

    return slots.run(path=arguments.file, explain=arguments.explain)
