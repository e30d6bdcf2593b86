"""`raincheck prepare`: everything that has to be right before pages are served, in a process that ends afterwards."""

import argparse

HELP = "bring the tables and the pages' files to this version, without serving (serve does it by itself)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(arguments: argparse.Namespace) -> int:
    del arguments
    from raincheck.cli.application import application

    with application():
        from django.conf import settings

        from raincheck.cli.demo import fill_demo
        from raincheck.cli.migrations import migrate
        from raincheck.cli.static_files import collect_static_files

        migrate()
        if settings.RAINCHECK_DEMO:
            fill_demo()
        collect_static_files()
    return 0
