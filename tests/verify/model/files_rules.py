"""Rules: appointments come in from files, one in each, and are taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tests.verify.model import files_law as law, open_times
from tests.verify.model.commands import often
from tests.verify.model.law import PRACTICE_ZONE
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.own_connection import rows
from tests.verify.model.world import By, Planned, Session

from raincheck.actions.imports.importing import import_rows
from raincheck.actions.imports.staging import StagedFile, stage_file
from raincheck.actions.imports.undoing import undo_import
from raincheck.data.appointments.places import AppointmentType
from raincheck.data.people import Client, Provider
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.tables import Sheet

HEADER = ["Client", "Provider", "Starts at", "Ends at", "Type", "Place"]
NO_TIME = timedelta(0)


class FilesRules(Machine):
    @property
    def planned(self) -> list[Planned]:
        return [file for file in self.world.files if isinstance(file, Planned)]

    @often(2, when=lambda self: len(self.planned) < 4 and len(self.world.sessions) < 12)
    def staff_stages_an_appointment(self, a: int, b: int, c: int, way: str) -> None:
        world = self.world
        # Of the cast alone: those have names of their own.
        provider, client = one_of(world.providers, a // 7 % 3 // 2), one_of(sorted(self.stage.people), a)
        # It stands as it was agreed elsewhere, without buffers.
        kind = replace(one_of(world.kinds, b), before=NO_TIME, after=NO_TIME)
        wanted = open_times.staff_wants(world, provider, client, kind)
        start = self.a_start(wanted, c, days=9).replace(second=0, microsecond=0)
        row = Client.objects.get(pk=client)
        line = [
            f"{row.first_name} {row.last_name}",
            Provider.objects.get(pk=provider).name,
            start.isoformat(),
            (start + kind.length).isoformat(),
            AppointmentType.objects.get(pk=kind.number).name,
            "Telehealth",
        ]
        file = StagedFile("ahead.csv", Kind.APPOINTMENTS, PRACTICE_ZONE.key, [Sheet([HEADER, line])])
        verb = partial(stage_file, world.practice, file=file)
        answer = self.send(verb, by=self._manager, way=way, refusals=set())
        if answer is not None:
            ref = UUID(answer["import"])
            said: dict[str, Any] = {"provider": provider, "client": client, "kind": kind, "start": start}
            world.files.append(Planned(ref, world.practice, [], world.now, **said))

    @property
    def _manager(self) -> By:
        return By("manager", self.world.manager)

    @often(3, when=lambda self: self.planned)
    def staff_brings_an_appointment_in(self, a: int, _b: int, _c: int, way: str) -> None:
        file, now = one_of(self.planned, a), self.world.now
        refusals = law.may_not_come_in(self.world, file, now=now)
        verb = partial(import_rows, file.ref, practice_id=file.practice)
        if self.send(verb, by=self._manager, way=way, refusals=refusals, looks_at=file.provider) is None:
            return
        assert file.kind is not None
        assert file.start is not None
        [(number, ref, link)] = rows(
            "SELECT a.id, a.ref, a.join_url FROM raincheck_appointment a JOIN raincheck_importrow r ON r.appointment_id = a.id"
            " JOIN raincheck_import i ON i.id = r.file_id WHERE i.ref = %s",
            file.ref,
        )
        end, place = file.start + file.kind.length, self.world.places[0]
        session = Session(number, ref, file.provider, file.client, file.kind, place, file.start, end, link)
        law.comes_in(self.world, file, session, now=now)

    @often(2, when=lambda self: self.planned)
    def staff_takes_an_appointment_back(self, a: int, _b: int, _c: int, way: str) -> None:
        file, now = one_of(self.planned, a), self.world.now
        refusals = law.may_not_take_back(self.world, file, now=now)
        verb = partial(undo_import, file.ref, practice_id=file.practice)
        if self.send(verb, by=self._manager, way=way, refusals=refusals, looks_at=file.provider) is not None:
            law.taken_back(self.world, file, by=self._manager, now=now)
