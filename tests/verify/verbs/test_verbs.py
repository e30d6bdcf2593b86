"""Each verb is tried by a harness, or somebody has said why none of them has it: a new verb without either is named here."""

from __future__ import annotations

import pytest
from tests.verify.verbs.tried import Tried, said_in_soak, table

SOAKED = {
    "accept_invitation": "accept an invitation",
    "add_client": "add client",
    "archive": "archive",
    "ask_to_reschedule": "ask",
    "begin_session": "sign in",
    "block_time": "block time",
    "book": "book",
    "bring_back": "bring back",
    "cancel_appointment": "cancel",
    "change_appointment_details": "change details",
    "change_client": "edit client",
    "correct_rows": "leave a row out",
    "decline": "decline",
    "keep_by_video": "keep by video",
    "say_where": "say where",
    "discharge": "discharge",
    "drop_import": "give a file up",
    "end_access": "end access",
    "import_rows": "import",
    "invite_by_mail": "invite",
    "mark_opened": "opened",
    "merge_clients": "merge",
    "none_work": "none of these work",
    "pick_new_time": "pick",
    "prove_second_factor": "second step",
    "rebook": "rebook",
    "see_news": "tidy up",
    "set_up_authenticator": "second step",
    "stage_file": "stage a file",
    "start_import": "import",
    "undo_import": "undo an import",
    "undo_ask": "undo an ask",
    "undo_merge": "undo a merge",
    "withdraw": "withdraw",
    "extend": "extend",
    "remind_by_hand": "remind by hand",
    "suggest_times": "suggest times",
    "take_suggestion_back": "take a suggestion back",
    "write_message": "message",
}
"""What people of the soak call a verb."""

BY_ITSELF = "one row of one person's, which nothing else reads while it changes"
IN_PROCESSES = "tests/app tries it in processes of its own, which die and go on"
NOT_TRIED = {
    "access/appearance.remove_photo": BY_ITSELF,
    "access/emergency.open_in_emergency": "writes new rows alone, under the locks of practice, provider and client",
    "access/emergency.end_emergency": BY_ITSELF,
    "access/first_start.put_checklist_away": BY_ITSELF,
    "access/first_start.begin_sender_test": BY_ITSELF,
    "access/first_start.end_sender_test": BY_ITSELF,
    "access/log_chain.seal_rows": "the soak verifies each chain in the end, and test_log_chain.py lets two seal at once",
    "access/passkeys.rename_passkey": BY_ITSELF,
    "access/sessions.note_seen": BY_ITSELF,
    "access/sessions.time_out_session": BY_ITSELF,
    "access/sessions.end_session": "as end_other_sessions, of one session",
    "access/sessions.end_sessions_of": "a step of a reset, which meets all others",
    "accounts.send_code": "writes one new row",
    "appointments/series.add_and_book_series": "add_client and book_series in one transaction; each of them meets all others",
    "availability.set_availability": "locks the provider, as every verb that asks for open times; test_availability_page.py",
    "calendars/checks.check_now": BY_ITSELF,
    "calendars/checks.begin_check": IN_PROCESSES,
    "calendars/checks.take_over": IN_PROCESSES,
    "calendars/checks.keep_reading": IN_PROCESSES,
    "calendars/checks.note_fault": IN_PROCESSES,
    "calendars/feeds.make_feed": BY_ITSELF,
    "calendars/feeds.title_feed": BY_ITSELF,
    "calendars/feeds.stop_feed": BY_ITSELF,
    "calendars/feeds.note_use": BY_ITSELF,
    "calendars/pushes.push_into": BY_ITSELF,
    "calendars/pushes.stop_pushing": BY_ITSELF,
    "calendars/pushes.begin_run": IN_PROCESSES,
    "calendars/pushes.take_over": IN_PROCESSES,
    "calendars/pushes.begin_event": IN_PROCESSES,
    "calendars/pushes.end_event": IN_PROCESSES,
    "calendars/pushes.end_removal": IN_PROCESSES,
    "calendars/pushes.end_run": IN_PROCESSES,
    "calendars/sources.import_busy_time": BY_ITSELF,
    "calendars/sources.connect_calendars": BY_ITSELF,
    "calendars/sources.remove_calendar": BY_ITSELF,
    "calendars/sources.keep_titles": BY_ITSELF,
    "conversations.mark_read": BY_ITSELF,
    "deliveries.begin_attempts": "begin_attempt for several, which the model does in any order; the soak's workers do it all the time",
    "deliveries.end_attempts": "the model comes to it through its outcomes, the soak's workers all the time",
    "deliveries.give_back": IN_PROCESSES,
    "deliveries.hold_on": IN_PROCESSES,
    "deliveries.put_off": IN_PROCESSES,
    "imports/calendars.stage_calendar": "writes a new file; what it brings comes in by import_rows, which meets all others",
    "imports/calendars.say_whose": "changes a staged file as a correction does, which meets all others",
    "imports/importing.check_part": "reads, and notes how far it is",
    "imports/importing.fail_import": "changes a staged file as a correction does, which meets all others",
    "imports/staging.match_columns": "changes a staged file as a correction does, which meets all others",
    "kept_pages.keep_page": BY_ITSELF,
    "kept_pages.forget_pages": BY_ITSELF,
    "kept_pages.keep_words": BY_ITSELF,
    "kept_pages.give_words_back": BY_ITSELF,
    "limits.try_to_enter": "the soak's guessing visitors do it by the thousand",
    "practice.add_type": "writes one new row, named by a constraint",
    "practice.change_type": "nothing that is booked or asked changes with it",
    "practice.add_place": "writes one new row, named by a constraint",
    "practice.set_rules": "nothing that is booked or asked changes with it",
    "practice.set_details": "nothing that is booked or asked changes with it",
    "reschedule/links.revoke_links": "test_links.py lets a hand-over meet it",
    "reschedule/open_times.look_at_open_times": "the model looks after each verb",
    "reschedule/waiting.nobody_came": BY_ITSELF,
    "timing/restored.ask_about_restored": "runs while nobody else can: a restore",
}
"""Verbs that no harness has, each with the reason."""

