"""Words at rest: nothing that people wrote lies open in the database, a box opens only in its own row, and keys are rotated under way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from tests.app.cast import NOW, Cast

from raincheck.actions.access.record_keys import key_to_go_over_to, make_key, seal_anew
from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.actions.out_of_office import block_time
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.data.access.record_keys import RecordKey, forget_keys
from raincheck.data.access.sealed_words import SealedText
from raincheck.data.conversations import Message
from raincheck.data.encryption import DecryptionFailed
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.reschedule.request import RescheduleBatch
from raincheck.domain.people import SYSTEM
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.domain.spans import Span

SAID = "Between us: it was a hard week."
NOTE = "I'm at a training on Monday."
PRIVATE = "Call first next time."
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    forget_keys()
    yield
    forget_keys()


def wrote(cast: Cast, words: str = SAID) -> Message:
    by = cast.by_okafor
    verb = partial(write_message, cast.okafor.pk, cast.riley.pk, words=words, by=by, now=NOW)
    run_command(verb, key=None, body={}, by=by, now=NOW)
    return Message.objects.latest("pk")


def column(table: str, name: str) -> list[str]:
    """Return what lies in the database, as anybody reads it who has a copy."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM raincheck_{table} WHERE {name} <> '' ORDER BY id")
        return [text for (text,) in cursor.fetchall()]


