"""`raincheck invite`: a way into a practice for a manager, when nobody there can invite them."""

import argparse

HELP = "print a one-time link that makes somebody a manager, or gives one a new password and second step: the way back in when every manager is gone"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--manager", metavar="EMAIL", required=True, help="the address that the manager signs in with"
    )
    parser.add_argument(
        "--practice",
        metavar="NAME",
        help="the practice's name or ref; may be left out when there is only one",
    )
    parser.add_argument("--name", metavar="NAME", help="the manager's name")
    parser.add_argument(
        "--json", action="store_true", help="for programs: the practice, the manager and the link"
    )


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application

    with application(alone=True):
        # It brings models, which need Django set up.
        from raincheck.cli.first_start import invite_manager
        from raincheck.cli.migrations import migrate

        migrate()
        invite_manager(
            arguments.manager, name=arguments.name, practice=arguments.practice, as_json=arguments.json
        )
    return 0
