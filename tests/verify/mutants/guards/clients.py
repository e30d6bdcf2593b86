"""Guards of clients' records: changed by two, merged, parted, and put away."""

from __future__ import annotations

from tests.verify.mutants.guard import Guard
from tests.verify.mutants.guards.suites import MERGES

LEAVING = "tests/verify/races/test_leaving.py"
RECORDS = "tests/verify/races/test_records_of_clients.py"

GUARDS = (
    Guard(
        "a client's message finds the record that theirs has become part of",
        "P17",
        "actions/conversations.py",
        "        client_id = record_now(client_id)\n",
        "",
        (MERGES,),
    ),
    Guard(
        "a merge is undone for a day",
        "P6",
        "actions/clients/unmerging.py",
        "    if now >= undone_until(merge.at) or not merge.former:\n",
        "    if not merge.former:\n",
        ("tests/app/people/test_merging.py",),
    ),
    Guard(
        "two sessions at one time keep two records apart",
        "P2",
        "actions/clients/merging.py",
        "    _refuse_two_places(kept, gone, now=now)\n",
        "",
        ("tests/app/people/test_merging.py", MERGES),
    ),
    Guard(
        "a merge that was touched is not undone",
        "P6",
        "actions/clients/unmerging.py",
        "    _refuse_touched(merge, kept)\n",
        "",
        ("tests/app/people/test_merging.py", MERGES),
    ),
    Guard(
        "a record that has changed meanwhile is not written over",
        "P14",
        "actions/clients/record.py",
        "    if seen != changes_of_client(client_id):\n",
        "    if seen > changes_of_client(client_id):\n",
        (RECORDS, "tests/app/people/test_adding_clients.py"),
    ),
    Guard(
        "links end with the address that they were sent to",
        "P17",
        "actions/clients/contact.py",
        "    if contact.email != former.email:\n        live",
        "    if not former.email:\n        live",
        ("tests/app/people/test_clients.py",),
    ),
    Guard(
        "a mark against auto-cancel sees the request that was made meanwhile",
        "P8",
        "actions/clients/record.py",
        "        raise ReadAgain  # somebody asked",
        "        pass  # somebody asked",
        (RECORDS,),
    ),
    Guard(
        "nothing is booked for whoever has left care",
        "P6",
        "actions/appointments/booking.py",
        "        raise NotInCare(name=client.known_as)\n",
        "        pass\n",
        (LEAVING,),
    ),
    Guard(
        "a discharge sees what was booked or asked meanwhile",
        "P6",
        "actions/clients/leaving.py",
        '    if set(ahead.values_list("pk", "provider")) != found:\n        raise ReadAgain\n',
        "",
        (LEAVING,),
    ),
    Guard(
        "a record with appointments ahead is not put away",
        "P6",
        "actions/clients/leaving.py",
        "        raise AppointmentsAhead(name=client.known_as)\n",
        "        pass\n",
        (LEAVING,),
    ),
)
