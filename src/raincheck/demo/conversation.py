"""Messages that people of the demo wrote to each other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from raincheck.demo.people import FRIDAY, MAYA, MONDAY, RILEY, THEO, THURSDAY, TUESDAY, WEDNESDAY
from raincheck.demo.week import Weeks

# From now, the weeks around it and the provider's zone to an instant: a demo is always of these days.
When = Callable[[datetime, Weeks, str], datetime]


def on(week: int, weekday: int, hour: int, minute: int) -> When:
    """At a time of one of the weeks past, on the provider's clock."""
    return lambda _now, weeks, zone: weeks.at(week, weekday, hour, minute, zone=zone)


def ago(hours: float) -> When:
    return lambda now, _weeks, _zone: now - timedelta(hours=hours)


@dataclass(frozen=True, slots=True)
class Line:
    """A message of a provider to a client, or of the client to them."""

    name: str
    when: When
    words: str
    from_client: bool = False


OKAFOR = [
    Line(
        RILEY.name,
        on(-4, FRIDAY, 12, 10),
        "Hi Dr. Okafor, I'm calling in from my sister's place next week. Same link?",
        from_client=True,
    ),
    Line(RILEY.name, on(-4, FRIDAY, 12, 45), "Same link, and say hello to the dog. See you Tuesday."),
    Line(
        RILEY.name,
        on(-2, MONDAY, 19, 5),
        "I wrote the list we talked about. It got longer than I thought.",
        from_client=True,
    ),
    Line(
        RILEY.name,
        on(-2, TUESDAY, 8, 40),
        "Longer is fine. Bring it along, and we'll take it one line at a time.",
    ),
    Line(RILEY.name, on(-1, TUESDAY, 12, 20), "Thank you for today. That helped.", from_client=True),
    Line(RILEY.name, on(-1, TUESDAY, 17, 30), "I'm glad. Take good care of yourself this week."),
    Line(
        THEO.name,
        ago(122),
        "Welcome, Theo. I'm looking forward to meeting you. If you have questions before our first "
        "appointment, write to me here.",
    ),
    Line(THEO.name, ago(102), "Thanks! Do I need to bring anything?", from_client=True),
    Line(THEO.name, ago(99), "Just yourself and a quiet place to sit."),
    Line(
        MAYA.name,
        on(-3, THURSDAY, 9, 15),
        "The breathing exercise works better in the morning than at night.",
        from_client=True,
    ),
    Line(
        MAYA.name,
        on(-3, THURSDAY, 12, 5),
        "That's good to know. Keep the mornings, then, and let the nights rest.",
    ),
    Line("Amara Nwosu", on(-5, THURSDAY, 21, 30), "I made it to the choir rehearsal!", from_client=True),
    Line("Amara Nwosu", on(-5, FRIDAY, 8, 50), "That made my day. How was it to be back?"),
    Line(
        "Benedikt Halloran",
        on(-3, FRIDAY, 13, 0),
        "The front door sticks a little. Please ring, and I'll come down.",
    ),
    Line(
        "Elena Marchetti",
        on(-3, WEDNESDAY, 16, 20),
        "Could you send me the name of the book again?",
        from_client=True,
    ),
    Line(
        "Elena Marchetti",
        on(-3, WEDNESDAY, 18, 0),
        "It's on the sheet I gave you, at the bottom of the second page.",
    ),
    Line(
        "Isaac Feldman",
        on(-2, WEDNESDAY, 9, 35),
        "Traffic is bad today, I might be five minutes late.",
        from_client=True,
    ),
    Line(
        "June Castellano",
        ago(5),
        "Is it all right if I bring my notebook with the drawings?",
        from_client=True,
    ),
]
FISCHER = [
    Line(
        "Quinn Abernathy",
        on(-3, MONDAY, 9, 10),
        "Thank you for moving things around for me last month.",
        from_client=True,
    ),
    Line("Quinn Abernathy", on(-3, MONDAY, 12, 0), "Of course. I'm glad it worked out."),
    Line(
        "Viktor Novak",
        on(-1, THURSDAY, 7, 55),
        "I slept through the night twice this week.",
        from_client=True,
    ),
    Line("Viktor Novak", on(-1, THURSDAY, 9, 30), "Twice! Tell me all about it when we meet."),
    Line(
        "Anders Holm",
        ago(7),
        "My new schedule starts next month. Thursdays still work.",
        from_client=True,
    ),
]
BELL = [
    Line("Emeka Obi", on(-2, TUESDAY, 14, 25), "The pharmacy has it in stock again.", from_client=True),
    Line("Emeka Obi", on(-2, TUESDAY, 16, 10), "Good. Then we keep things as they are until we talk."),
    Line("Jasmine Wu", on(-1, TUESDAY, 12, 0), "Please remember to write down how you sleep, as we agreed."),
]
