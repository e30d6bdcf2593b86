"""The shell of the practice's pages: one place to import what every page is made of.

Django's answers, short cuts and translations come along, so that a page's own imports say what the page is about. Only the
pages import from here; the modules of this package import each other.
"""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raincheck.web.paging import Paginator
from raincheck.web.requests import arrival_of, ref_in
from raincheck.web.staff.shell.access import (
    Staff,
    chosen_provider,
    for_managers,
    for_staff,
    log_opened,
    of_provider,
    staff_of,
)
from raincheck.web.staff.shell.forms import (
    ClockField,
    DayField,
    PageForm,
    RefField,
    Sent,
    WebAddressField,
    WordsField,
    send,
)
from raincheck.web.staff.shell.page import show
from raincheck.web.staff.shell.wall_times import (
    clock_words,
    instant_at,
    is_repeated,
    shown_at,
    start_meant,
    wall_time_in,
    zone_of,
)
from raincheck.web.submission import Submission, fresh_key, key_of, sentence_of, status_of

__all__ = [
    "ClockField", "DayField", "Http404", "HttpRequest", "HttpResponse", "PageForm", "Paginator", "RefField", "Sent", "Staff",
    "Submission", "WebAddressField", "WordsField", "_", "arrival_of", "chosen_provider", "clock_words", "for_managers",
    "for_staff", "fresh_key", "get_object_or_404", "instant_at", "is_repeated", "key_of", "later", "log_opened", "messages",
    "ngettext", "of_provider", "redirect", "ref_in", "render", "require_POST", "require_http_methods", "require_safe",
    "reverse", "send", "sentence_of", "show", "shown_at", "staff_of", "start_meant", "status_of", "wall_time_in", "zone_of",
]  # fmt: skip
