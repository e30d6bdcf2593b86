"""Guards of the engine: the order of locks, the keys that let a form act once, and the fence between practices."""

from __future__ import annotations

from tests.verify.mutants.guard import Guard
from tests.verify.mutants.guards.suites import MEETINGS, MERGES

SWEEPS = "tests/verify/races/test_sweeps.py"
RACING_DELIVERIES = "tests/verify/races/test_deliveries.py"
ONCE = "tests/app/engine/test_acting_once.py"
LOCKS = "tests/verify/races/test_locks.py"

GUARDS = (
    Guard(
        "the lock on practices",
        "P17",
        "actions/engine/locks.py",
        "Practice.objects.select_for_update(no_key=True)",
        "Practice.objects.all()",
        (LOCKS,),
    ),
    Guard(
        "the lock on providers",
        "P1",
        "actions/engine/locks.py",
        'Provider.objects.select_for_update(no_key=True, of=("self",))',
        "Provider.objects",
        (LOCKS, MEETINGS, RACING_DELIVERIES),
    ),
    Guard(
        "the lock on clients",
        "P2",
        "actions/engine/locks.py",
        "Client.objects.select_for_update(no_key=True)",
        "Client.objects.all()",
        (LOCKS,),
    ),
    Guard(
        "the lock on appointments",
        "P3",
        "actions/engine/locks.py",
        'Appointment.objects.select_for_update(no_key=True, of=("self",))',
        "Appointment.objects",
        (LOCKS,),
    ),
    Guard(
        "the lock on requests",
        "P3",
        "actions/engine/locks.py",
        'RescheduleRequest.objects.select_for_update(no_key=True, of=("self",))',
        "RescheduleRequest.objects",
        (LOCKS, RACING_DELIVERIES),
    ),
    Guard(
        "the sweep passes by providers whom somebody works with",
        "P8",
        "actions/engine/locks.py",
        'due.select_related("provider").select_for_update(skip_locked=True, no_key=True, of=("provider",))',
        'due.select_related("provider").select_for_update(no_key=True, of=("provider",))',
        (SWEEPS,),
    ),
    Guard(
        "a deadlock is tried again",
        "P7",
        "actions/engine/runner.py",
        'TRY_AGAIN = {"40001", "40P01"}',
        "TRY_AGAIN = set[str]()",
        (ONCE,),
    ),
    Guard(
        "an answer that could not be committed in time is refused",
        "P7",
        "actions/engine/runner.py",
        "    if not still_fresh():\n        raise TookTooLong\n",
        "    still_fresh()\n",
        (ONCE,),
    ),
    Guard(
        "of two who sweep at once one tells that a request waits",
        "P10",
        "actions/engine/locks.py",
        'due.select_related("provider").select_for_update(skip_locked=True, no_key=True, of=("provider",))',
        'due.select_related("provider")',
        (SWEEPS,),
    ),
    Guard(
        "a repeat gets the first answer",
        "P14",
        "actions/engine/runner.py",
        "            return dict(kept.answer)\n",
        "            pass\n",
        (ONCE,),
    ),
    Guard(
        "the same key with other contents is refused",
        "P14",
        "actions/engine/runner.py",
        "            if bytes(kept.body_hash) != digest:\n                raise KeyUsedForAnother\n",
        "",
        (ONCE, "tests/app/reschedule/test_reschedule.py"),
    ),
    Guard(
        "an answer is kept beside its key",
        "P14",
        "actions/engine/runner.py",
        "    if taken is not None:\n        IdempotencyKey.objects.filter(pk=taken[0]).update(answer=answer)\n",
        "",
        (ONCE,),
    ),
    Guard(
        "a form that is older than the memory of keys is refused",
        "P14",
        "actions/engine/runner.py",
        "        if is_forgotten(key, now=now):\n            raise PageTooOld\n",
        "",
        ("tests/app/engine/test_keys_of_forms.py",),
    ),
    Guard(
        "after a line that broke in the commit the key tells what stands",
        "P13",
        "actions/engine/runner.py",
        "                unsure = True\n",
        "                raise\n",
        ("tests/app/engine/test_uncertain_commits.py",),
    ),
    Guard(
        "a verb that met a merge looks its rows up again",
        "P5",
        "actions/engine/locks.py",
        "    if locked.clients and not whose <= set(locked.clients):\n        raise ReadAgain\n",
        "",
        (MERGES,),
    ),
    Guard(
        "nothing is written under a record that became part of another",
        "P6",
        "actions/engine/locks.py",
        "        raise ReadAgain if _acting.get().is_client else RecordMerged\n",
        "        pass\n",
        (MERGES, "tests/app/people/test_merging.py"),
    ),
    Guard(
        "no verb locks what belongs to another practice",
        "P17",
        "actions/engine/locks.py",
        "    if rows:\n        refuse_what_is_not_theirs(*rows)\n",
        "",
        (ONCE,),
    ),
    Guard(
        "a client's verbs reach only what is their own",
        "P17",
        "actions/engine/locks.py",
        '    if by.is_client and _numbers(rows, Client, "client_id") != {by.who} and not _became(rows, by):\n        raise NotInThisPractice\n',
        "",
        (ONCE,),
    ),
)
