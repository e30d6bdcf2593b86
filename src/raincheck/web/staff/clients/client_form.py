"""The form of a client's record: names, ways to reach them, and what is done for them; typos of mail domains are asked about."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.data.clients.history import changes_of_client
from raincheck.data.models import Client, Provider, Recipient
from raincheck.domain.clients.phones import shown_phone
from raincheck.domain.clients.record import (
    NAME_LIMIT,
    PRONOUNS_LIMIT,
    ClientDetails,
    RecordChangedMeanwhile,
)
from raincheck.domain.people import EMAIL_LENGTH, Contact
from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.formats import zone_city
from raincheck.web.regions import region_choices
from raincheck.web.staff.clients.never_works import TimesOfWeekInput
from raincheck.web.staff.shell import DayField, ProviderField, RecordForm, Staff, ZoneField, asks_about


def name_field(label: Any, *, limit: int = NAME_LIMIT, **options: Any) -> forms.CharField:
    # Longer words come in, so that the verb's own sentence says what is too long.
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": limit})
    return forms.CharField(label=label, required=False, max_length=limit * 4, widget=widget, **options)


class BirthField(forms.DateField):
    """A date of birth, chosen from the browser's own calendar or written like 1988-03-07."""

    widget = forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d")
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": later("We can't read this date. Please write it like 1988-03-07."),
    }


class ClientForm(RecordForm):
    """What is written down of a client. The verb's own words say what can't be kept."""

    outdated_by = RecordChangedMeanwhile

    first_name = name_field(later("First name"))
    last_name = name_field(later("Last name"))
    goes_by = name_field(
        later("Name they go by"),
        help_text=later("Pages, messages and your lists call them by this name instead of the first name."),
    )
    pronouns = name_field(later("Pronouns"), limit=PRONOUNS_LIMIT)
    date_of_birth = BirthField(label=later("Date of birth"), required=False)
    # Plain text fields: browsers and the verb differ on what an address is, and one sentence should say it.
    email = forms.CharField(
        required=False,
        max_length=EMAIL_LENGTH,
        label=later("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    # The address we have asked about already: who saves it again means it.
    written = forms.CharField(required=False)
    phone = forms.CharField(
        required=False,
        max_length=60,
        label=later("Phone"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    texts = forms.BooleanField(required=False, label=later("Agreed to get text messages at this number"))
    agreed_on = DayField(
        label=later("Agreed on"),
        required=False,
        help_text=later(
            "The day they agreed to texts; left empty, today. Who writes it down is kept with it."
        ),
    )
    confirmed = forms.BooleanField(
        required=False,
        label=later("I have asked: these addresses are theirs"),
        help_text=later(
            "Somebody said at a link sent here that it was not meant for them, so messages stopped. With this tick they go on."
        ),
    )
    zone = ZoneField(label=later("Time zone"), required=False)
    usual_region = forms.ChoiceField(
        label=later("Usually in"),
        required=False,
        choices=lambda: region_choices(_("Not known")),
        help_text=later("The state or country they are in when you meet by video."),
    )
    language = forms.ChoiceField(label=later("Language"), choices=settings.LANGUAGES)
    reminders = forms.BooleanField(
        required=False,
        label=later("Reminders of appointments"),
        help_text=later(
            "Before each appointment, as the practice's booking rules say. Clients can stop them, too."
        ),
    )
    neutral_wording = forms.BooleanField(
        required=False,
        label=later("Neutral wording"),
        help_text=later("Messages name neither the provider nor the practice's full name."),
    )
    usual_provider = ProviderField(
        label=later("Usual provider"),
        required=False,
        missing=later("Please choose one of the providers listed."),
        empty_label=later("Nobody in particular"),
        help_text=later("Has this client in their list, before anything is booked too."),
    )
    do_not_auto_cancel = forms.BooleanField(
        required=False,
        label=later("Do not auto-cancel"),
        help_text=later(
            "When a request gets no answer by its deadline, the appointment is not canceled; it waits for a person."
        ),
    )
    never_works = forms.CharField(
        required=False,
        label=later("Times that never work"),
        widget=TimesOfWeekInput,
        help_text=later(
            "On their clock; mornings end at noon and evenings begin at 5 PM. While other times are open, the first ones we show them leave these out."
        ),
    )
    payer_forbids_fees = forms.BooleanField(
        required=False,
        label=later("Payer forbids fees"),
        help_text=later(
            "Whoever pays for their care, such as Medicaid, lets nobody charge them for a missed session. No fee is allowed then."
        ),
    )

    def __init__(
        self, *args: Any, staff: Staff, client: Client | None, asked_to_stop: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.staff, self.asks_about = staff, ""
        self.kept_email: str = options.get("initial", {}).get("email", "")
        self.offer("usual_provider", Provider.objects.filter(practice=staff.practice).order_by("name"))
        zone = self.fields["zone"]
        assert isinstance(zone, ZoneField)
        shown = client.confirmed_zone if client else ""
        none = _("Not chosen: %(city)s") % {"city": zone_city(shown or staff.practice.zone)}
        zone.offer_around(client.zone if client else "", none=none)
        if not asked_to_stop:
            del self.fields["confirmed"]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        self.asks_about = asks_about(
            said.get("email", ""), written=said.get("written", ""), kept=self.kept_email
        )
        return said

    @property
    def is_settled(self) -> bool:
        """Whether nothing stands between this form and its verb: it is sound, and we ask about no address."""
        return self.is_valid() and not self.asks_about

    def details(self) -> ClientDetails:
        said = self.cleaned_data
        usual: Provider | None = said["usual_provider"]
        plain = ("first_name", "last_name", "goes_by", "pronouns", "date_of_birth", "agreed_on", "zone")
        marks = ("language", "reminders", "neutral_wording", "do_not_auto_cancel", "never_works")
        return ClientDetails(
            **{name: said[name] for name in (*plain, "usual_region", *marks, "payer_forbids_fees")},
            contact=Contact(said["email"], said["phone"], said["texts"]),
            usual_provider=usual.pk if usual else None,
        )


def known_of(client: Client, recipient: Recipient | None, staff: Staff) -> Mapping[str, Any]:
    """Return what a fresh form about a client holds."""
    reached = recipient or Recipient()
    agreed = reached.sms_agreed_at
    agreed_on: date | str = wall(agreed, zone=zone_named(staff.practice.zone)).date() if agreed else ""
    plain = ("first_name", "last_name", "goes_by", "pronouns", "zone", "usual_region")
    marks = ("neutral_wording", "do_not_auto_cancel", "never_works", "payer_forbids_fees")
    return {name: getattr(client, name) for name in (*plain, *marks)} | {
        "seen": changes_of_client(client.pk),
        "date_of_birth": client.date_of_birth or "",
        "email": reached.email,
        "phone": shown_phone(reached.phone or client.phone, region=staff.practice.region),
        "texts": reached.gets_sms,
        "agreed_on": agreed_on,
        "language": reached.language,
        "reminders": reached.reminders_off_at is None,
        "usual_provider": client.usual_provider.ref if client.usual_provider else "",
    }
