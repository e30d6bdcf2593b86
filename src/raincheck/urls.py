"""The addresses of the product, all of them, area by area."""

from allauth.account import views as accounts
from django.urls import URLPattern, URLResolver, path

from raincheck.web import demo, failures, feeds, health, metrics
from raincheck.web.access.first_start import first_start
from raincheck.web.access.invitations import invitation_page
from raincheck.web.access.passkeys import options_page as passkey_options
from raincheck.web.access.second_factor import second_factor
from raincheck.web.accounts import (
    ask_for_code,
    enter_code,
    forgotten,
    forgotten_code,
    sign_in,
    sign_in_by_passkey,
    sign_out,
)
from raincheck.web.client import (
    answers,
    calendar_feeds as client_feeds,
    choosing,
    links,
    own_appointment,
    portal,
    rebooking,
    writing,
)
from raincheck.web.client.link_access import for_appointment, for_batch, for_offer
from raincheck.web.client.stopping import stop_reminders
from raincheck.web.security import csp_report
from raincheck.web.staff.account import (
    appearance as own_appearance,
    asking,
    authenticator,
    overview,
    passkeys,
    presence,
    recovery_codes,
    switching,
)
from raincheck.web.staff.appointments import (
    booking,
    calendar_view,
    cancel,
    edit,
    out_of_office,
    outcomes,
    pages as appointments,
    team,
    zone_rules,
)
from raincheck.web.staff.availability import pages as availability
from raincheck.web.staff.calendars import connect, feeds as calendar_feeds, pages as calendars, pushes
from raincheck.web.staff.clients import leaving, merging, pages as clients, record as client_record, search
from raincheck.web.staff.home import pages as home
from raincheck.web.staff.imports import calendars as import_calendars, exports, pages as imports
from raincheck.web.staff.messages import emergency, pages as conversations
from raincheck.web.staff.people import appearance, ending, lost_factor, pages as people, person
from raincheck.web.staff.practice import (
    appointment_types,
    booking_rules,
    details as practice_details,
    pages as practice,
    places,
    read_log,
)
from raincheck.web.staff.requests import answers as staff_answers, ask, pages as requests, undo, urging

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", health.overview, name="health"),
    path("metrics", metrics.metrics, name="metrics"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("csp-report/", csp_report, name="csp-report"),
    # Signing in. allauth looks for its own pages by the names that begin with "account".
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/", sign_in, name="account_login"),
    path("sign-in/code/", ask_for_code, name="account_request_login_code"),
    path("sign-in/code/enter/", enter_code, name="account_confirm_login_code"),
    path("sign-in/second-factor/", second_factor, name="mfa_authenticate"),
    path("sign-in/passkey/", sign_in_by_passkey, name="passkey-sign-in"),
    path("sign-in/passkey/options/", passkey_options, name="passkey-options"),
    path("sign-in/closed/", accounts.account_inactive, name="account_inactive"),
    path("sign-in/new-password/", forgotten, name="forgotten"),
    path("sign-in/new-password/", forgotten, name="account_reset_password"),
    path(
        "sign-in/new-password/code/",
        forgotten_code,
        name="account_confirm_password_reset_code",
    ),
    path(
        "sign-in/new-password/choose/",
        accounts.complete_password_reset,
        name="account_complete_password_reset",
    ),
    path("sign-out/", sign_out, name="sign-out"),
    path("sign-out/", sign_out, name="account_logout"),
    # The first start, while there is no practice, and how people come into one.
    path("setup/", first_start, name="setup"),
    path("invitation/<str:token>/", invitation_page, name="invitation"),
    # The demo's clock and mailbox; 404 anywhere else.
    path("demo/", demo.demo, name="demo"),
    path("demo/clock/", demo.move_clock, name="demo-clock"),
    path("demo/mail/<uuid:ref>/appointment-<int:number>.ics", demo.attachment, name="demo-attachment"),
    path("demo/continue/<uuid:ref>/", demo.continue_as, name="demo-continue"),
    # A client's way, without an account.
    path("r/<str:token>/", links.open_link, name="link"),
    path("choose/<uuid:ref>/", choosing.choose, name="choose"),
    path("choose/<uuid:ref>/opened/", choosing.opened, name="choose-opened"),
    path("choose/<uuid:ref>/write/", for_batch(writing.write), name="choose-write"),
    path("choose/<uuid:ref>/zone/", for_batch(links.zone), name="choose-zone"),
    path("choose/<uuid:ref>/not-you/", for_batch(links.not_you), name="choose-not-you"),
    path("choose/<uuid:ref>/<uuid:request_ref>/", answers.request_page, name="choose-request"),
    path("choose/<uuid:ref>/<uuid:request_ref>/cancel/", answers.cancel, name="choose-cancel"),
    path("choose/<uuid:ref>/<uuid:request_ref>/nobody-came/", answers.nobody_came, name="choose-nobody-came"),
    path("choose/<uuid:ref>/<uuid:request_ref>/appointment.ics", choosing.calendar, name="choose-calendar"),
    path("book/<uuid:ref>/", rebooking.book, name="book"),
    path("book/<uuid:ref>/write/", for_offer(writing.write), name="book-write"),
    path("book/<uuid:ref>/zone/", for_offer(links.zone), name="book-zone"),
    path("book/<uuid:ref>/not-you/", for_offer(links.not_you), name="book-not-you"),
    path("book/<uuid:ref>/appointment.ics", rebooking.calendar, name="book-calendar"),
    path("r/<str:token>/reminders/", stop_reminders, name="stop-reminders"),
    path("my-appointment/<uuid:ref>/", own_appointment.own_appointment, name="my-appointment"),
    path("my-appointment/<uuid:ref>/move/", own_appointment.move, name="my-appointment-move"),
    path("my-appointment/<uuid:ref>/cancel/", own_appointment.cancel, name="my-appointment-cancel"),
    path("my-appointment/<uuid:ref>/reminders/", own_appointment.reminders, name="my-appointment-reminders"),
    path("my-appointment/<uuid:ref>/write/", for_appointment(writing.write), name="my-appointment-write"),
    path("my-appointment/<uuid:ref>/zone/", for_appointment(links.zone), name="my-appointment-zone"),
    path("my-appointment/<uuid:ref>/not-you/", for_appointment(links.not_you), name="my-appointment-not-you"),
    path(
        "my-appointment/<uuid:ref>/appointment.ics", own_appointment.calendar, name="my-appointment-calendar"
    ),
    # What calendar programs ask for.
    path("feeds/<str:token>.ics", feeds.feed, name="feed"),
    # The portal of a client who is signed in.
    path("portal/", portal.portal, name="portal"),
    path("portal/calendar/<uuid:ref>/", client_feeds.make, name="portal-feed-make"),
    path("portal/calendar/<uuid:ref>/stop/", client_feeds.stop, name="portal-feed-stop"),
    path("portal/messages/<uuid:ref>/", portal.conversation, name="portal-conversation"),
    path("portal/messages/<uuid:ref>/read/", portal.conversation_read, name="portal-conversation-read"),
    # Appointments: list, calendar and details; changing, asking, cancelling, booking, time off.
    path("appointments/", appointments.appointments_page, name="appointments"),
    path("appointments/calendar.json", calendar_view.calendar_feed, name="calendar-feed"),
    path("appointments/team/", team.team_part, name="team-day"),
    path("appointments/open-times.json", calendar_view.open_times_feed, name="open-times"),
    path("appointments/new/", booking.booking_page, name="appointment-new"),
    path("appointments/block/", out_of_office.new_block_page, name="block-new"),
    path("appointments/<uuid:ref>/", appointments.appointment_page, name="appointment"),
    path("appointments/<uuid:ref>/change/", edit.edit_page, name="appointment-change"),
    path("appointments/<uuid:ref>/ask/", ask.ask_page, name="appointment-ask"),
    path("appointments/<uuid:ref>/cancel/", cancel.cancel_page, name="appointment-cancel"),
    path("appointments/<uuid:ref>/outcome/", outcomes.outcome_page, name="appointment-outcome"),
    path("appointments/<uuid:ref>/rebook-link/", outcomes.rebook_link_page, name="appointment-rebook-link"),
    path("appointments/took-place/", outcomes.took_place_page, name="took-place"),
    path("appointments/new-clock-rules/", zone_rules.zone_rules_page, name="zone-rules"),
    path("time-off/<uuid:ref>/", out_of_office.block_page, name="block"),
    # The practice's day: Home, requests, clients, messages, availability.
    path("", home.start, name="start"),
    path("home/", home.home_page, name="home"),
    path("home/news/", home.news_seen, name="news-seen"),
    path("home/setup/mail/", home.test_mail, name="test-mail"),
    path("home/setup/text/", home.test_text, name="test-text"),
    path("home/setup/rehearsal/", home.rehearse, name="rehearsal-start"),
    path("home/setup/rehearsal/clear/", home.clear_away, name="rehearsal-clear"),
    path("home/setup/put-away/", home.put_away, name="setup-put-away"),
    path("tasks/<uuid:ref>/done/", home.task_done, name="task-done"),
    path("requests/", requests.requests_page, name="requests"),
    path("requests/<uuid:ref>/", requests.request_page, name="request"),
    path("requests/<uuid:ref>/withdraw/", staff_answers.withdraw_page, name="request-withdraw"),
    path("requests/<uuid:ref>/extend/", urging.extend_page, name="request-extend"),
    path("requests/<uuid:ref>/remind/", urging.remind_button, name="request-remind"),
    path("requests/<uuid:ref>/undo/", undo.undo_page, name="request-undo"),
    path("requests/<uuid:ref>/pick/", staff_answers.pick_page, name="request-pick"),
    path("search/", search.search_page, name="search"),
    path("clients/", clients.clients_page, name="clients"),
    path("clients/new/", client_record.new_client_page, name="client-new"),
    path("clients/duplicates/", merging.duplicates_page, name="client-duplicates"),
    path("clients/<uuid:ref>/", clients.client_page, name="client"),
    path("clients/<uuid:ref>/edit/", client_record.client_edit_page, name="client-edit"),
    path("clients/<uuid:ref>/discharge/", leaving.discharge_page, name="client-discharge"),
    path("clients/<uuid:ref>/archive/", leaving.archive_client, name="client-archive"),
    path("clients/<uuid:ref>/bring-back/", leaving.bring_client_back, name="client-bring-back"),
    path("clients/<uuid:ref>/merge/", merging.merge_page, name="client-merge"),
    path("clients/merges/<uuid:ref>/undo/", merging.undo, name="client-merge-undo"),
    path("clients/<uuid:ref>/message/", conversations.client_conversation_page, name="message-client"),
    path("export/", exports.export_page, name="export"),
    path("export/file/", exports.export_file, name="export-file"),
    path("import/template/", exports.import_template, name="import-template"),
    path("import/", imports.import_page, name="import"),
    path("import/<uuid:ref>/", imports.import_file_page, name="import-file"),
    path("import/<uuid:ref>/columns/", imports.columns_page, name="import-columns"),
    path("import/<uuid:ref>/clients/", import_calendars.whose_page, name="import-clients"),
    path("import/<uuid:ref>/start/", imports.start, name="import-start"),
    path("import/<uuid:ref>/undo/", imports.undo, name="import-undo"),
    path("import/<uuid:ref>/drop/", imports.drop, name="import-drop"),
    path("messages/", conversations.messages_page, name="messages"),
    path("messages/<uuid:ref>/", conversations.conversation_page, name="conversation"),
    path("messages/<uuid:ref>/read/", conversations.conversation_read, name="conversation-read"),
    path("messages/<uuid:ref>/emergency/", emergency.open_page, name="emergency-open"),
    path("messages/<uuid:ref>/emergency/read/", emergency.read_page, name="emergency-read"),
    path("messages/<uuid:ref>/emergency/end/", emergency.end, name="emergency-end"),
    path("people/", people.people_page, name="people"),
    path("people/invitations/<uuid:ref>/resend/", people.resend, name="invitation-resend"),
    path("people/invitations/<uuid:ref>/revoke/", people.revoke, name="invitation-revoke"),
    path("people/<uuid:ref>/", person.person_page, name="person"),
    path("people/<uuid:ref>/appearance/", appearance.appearance_page, name="person-appearance"),
    path("people/<uuid:ref>/photo/remove/", appearance.remove_photo_page, name="person-photo-remove"),
    path("people/<uuid:ref>/photo/<str:photo_hash>.jpg", appearance.photo, name="person-photo"),
    path("people/<uuid:ref>/end/", ending.end_page, name="person-end"),
    path("people/<uuid:ref>/appointments/", ending.appointments_page, name="person-appointments"),
    path("people/<uuid:ref>/second-factor/", lost_factor.reset_page, name="person-second-factor"),
    path("people/<uuid:ref>/give-back/", ending.give_back, name="person-give-back"),
    path("practice/", practice.practice_page, name="practice"),
    path("practice/read-log/", read_log.read_log_page, name="read-log"),
    path("practice/read-log/read-log.csv", read_log.read_log_file, name="read-log-file"),
    path("practice/types/new/", appointment_types.new_type_page, name="appointment-type-new"),
    path("practice/types/<uuid:ref>/", appointment_types.type_page, name="appointment-type"),
    path("practice/places/new/", places.new_place_page, name="place-new"),
    path("practice/places/<uuid:ref>/", places.place_page, name="place"),
    path("practice/rules/", booking_rules.rules_page, name="booking-rules"),
    path("practice/details/", practice_details.details_page, name="practice-details"),
    # One's own account.
    path("account/", overview.account_page, name="account"),
    path("account/appearance/", own_appearance.own_appearance_page, name="own-appearance"),
    path("account/photo/remove/", own_appearance.remove_own_photo, name="own-photo-remove"),
    path("account/here/", presence.here, name="here"),
    path("account/time-left/", presence.time_left_here, name="time-left"),
    path("account/practice/", switching.switch_practice, name="switch-practice"),
    path("account/keep/", presence.keep_words, name="keep-words"),
    path("account/sessions/end/", overview.end_others, name="sessions-end"),
    path("account/sessions/<uuid:ref>/end/", overview.end_one, name="session-end"),
    path("account/asked-again/", asking.asked_again_page, name="asked-again"),
    path("account/authenticator/", authenticator.authenticator_page, name="authenticator"),
    path("account/authenticator/change/", authenticator.change_page, name="authenticator-change"),
    path("account/authenticator/remove/", authenticator.remove_page, name="authenticator-remove"),
    path("account/passkeys/new/", passkeys.new_page, name="passkey-new"),
    path("account/passkeys/options/", passkeys.options_page, name="passkey-new-options"),
    path("account/passkeys/<uuid:ref>/rename/", passkeys.rename_page, name="passkey-rename"),
    path("account/passkeys/<uuid:ref>/remove/", passkeys.remove_page, name="passkey-remove"),
    path("account/recovery-codes/", recovery_codes.codes_page, name="recovery-codes"),
    path("account/recovery-codes/new/", recovery_codes.new_page, name="recovery-codes-new"),
    path("account/recovery-codes/file/", recovery_codes.codes_file, name="recovery-codes-file"),
    path("availability/", availability.availability_page, name="availability"),
    path("availability/preview/", availability.preview_part, name="availability-preview"),
    path("availability/calendars/", calendars.calendars_page, name="calendars"),
    path("availability/calendars/link/", connect.link_calendar, name="calendar-link"),
    path("availability/calendars/account/", connect.sign_in_to_account, name="calendar-account"),
    path("availability/calendars/account/choose/", connect.choose_calendars, name="calendar-choose"),
    path("availability/calendars/<uuid:ref>/check/", calendars.check_calendar, name="calendar-check"),
    path("availability/calendars/<uuid:ref>/titles/", calendars.titles, name="calendar-titles"),
    path("availability/calendars/<uuid:ref>/remove/", calendars.remove, name="calendar-remove"),
    path("availability/calendars/address/", calendar_feeds.make, name="feed-make"),
    path("availability/calendars/address/titles/", calendar_feeds.titles, name="feed-titles"),
    path("availability/calendars/address/<uuid:ref>/stop/", calendar_feeds.stop, name="feed-stop"),
    path("availability/calendars/push/", pushes.start, name="push-start"),
    path("availability/calendars/push/<uuid:ref>/stop/", pushes.stop, name="push-stop"),
]

handler400 = failures.bad_request
handler403 = failures.forbidden
handler404 = failures.not_found
handler500 = failures.broken
