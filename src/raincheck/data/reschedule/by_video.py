"""The place where a practice holds sessions by video, and whether an appointment can go there at its time."""

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import Place
from raincheck.data.compiled import Compiled
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import PlaceKind
from raincheck.domain.regions import may_be_there
from raincheck.domain.reschedule import by_video
from raincheck.domain.reschedule.by_video import NoVideo


def video_place(practice_id: int) -> Place | None:
    """Return the practice's telehealth place: of several offered ones the first by name; None without one."""
    return next(iter(_telehealth(practice=practice_id)), None)


_telehealth = Compiled(
    lambda practice: Place.objects.filter(
        practice=practice, kind=PlaceKind.TELEHEALTH, offered=True
    ).order_by("name", "pk")[:1]
)


def why_no_video(appointment: Appointment, place: Place | None) -> NoVideo | None:
    """Return why an appointment, with its type, place, provider and client at hand, can't be held at a place by video."""
    return by_video.why_no_video(
        in_room=appointment.place.kind == PlaceKind.ROOM,
        type_allows=appointment.type.may_be_by_video,
        licensed=may_be_there(appointment.provider.licensed_in, appointment.client.usual_region),
        has_place=place is not None,
        has_link=bool(appointment.provider.join_url),
    )


def may_be_kept(request: RescheduleRequest, place: Place | None) -> bool:
    """Return whether the client was offered to keep the time by video, and still can at that place."""
    return request.video_offered and why_no_video(request.appointment, place) is None
