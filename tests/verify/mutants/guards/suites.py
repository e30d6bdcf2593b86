"""Tests that guards of several subjects name."""

from __future__ import annotations

MEETINGS = "tests/verify/races/test_meetings.py"
MERGES = "tests/verify/races/test_merges.py"
IN_TIME = "tests/app/notifications/test_deliveries_in_time.py"
OUTAGES = "tests/app/timing/test_outages.py"
STEP_UP = "tests/app/access/test_step_up.py"
SECOND_FACTORS_MEET = "tests/verify/races/test_second_factors.py"
OF_APPOINTMENTS = "tests/app/appointments/test_appointment_reminders.py"
