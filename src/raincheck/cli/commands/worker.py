"""`raincheck worker`: deliver messages and do what is due, until told to stop."""

import argparse

HELP = "deliver messages and do what is due (serve runs one by itself)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(arguments: argparse.Namespace) -> int:
    del arguments
    from raincheck.cli.application import application

    with application():
        # It brings models, which need Django set up.
        from raincheck.worker import running

        told_to_stop = running.run_until_told_to_stop()
    # An end that nobody asked for is a failure, so that whoever runs the worker starts another.
    return 0 if told_to_stop else 1
