"""`raincheck prepare`: everything that has to be right before pages are served, in a process that ends afterwards."""

import argparse
import sys

HELP = "bring the tables and the pages' files to this version, without serving (serve does it by itself)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(arguments: argparse.Namespace) -> int:
    del arguments
    from raincheck.cli.application import application

    with application():
        from django.conf import settings

        from raincheck import clock
        from raincheck.cli.demo import fill_demo
        from raincheck.cli.migrations import migrate
        from raincheck.cli.static_files import collect_static_files
        from raincheck.domain.health import UNNAMED_PROXY
        from raincheck.queries.health import unnamed_proxy_seen

        migrate()
        if settings.RAINCHECK_DEMO:
            fill_demo()
        collect_static_files()
        if unnamed_proxy_seen(real_now=clock.real_now()):
            print(UNNAMED_PROXY, file=sys.stderr)
    return 0
