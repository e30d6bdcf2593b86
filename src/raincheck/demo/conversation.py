"""What people of the demo wrote to each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from raincheck.demo.people import MAYA, RILEY, THEO

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A message between a client and a provider, so many days and hours ago."""

    name: str
    days_ago: int
    hours_ago: int
    words: str
    from_client: bool = False

    def at(self, now: datetime) -> datetime:
        return now - self.days_ago * DAY - timedelta(hours=self.hours_ago)


OKAFOR = [
    Line(
        RILEY.name,
        23,
        4,
        "Hi Dr. Okafor, I'm calling in from my sister's place next week. Same link?",
        from_client=True,
    ),
    Line(RILEY.name, 23, 1, "Same link, and say hello to the dog. See you Tuesday."),
    Line(
        RILEY.name, 9, 3, "I wrote the list we talked about. It got longer than I thought.", from_client=True
    ),
    Line(RILEY.name, 8, 22, "Longer is fine. Bring it along, and we'll take it one line at a time."),
    Line(RILEY.name, 1, 5, "Thank you for today. That helped.", from_client=True),
    Line(RILEY.name, 1, 2, "I'm glad. Take good care of yourself this week."),
    Line(
        THEO.name,
        5,
        2,
        "Welcome, Theo. I'm looking forward to meeting you. If you have questions before our first appointment, write to me here.",
    ),
    Line(THEO.name, 4, 6, "Thanks! Do I need to bring anything?", from_client=True),
    Line(THEO.name, 4, 3, "Just yourself and a quiet place to sit."),
    Line(
        MAYA.name,
        12,
        4,
        "The breathing exercise works better in the morning than at night.",
        from_client=True,
    ),
    Line(MAYA.name, 12, 1, "That's good to know. Keep the mornings, then, and let the nights rest."),
    Line("Amara Nwosu", 30, 5, "I made it to the choir rehearsal!", from_client=True),
    Line("Amara Nwosu", 30, 2, "That made my day. How was it to be back?"),
    Line("Benedikt Halloran", 16, 3, "The front door sticks a little. Please ring, and I'll come down."),
    Line("Elena Marchetti", 20, 6, "Could you send me the name of the book again?", from_client=True),
    Line("Elena Marchetti", 20, 4, "It's on the sheet I gave you, at the bottom of the second page."),
    Line("Isaac Feldman", 11, 2, "Traffic is bad today, I might be five minutes late.", from_client=True),
    Line(
        "June Castellano", 0, 5, "Is it all right if I bring my notebook with the drawings?", from_client=True
    ),
]
FISCHER = [
    Line("Quinn Abernathy", 14, 3, "Thank you for moving things around for me last month.", from_client=True),
    Line("Quinn Abernathy", 14, 1, "Of course. I'm glad it worked out."),
    Line("Viktor Novak", 6, 4, "I slept through the night twice this week.", from_client=True),
    Line("Viktor Novak", 6, 2, "Twice! Tell me all about it when we meet."),
    Line("Anders Holm", 0, 7, "My new schedule starts next month. Thursdays still work.", from_client=True),
]
BELL = [
    Line("Emeka Obi", 10, 5, "The pharmacy has it in stock again.", from_client=True),
    Line("Emeka Obi", 10, 2, "Good. Then we keep things as they are until we talk."),
    Line("Jasmine Wu", 3, 4, "Please remember to write down how you sleep, as we agreed."),
]
