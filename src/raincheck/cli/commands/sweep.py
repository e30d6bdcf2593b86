"""`raincheck sweep`: do what is due, once."""

import argparse

HELP = "do once what is due (the worker does it by itself) and print what was done"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(arguments: argparse.Namespace) -> int:
    del arguments
    from raincheck.cli.application import application

    with application():
        # It brings models, which need Django set up.
        from raincheck.cli.time_travel import sweep_once

        sweep_once()
    return 0