def put(table: str, name: str, text: str, row: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE raincheck_{table} SET {name} = %s WHERE id = %s", [text, row])


def acted(verb: object) -> dict[str, str]:
    return run_command(verb, key=None, body={}, by=SYSTEM, now=NOW)  # type: ignore[arg-type]  # any of the verbs


def rotated(*, now: object = LATER) -> int:
    key = key_to_go_over_to()
    assert key is not None
    return sum(seal_anew(key, now=now))  # type: ignore[arg-type]  # an instant


def keys_in_use() -> set[str]:
    return {text.split(":")[2] for text in column("message", "body")}


def test_what_people_write_is_sealed_and_read_as_written(cast: Cast) -> None:
    appointment = cast.booked()
    ask = Ask([appointment.ref], Reason.TRAVEL, note=NOTE, private_note=PRIVATE)
    run_command(
        partial(ask_to_reschedule, ask, practice_id=cast.practice.pk, by=cast.by_okafor, now=NOW),
        key=None,
        body={},
        by=cast.by_okafor,
        now=NOW,
    )
    message = wrote(cast)
    acted(partial(block_time, cast.okafor.pk, span=Span(NOW, LATER), note="Court", now=NOW))
    batch = RescheduleBatch.objects.get()
    assert (message.body, batch.note, batch.private_note) == (SAID, NOTE, PRIVATE)
    assert "Court" in set(OutOfOffice.objects.values_list("note", flat=True))
    lying = [
        *column("message", "body"),
        *column("reschedulebatch", "note"),
        *column("reschedulebatch", "private_note"),
    ]
    lying += column("outofoffice", "note")
    assert (len(lying) >= 4, [text for text in lying if not text.startswith("sealed:1:1:")]) == (True, [])


def test_the_same_words_lie_there_differently_each_time(cast: Cast) -> None:
    for _time in range(2):
        wrote(cast)
    one, other = (text for text in column("message", "body"))
    assert one.rpartition(":")[2] != other.rpartition(":")[2]


def test_words_that_were_moved_to_another_row_are_not_read(cast: Cast) -> None:
    one, other = wrote(cast), wrote(cast, "Hello.")
    put("message", "body", column("message", "body")[0], other.pk)
    with pytest.raises(DecryptionFailed):
        Message.objects.get(pk=other.pk)
    assert Message.objects.get(pk=one.pk).body == SAID


def test_words_whose_seal_was_made_to_fit_another_row_are_not_read(cast: Cast) -> None:
    one, other = wrote(cast), wrote(cast, "Hello.")
    put("message", "body", column("message", "body")[0].replace(one.ref.hex, other.ref.hex), other.pk)
    with pytest.raises(DecryptionFailed):
        Message.objects.get(pk=other.pk)


@pytest.mark.parametrize("at", [-2, -20, -40])
def test_a_changed_box_does_not_open(cast: Cast, at: int) -> None:
    message = wrote(cast)
    [text] = column("message", "body")
    put("message", "body", f"{text[:at]}{'A' if text[at] != 'A' else 'B'}{text[at + 1 :]}", message.pk)
    with pytest.raises(DecryptionFailed):
        Message.objects.get(pk=message.pk)


def test_a_note_of_the_practices_own_does_not_open_as_one_to_the_client(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    batch = request.batch
    batch.private_note = PRIVATE
    batch.save(update_fields=["private_note"])
    [text] = column("reschedulebatch", "private_note")
    put("reschedulebatch", "note", text, batch.pk)
    with pytest.raises(DecryptionFailed):
        RescheduleBatch.objects.get(pk=batch.pk)


def test_no_update_writes_words_open_and_no_search_looks_for_them(cast: Cast) -> None:
    message = wrote(cast)
    with pytest.raises(AssertionError, match="save the row"):
        Message.objects.filter(pk=message.pk).update(body="Open")
    with pytest.raises(AssertionError, match="save the row"):
        Message.objects.filter(body=SAID).exists()
    Message.objects.filter(pk=message.pk).update(body="")
    assert Message.objects.get(pk=message.pk).body == ""


def test_words_from_before_there_were_seals_are_read_and_then_sealed(cast: Cast) -> None:
    message = wrote(cast)
    put("message", "body", "As it was", message.pk)
    RecordKey.objects.create(version=1, made_at=NOW)
    assert Message.objects.get(pk=message.pk).body == "As it was"
    assert (rotated(), column("message", "body")[0][:11]) == (1, "sealed:1:1:")
    assert (Message.objects.get(pk=message.pk).body, key_to_go_over_to()) == ("As it was", None)


def test_a_former_secret_key_still_opens_what_was_sealed_under_it(cast: Cast, settings: object) -> None:
    message = wrote(cast)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "k" * 50  # type: ignore[attr-defined]  # pytest-django's
    forget_keys()
    with pytest.raises(DecryptionFailed):
        Message.objects.get(pk=message.pk)
    settings.SECRET_KEY_FALLBACKS = [former]  # type: ignore[attr-defined]  # pytest-django's
    forget_keys()
    assert Message.objects.get(pk=message.pk).body == SAID


def test_a_new_key_seals_everything_and_former_ones_stay(cast: Cast) -> None:
    message = wrote(cast)
    acted(partial(make_key, now=NOW))
    forget_keys()
    wrote(cast, "Under the new one.")
    assert (keys_in_use(), rotated(), keys_in_use()) == ({"1", "2"}, 1, {"2"})
    assert (Message.objects.get(pk=message.pk).body, key_to_go_over_to()) == (SAID, None)
    acted(partial(make_key, now=LATER))
    forget_keys()
    assert (rotated(now=LATER + timedelta(minutes=1)), keys_in_use()) == (2, {"3"})
    assert list(RecordKey.objects.order_by("version").values_list("version", flat=True)) == [2, 3]


def test_whoever_does_not_know_the_new_key_yet_is_waited_for(cast: Cast) -> None:
    """Words that come in under the former key within the seconds for which a process believes it are sealed anew too."""
    wrote(cast)  # this process has looked which key is the newest
    acted(partial(make_key, now=NOW))
    assert (rotated(now=NOW + timedelta(seconds=1)), keys_in_use()) == (1, {"2"})
    assert key_to_go_over_to() is not None
    wrote(cast)
    assert keys_in_use() == {"1", "2"}
    assert (rotated(), keys_in_use(), key_to_go_over_to()) == (1, {"2"}, None)


def test_a_rotation_that_was_killed_goes_on_where_it_stopped(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("raincheck.actions.access.record_keys.BATCH", 2)
    for number in range(5):
        wrote(cast, f"Word {number}")
    acted(partial(make_key, now=NOW))
    forget_keys()
    key = key_to_go_over_to()
    assert key is not None
    assert next(seal_anew(key, now=LATER)) == 2  # and nobody asks for the next batch: it was killed
    said = list(Message.objects.order_by("pk").values_list("body", flat=True))
    assert (keys_in_use(), said) == ({"1", "2"}, [f"Word {number}" for number in range(5)])
    assert acted(partial(make_key, now=LATER)) == {"key": "2", "made": ""}
    assert (rotated(), keys_in_use()) == (3, {"2"})


def test_nobody_waits_for_a_rotation_and_it_waits_for_nobody(cast: Cast) -> None:
    """A row that somebody holds is passed by, and come back to."""
    held, other = wrote(cast), wrote(cast, "Hello.")
    acted(partial(make_key, now=NOW))
    forget_keys()
    holding, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        def verb() -> dict[str, str]:
            list(Message.objects.select_for_update(no_key=True).filter(pk=held.pk))
            holding.set()
            assert go_on.wait(20)
            return {}

        try:
            acted(verb)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(20)
    passed_by = rotated()
    go_on.set()
    thread.join()
    assert (passed_by, rotated(), keys_in_use()) == (1, 1, {"2"})
    assert [Message.objects.get(pk=row.pk).body for row in (held, other)] == [SAID, "Hello."]


def test_every_column_of_words_is_sealed() -> None:
    """A new one of these names is sealed too, or says here why not."""
    from django.apps import apps

    words = {
        f"{model.__name__}.{field.name}": isinstance(field, SealedText)
        for model in apps.get_app_config("raincheck").get_models()
        for field in model._meta.local_fields
        if field.name in ("body", "note", "private_note", "cancel_note")
    }
    assert words == {
        "Appointment.cancel_note": True,
        "EmergencyReason.body": True,
        "Message.body": True,
        "OutOfOffice.note": True,
        "RescheduleBatch.note": True,
        "RescheduleBatch.private_note": True,
    }
