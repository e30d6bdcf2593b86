"""The work of `raincheck keys rotate`: a new key, and batch after batch of words sealed under it until none is left."""

import time
from functools import partial

from raincheck import clock
from raincheck.actions.access.record_keys import key_to_go_over_to, make_key, seal_anew
from raincheck.actions.engine.runner import run_command
from raincheck.domain.people import OPERATOR

SECONDS_BETWEEN_ROUNDS = 1.0
"""Until every process knows the new key, some words come in under the former one."""


def rotate() -> int:
    """Make the next key, or go on where another run was stopped; return 0 once nothing lies under a former key."""
    now = clock.now()
    made = run_command(partial(make_key, now=now), key=None, body={}, by=OPERATOR, now=now)
    if made["made"]:
        print(f"Key {made['key']} is made, and used from now on.")
    else:
        print(f"Key {made['key']} is made already; going on where the last run stopped.")
    sealed = 0
    while (key := key_to_go_over_to()) is not None:
        sealed += sum(seal_anew(key, now=clock.now()))
        time.sleep(SECONDS_BETWEEN_ROUNDS)
    print(f"Sealed anew: {sealed}. Former keys stay in the database, for what a backup still holds.")
    return 0
