"""`raincheck restore FILE`: bring a backup back, all of it or nothing."""

import argparse
from pathlib import Path

HELP = "bring a backup back into an empty database, all of it or nothing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="what `raincheck backup` wrote")
    parser.add_argument(
        "--replace-everything",
        action="store_true",
        help="also when the database holds a practice: what it holds is given up",
    )
    # For a move, between whose two ends nobody did anything.
    parser.add_argument("--moved", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application

    with application() as server:
        from raincheck.cli.backups.restoring import restore

        restore(
            arguments.file.absolute(),
            replace=arguments.replace_everything,
            server=server,
            moved=arguments.moved,
        )
    return 0
