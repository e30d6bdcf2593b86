"""`raincheck audit verify`: whether the read log is whole."""

import argparse
from pathlib import Path

HELP = "look whether any row of the read log was removed, changed or put in"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    choices = parser.add_subparsers(metavar="WHAT", required=True)
    verify = choices.add_parser("verify", help=HELP, description=HELP)
    verify.add_argument("--practice", metavar="REF", help="this practice's alone")
    verify.add_argument(
        "--head",
        metavar="ROWS:SEAL",
        help="with --practice: an end of its chain that the log of a worker tells",
    )
    verify.add_argument(
        "--backup",
        metavar="FILE",
        type=Path,
        help="look also whether the chains still hold the ends that a backup tells",
    )
    verify.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application

    with application():
        # What follows brings models, which need Django set up.
        from raincheck.cli.auditing import verify_log

        return verify_log(
            practice=arguments.practice, head=arguments.head, backup=arguments.backup, as_json=arguments.json
        )
