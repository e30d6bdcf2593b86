"""Every constraint of the tables, broken with plain SQL: each refuses by its own name, and a new one cannot go untested."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection
from tests.app.appointments.test_appointments import cancel
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, Cast, a_key, client_in, new_york, series_of
from tests.app.client_browser import mint
from tests.app.engine.test_promises import refused, sql

from raincheck.actions.engine.side_effects import make_task
from raincheck.actions.timing.heartbeats import beat
from raincheck.data.access.appearance import Appearance
from raincheck.data.access.emergency import EmergencyAccess, EmergencyReason
from raincheck.data.access.invitations import Invitation
from raincheck.data.access.sessions import UserSession
from raincheck.data.appointments.claims import Hold
from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.data.calendars.feeds import CalendarFeed
from raincheck.data.calendars.pushes import CalendarPush, PushedEvent
from raincheck.data.conversations import Conversation
from raincheck.data.imports.files import Import, ImportRow
from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.data.people import Membership, User
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.timing.outages import Outage
from raincheck.data.timing.quarantine import Quarantined
from raincheck.domain.health import ProcessKind
from raincheck.domain.spans import Span
from raincheck.domain.tasks import TaskKind
from raincheck.domain.timing.quarantine import Step

T = "raincheck_"

CRIMES = {
    "a_batch_has_a_known_reason": f"UPDATE {T}reschedulebatch SET reason = 'boredom'",
    "a_version_of_zone_rules_is_kept_once": f"INSERT INTO {T}zonerules (version, applied_at)"
    " VALUES ('2026a', '2026-03-01'), ('2026a', '2026-03-02')",
    "a_block_ends_after_it_starts": f"UPDATE {T}outofoffice SET ends_at = starts_at",
    "a_calendar_feed_has_known_titles": f"UPDATE {T}calendarfeed SET titles = 'names' WHERE provider_id IS NOT NULL",
    "a_calendar_feed_is_of_one_person": f"UPDATE {T}calendarfeed SET provider_id = NULL",
    "a_cancellation_has_a_known_actor": f"UPDATE {T}appointment SET cancelled_by = 'nobody' WHERE status = 'cancelled'",
    "a_cancellation_has_a_known_reason": f"UPDATE {T}appointment SET cancelled_why = 'boredom' WHERE status = 'cancelled'",
    "a_cancelled_appointment_says_who_and_why": f"UPDATE {T}appointment SET cancelled_why = NULL WHERE status = 'cancelled'",
    "an_occurrence_knows_its_first_start": f"UPDATE {T}appointment SET recurrence_id = NULL WHERE series_id IS NOT NULL",
    "a_time_of_a_series_is_made_once": f"UPDATE {T}appointment SET series_id = s.series_id, recurrence_id = s.recurrence_id"
    f" FROM (SELECT series_id, recurrence_id FROM {T}appointment WHERE series_id IS NOT NULL) s",
    "a_series_repeats_within_a_year": f"UPDATE {T}series SET every_weeks = 0",
    "a_series_has_as_many_times_as_allowed": f"UPDATE {T}series SET count = 105",
    "sessions_of_a_series_are_as_long_as_allowed": f"UPDATE {T}series SET length = interval '4 minutes'",
    "an_outcome_names_a_known_actor": f"UPDATE {T}appointment SET status = 'completed', outcome_at = starts_at, outcome_by_kind = 'nobody'"
    " WHERE status = 'scheduled'",
    "what_became_of_a_session_was_said_by_somebody": f"UPDATE {T}appointment SET status = 'completed' WHERE status = 'scheduled'",
    "what_can_be_undone_says_until_when": f"UPDATE {T}appointment SET release_at = starts_at",
    "a_cancelled_appointment_has_one_rebook_offer": f"INSERT INTO {T}rebookoffer (ref, practice_id, appointment_id, provider_id, client_id,"
    f" type_id, place_id, expires_at) SELECT gen_random_uuid(), practice_id, appointment_id, provider_id, client_id, type_id, place_id,"
    f" expires_at FROM {T}rebookoffer",
    "a_busy_calendar_has_a_known_kind": f"UPDATE {T}busycalendar SET kind = 'diary', next_check_at = read_at",
    "a_failing_calendar_says_why": f"UPDATE {T}busycalendar SET failing_since = read_at",
    "every_calendar_but_a_file_is_checked_again": f"UPDATE {T}busycalendar SET kind = 'subscription'",
    "a_card_has_a_known_kind": f"UPDATE {T}message SET card = 'poker'",
    "a_change_of_hours_names_a_known_actor": f"INSERT INTO {T}availabilityhistory (practice_id, provider_id, at, actor_kind, trace_id,"
    f" former_availability, former_grid_step, former_zone) SELECT practice_id, id, now(), 'ghost', '', '{{}}', grid_step, zone FROM {T}provider LIMIT 1",
    "a_chain_has_one_row_in_each_place": f"INSERT INTO {T}sealedrow (row, chain, place, seal) VALUES (1, 1, 1, ''), (2, 1, 1, '')",
    "a_change_of_a_client_is_of_a_known_kind": f"INSERT INTO {T}clienthistory (practice_id, client_id, event, at, actor_kind, trace_id, details)"
    f" SELECT practice_id, id, 'forgotten', now(), 'manager', '', '{{}}' FROM {T}client LIMIT 1",
    "a_change_of_a_client_names_a_known_actor": f"INSERT INTO {T}clienthistory (practice_id, client_id, event, at, actor_kind, trace_id, details)"
    f" SELECT practice_id, id, 'changed', now(), 'ghost', '', '{{}}' FROM {T}client LIMIT 1",
    "a_change_of_a_practice_is_of_a_known_kind": f"INSERT INTO {T}practicehistory (practice_id, event, at, actor_kind, trace_id, details)"
    f" SELECT id, 'forgotten', now(), 'manager', '', '{{}}' FROM {T}practice LIMIT 1",
    "a_change_of_a_practice_names_a_known_actor": f"INSERT INTO {T}practicehistory (practice_id, event, at, actor_kind, trace_id, details)"
    f" SELECT id, 'rules_changed', now(), 'ghost', '', '{{}}' FROM {T}practice LIMIT 1",
    "a_change_of_a_practice_says_what_changed": f"INSERT INTO {T}practicehistory (practice_id, event, at, actor_kind, trace_id, details)"
    f" SELECT id, 'type_changed', now(), 'manager', '', '{{}}' FROM {T}practice LIMIT 1",
    "an_appearance_has_a_known_color": f"UPDATE {T}appearance SET color = 'mauve'",
    "a_photo_has_the_hash_of_its_content": f"UPDATE {T}appearance SET photo_hash = 'another'",
    "somebody_has_one_appearance_in_a_practice": f"INSERT INTO {T}appearance (practice_id, user_id, color, photo_hash)"
    f" SELECT practice_id, user_id, color, photo_hash FROM {T}appearance",
    "a_chain_is_cut_once_at_a_place": f"INSERT INTO {T}logcut (chain, place, seal, before, at) SELECT 1, 1, '', now() - interval '8 years', now()"
    " FROM generate_series(1, 2)",
    "what_is_cut_is_seven_years_old": f"INSERT INTO {T}logcut (chain, place, seal, before, at) VALUES (1, 1, '', now() - interval '6 years', now())",
    "a_change_of_rights_is_of_a_known_kind": f"INSERT INTO {T}rightshistory (practice_id, user_id, event, at, actor_kind, trace_id, details)"
    f" SELECT practice_id, user_id, 'forgotten', now(), 'manager', '', '{{}}' FROM {T}membership LIMIT 1",
    "a_change_of_rights_names_a_known_actor": f"INSERT INTO {T}rightshistory (practice_id, user_id, event, at, actor_kind, trace_id, details)"
    f" SELECT practice_id, user_id, 'ended', now(), 'ghost', '', '{{}}' FROM {T}membership LIMIT 1",
    "a_claim_has_a_known_part": f"UPDATE {T}claim SET part = 'whole' WHERE part = 'buffered'",
    "a_claim_is_for_an_appointment_or_a_hold": f"UPDATE {T}claim SET hold_id = (SELECT min(id) FROM {T}hold) WHERE hold_id IS NULL",
    "a_room_holds_one_session_at_a_time": f"UPDATE {T}claim SET room_id = (SELECT min(id) FROM {T}place), room_lane = int8range(NULL, NULL)"
    " WHERE part = 'session'",
    "a_room_is_claimed_by_a_session": f"UPDATE {T}claim SET room_id = (SELECT min(id) FROM {T}place)",
    "only_a_room_holds_one_session_at_a_time": f"UPDATE {T}place SET one_at_a_time = true",
    "a_client_is_one_recipient": f"INSERT INTO {T}recipient (ref, practice_id, client_id, is_client, email, phone, language, zone)"
    f" SELECT gen_random_uuid(), practice_id, client_id, true, '', '', 'en', '' FROM {T}recipient LIMIT 1",
    "a_manager_opens_a_conversation_once_at_a_time": f"WITH why AS (INSERT INTO {T}emergencyreason (ref, practice_id, body)"
    f" SELECT gen_random_uuid(), practice_id, '' FROM {T}emergencyreason RETURNING id) INSERT INTO {T}emergencyaccess (ref, practice_id, conversation_id, manager_id, reason_id, opened_at, ends_at)"
    f" SELECT gen_random_uuid(), practice_id, conversation_id, manager_id, why.id, opened_at + interval '59 minutes',"
    f" ends_at + interval '59 minutes' FROM {T}emergencyaccess, why",
    "an_emergency_access_ends_after_it_began": f"UPDATE {T}emergencyaccess SET ends_at = opened_at - interval '1 second'",
    "an_emergency_access_has_its_own_reason": f"INSERT INTO {T}emergencyaccess (ref, practice_id, conversation_id, manager_id, reason_id, opened_at, ends_at)"
    f" SELECT gen_random_uuid(), practice_id, conversation_id, manager_id, reason_id, ends_at, ends_at + interval '1 hour' FROM {T}emergencyaccess",
    "a_failing_push_says_why": f"UPDATE {T}calendarpush SET fault = 'calendar_too_slow'",
    "a_feed_of_a_client_names_nobody": f"UPDATE {T}calendarfeed SET titles = 'initials' WHERE client_id IS NOT NULL",
    "a_held_slot_ends_after_it_starts": f"UPDATE {T}hold SET ends_at = starts_at",
    "a_history_row_has_a_known_event": f"INSERT INTO {T}appointmenthistory (practice_id, appointment_id, event, at, sequence, actor_kind,"
    f" trace_id, details) SELECT practice_id, id, 'forgotten', booked_at, 0, 'system', '', '{{}}' FROM {T}appointment LIMIT 1",
    "a_history_row_names_a_known_actor": f"INSERT INTO {T}appointmenthistory (practice_id, appointment_id, event, at, sequence, actor_kind,"
    f" trace_id, details) SELECT practice_id, id, 'booked', booked_at, 0, 'ghost', '', '{{}}' FROM {T}appointment LIMIT 1",
    "a_heartbeat_begins_before_it_ends": f"UPDATE {T}heartbeat SET started_at = beat_at + interval '1 second'",
    "a_heartbeat_knows_what_is_wrong_with_the_clock": f"UPDATE {T}heartbeat SET clock_fault = 'moon'",
    "a_heartbeat_is_of_a_known_kind": f"UPDATE {T}heartbeat SET kind = 'dead'",
    "a_hold_claims_each_part_once": f"INSERT INTO {T}claim (practice_id, provider_id, client_id, hold_id, part, span, lane) SELECT"
    f" practice_id, provider_id, client_id, hold_id, part, span, lane FROM {T}claim WHERE hold_id IS NOT NULL",
    "a_hold_expires_after_it_began": f"UPDATE {T}hold SET expires_at = began_at",
    "a_hold_is_for_one_thing": f"UPDATE {T}hold SET appointment_id = (SELECT min(id) FROM {T}appointment)",
    "an_appointment_has_one_chosen_hold": f"INSERT INTO {T}hold (ref, practice_id, provider_id, client_id, appointment_id, starts_at, ends_at,"
    f" buffer_before, buffer_after, began_at, expires_at, renewals, suggested) SELECT gen_random_uuid(), practice_id, provider_id,"
    f" client_id, id, starts_at, ends_at, buffer_before, buffer_after, booked_at, ends_at, 0, false FROM {T}appointment, generate_series(1, 2)",
    "a_rebook_offer_has_one_chosen_hold": f"INSERT INTO {T}hold (ref, practice_id, provider_id, client_id, offer_id, starts_at, ends_at,"
    f" buffer_before, buffer_after, began_at, expires_at, renewals, suggested) SELECT gen_random_uuid(), practice_id, provider_id,"
    f" client_id, id, now(), now() + interval '1 hour', '0', '0', now(), now() + interval '5 minutes', 0, false FROM {T}rebookoffer,"
    f" generate_series(1, 2)",
    "a_hold_is_renewed_ten_times_at_most": f"UPDATE {T}hold SET renewals = 11",
    "a_request_has_one_chosen_hold": f"INSERT INTO {T}hold (ref, practice_id, provider_id, client_id, request_id, starts_at, ends_at,"
    f" buffer_before, buffer_after, began_at, expires_at, renewals, suggested) SELECT gen_random_uuid(), practice_id, provider_id,"
    f" client_id, request_id, starts_at, ends_at, buffer_before, buffer_after, began_at, expires_at, 0, false FROM {T}hold",
    "a_suggested_time_is_of_a_request": f"UPDATE {T}hold SET suggested = true, request_id = NULL",
    "a_key_acts_once": f"INSERT INTO {T}idempotencykey (actor, key, body_hash, acted_at) SELECT actor, key, body_hash, acted_at FROM {T}idempotencykey",
    "a_link_opens_one_thing": f"UPDATE {T}link SET batch_id = NULL",
    "a_link_that_lets_in_is_a_recipients": f"UPDATE {T}link SET recipient_id = NULL",
    "a_matter_has_one_open_task": f"INSERT INTO {T}task (ref, practice_id, provider_id, client_id, kind, request_id, made_at, for_managers_at)"
    f" SELECT gen_random_uuid(), practice_id, provider_id, client_id, kind, request_id, made_at, for_managers_at FROM {T}task",
    "a_membership_has_a_known_role": f"UPDATE {T}membership SET role = 'owner'",
    "a_membership_points_at_what_its_role_says": f"UPDATE {T}membership SET provider_id = NULL WHERE role = 'provider'",
    "a_user_has_a_role_once_in_a_practice": f"INSERT INTO {T}membership (practice_id, user_id, role, provider_id, client_id)"
    f" SELECT practice_id, user_id, role, provider_id, client_id FROM {T}membership",
    "a_merge_names_a_known_actor": f"UPDATE {T}clientmerge SET actor_kind = 'ghost'",
    "a_record_is_merged_once": f"INSERT INTO {T}clientmerge (ref, practice_id, kept_id, gone_id, at, actor_kind, moved, former)"
    f" SELECT gen_random_uuid(), practice_id, kept_id, gone_id, at, actor_kind, moved, former FROM {T}clientmerge",
    "a_record_is_not_merged_into_itself": f"UPDATE {T}client SET merged_into_id = id",
    "a_pair_names_a_known_actor": f"UPDATE {T}differentpeople SET actor_kind = 'ghost'",
    "a_pair_of_people_is_written_in_one_order": f"UPDATE {T}differentpeople SET one_id = other_id, other_id = one_id",
    "a_pair_of_people_is_told_apart_once": f"INSERT INTO {T}differentpeople (practice_id, one_id, other_id, said_at, actor_kind)"
    f" SELECT practice_id, one_id, other_id, said_at, actor_kind FROM {T}differentpeople",
    "a_message_names_a_known_author": f"UPDATE {T}message SET author_kind = 'ghost'",
    "a_moved_request_says_where_to": f"UPDATE {T}reschedulerequest SET moved_to = asked_starts_at WHERE state = 'open'",
    "only_what_was_offered_by_video_is_kept": f"UPDATE {T}reschedulerequest SET state = 'kept', settled_at = now(), settled_by = 'client'"
    " WHERE state = 'open'",
    "a_request_is_reminded_of_by_hand_twice_at_most": f"UPDATE {T}reschedulerequest SET reminded_by_hand = 3 WHERE state = 'open'",
    "a_notification_has_a_known_channel": f"UPDATE {T}notification SET channel = 'pigeon'",
    "a_notification_has_a_known_state": f"UPDATE {T}notification SET state = 'lost' WHERE ended_at IS NOT NULL",
    "a_notification_has_one_addressee": f"UPDATE {T}notification SET recipient_id = NULL, provider_id = NULL, user_id = NULL",
    "a_notification_lists_an_appointment_once": f"INSERT INTO {T}notificationappointment (practice_id, notification_id, appointment_id,"
    f" sequence, facts) SELECT practice_id, notification_id, appointment_id, sequence, facts FROM {T}notificationappointment",
    "a_notification_waits_or_has_its_end": f"UPDATE {T}notification SET ended_at = NULL WHERE state <> 'waiting'",
    "a_person_has_one_live_calendar_feed": f"INSERT INTO {T}calendarfeed (ref, practice_id, provider_id, client_id, hash, titles, made_at)"
    f" SELECT gen_random_uuid(), practice_id, provider_id, client_id, hash || '2', titles, made_at FROM {T}calendarfeed",
    "a_place_has_a_name_of_its_own": f"INSERT INTO {T}place (ref, practice_id, name, kind, zone, address, offered)"
    f" SELECT gen_random_uuid(), practice_id, upper(name), kind, zone, address, offered FROM {T}place",
    "a_place_has_a_known_kind": f"UPDATE {T}place SET kind = 'garden'",
    "a_provider_and_a_client_have_one_conversation": f"INSERT INTO {T}conversation (ref, practice_id, provider_id, client_id, latest_at)"
    f" SELECT gen_random_uuid(), practice_id, provider_id, client_id, latest_at FROM {T}conversation",
    "a_provider_pushes_into_one_calendar": f"INSERT INTO {T}calendarpush (ref, practice_id, provider_id, calendar_id, removing,"
    f" begun_at, fault, next_try_at) SELECT gen_random_uuid(), practice_id, provider_id, calendar_id, removing, begun_at, fault,"
    f" next_try_at FROM {T}calendarpush",
    "a_pushed_event_says_when": f"UPDATE {T}pushedevent SET sequence = 1",
    "an_appointment_is_pushed_once_into_a_calendar": f"INSERT INTO {T}pushedevent (practice_id, push_id, appointment_id, etag, due_at)"
    f" SELECT practice_id, push_id, appointment_id, etag, due_at FROM {T}pushedevent",
    "a_provider_names_a_calendar_once": f"INSERT INTO {T}busycalendar (ref, practice_id, provider_id, name, kind, host, sealed_address,"
    f" username, sealed_password, keeps_titles, read_at, read_until, problems, etag, last_modified, sync_token, fault)"
    f" SELECT gen_random_uuid(), practice_id, provider_id, name, kind, '', '', '', '', false, read_at, read_until, problems, '', '', '', ''"
    f" FROM {T}busycalendar",
    "a_request_has_a_known_state": f"UPDATE {T}reschedulerequest SET state = 'lost', settled_at = asked_at, settled_by = 'system'",
    "a_request_waits_for_a_known_reason": f"UPDATE {T}reschedulerequest SET needs_provider = 'boredom'",
    "a_step_quarantines_a_row_once": f"INSERT INTO {T}quarantined (practice_id, step, provider_id, request_id, failures, since, try_again_at)"
    f" SELECT practice_id, step, provider_id, request_id, failures, since, try_again_at FROM {T}quarantined",
    "a_quarantined_row_is_of_a_known_step": f"UPDATE {T}quarantined SET step = 'dance'",
    "a_task_has_a_known_kind": f"UPDATE {T}task SET kind = 'chore'",
    "a_used_rebook_offer_says_when": f"UPDATE {T}rebookoffer SET booked_at = expires_at",
    "a_used_invitation_says_by_whom_and_stays_used": f"UPDATE {T}invitation SET used_at = made_at",
    "an_invitation_ends_after_it_was_made": f"UPDATE {T}invitation SET ends_at = made_at",
    "an_invitation_is_for_known_roles": f"UPDATE {T}invitation SET roles = '{{}}'",
    "an_invitation_names_a_known_actor": f"UPDATE {T}invitation SET made_by_kind = 'ghost'",
    "somebody_is_invited_once_at_a_time": f"INSERT INTO {T}invitation (ref, practice_id, name, email, roles, hash, made_at, made_by_kind,"
    f" ends_at) SELECT gen_random_uuid(), practice_id, name, email, roles, hash || '2', made_at, made_by_kind, ends_at FROM {T}invitation",
    "an_appointment_claims_each_part_once": f"INSERT INTO {T}claim (practice_id, provider_id, client_id, appointment_id, part, span, lane)"
    f" SELECT practice_id, provider_id, client_id, appointment_id, part, span, lane FROM {T}claim"
    " WHERE appointment_id IS NOT NULL AND part = 'buffered'",
    "an_appointment_is_needed_for_a_known_reason": f"UPDATE {T}appointment SET needed_by = '2026-12-01', needed_for = 'fun'",
    "a_reason_of_need_has_its_day": f"UPDATE {T}appointment SET needed_for = 'court'",
    "an_appointment_ends_after_it_starts": f"UPDATE {T}appointment SET ends_at = starts_at",
    "an_appointment_has_a_known_status": f"UPDATE {T}appointment SET status = 'lost' WHERE status = 'scheduled'",
    "an_appointment_type_has_a_name_of_its_own": f"UPDATE {T}appointmenttype SET name = 'Intake' WHERE name <> 'Intake'",
    "an_appointment_type_is_as_long_as_allowed": f"UPDATE {T}appointmenttype SET buffer_after = interval '121 minutes'",
    "an_appointment_type_has_a_known_kind": f"UPDATE {T}appointmenttype SET kind = 'party'",
    "an_attempt_has_a_known_outcome": f"UPDATE {T}deliveryattempt SET outcome = 'perhaps'",
    "a_row_is_staged_once": f"INSERT INTO {T}importrow (practice_id, file_id, number, cells, left_out, apart)"
    f" SELECT practice_id, file_id, number, cells, left_out, apart FROM {T}importrow",
    "an_import_has_a_known_kind": f"UPDATE {T}import SET kind = 'party'",
    "an_import_has_a_known_format": f"UPDATE {T}import SET format = 'scroll'",
    "an_import_has_a_known_state": f"UPDATE {T}import SET state = 'lost'",
    "an_import_has_a_known_date_order": f"UPDATE {T}import SET \"order\" = 'yes'",
    "an_import_was_told_a_known_date_order": f"UPDATE {T}import SET order_said = 'yes'",
    "an_import_names_a_known_actor": f"UPDATE {T}import SET actor_kind = 'ghost'",
    "a_passkey_is_added_once": "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
    " SELECT user_id, type, data, created_at FROM mfa_authenticator WHERE type = 'webauthn'",
    "whoever_has_a_second_factor_keeps_one": "DELETE FROM mfa_authenticator WHERE type <> 'recovery_codes'",
    "a_session_began_in_a_known_way": f"UPDATE {T}usersession SET way = 'window'",
    "an_outage_ends_after_it_began": f"UPDATE {T}outage SET ended_at = began_at",
    "an_outage_is_noted_once": f"INSERT INTO {T}outage (began_at, ended_at, ahead) SELECT began_at, ended_at, ahead FROM {T}outage",
    "texts_were_agreed_to_before_a_known_actor": f"UPDATE {T}recipient SET sms_agreed_by_kind = 'ghost'",
    "an_email_is_kept_in_small_letters": f"UPDATE {T}user SET email = upper(email)",
    "busy_time_ends_after_it_starts": f"UPDATE {T}busytime SET ends_at = starts_at",
}
PROMISES = Path(__file__).with_name("test_promises.py").read_text("utf-8")
ONLY_FOR_KEYS = "_belongs_to_one_practice"
"""Pairs of a practice and a primary key: nothing can break them; other tables' keys point at them."""


