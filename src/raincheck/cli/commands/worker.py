"""`raincheck worker`: deliver messages and do what is due, until told to stop."""

import argparse
import os

HELP = "deliver messages and do what is due (serve runs one by itself)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    # For `serve`, which has seen already whom it can run as.
    parser.add_argument("--as-i-am", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application, database_running

    if not arguments.as_i_am and os.geteuid() == 0:
        with database_running():
            from raincheck.cli.serving import worker_of_another_account

            code = worker_of_another_account()
        if code is not None:
            return code

    with application():
        # It brings models, which need Django set up.
        from raincheck.worker import running

        told_to_stop = running.run_until_told_to_stop()
    # An end that nobody asked for is a failure, so that whoever runs the worker starts another.
    return 0 if told_to_stop else 1
