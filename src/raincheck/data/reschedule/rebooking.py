"""Offers to book anew after a cancellation."""

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.people import Client, Provider
from raincheck.data.tenancy import InPractice, NamedRow, inside_its_practice


class RebookOffer(NamedRow):
    """What a client gets after a cancellation: one new booking with the same provider, type and place, for 30 days."""

    appointment = InPractice(Appointment)
    provider = InPractice(Provider)
    client = InPractice(Client)
    type = InPractice(AppointmentType)
    place = InPractice(Place)
    expires_at = models.DateTimeField()
    booked = InPractice(Appointment, null=True, blank=True)
    booked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            inside_its_practice("a_rebook_offer_belongs_to_one_practice"),
            # One new booking for each cancellation: an offer made twice could be used twice.
            models.UniqueConstraint(
                fields=["appointment"], name="a_cancelled_appointment_has_one_rebook_offer"
            ),
            models.CheckConstraint(
                condition=models.Q(booked__isnull=True, booked_at__isnull=True)
                | models.Q(booked__isnull=False, booked_at__isnull=False),
                name="a_used_rebook_offer_says_when",
            ),
        ]

    def __str__(self) -> str:
        return str(self.ref)
