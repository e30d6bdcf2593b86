"""Guards of messages: everybody is told, in time, and of what still holds."""

from __future__ import annotations

from tests.verify.mutants.guard import Guard
from tests.verify.mutants.guards.suites import IN_TIME, OF_APPOINTMENTS

DELIVERY = "tests/app/notifications/test_delivery.py"
FAILED = "tests/app/notifications/test_failed_deliveries.py"
TAKING_OVER = "tests/app/notifications/test_stalled_jobs.py"

GUARDS = (
    Guard(
        "nobody is told that a request waits once somebody has decided",
        "P11",
        "notifications/wording.py",
        "        return any(request.needs_provider for request in waiting)\n",
        "        return True\n",
        ("tests/app/reschedule/test_waiting_for_a_person.py",),
    ),
    Guard(
        "what a sweep tells leaves as well, after what somebody waits for",
        "P10",
        "actions/deliveries.py",
        "        rows += _claimed(waiting & Q(after_others=True), limit=limit - len(rows))\n",
        "        rows += []\n",
        ("tests/app/notifications/test_lanes.py",),
    ),
    Guard(
        "a message that failed is shown to a person",
        "P10",
        "actions/deliveries.py",
        "    if about is not None:\n        make_task(",
        "    if about is None:\n        make_task(",
        (FAILED,),
    ),
    Guard(
        "a server that is busy is asked again",
        "P10",
        "actions/deliveries.py",
        "        else:\n            _try_again(row, now=now)\n",
        "        else:\n            _fail(row, now=now)\n",
        (FAILED,),
    ),
    Guard(
        "a repeat carries the same Message-ID",
        "P10",
        "integrations/messages/email.py",
        'f"Message-ID: <{parcel.ref}@',
        'f"Message-ID: <{id(parcel)}@',
        (DELIVERY,),
    ),
    Guard(
        "a line that broke after the message is no acceptance",
        "P10",
        "integrations/messages/email.py",
        'return Report(Outcome.UNKNOWN, f"{type(error).__name__}: {error}")',
        'return Report(Outcome.ACCEPTED, f"{type(error).__name__}: {error}")',
        (FAILED, "tests/integrations/test_email.py"),
    ),
    Guard(
        "a dead worker's calendar is made free for others",
        "P10",
        "worker/stalled_jobs.py",
        "        free(number, now=now)\n",
        "",
        (TAKING_OVER,),
    ),
    Guard(
        "a message left behind by a dead worker is tried alone",
        "P10",
        "actions/deliveries.py",
        "        return rows[:1]\n",
        "        return rows\n",
        (TAKING_OVER,),
    ),
    Guard(
        "an attempt that was taken over writes no outcome but arrival",
        "P10",
        "actions/deliveries.py",
        "one.attempt not in taken_over or one.outcome is Outcome.ACCEPTED",
        "one.outcome is not None",
        (TAKING_OVER,),
    ),
    Guard(
        "whoever stood still too long hands nothing over",
        "P11",
        "integrations/messages/delivery.py",
        "        return goes and not batch.is_too_old\n",
        "        return goes\n",
        (TAKING_OVER,),
    ),
    Guard(
        "the last look, when the mail server waits for the words",
        "P11",
        "integrations/messages/delivery.py",
        "        return goes and not batch.is_too_old\n",
        "        return not batch.is_too_old\n",
        (TAKING_OVER, IN_TIME),
    ),
    Guard(
        "a prompt that is tried again leaves out what was settled",
        "P11",
        "notifications/wording.py",
        "            if request is None or not request.is_open:\n",
        "            if request is None:\n",
        (IN_TIME,),
    ),
    Guard(
        "nothing more goes to whoever said that it is not theirs",
        "P11",
        "actions/deliveries.py",
        "links.exists() and told.exists() else",
        "row is None else",
        ("tests/app/access/test_links.py",),
    ),
    Guard(
        "the look when an attempt begins",
        "P11",
        "actions/deliveries.py",
        "    if left or not has_a_point(row, told, now=now):\n",
        "    if left:\n",
        ("tests/app/notifications/test_obsolete.py", IN_TIME),
    ),
    Guard(
        "what says how much time there is ends with the time",
        "P11",
        "notifications/wording.py",
        "any(holds is Holds.WHILE_OPEN or request.deadline_at > now for request in waiting)",
        "any(holds is not None or request.deadline_at > now for request in waiting)",
        ("tests/app/notifications/test_obsolete.py",),
    ),
    Guard(
        "no reminder of an appointment leaves once it moved, ended or is asked about",
        "P11",
        "queries/deliveries.py",
        "    Holds.WHILE_IT_STANDS: STANDS + STANDS_AS_TOLD,\n",
        "    Holds.WHILE_IT_STANDS: STANDS,\n",
        (OF_APPOINTMENTS,),
    ),
    Guard(
        "whoever wants no reminders gets none",
        "P11",
        "notifications/notify.py",
        "        if notice.may_be_stopped and not recipient.gets_reminders:\n",
        "        if notice.may_be_stopped and not recipient.reachable:\n",
        (OF_APPOINTMENTS,),
    ),
    Guard(
        "what a client writes to who left is told to managers",
        "P10",
        "notifications/notify.py",
        "    if by.is_client and thread.provider.left_at is not None:\n",
        "    if False:\n",
        ("tests/app/conversations/test_provider_left.py",),
    ),
)
