"""The shell of the practice's pages: who may come in, the frame, the forms, and the words that all of them share.

Pages import from here; the modules of this package import each other.
"""

from raincheck.web.staff.shell.access import (
    Staff,
    chosen_provider,
    for_managers,
    for_managers_and_providers,
    for_providers,
    for_readers_of_settings,
    for_staff,
    for_staff_without_second_factor,
    of_provider,
    staff_of,
)
from raincheck.web.staff.shell.likeness import WHY, Alike, asked_about
from raincheck.web.staff.shell.mail_question import asks_about, with_meant
from raincheck.web.staff.shell.own_clients import clients_of_provider, clients_seen_by
from raincheck.web.staff.shell.page import Context, initials_of, show, whose
from raincheck.web.staff.shell.page_form import (
    ClockField,
    DayField,
    PageForm,
    ProviderField,
    RefField,
    Sent,
    WebAddressField,
    WordsField,
    send,
    send_and_tell,
)
from raincheck.web.staff.shell.record_form import RecordForm, ZoneField
from raincheck.web.staff.shell.wall_times import (
    clock_words,
    instant_at,
    is_repeated,
    shown_at,
    start_meant,
    wall_time_in,
    zone_of,
)
from raincheck.web.staff.shell.words import CARDS, STATES, WAITS_BECAUSE, Names, card_words

__all__ = [
    "CARDS",
    "STATES",
    "WAITS_BECAUSE",
    "WHY",
    "Alike",
    "ClockField",
    "Context",
    "DayField",
    "Names",
    "PageForm",
    "ProviderField",
    "RecordForm",
    "RefField",
    "Sent",
    "Staff",
    "WebAddressField",
    "WordsField",
    "ZoneField",
    "asked_about",
    "asks_about",
    "card_words",
    "chosen_provider",
    "clients_of_provider",
    "clients_seen_by",
    "clock_words",
    "for_managers",
    "for_managers_and_providers",
    "for_providers",
    "for_readers_of_settings",
    "for_staff",
    "for_staff_without_second_factor",
    "initials_of",
    "instant_at",
    "is_repeated",
    "of_provider",
    "send",
    "send_and_tell",
    "show",
    "shown_at",
    "staff_of",
    "start_meant",
    "wall_time_in",
    "whose",
    "with_meant",
    "zone_of",
]
