"""`raincheck migrate`: bring the database's tables to this version."""

import argparse

HELP = "bring the database's tables to this version (serve does it by itself)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(arguments: argparse.Namespace) -> int:
    del arguments
    from raincheck.cli.application import application

    with application():
        from raincheck.cli.migrations import migrate

        migrate()
    return 0