@pytest.fixture
def full(cast: Cast) -> Cast:
    """A practice with a row in every table that has a constraint."""
    appointment = cast.booked()
    request = cast.asked(appointment, block=Span(appointment.starts_at, appointment.ends_at))
    cancel(cast, cast.booked(new_york(25, 11), client=cast.maya), rebook_link=True)
    # At the same hour and place as Riley's: it holds any number.
    cast.booked(client=cast.maya, provider=cast.fischer)
    make_task(TaskKind.CLIENT_WROTE, request=request, now=NOW)
    Quarantined.objects.create(
        practice=cast.practice, provider=cast.okafor, step=Step.SETTLE, since=NOW, try_again_at=NOW
    )
    mint(request.batch)
    DeliveryAttempt.objects.create(
        practice=cast.practice, notification=Notification.objects.earliest("pk"), at=NOW
    )
    appointment.series, appointment.recurrence_id = series_of(cast), new_york(24, 11).replace(tzinfo=None)
    appointment.save(update_fields=["series", "recurrence_id"])
    calendar = BusyCalendar.objects.create(
        practice=cast.practice,
        provider=cast.okafor,
        name="Work",
        read_at=NOW,
        read_until=NOW + timedelta(days=400),
    )
    BusyTime.objects.create(
        practice=cast.practice,
        calendar=calendar,
        provider=cast.okafor,
        starts_at=FRIDAY_AT_NINE,
        ends_at=FRIDAY_AT_NINE + MINUTES,
        appeared_at=NOW,
    )
    into = CalendarPush.objects.create(
        practice=cast.practice, provider=cast.okafor, calendar=calendar, begun_at=NOW, next_try_at=NOW
    )
    PushedEvent.objects.create(practice=cast.practice, push=into, appointment=appointment, due_at=NOW)
    Invitation.objects.create(
        practice=cast.practice, name="Ada", email="ada@new.example", roles=["manager"], hash=b"1", made_at=NOW,
        made_by_kind="operator", ends_at=NOW + 60 * MINUTES,
    )  # fmt: skip
    brought = Import.objects.create(
        practice=cast.practice, file_name="clients.csv", kind="clients", zone="UTC", header=1, columns=[],
        made_at=NOW, actor_kind="manager",
    )  # fmt: skip
    ImportRow.objects.create(practice=cast.practice, file=brought, number=2, cells={})
    UserSession.objects.create(
        user=User.objects.earliest("pk"), key="1", way="password", made_at=NOW, last_seen_at=NOW
    )
    for kind, data in (("webauthn", {"digest": "d"}), ("recovery_codes", {"codes": ""})):
        Authenticator.objects.create(user=User.objects.earliest("pk"), type=kind, data=data)
    Appearance.objects.create(practice=cast.practice, user=User.objects.earliest("pk"), color="blue")
    manager = Membership.objects.create(
        practice=cast.practice, user=User.objects.earliest("pk"), role="manager"
    )
    thread = Conversation.objects.earliest("pk")
    why = EmergencyReason.objects.create(practice=cast.practice, body="She can't be reached.")
    EmergencyAccess.objects.create(
        practice=cast.practice, conversation=thread, manager=manager, reason=why, opened_at=NOW,
        ends_at=NOW + 60 * MINUTES,
    )  # fmt: skip
    beat(None, ProcessKind.WEB, at=NOW)
    Outage.objects.create(began_at=NOW, ended_at=NOW + 6 * MINUTES, ahead=0 * MINUTES)
    for whose in ({"provider": cast.okafor}, {"client": cast.riley}):
        CalendarFeed.objects.create(practice=cast.practice, hash=repr(whose).encode(), made_at=NOW, **whose)
    hold = Hold.objects.create(
        practice=cast.practice, provider=cast.okafor, client=cast.riley, request=request, starts_at=FRIDAY_AT_NINE,
        ends_at=FRIDAY_AT_NINE + 50 * MINUTES, buffer_before=0 * MINUTES, buffer_after=10 * MINUTES, began_at=NOW,
        expires_at=NOW + 5 * MINUTES,
    )  # fmt: skip
    sql(
        f"INSERT INTO {T}claim (practice_id, provider_id, client_id, hold_id, part, span, lane) SELECT practice_id, provider_id, client_id,"
        f" id, 'buffered', tstzrange(starts_at, ends_at), int8range(client_id, client_id + 1) FROM {T}hold WHERE id = %s",
        hold.pk,
    )
    again = client_in(cast.practice, "Rilee", "Brooks")
    sql(
        f"INSERT INTO {T}clientmerge (ref, practice_id, kept_id, gone_id, at, actor_kind, moved, former)"
        f" VALUES (gen_random_uuid(), %s, %s, %s, %s, 'manager', '{{}}', '{{}}')",
        cast.practice.pk,
        cast.riley.pk,
        again.pk,
        NOW,
    )
    sql(
        f"INSERT INTO {T}differentpeople (practice_id, one_id, other_id, said_at, actor_kind) VALUES (%s, %s, %s, %s, 'manager')",
        cast.practice.pk,
        cast.riley.pk,
        cast.maya.pk,
        NOW,
    )
    sql(
        f"INSERT INTO {T}idempotencykey (actor, key, body_hash, acted_at) VALUES ('provider:1', %s, '', %s)",
        a_key(),
        NOW,
    )
    return cast