ALONE = {
    "access/appearance.remove_photo",
    "access/emergency.open_in_emergency", "access/emergency.end_emergency",
    "access/first_start.put_checklist_away", "access/first_start.begin_sender_test", "access/first_start.end_sender_test",
    "access/log_chain.seal_rows", "access/sessions.begin_session", "access/sessions.note_seen",
    "access/sessions.time_out_session", "access/sessions.end_session", "access/sessions.end_sessions_of",
    "access/passkeys.rename_passkey", "imports/calendars.stage_calendar", "imports/calendars.say_whose",
    "imports/importing.start_import", "imports/importing.check_part", "imports/importing.fail_import",
    "imports/staging.match_columns",
}  # fmt: skip
"""Verbs about people, records and files that change one row of their own, or a staged file as a correction does: they meet nobody."""

TABLE = table(SOAKED)


@pytest.mark.parametrize("tried", TABLE, ids=lambda tried: tried.verb)
def test_a_verb_is_tried_by_a_harness_or_it_is_said_why_not(tried: Tried) -> None:
    assert tried.anywhere or tried.verb in NOT_TRIED, (
        f"{tried.verb} is in no harness: let it meet the others (tests/verify/races/verbs*.py), let the model do it"
        " (tests/verify/model) or people of the soak (SOAKED here), or say in NOT_TRIED why none of them needs to"
    )


@pytest.mark.parametrize(
    "tried",
    [one for one in TABLE if one.verb.startswith(("access/", "clients/", "imports/"))],
    ids=lambda tried: tried.verb,
)
def test_a_verb_about_people_records_or_files_meets_others(tried: Tried) -> None:
    assert tried.interleaved or tried.raced or tried.verb in ALONE, (
        f"{tried.verb} meets no other verb: give it something to do in tests/verify/races/verbs_of_people.py"
    )


def test_no_reason_outlives_its_verb() -> None:
    known = {tried.verb for tried in TABLE}
    assert (ALONE | NOT_TRIED.keys()) - known == set()
    assert [tried.verb for tried in TABLE if tried.verb in NOT_TRIED and tried.anywhere] == []
    assert [tried.verb for tried in TABLE if tried.verb in ALONE and tried.interleaved] == []


def test_people_of_the_soak_do_what_the_table_says() -> None:
    assert set(SOAKED.values()) - said_in_soak() == set()
