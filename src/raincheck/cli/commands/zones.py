"""`raincheck zones`: what newer zone rules would change, or changing it now."""

import argparse

HELP = "list which appointments the zone rules of the installed tzdata would move (the worker moves them by itself)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--apply",
        action="store_true",
        help="move them now and tell both sides, also by rules that are older than those applied last",
    )


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application

    with application():
        # What follows brings models, which need Django set up.
        from raincheck import clock
        from raincheck.cli.zone_rules import run as list_or_apply

        return list_or_apply(apply=arguments.apply, now=clock.now())
