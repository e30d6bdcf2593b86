"""Every table in one place, for Django to find them."""

from raincheck.data.acts import Act
from raincheck.data.appointments import (
    Appointment,
    AppointmentHistory,
    AppointmentType,
    Claim,
    Hold,
    Place,
    Series,
)
from raincheck.data.availability import AvailabilityHistory
from raincheck.data.calendar_copies import CalendarCopy, CalendarWriting
from raincheck.data.calendar_feeds import CalendarFeed
from raincheck.data.calendars import BusyCalendar, BusyTime
from raincheck.data.conversations import Conversation, Message
from raincheck.data.heartbeats import Heartbeat
from raincheck.data.notifications import DeliveryAttempt, Link, Notification, NotificationAppointment
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.outages import Outage
from raincheck.data.people import Client, Membership, Practice, Provider, Recipient, User
from raincheck.data.practice import PracticeHistory
from raincheck.data.records import ReadLog
from raincheck.data.reschedule import RebookOffer, RescheduleBatch, RescheduleRequest
from raincheck.data.set_aside import SetAside
from raincheck.data.tasks import Task
from raincheck.data.zone_rules import ZoneRules

__all__ = [
    "Act", "Appointment", "AppointmentHistory", "AppointmentType", "AvailabilityHistory", "BusyCalendar", "BusyTime", "CalendarCopy", "CalendarFeed", "CalendarWriting", "Claim", "Client",
    "Conversation", "DeliveryAttempt", "Heartbeat", "Hold", "Link", "Membership", "Message", "Notification", "NotificationAppointment",
    "OutOfOffice", "Outage", "Place", "Practice", "PracticeHistory", "Provider", "ReadLog", "RebookOffer", "Recipient", "RescheduleBatch",
    "RescheduleRequest", "Series", "SetAside", "Task", "User", "ZoneRules",
]  # fmt: skip
