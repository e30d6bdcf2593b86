"""Makes its tables and one staff member with given bookings; prints what an address must name.

Run in its own environment as `python -m bench.rival.fill`, with the starts (wall times) as a JSON list on standard input.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, time, timedelta

import django


def main() -> None:
    django.setup()
    from appointment.models import Appointment, AppointmentRequest, Config, Service, StaffMember, WorkingHours
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command(
        "migrate", interactive=False, verbosity=0, run_syncdb=True
    )  # its own app brings no migrations
    length, step = timedelta(minutes=50), 15
    # With its settings in the database it finds them in its cache; without them it would look again each time.
    Config.objects.create(
        slot_duration=step, lead_time=time(9), finish_time=time(17), appointment_buffer_time=0
    )
    user = get_user_model().objects.create_user("measured", first_name="Dr.", last_name="Measured")
    service = Service.objects.create(name="Session", duration=length, price=0)
    staff = StaffMember.objects.create(
        user=user,
        slot_duration=step,
        lead_time=time(9),
        finish_time=time(17),
        appointment_buffer_time=0,
        slot_gap_time=0,
    )
    staff.services_offered.add(service)
    WorkingHours.objects.bulk_create(
        WorkingHours(staff_member=staff, day_of_week=day, start_time=time(9), end_time=time(17))
        for day in range(1, 6)  # it counts from Sunday
    )
    for number, wall in enumerate(datetime.fromisoformat(text) for text in json.load(sys.stdin)):
        (request,) = AppointmentRequest.objects.bulk_create(
            [
                AppointmentRequest(
                    date=wall.date(),
                    start_time=wall.time(),
                    end_time=(wall + length).time(),
                    service=service,
                    staff_member=staff,
                    id_request=f"r{number}",
                )
            ]
        )
        Appointment.objects.bulk_create(
            [Appointment(client=user, appointment_request=request, id_request=f"a{number}")]
        )
    print(json.dumps({"staff": staff.pk, "service": service.pk}))


if __name__ == "__main__":
    main()
