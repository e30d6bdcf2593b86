"""`raincheck move-database URL`: everything from the embedded database to a server of your own."""

import argparse

HELP = "bring everything from the embedded database to your own PostgreSQL server, with the programs that came with Raincheck"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "url", metavar="URL", help="what DATABASE_URL will be: postgresql://user:password@host/database"
    )
    parser.add_argument(
        "--owner-url",
        metavar="URL",
        help="what DATABASE_OWNER_URL will be, where the tables belong to another role",
    )


def run(arguments: argparse.Namespace) -> int:
    from raincheck.cli.application import application
    from raincheck.cli.backups.moving import move, must_have_an_embedded_database

    must_have_an_embedded_database()
    with application() as server:
        move(server, to=arguments.url, owner_url=arguments.owner_url or arguments.url)
    return 0
