"""The shell of the practice's pages: one place to import what every page is made of.

Django's answers, short cuts and translations and the formats of times come along, so that a page's own imports say what the
page is about. Only pages import from here; the modules of this package import each other.
"""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raincheck.actions.access_log import Opened
from raincheck.actions.engine.runner import Answer
from raincheck.domain.people import ActorKind
from raincheck.domain.refusals import Refusal
from raincheck.domain.spans import Span
from raincheck.domain.zones import end_at, start_at, wall, zone_named
from raincheck.notifications.formats import (
    clock_time,
    duration,
    instant_with_day,
    long_day,
    long_day_and_time,
    short_day,
    short_day_and_time,
    short_time_left,
    time_left,
    with_zone,
    zone_city,
)
from raincheck.web.paging import Paginator
from raincheck.web.requests import Ref, arrival_of, ref_in
from raincheck.web.staff.shell.access import (
    Staff,
    chosen_provider,
    for_managers,
    for_providers,
    for_staff,
    log_opened,
    of_provider,
    staff_of,
)
from raincheck.web.staff.shell.page import Context, show
from raincheck.web.staff.shell.page_form import (
    ClockField,
    DayField,
    PageForm,
    RefField,
    Sent,
    WebAddressField,
    WordsField,
    send,
    send_and_tell,
)
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
from raincheck.web.submission import Submission, fresh_key, key_of, sentence_of, status_of

__all__ = [
    "CARDS", "STATES", "WAITS_BECAUSE", "ActorKind", "Answer", "ClockField", "Context", "DayField", "Http404",
    "HttpRequest", "HttpResponse", "Names", "Opened", "Page", "PageForm", "Paginator", "QuerySet", "Ref", "RefField",
    "Refusal", "Sent", "Span", "Staff", "Submission", "ValidationError", "WebAddressField", "WordsField", "_",
    "arrival_of", "card_words", "chosen_provider", "clock_time", "clock_words", "duration", "end_at", "for_managers",
    "for_providers", "for_staff", "forms", "fresh_key", "get_object_or_404", "instant_at", "instant_with_day",
    "is_repeated", "key_of", "later", "log_opened", "long_day", "long_day_and_time", "messages", "ngettext",
    "of_provider", "pgettext", "redirect", "ref_in", "render", "require_POST", "require_http_methods",
    "require_safe", "reverse", "send", "send_and_tell", "sentence_of", "short_day", "short_day_and_time",
    "short_time_left", "show", "shown_at", "staff_of", "start_at", "start_meant", "status_of", "time_left", "wall",
    "wall_time_in", "with_zone", "zone_city", "zone_named", "zone_of",
]  # fmt: skip
