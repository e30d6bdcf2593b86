"""`raincheck serve`: everything a practice needs, in one command: database, tables, web server and worker."""

import argparse
import signal

HELP = "run everything: database, web server and worker, until Ctrl-C"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--end-with-parent",
        action="store_true",
        help="also stop when the program that started this one is killed (for make)",
    )


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import database_running
    from raincheck.subprocesses import end_with_parent

    if arguments.end_with_parent:
        # SIGTERM, so that the database is still stopped in order.
        end_with_parent(signal.SIGTERM)
    # Without applications: this process only looks after others, as long as they run, and stays small.
    with database_running() as database:
        from raincheck.cli.serving import serve

        return serve(database)
