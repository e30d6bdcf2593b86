"""`raincheck check`: everything an operator must know, each in one line."""

import argparse
import json

HELP = "look at everything an operator must know, and say each in one line: ok, warn or fail"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mail-to", metavar="ADDRESS", default="", help="send a message there, too")
    parser.add_argument("--text-to", metavar="NUMBER", default="", help="send a text there, too")
    parser.add_argument(
        "--json", action="store_true", help="for programs: a list of name, status and sentence"
    )


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application
    from raincheck.cli.finding import fail
    from raincheck.cli.refusal import CommandRefused

    try:
        with application():
            # It brings models, which need Django set up.
            from raincheck.cli.checks import Asked, findings

            found = findings(Asked(mail_to=arguments.mail_to, text_to=arguments.text_to))
    except CommandRefused as refusal:
        # Without right settings and a database that starts there is nothing else to look at.
        found = [fail("start", str(refusal))]
    if arguments.json:
        rows = [{"name": one.name, "status": one.verdict, "sentence": one.sentence} for one in found]
        print(json.dumps({"checks": rows}, indent=1, ensure_ascii=False))
    else:
        for one in found:
            print(f"{one.verdict:<5} {one.name}: {one.sentence}")
    return 1 if any(one.verdict == "fail" for one in found) else 0