@pytest.mark.parametrize("name", CRIMES)
def test_a_constraint_refuses_by_its_own_name(full: Cast, name: str) -> None:
    with refused(name):
        sql(CRIMES[name].replace("%", "%%"))


def test_every_constraint_is_tried() -> None:
    names = {
        constraint.name
        for model in apps.get_app_config("raincheck").get_models()
        for constraint in model._meta.constraints
    }
    wanted = {name for name in names if not name.endswith(ONLY_FOR_KEYS)}
    assert sorted(name for name in wanted if name not in CRIMES and f'"{name}"' not in PROMISES) == []


def test_a_ref_is_random_and_one_of_a_kind(full: Cast) -> None:
    refs = list(RebookOffer.objects.values_list("ref", flat=True))
    assert [ref.version for ref in refs] == [uuid.uuid4().version]


@pytest.mark.django_db
def test_no_key_has_an_index_that_begins_another() -> None:
    """Each index costs every row that is written; one over a key alone answers nothing that the longer one does not."""
    with connection.cursor() as cursor:
        cursor.execute("""
        SELECT shorter.indexrelid::regclass::text || ' begins ' || longer.indexrelid::regclass::text
        FROM pg_index shorter JOIN pg_class c ON c.oid = shorter.indexrelid
        JOIN pg_index longer ON longer.indrelid = shorter.indrelid
            AND longer.indexrelid <> shorter.indexrelid
        WHERE shorter.indrelid::regclass::text LIKE 'raincheck%' AND shorter.indrelid::regclass::text NOT LIKE 'raincheck_user%'
            AND c.relam = (SELECT relam FROM pg_class WHERE oid = longer.indexrelid) AND NOT shorter.indisunique
            AND shorter.indpred IS NULL AND longer.indpred IS NULL
            AND shorter.indexprs IS NULL AND longer.indexprs IS NULL
            AND shorter.indnkeyatts = 1 AND longer.indnkeyatts > 1 AND longer.indkey[0] = shorter.indkey[0]
        ORDER BY 1
        """)
        assert cursor.fetchall() == []
