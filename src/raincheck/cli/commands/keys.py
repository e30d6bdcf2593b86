"""`raincheck keys rotate`: a new key for what people wrote."""

import argparse

HELP = "make a new key for what people wrote, and seal everything under it while all goes on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    choices = parser.add_subparsers(metavar="WHAT", required=True)
    choices.add_parser("rotate", help=HELP, description=HELP)


def run(arguments: argparse.Namespace) -> int:
    del arguments
    from raincheck.cli.application import application

    with application():
        # What follows brings models, which need Django set up.
        from raincheck.cli.key_rotation import rotate

        return rotate()
