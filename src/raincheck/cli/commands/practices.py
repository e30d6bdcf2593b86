"""`raincheck practices`: list the practices of this installation."""

import argparse

HELP = "list the practices: name, time zone, how many people work there, and the ref that names it anywhere"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs: a list of the same")


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application

    with application(alone=True):
        # It brings models, which need Django set up.
        from raincheck.cli.first_start import list_practices
        from raincheck.cli.migrations import migrate

        migrate()
        list_practices(as_json=arguments.json)
    return 0
