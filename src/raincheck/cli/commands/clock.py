"""`raincheck clock advance 48h`: move the demo's clock forward."""

import argparse

HELP = "move the demo's clock forward, with everything that time brings (demo only)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_subparsers(metavar="advance", required=True)
    way = ways.add_parser("advance", help="move it forward by a time such as 48h, 90m or 2d")
    way.add_argument("by", metavar="TIME", help="a whole number of minutes (m), hours (h) or days (d)")


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application

    with application():
        # It brings models, which need Django set up.
        from raincheck.cli.time_travel import advance_clock

        advance_clock(arguments.by)
    return 0
