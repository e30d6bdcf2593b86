"""Guards of the sweep: outages, clocks that jump, and rows that cannot be read."""

from __future__ import annotations

from tests.verify.mutants.guard import Guard
from tests.verify.mutants.guards.suites import OUTAGES

OUTAGE_RULES = "tests/domain/test_outage_rules.py"

GUARDS = (
    Guard(
        "an outage is given back",
        "P8",
        "domain/timing/outages.py",
        "    deadline = max(request.deadline_at, min(request.deadline_at + due, latest))\n",
        "    deadline = max(request.deadline_at, min(request.deadline_at, latest))\n",
        (OUTAGE_RULES, OUTAGES),
    ),
    Guard(
        "an outage is given back once",
        "P8",
        "actions/timing/outages.py",
        "        if request.outage_reckoned is not None and request.outage_reckoned >= outage.pk:\n            continue\n",
        "",
        (OUTAGES,),
    ),
    Guard(
        "outages are credited before anything ends",
        "P8",
        "actions/timing/sweep.py",
        "        note_outages(now=now, real_now=real_now)\n",
        "",
        (OUTAGES,),
    ),
    Guard(
        "nobody sweeps by a clock that jumped",
        "P8",
        "worker/sanity.py",
        "    if jumped:\n        fault = ClockFault.JUMPED\n    elif abs(",
        "    if abs(",
        ("tests/app/timing/test_clock_jumps.py",),
    ),
    Guard(
        "nobody sweeps while the database's clock says something else",
        "P8",
        "worker/sanity.py",
        "    elif abs(database_is_ahead(clock.real_now)) > TOLERANCE:\n        fault = ClockFault.DIFFERS\n",
        "",
        ("tests/app/timing/test_clock_jumps.py",),
    ),
    Guard(
        "one row that cannot be read keeps no other waiting",
        "P8",
        "actions/timing/quarantine.py",
        "        self.left_out = {getattr(row, column) for row in aside}\n",
        "        self.left_out = set()\n",
        ("tests/app/timing/test_quarantine.py",),
    ),
    Guard(
        "a sign of life that comes in between vouches for nothing",
        "P8",
        "actions/timing/sweep.py",
        "        latest = latest_sign_of_life(real_now=real_now)\n        note_outages(now=now, real_now=real_now)\n",
        "        note_outages(now=now, real_now=real_now)\n        latest = latest_sign_of_life(real_now=real_now)\n",
        ("tests/verify/races/test_outage_credits.py",),
    ),
    Guard(
        "a sweep that stood still changes nothing",
        "P8",
        "actions/timing/quarantine.py",
        "        if not still_fresh():\n",
        "        if not still_fresh:\n",
        ("tests/app/timing/test_sweep.py",),
    ),
)
