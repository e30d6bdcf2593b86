"""`/metrics`: the same figures as `/health/`, in the text format that Prometheus reads, and nothing about a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from raincheck.domain.health import Health, Part, ProcessKind, red_parts
from raincheck.domain.timing.clock_sanity import ClockFault
from raincheck.web.access.guesses import refused_guess
from raincheck.web.access.networks import is_operator
from raincheck.web.health import UNREACHABLE, figures

# The number is that of the format, not of the product.
FORMAT = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the figures, to this machine or with the token; 503 and `raincheck_up 0` when the database is away."""
    if not is_operator(request):
        if "Authorization" in request.headers and (refused := refused_guess(request)):
            return refused
        refusal = HttpResponse("Say METRICS_TOKEN as a bearer token.\n", content_type=FORMAT, status=401)
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    try:
        found = figures()
    except UNREACHABLE:
        return _answer([_UP.of(0)], status=503)
    return _answer([_UP.of(1), *_written(found)])


def _answer(blocks: list[str], *, status: int = 200) -> HttpResponse:
    return HttpResponse("".join(blocks), content_type=FORMAT, status=status)


@dataclass(frozen=True, slots=True)
class Gauge:
    """One figure that goes up and down, or one for each value of a label."""

    name: str
    help: str
    label: str = ""

    def of(self, value: float | timedelta | Mapping[str, float] | None) -> str:
        """Return its lines. An age of what does not exist is left out, as is usual for what cannot be told."""
        head = f"# HELP raincheck_{self.name} {self.help}\n# TYPE raincheck_{self.name} gauge\n"
        return head + "".join(self._lines(value))

    def _lines(self, value: float | timedelta | Mapping[str, float] | None) -> Iterator[str]:
        if isinstance(value, Mapping):
            for key, number in value.items():
                yield f'raincheck_{self.name}{{{self.label}="{key}"}} {number:g}\n'
        elif isinstance(value, timedelta):
            yield f"raincheck_{self.name} {value.total_seconds():.3f}\n"
        elif value is not None:
            yield f"raincheck_{self.name} {value:g}\n"


_UP = Gauge("up", "Whether the database answered.")


def _written(found: Health) -> Iterator[str]:
    red = red_parts(found)
    # Nothing that waits is no delay, unlike an age of what never was.
    late = timedelta(0)
    yield Gauge("red", "Whether somebody should look at this part.", "part").of(
        {part: int(part in red) for part in Part}
    )
    yield Gauge("processes", "Processes that gave a sign of life lately.", "kind").of(
        {kind: found.processes.get(kind, 0) for kind in (ProcessKind.WEB, ProcessKind.WORKER)}
    )
    yield Gauge("web_silence_seconds", "Seconds since any web process gave a sign of life.").of(
        found.web_beat_age
    )
    yield Gauge("worker_silence_seconds", "Seconds since any worker gave a sign of life.").of(
        found.worker_beat_age
    )
    yield Gauge("sweep_age_seconds", "Seconds since a sweep was last finished.").of(found.sweep_age)
    yield Gauge("clock_difference_seconds", "How far the database's clock is surely ahead of ours.").of(
        found.clock_difference
    )
    yield Gauge("clock_fault", "Whether a process does not rely on its clock.", "fault").of(
        {fault: int(found.clock_fault is fault) for fault in ClockFault}
    )
    yield Gauge("queue_age_seconds", "How long the oldest message that is due has waited.").of(
        found.queue_age or late
    )
    yield Gauge(
        "notifications", "Messages that wait, that failed so far, and that failed for good today.", "state"
    ).of({"waiting": found.waiting, "retrying": found.failing, "failed_last_day": found.failed_today})
    yield Gauge("requests_open", "Open reschedule requests.").of(found.open_requests)
    yield Gauge("requests_waiting_for_people", "Those that do not lapse and wait for a person.").of(
        found.waiting_for_people
    )
    yield Gauge("request_age_seconds", "How long the oldest request that should have ended is overdue.").of(
        found.request_age or late
    )
    yield Gauge("outages", "Outages that were ever noted.").of(found.outages)
