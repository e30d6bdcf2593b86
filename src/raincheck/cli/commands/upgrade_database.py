"""`raincheck upgrade-database`: copy the embedded database into the PostgreSQL that this version brings."""

import argparse

HELP = "copy the embedded database of an older PostgreSQL into the one this Raincheck brings"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(arguments: argparse.Namespace) -> int:
    del arguments
    from raincheck import embedded_postgres
    from raincheck.cli.refusal import CommandRefused
    from raincheck.data_directory import home

    try:
        # No database is started for this: one that is in use is refused.
        done = embedded_postgres.upgrade(home())
    except embedded_postgres.DatabaseCannotStart as error:
        raise CommandRefused(str(error)) from error
    if done is None:
        print("The database needs no upgrade.")
    else:
        old, new = done
        print(
            f"The data of PostgreSQL {old} is now in PostgreSQL {new}. "
            f"The old data is still in {home() / 'postgres' / str(old)}; delete it when you are content."
        )
    return 0
