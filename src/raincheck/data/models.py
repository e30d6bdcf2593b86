"""Every table in one place, for Django to find them."""

from raincheck.data.access.appearance import Appearance
from raincheck.data.access.emergency import EmergencyAccess, EmergencyReason
from raincheck.data.access.invitations import Invitation
from raincheck.data.access.log_chain import LogChain, LogCut, SealedRow, UnsealedRow
from raincheck.data.access.people import RightsHistory
from raincheck.data.access.read_log import ReadLog
from raincheck.data.access.record_keys import RecordKey
from raincheck.data.access.sessions import UserSession
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim, Hold
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.appointments.series import Series
from raincheck.data.availability import AvailabilityHistory
from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.data.calendars.feeds import CalendarFeed
from raincheck.data.calendars.pushes import CalendarPush, PushedEvent
from raincheck.data.clients.history import ClientHistory
from raincheck.data.clients.merges import ClientMerge, DifferentPeople
from raincheck.data.conversations import Conversation, Message
from raincheck.data.idempotency import IdempotencyKey
from raincheck.data.imports.files import Import, ImportRow
from raincheck.data.kept_pages import KeptPage
from raincheck.data.limits import RateLimit
from raincheck.data.notifications import DeliveryAttempt, Link, Notification, NotificationAppointment
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Client, Membership, Practice, Provider, Recipient, User
from raincheck.data.practice import PracticeHistory
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.data.timing.backups import Backup
from raincheck.data.timing.heartbeats import Heartbeat
from raincheck.data.timing.outages import Outage
from raincheck.data.timing.quarantine import Quarantined
from raincheck.data.timing.zone_rules import ZoneRules

__all__ = [
    "Appearance",
    "Appointment",
    "AppointmentHistory",
    "AppointmentType",
    "AvailabilityHistory",
    "Backup",
    "BusyCalendar",
    "BusyTime",
    "CalendarFeed",
    "CalendarPush",
    "Claim",
    "Client",
    "ClientHistory",
    "ClientMerge",
    "Conversation",
    "DeliveryAttempt",
    "DifferentPeople",
    "EmergencyAccess",
    "EmergencyReason",
    "Heartbeat",
    "Hold",
    "IdempotencyKey",
    "Import",
    "ImportRow",
    "Invitation",
    "KeptPage",
    "Link",
    "LogChain",
    "LogCut",
    "Membership",
    "Message",
    "Notification",
    "NotificationAppointment",
    "OutOfOffice",
    "Outage",
    "Place",
    "Practice",
    "PracticeHistory",
    "Provider",
    "PushedEvent",
    "Quarantined",
    "RateLimit",
    "ReadLog",
    "RebookOffer",
    "Recipient",
    "RecordKey",
    "RescheduleBatch",
    "RescheduleRequest",
    "RightsHistory",
    "SealedRow",
    "Series",
    "Task",
    "UnsealedRow",
    "User",
    "UserSession",
    "ZoneRules",
]  # fmt: skip
