"""The practice's details: sender name, addresses and urgent-help line of its messages, and the zone of its pages."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.practice import set_details
from raincheck.data.models import Practice
from raincheck.data.practice import changes_of_practice
from raincheck.domain.people import EMAIL_LENGTH
from raincheck.domain.practice import (
    GREETING_LIMIT,
    PRACTICE_NAME_LIMIT,
    SENDER_LIMIT,
    URGENT_HELP_LIMIT,
    NameMissing,
    PhoneMissing,
    PracticeDetails,
    ReplyToMissing,
    sounds_clinical,
)
from raincheck.notifications.formats import zone_city
from raincheck.notifications.sms_text import name_in_texts
from raincheck.web.staff.practice.settings_form import (
    Facts,
    SettingsForm,
    save_settings,
    show_settings,
)
from raincheck.web.staff.shell import Context, Staff, ZoneField, for_managers

TEMPLATE = "raincheck/staff/practice/details.html"


class DetailsForm(SettingsForm):
    """A practice's details that messages carry. The verb's own words say what can't be used."""

    name = forms.CharField(
        label=later("Name of the practice"),
        required=False,
        max_length=PRACTICE_NAME_LIMIT * 4,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "maxlength": PRACTICE_NAME_LIMIT}),
        help_text=later(
            "Clients read it on their pages and inside their mail, never in a subject or a text."
        ),
    )
    sender_name = forms.CharField(
        label=later("Sender name"),
        required=False,
        max_length=SENDER_LIMIT * 4,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": SENDER_LIMIT}),
        help_text=later(
            "Messages come from this name, and every text begins with it. Others may see it on a locked phone: "
            "leave out words like counseling, therapy or clinic."
        ),
    )
    reply_to = forms.CharField(
        label=later("Address for answers"),
        required=False,
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=later(
            "When a client answers one of our e-mails, it goes here. Somebody should read it on working days."
        ),
    )
    phone = forms.CharField(
        label=later("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        help_text=later("Clients find it on every page, and wherever a link has ended."),
    )
    # Never empty towards clients: without words of its own a practice has the product's.
    urgent_help = forms.CharField(
        label=later("Urgent-help line"),
        required=False,
        max_length=URGENT_HELP_LIMIT * 4,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": URGENT_HELP_LIMIT}),
        help_text=later(
            "Stands wherever a client can write, and in each cancellation. Left empty, clients read 988 and 911 in the "
            "United States, and elsewhere their local emergency number, by their time zone."
        ),
    )
    greeting = forms.CharField(
        label=later("A line for clients who are asked"),
        required=False,
        max_length=GREETING_LIMIT * 4,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": GREETING_LIMIT}),
        help_text=later(
            "Stands on the page where a client chooses a new time, below the provider's note. One warm sentence, "
            "like “Thank you for making this work with us.”"
        ),
    )
    zone = ZoneField(
        label=later("Time zone of the practice"),
        required=False,
        help_text=later(
            "For managers' pages, and for clients who never chose a zone. Each provider's hours keep their own."
        ),
    )

    def clean(self) -> None:
        self.refuse_missing(NameMissing(), NameMissing(field="sender_name"), ReplyToMissing(), PhoneMissing())

    def details(self) -> PracticeDetails:
        said = self.cleaned_data
        return PracticeDetails(
            name=said["name"],
            sender_name=said["sender_name"],
            reply_to=said["reply_to"],
            phone=said["phone"],
            urgent_help=said["urgent_help"],
            zone=said["zone"],
            greeting=said["greeting"],
        )


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def details_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Change what messages carry of the practice."""
    practice = staff.practice
    form = DetailsForm(request.POST) if request.method == "POST" else DetailsForm(initial=_known(practice))
    # The practice's own zone stays in the list, also if it is one that the list would leave out.
    zone = form.fields["zone"]
    assert isinstance(zone, ZoneField)
    zone.offer_around(practice.zone)
    if request.method != "POST":
        return _page(request, staff, form)
    if not form.is_valid():
        return _page(request, staff, form, status=422)
    done = save_settings(
        request,
        staff,
        form,
        set_details,
        practice.pk,
        details=form.details(),
        seen=form.cleaned_data["seen"],
        told=_("Saved. Messages written from now on carry it."),
    )
    if not isinstance(done, HttpResponse):
        return _page(request, staff, form, status=done)
    # Allowed, since only the practice knows who sees its clients' phones; but said.
    name = form.cleaned_data["sender_name"]
    if sounds_clinical(name):
        words = _("“%(name)s” may tell others what the appointment is about. A plainer sender name is safer.")
        messages.warning(request, words % {"name": name})
    if (texted := name_in_texts(name)) != name:
        words = _(
            "Phones can't show every letter of “%(name)s” in a text. There you are called “%(texted)s”."
        )
        messages.warning(request, words % {"name": name, "texted": texted})
    return done


def _known(practice: Practice) -> Context:
    return {
        "seen": changes_of_practice(practice.pk),
        "name": practice.name,
        "sender_name": practice.sender_name,
        "reply_to": practice.reply_to,
        "phone": practice.phone,
        "urgent_help": practice.urgent_help,
        "zone": practice.zone,
        "greeting": practice.greeting,
    }


def _page(request: HttpRequest, staff: Staff, form: DetailsForm, *, status: int = 200) -> HttpResponse:
    return show_settings(
        request,
        staff,
        form,
        template=TEMPLATE,
        about=staff.practice,
        known=lambda: _known(staff.practice),
        stands=lambda: detail_facts(staff.practice),
        status=status,
    )


def detail_facts(practice: Practice) -> Facts:
    """Return how the details stand, as label and value."""
    usual = _("988 and 911 in the United States, elsewhere the local emergency number")
    return (
        (_("Name"), practice.name),
        (_("Sender name"), practice.sender_name or _("none yet")),
        (_("Address for answers"), practice.reply_to or _("none yet")),
        (_("Phone"), practice.phone or _("none yet")),
        (_("Urgent-help line"), practice.urgent_help or usual),
        (_("A line for clients who are asked"), practice.greeting or _("none")),
        (_("Time zone"), zone_city(practice.zone)),
    )
