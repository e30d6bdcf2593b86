"""`raincheck setup`: make a practice, and a link for its first manager."""

import argparse

HELP = "make a practice and print a one-time link for its first manager; once more for another practice"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--practice", metavar="NAME", help="the practice's name; asked for when left out")
    parser.add_argument("--zone", metavar="ZONE", help="its time zone, like America/New_York")
    parser.add_argument("--manager-name", metavar="NAME", help="the first manager's name")
    parser.add_argument(
        "--manager-email", metavar="ADDRESS", help="the address that the manager signs in with"
    )
    parser.add_argument(
        "--json", action="store_true", help="for programs: the practice, the manager and the link"
    )


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application

    with application(alone=True):
        # It brings models, which need Django set up.
        from raincheck.cli.first_start import answers_of, set_up
        from raincheck.cli.migrations import migrate

        # All questions first: until they are answered nothing is made, no tables either.
        answers = answers_of(arguments)
        migrate()
        set_up(answers, as_json=arguments.json)
    return 0
