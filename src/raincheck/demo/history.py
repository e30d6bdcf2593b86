"""Requests of the demo: those of the last eight weeks, with every ending there is, and those of these days."""

from datetime import timedelta

from raincheck.demo.stories import (
    HOUR,
    Story,
    Waiting,
    asks_for_help,
    declines,
    is_choosing,
    keeps,
    looks,
    picks,
    rebooks,
    silence,
    superseded,
    withdrawn,
)
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.reschedule.lifecycle import Reason

JUST_NOW = timedelta(seconds=20)

OKAFOR = [
    Story(
        "Amara Nwosu",
        -7,
        picks(5 * HOUR, choice=1),
        reason=Reason.TRAINING,
        note="I'm at a training on Monday. Any time that suits you is fine with me.",
        blocks=True,
    ),
    Story("Elena Marchetti", -6, picks(26 * HOUR)),
    Story(
        "Benedikt Halloran",
        -5,
        keeps(7 * HOUR),
        note="I can't be at the office on Monday. If you like, keep the time and we meet by video.",
        by_video=True,
    ),
    Story("Isaac Feldman", -5, rebooks(70 * HOUR), reason=Reason.TRAVEL),
    Story("Camille Dubois", -4, declines(9 * HOUR, words="I'll skip this week. See you the Monday after!")),
    Story(
        "June Castellano",
        -4,
        withdrawn(8 * HOUR, note="Good news: my meeting was moved, so our time stands."),
        days_before=5,
    ),
    Story(
        "Kofi Boateng",
        -3,
        asks_for_help(
            6 * HOUR,
            words="I work until five all that week. Could we find something in the evening?",
            answered_after=24 * HOUR,
        ),
        reason=Reason.LEGAL_DUTY,
    ),
    Story("Malik Weathers", -3, silence, reason=Reason.PERSONAL, private_note="Call first next time."),
    Story("Priya Raman", -2, superseded(30 * HOUR, reason=CancelReason.UNAVAILABLE), reason=Reason.ILLNESS),
    Story("Gideon Oyelaran", -1, picks(2 * HOUR, choice=2)),
]
FISCHER = [
    Story("Rosa Villanueva", -6, picks(3 * HOUR), reason=Reason.HOLIDAY),
    Story("Tessa Lindgren", -5, asks_for_help(11 * HOUR, words="I'm away those two weeks, sorry.")),
    Story("Samir Khoury", -4, picks(40 * HOUR, choice=1)),
    Story("Viktor Novak", -3, withdrawn(3 * HOUR)),
    Story("Willa Thorne", -2, declines(28 * HOUR)),
    Story(
        "Zadie Okonjo",
        -1,
        picks(14 * HOUR),
        note="I have to be at my daughter's school. I'm keeping your spot in my week.",
    ),
]
BELL = [
    Story("Delphine Arceneaux", -6, picks(20 * HOUR)),
    Story("Ivan Petrov", -5, silence),
    Story("Leo Santangelo", -4, silence, reason=Reason.ILLNESS),
    Story("Kiran Mehta", -3, picks(7 * HOUR, choice=1), reason=Reason.TRAINING),
    Story(
        "Fiona MacLeish",
        -2,
        withdrawn(5 * HOUR, note="It worked out after all. See you Monday."),
        by_manager=True,
    ),
]

OKAFOR_WAITS_FOR = [
    Waiting(
        "Farah Haddad",
        7 * HOUR,
        60 * HOUR,
        looks(2 * HOUR),
        reason=Reason.LEGAL_DUTY,
        note="I have to be in court that afternoon. I'm keeping your spot in my week.",
        blocks=True,
        suggests=3,
    ),
    Waiting(
        "Lucía Ferrer",
        20 * HOUR,
        75 * HOUR,
        asks_for_help(17 * HOUR, words="None of these fit with my shifts. Is there anything before nine?"),
    ),
    Waiting("Malik Weathers", 50 * HOUR, 8 * HOUR, silence, private_note="Mornings are best to reach him."),
]
FISCHER_WAITS_FOR = [
    # With the page open as the demo begins: the chosen time is held for some minutes more.
    Waiting(
        "Quinn Abernathy",
        26 * HOUR,
        30 * HOUR,
        is_choosing(HOUR, holds_after=26 * HOUR - JUST_NOW),
        reason=Reason.TRAVEL,
    ),
    Waiting("Ophelia Grant", 52 * HOUR, HOUR, looks(9 * HOUR)),
]
BELL_WAITS_FOR = [
    Waiting("Mirembe Kato", 3 * HOUR, 80 * HOUR, silence, reason=Reason.TRAINING),
    Waiting("Nils Aaltonen", 5 * HOUR, 90 * HOUR, silence),
]
# Mail to him comes back, so that his provider has a task.
UNREACHABLE = "Nils Aaltonen"
