"""`raincheck database`: the embedded database alone, to look inside."""

import argparse
import signal

HELP = "run the embedded database alone until Ctrl-C, and print its address"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(arguments: argparse.Namespace) -> int:
    del arguments
    from raincheck import embedded_postgres
    from raincheck.cli.refusal import CommandRefused
    from raincheck.data_directory import home

    # Waited for, not handled: there is nothing to do meanwhile.
    endings = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    try:
        with embedded_postgres.start(home()) as server:
            # After the start, since the server would inherit the mask.
            signal.pthread_sigmask(signal.SIG_BLOCK, endings)
            print(server.owner_url, flush=True)
            signal.sigwait(endings)
    except embedded_postgres.DatabaseCannotStart as error:
        raise CommandRefused(str(error)) from error
    return 0
