"""Addresses under which calendar programs read the appointments of a provider or a client."""

from django.db import models

from raincheck.data.people import Client, Provider
from raincheck.data.tenancy import InPractice, NamedRow, inside_its_practice, one_of
from raincheck.domain.calendars.feeds import Titles

LIVE = models.Q(ended_at__isnull=True)


class CalendarFeed(NamedRow):
    """One private address: only the hash of its 256 random bits is kept. `last_used_at` is known to five minutes."""

    provider = InPractice(Provider, null=True, blank=True, db_index=False)
    client = InPractice(Client, null=True, blank=True)
    hash = models.BinaryField(unique=True)
    titles = models.TextField(default=Titles.NEUTRAL.value)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            inside_its_practice("a_calendar_feed_belongs_to_one_practice"),
            one_of("titles", Titles, name="a_calendar_feed_has_known_titles"),
            models.CheckConstraint(
                condition=models.Q(provider__isnull=False, client__isnull=True)
                | models.Q(provider__isnull=True, client__isnull=False),
                name="a_calendar_feed_is_of_one_person",
            ),
            # A client's calendar may be seen by others at home: its entries are neutral, whatever a form says.
            models.CheckConstraint(
                condition=models.Q(client__isnull=True) | models.Q(titles=Titles.NEUTRAL.value),
                name="a_feed_of_a_client_names_nobody",
            ),
            models.UniqueConstraint(
                fields=["provider", "client"],
                condition=LIVE,
                nulls_distinct=False,  # one of the two columns is always NULL, and two NULLs would differ
                name="a_person_has_one_live_calendar_feed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.ref)


def live_feeds(whose: Provider | Client) -> models.QuerySet[CalendarFeed]:
    """Return the one feed of a person that has not ended, if there is one."""
    mine = {"client": whose.pk} if isinstance(whose, Client) else {"provider": whose.pk}
    return CalendarFeed.objects.filter(LIVE, **mine)
