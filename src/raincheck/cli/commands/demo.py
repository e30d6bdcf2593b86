"""`raincheck demo`: fill an empty database with the demo's practice."""

import argparse

HELP = "fill an empty database with the demo's made-up practice (serve does it by itself in the demo)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--large",
        action="store_true",
        help="add a second practice of forty providers with 60,000 appointments (takes a minute or two)",
    )


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application

    with application():
        from raincheck.cli.demo import add_large_practice, fill_demo, must_be_demo
        from raincheck.cli.migrations import migrate
        from raincheck.demo.large import NAME

        # First: the tables of a real practice are not to be changed by a command that isn't for them.
        must_be_demo()
        migrate()
        filled = fill_demo()
        large = add_large_practice() if arguments.large else None
    told = []
    if filled or not arguments.large:
        told.append(
            "Harbor Counseling is ready." if filled else "There is a practice already; nothing was changed."
        )
    if large:
        told.append(f"{NAME} is ready: {large.providers} providers, {large.appointments:,} appointments.")
    elif arguments.large:
        told.append(f"{NAME} is there already; nothing was added.")
    print(*told, sep="\n")
    return 0
