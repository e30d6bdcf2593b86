"""The roles of the embedded database: the owner makes tables, the app reads and writes their rows."""

import psycopg

DATABASE = "raincheck"
OWNER = "raincheck_owner"
APP = "raincheck"

_ROLES = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') THEN CREATE ROLE {OWNER} LOGIN CREATEDB; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP}') THEN CREATE ROLE {APP} LOGIN; END IF;
END $$;
"""

# In template1, so that every database made later has them too: ours, and those that tests make.
# No TRUNCATE: the row triggers that keep the history would not see it.
_TEMPLATE = f"""
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE ON SCHEMAS TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT EXECUTE ON FUNCTIONS TO {APP};
"""


def prepare(superuser_url: str) -> None:
    """Make the roles and the database unless they are there; an interrupted run is simply taken up again."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        # The database is made last: where it is, everything is.
        if (
            connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            is not None
        ):
            return
        connection.execute(_ROLES)
        with psycopg.connect(superuser_url, dbname="template1", autocommit=True) as template:
            template.execute(_TEMPLATE)
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP}")
