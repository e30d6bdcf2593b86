"""Rules: clients are written down, merged, parted and discharged, files of them come in and go, people are let in and out; in two practices."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from tests.verify.model import records_law as law
from tests.verify.model.commands import often
from tests.verify.model.law import PRACTICE_ZONE
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.own_connection import rows
from tests.verify.model.world import By, File, Invited, Person, Record

from raincheck.actions.access.invitations import accept_invitation, invite, revoke_invitation
from raincheck.actions.access.people import end_access, give_access_back
from raincheck.actions.clients.contact import reached_by
from raincheck.actions.clients.leaving import Discharge, archive, bring_back, discharge
from raincheck.actions.clients.merging import merge_clients
from raincheck.actions.clients.record import add_client, change_client
from raincheck.actions.clients.unmerging import undo_merge
from raincheck.actions.engine.runner import Answer
from raincheck.actions.imports.importing import import_rows
from raincheck.actions.imports.staging import StagedFile, stage_file
from raincheck.actions.imports.undoing import undo_import
from raincheck.data.people import Client, Recipient, User
from raincheck.domain.access.invitations import digest_of, sound_invitee
from raincheck.domain.clients.leaving import Told
from raincheck.domain.clients.record import ClientDetails
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.tables import Sheet
from raincheck.domain.people import Actor, Contact

NAMES = ["Maya", "Nico", "Tessa", "Zoe"]
"""Of clients that are written down: in both practices the same, at the same addresses."""
ADDRESSES = ["ada@new.example", "ivy@new.example"]
"""Of people who are let in, in both practices."""
LAST_NAME = "Vance"


class RecordsRules(Machine):
    def _practice(self, number: int) -> int:
        """Return one of the two practices, mostly the one with the appointments."""
        return one_of([self.world.practice, *self.world.manages], number)

    def _by(self, practice: int) -> By:
        return By("manager", self.world.manages[practice])

    def _a_record(self, number: int) -> Record:
        standing = [record for record in self.world.records if record.into is None]
        return one_of(standing if number % 7 else self.world.records, number // 3)

    def _of_a_stranger(self, record: Record, number: int) -> tuple[int, set[str]]:
        """Return in whose practice somebody acts: now and then in the other one, and then nothing is done."""
        if number % 6:
            return record.practice, set()
        other = next(practice for practice in self.world.manages if practice != record.practice)
        return other, {"not_in_this_practice"}

    # Records

    @often(2, when=lambda self: len(self.world.records) < 14)
    def staff_adds_a_client(self, a: int, b: int, _c: int, way: str) -> None:
        practice, name = self._practice(a), one_of(NAMES, b)
        email = f"{name.lower()}@clients.example"
        details = ClientDetails(first_name=name, last_name=LAST_NAME, contact=Contact(email, "", texts=False))
        verb = partial(add_client, practice, details=details)
        answer = self.send(verb, by=self._by(practice), way=way, refusals=set(), practice=practice)
        if answer is not None:
            [(number,)] = rows("SELECT id FROM raincheck_client WHERE ref = %s", UUID(answer["client"]))
            self._is_here(Record(number, practice, name, email, events=["added"]))

    def _is_here(self, record: Record) -> None:
        self.world.records.append(record)
        if record.practice == self.world.practice:
            self.world.people[record.number] = Person(record.number, record.first_name, PRACTICE_ZONE)

    @often(1)
    def staff_changes_a_record(self, a: int, b: int, c: int, way: str) -> None:
        record, stale = self._a_record(a), b % 4 == 0
        row = Client.objects.get(pk=record.number)
        if row.do_not_auto_cancel:
            return
        name = one_of(["", "Ri", "Lee"], c)
        recipient = Recipient.objects.get(client=row, is_client=True)
        details = ClientDetails(
            first_name=row.first_name,
            last_name=row.last_name,
            goes_by=name,
            pronouns=row.pronouns,
            zone=row.zone,
            contact=reached_by(recipient),
            reminders=recipient.reminders_off_at is None,
        )
        practice, strange = self._of_a_stranger(record, b)
        refusals = law.may_not_touch(record) | strange
        refusals = refusals or ({"record_changed_meanwhile"} if stale else set())
        seen = len(record.events) + stale
        verb = partial(change_client, record.number, details=details, seen=seen)
        answer = self.send(verb, by=self._by(practice), way=way, refusals=refusals, practice=practice)
        if answer is not None and record.goes_by != name:
            record.goes_by = name
            record.events.append("changed")

    @often(2)
    def staff_merges(self, a: int, b: int, c: int, way: str) -> None:
        alike = [record for record in self.world.records if self._is_alike(record)]
        kept = one_of(alike, a)
        there = [record for record in alike if record.practice == kept.practice]
        gone = one_of(there, b)
        practice, strange = self._of_a_stranger(kept, c)
        refusals = law.may_not_merge(self.world, kept, gone) | strange
        seen = (len(kept.events), len(gone.events))
        verb = partial(merge_clients, kept.number, gone.number, taken=(), seen=seen)
        answer = self.send(verb, by=self._by(practice), way=way, refusals=refusals, practice=practice)
        if answer is not None:
            law.merge(self.world, UUID(answer["merge"]), kept, gone, now=self.world.now)

    def _is_alike(self, record: Record) -> bool:
        """Whether somebody is reached by e-mail, at home, and may be canceled by silence: those can be any one person."""
        person = self.world.people.get(record.number)
        return person is None or (
            person.email
            and not person.texts
            and person.zone == PRACTICE_ZONE
            and not person.never_cancelled_by_silence
        )

    @often(2, when=lambda self: self.world.merges)
    def staff_undoes_a_merge(self, a: int, _b: int, _c: int, way: str) -> None:
        merge, now = one_of(self.world.merges, a), self.world.now
        refusals = law.may_not_undo(self.world, merge, now=now)
        if refusals is None:
            return
        practice = merge.kept.practice
        verb = partial(undo_merge, merge.ref)
        answer = self.send(verb, by=self._by(practice), way=way, refusals=refusals, practice=practice)
        if answer is not None:
            law.undo_merge(self.world, merge, now=now)

    @often(1)
    def staff_discharges(self, a: int, b: int, c: int, way: str) -> None:
        record, told = self._a_record(a), one_of([Told.STANDARD, Told.NOTHING], b)
        practice, strange = self._of_a_stranger(record, c)
        by, refusals = self._by(practice), law.may_not_discharge(record) | strange
        verb = partial(discharge, record.number, said=Discharge(told))
        if self.send(verb, by=by, way=way, refusals=refusals, practice=practice) is not None:
            law.discharge(self.world, record, silently=told is Told.NOTHING, by=by, now=self.world.now)

    @often(1)
    def staff_archives(self, a: int, _b: int, c: int, way: str) -> None:
        record, now = self._a_record(a), self.world.now
        practice, strange = self._of_a_stranger(record, c)
        refusals = law.may_not_archive(self.world, record, now=now) | strange
        verb = partial(archive, record.number)
        if self.send(verb, by=self._by(practice), way=way, refusals=refusals, practice=practice) is not None:
            law.archive(self.world, record, now=now)

    @often(2)
    def staff_brings_back(self, a: int, _b: int, c: int, way: str) -> None:
        away = [record for record in self.world.records if not record.in_care and record.into is None]
        record = one_of(away, a) if away and a % 5 else self._a_record(a)
        practice, strange = self._of_a_stranger(record, c)
        refusals = law.may_not_bring_back(record) | strange
        verb = partial(bring_back, record.number)
        if self.send(verb, by=self._by(practice), way=way, refusals=refusals, practice=practice) is not None:
            law.bring_back(record)

    # Files

    @property
    def files(self) -> list[File]:
        """The files of clients."""
        return [file for file in self.world.files if file.names]

    @often(1, when=lambda self: len(self.files) < 4)
    def staff_stages_a_file(self, a: int, b: int, _c: int, way: str) -> None:
        practice = self._practice(a)
        names = [f"File{b % 2}{place}" for place in "ab"]
        lines = [[name, LAST_NAME, f"{name.lower()}@clients.example"] for name in names]
        sheet = Sheet([["First name", "Last name", "E-mail"], *lines])
        file = StagedFile("rows.csv", Kind.CLIENTS, PRACTICE_ZONE.key, [sheet])
        verb = partial(stage_file, practice, file=file)
        answer = self.send(verb, by=self._by(practice), way=way, refusals=set(), practice=practice)
        if answer is not None:
            self.world.files.append(File(UUID(answer["import"]), practice, names, self.world.now))

    @often(2, when=lambda self: self.files)
    def staff_imports(self, a: int, _b: int, _c: int, way: str) -> None:
        file = one_of(self.files, a)
        verb = partial(import_rows, file.ref, practice_id=file.practice)
        refusals = law.may_not_import(self.world, file)
        answer = self.send(
            verb, by=self._by(file.practice), way=way, refusals=refusals, practice=file.practice
        )
        if answer is not None:
            file.state, file.imported_at = "imported", self.world.now
            found = rows(
                "SELECT c.id, c.first_name, r.email FROM raincheck_client c JOIN raincheck_recipient r ON r.client_id = c.id"
                " WHERE c.practice_id = %s AND c.first_name = ANY(%s) ORDER BY c.id",
                file.practice,
                file.names,
            )
            assert [name for _number, name, _email in found] == file.names, "all rows of a file come in"
            file.records = [Record(number, file.practice, name, email) for number, name, email in found]
            for record in file.records:
                self._is_here(record)

    @often(1, when=lambda self: self.files)
    def staff_undoes_an_import(self, a: int, _b: int, _c: int, way: str) -> None:
        file = one_of(self.files, a)
        verb = partial(undo_import, file.ref, practice_id=file.practice)
        refusals = law.may_not_take_back(self.world, file, now=self.world.now)
        answer = self.send(
            verb, by=self._by(file.practice), way=way, refusals=refusals, practice=file.practice
        )
        if answer is not None:
            file.state = "undone"
            self.world.records = [record for record in self.world.records if record not in file.records]
            for record in file.records:
                self.world.people.pop(record.number, None)

    # People

    @often(1, when=lambda self: len(self.world.invited) < 6)
    def somebody_is_invited(self, a: int, b: int, _c: int, way: str) -> None:
        practice, email = self._practice(a), one_of(ADDRESSES, b)
        who = sound_invitee(name="Ada", email=email, roles=["scheduler"])
        token = digest_of(f"{self.keys}".rjust(22, "t"))
        verb = partial(invite, practice, who=who, digest=token, lives=law.INVITED_FOR)
        refusals = law.may_not_invite(self.world, email, practice)
        answer = self.send(verb, by=self._by(practice), way=way, refusals=refusals, practice=practice)
        if answer is not None:
            for earlier in self.world.invited:
                if (earlier.practice, earlier.email, earlier.state) == (practice, email, "open"):
                    earlier.state = "revoked"
            ref = UUID(answer["invitation"])
            self.world.invited.append(Invited(ref, practice, email, self.world.now))

    @often(1, when=lambda self: self.world.invited)
    def staff_revokes(self, a: int, _b: int, _c: int, way: str) -> None:
        invited = one_of(self.world.invited, a)

        def revoke(*, by: Actor, now: object) -> Answer:
            return revoke_invitation(invited.ref, practice_id=invited.practice, by=by, now=self.world.now)

        refusals = {"invitation_used"} if invited.state == "used" else set()
        by = self._by(invited.practice)
        if self.send(revoke, by=by, way=way, refusals=refusals, practice=invited.practice) is not None:
            invited.state = "revoked"

    @often(2, when=lambda self: self.world.invited)
    def somebody_comes_in(self, a: int, b: int, _c: int, way: str) -> None:
        invited, with_password = one_of(self.world.invited, a), b % 2 == 0

        def accept(*, by: Actor, now: object) -> Answer:
            password = "encoded" if with_password else None
            return accept_invitation(invited.ref, password=password, now=self.world.now)

        refusals = law.may_not_accept(self.world, invited, with_password=with_password, now=self.world.now)
        if self.send(accept, by=By("system"), way=way, refusals=refusals) is not None:
            invited.state = "used"
            self.world.works[invited.email, invited.practice] = True
            if with_password:
                self.world.has_password.add(invited.email)

    @often(1, when=lambda self: self.world.works)
    def somebodys_access_ends_or_comes_back(self, a: int, b: int, _c: int, way: str) -> None:
        email, practice = one_of(sorted(self.world.works), a)
        ref, ends = User.objects.get(email=email).ref, b % 3 > 0
        verb = partial(end_access if ends else give_access_back, ref, practice_id=practice)
        if self.send(verb, by=self._by(practice), way=way, refusals=set(), practice=practice) is not None:
            self.world.works[email, practice] = not ends
