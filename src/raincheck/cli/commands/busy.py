"""`raincheck busy FILE.ics`: the busy time of a calendar file, without a database."""

import argparse
from pathlib import Path

HELP = "read a calendar file and print its busy time and what could not be read, as JSON"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.ics", type=Path)
    parser.add_argument("--from", metavar="UTC", dest="start", required=True, help="first instant to look at")
    parser.add_argument("--to", metavar="UTC", dest="end", required=True, help="the instant to stop before")
    parser.add_argument(
        "--zone", metavar="ZONE", required=True, help="the provider's zone, such as America/New_York"
    )


def run(arguments: argparse.Namespace) -> int:
    # It needs no database, so none is started.
    from raincheck.cli import busy

    return busy.run(path=arguments.file, start=arguments.start, end=arguments.end, zone=arguments.zone)
