"""`raincheck demo`: fill an empty database with the demo's practice."""

import argparse

HELP = "fill an empty database with the demo's made-up practice (serve does it by itself in the demo)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(arguments: argparse.Namespace) -> int:
    del arguments
    from raincheck.cli.application import application

    with application():
        from raincheck.cli.demo import fill_demo, must_be_demo
        from raincheck.cli.migrations import migrate

        # First: the tables of a real practice are not to be changed by a command that isn't for them.
        must_be_demo()
        migrate()
        filled = fill_demo()
    told = "Harbor Counseling is ready." if filled else "There is a practice already; nothing was changed."
    print(told)
    return 0
