"""Guards of requests: what may be asked and chosen, and what an ending brings."""

from __future__ import annotations

from tests.verify.mutants.guard import Guard
from tests.verify.mutants.guards.suites import MEETINGS, MERGES

WHEREABOUTS = "tests/app/reschedule/test_whereabouts.py"
BY_VIDEO = "tests/app/reschedule/test_kept_by_video.py"
RULES = "tests/domain/test_reschedule_rules.py"

GUARDS = (
    Guard(
        "a pick looks at hours, blocks and busy time again",
        "P1",
        "actions/reschedule/answer.py",
        "        refuse_unless_open(reschedule_question(appointment, now=now, notice=notice, within=within), start)\n",
        "        assert (notice, within) is not None\n",
        ("tests/app/reschedule/test_reschedule.py",),
    ),
    Guard(
        "where one will be is said of a session by video that is ahead alone",
        "P6",
        "actions/reschedule/whereabouts.py",
        "    if not by_video or row.starts_at <= now:\n        raise WhereNotAsked\n",
        "    assert by_video is not None and WhereNotAsked\n",
        (WHEREABOUTS,),
    ),
    Guard(
        "off the list somebody checks the license",
        "P9",
        "actions/reschedule/whereabouts.py",
        "    if covers(row.provider.licensed_in, region):\n",
        "    if covers([], region):\n",
        (WHEREABOUTS,),
    ),
    Guard(
        "by video is not offered where the list does not cover the client",
        "P6",
        "domain/reschedule/by_video.py",
        "    if not licensed:\n        return NoVideo.NOT_LICENSED\n",
        "    assert licensed in (True, False)\n",
        (WHEREABOUTS,),
    ),
    Guard(
        "only what was offered is kept by video",
        "P6",
        "data/reschedule/by_video.py",
        "    return request.video_offered and why_no_video(request.appointment, place) is None\n",
        "    return why_no_video(request.appointment, place) is None\n",
        (BY_VIDEO,),
    ),
    Guard(
        "a time that can be kept by video no more is not",
        "P6",
        "actions/reschedule/answer.py",
        "    if place is None or not may_be_kept(asked, place):\n        raise VideoOfferEnded\n",
        "    assert place is not None and (may_be_kept, VideoOfferEnded)\n",
        (BY_VIDEO,),
    ),
    Guard(
        "a time that may be kept by video is not blocked",
        "P6",
        "actions/reschedule/ask.py",
        "    if ask.block is not None and any(row.span.overlaps(ask.block) for row in offered):\n        raise BlockedAndByVideo\n",
        "    assert BlockedAndByVideo\n",
        (BY_VIDEO,),
    ),
    Guard(
        "a block that somebody edited stays when the time is kept",
        "P6",
        "actions/reschedule/answer.py",
        '    if block is not None and block.edited_at is None:\n        block.removed_at = now\n        block.save(update_fields=["removed_at"])\n    end_requests(Event.KEEP',
        '    if block is not None:\n        block.removed_at = now\n        block.save(update_fields=["removed_at"])\n    end_requests(Event.KEEP',
        (BY_VIDEO,),
    ),
    Guard(
        "an answer looks whether its request is still open",
        "P3",
        "actions/reschedule/answer.py",
        "    if not request.is_open:\n        raise AlreadySettled\n    if (row",
        "    if (row",
        (MEETINGS, "tests/app/reschedule/test_reschedule.py"),
    ),
    Guard(
        "no extension goes past the lead before the start",
        "P8",
        "domain/reschedule/urging.py",
        "    if later > latest_deadline(request.starts_at, policy=policy):\n        raise NoRoomToExtend\n",
        "    assert latest_deadline(request.starts_at, policy=policy)\n",
        ("tests/domain/test_urging.py",),
    ),
    Guard(
        "a deadline is extended once",
        "P8",
        "domain/reschedule/urging.py",
        "    if request.extended_at is not None:\n        raise AlreadyExtended\n",
        "    assert AlreadyExtended\n",
        ("tests/domain/test_urging.py", "tests/app/reschedule/test_urging.py"),
    ),
    Guard(
        "nobody is reminded by hand of what has not arrived",
        "P11",
        "domain/reschedule/urging.py",
        "    if request.handed_over_at is None:\n        raise NotArrivedYet\n",
        "    assert NotArrivedYet\n",
        ("tests/domain/test_urging.py", "tests/app/reschedule/test_urging.py"),
    ),
    Guard(
        "a settled state has no way on",
        "P3",
        "domain/reschedule/endings.py",
        "    if state is not State.OPEN:\n        raise AlreadySettled\n",
        "    assert state is not None\n",
        (RULES,),
    ),
    Guard(
        "an appointment that is asked about is not asked about twice",
        "P4",
        "actions/reschedule/ask.py",
        '        if row.requests.filter(state="open").exists():\n',
        '        if row.requests.filter(state="never").exists():\n',
        ("tests/app/reschedule/test_provider_asking.py", "tests/app/reschedule/test_reschedule.py"),
    ),
    Guard(
        "a session that may have begun is neither moved nor canceled",
        "P6",
        "actions/reschedule/answer.py",
        "    if row.starts_at <= now:\n        raise AlreadyStarted\n",
        "    assert now is not None\n",
        (
            "tests/app/reschedule/test_blocks_of_asks.py",
            "tests/app/reschedule/test_reschedule.py",
            "tests/app/appointments/test_appointments.py",
        ),
    ),
    Guard(
        "a move is told",
        "P9",
        "domain/reschedule/endings.py",
        "        notice=NotificationType.MOVED,\n",
        "",
        ("tests/app/reschedule/test_reschedule.py",),
    ),
    Guard(
        "an ending frees the request's holds",
        "P12",
        "actions/reschedule/ending.py",
        "    end_holds_of(ids)\n",
        "",
        (
            "tests/app/reschedule/test_reschedule.py",
            "tests/app/reschedule/test_client_pages_choosing.py",
            "tests/app/appointments/test_appointments.py",
        ),
    ),
    Guard(
        "a client's word finds the record that theirs has become part of",
        "P17",
        "actions/reschedule/answer.py",
        "    client = record_now(batch.client_id)\n",
        "    client = batch.client_id\n",
        (MERGES,),
    ),
)
