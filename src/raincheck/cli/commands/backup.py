"""`raincheck backup FILE`: everything in the database, in one file, while everybody goes on working."""

import argparse
from pathlib import Path

HELP = "write everything in the database to one file, while everybody goes on working"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="where to; - for standard output")
    parser.add_argument("--overwrite", action="store_true", help="put it in the place of a FILE that exists")


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application

    with application() as server:
        from raincheck.cli.backups.backing_up import back_up

        target = None if arguments.file == "-" else Path(arguments.file).absolute()
        back_up(target, overwrite=arguments.overwrite, server=server)
    return 0
