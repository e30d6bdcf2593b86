"""The one Django app: its label is `raincheck`, its tables live in `data`."""

from django.apps import AppConfig
from psycopg_pool.base import AttemptWithBackoff

# Seconds. After a restart of the database every idle connection is dead. The pool finds that out one by one, and pauses between
# them, for a second first and then twice as long: whoever met three of them would be told that the database is away.
FIRST_PAUSE = 0.02


class RaincheckConfig(AppConfig):
    name = "raincheck.data"
    label = "raincheck"
    verbose_name = "Raincheck"

    def ready(self) -> None:
        AttemptWithBackoff.INITIAL_DELAY = FIRST_PAUSE  # the pool has no setting for it
