"""The fault run of a minute: what people were told is so, exactly once, whatever was killed, paused or refused meanwhile."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

LEAST_OPERATIONS, LEAST_FAULTS = 2000, 10


@pytest.mark.soak
def test_nothing_is_lost_in_a_minute_of_faults() -> None:
    words = ["--seconds", "60", "--least", str(LEAST_OPERATIONS)]
    run = subprocess.run(
        [sys.executable, "-m", "tests.verify.soak", *words], capture_output=True, text=True, check=False
    )
    told = f"{run.stdout}\n{run.stderr}"
    last = re.search(r"ops=(\d+) faults=(\d+) unknown=(\d+) violations=(\d+)\n\Z", run.stdout)
    assert last, told
    operations, faults, unknown, violations = map(int, last.groups())
    assert (unknown, violations, run.returncode) == (0, 0, 0), told
    assert not re.search(r"lapsed by silence 0,|mails 0,", run.stdout), told
    assert faults >= LEAST_FAULTS, told
    assert operations >= LEAST_OPERATIONS, told
