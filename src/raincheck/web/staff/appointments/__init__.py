"""Appointments: list, calendar and details; booking, changing, cancelling, time off."""
