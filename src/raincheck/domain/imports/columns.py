"""Columns: which field each one holds, by the names that other programs and people give them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from raincheck.domain.imports.cells import clean, plain


class Kind(StrEnum):
    """What the rows of a file are."""

    CLIENTS = "clients"
    APPOINTMENTS = "appointments"


class Field(StrEnum):
    """What a column can hold."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    SUFFIX = "suffix"
    NAME = "name"
    GOES_BY = "goes_by"
    PRONOUNS = "pronouns"
    EMAIL = "email"
    PHONE = "phone"
    DATE_OF_BIRTH = "date_of_birth"
    ZONE = "zone"
    USUAL_REGION = "usual_region"
    LANGUAGE = "language"
    USUAL_PROVIDER = "usual_provider"
    CLIENT = "client"
    CLIENT_FIRST_NAME = "client_first_name"
    CLIENT_LAST_NAME = "client_last_name"
    PROVIDER = "provider"
    STARTS_AT = "starts_at"
    ENDS_AT = "ends_at"
    DATE = "date"
    START_TIME = "start_time"
    END_TIME = "end_time"
    DURATION = "duration_minutes"
    REPEATS = "repeats"
    REPEATS_UNTIL = "repeats_until"
    TYPE = "type"
    PLACE = "place"
    STATUS = "status"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


CLIENT_FIELDS = (
    Field.FIRST_NAME, Field.LAST_NAME, Field.SUFFIX, Field.NAME, Field.GOES_BY, Field.PRONOUNS, Field.EMAIL, Field.PHONE,
    Field.DATE_OF_BIRTH, Field.ZONE, Field.USUAL_REGION, Field.LANGUAGE, Field.USUAL_PROVIDER,
)  # fmt: skip
APPOINTMENT_FIELDS = (
    Field.CLIENT, Field.CLIENT_FIRST_NAME, Field.CLIENT_LAST_NAME, Field.EMAIL, Field.PROVIDER, Field.STARTS_AT, Field.ENDS_AT,
    Field.DATE, Field.START_TIME, Field.END_TIME, Field.DURATION, Field.REPEATS, Field.REPEATS_UNTIL, Field.TYPE, Field.PLACE, Field.STATUS, Field.CANCELLED,
    Field.NO_SHOW,
)  # fmt: skip
FIELDS = {Kind.CLIENTS: CLIENT_FIELDS, Kind.APPOINTMENTS: APPOINTMENT_FIELDS}

# In small letters without accents and signs; commas part them. A semicolon begins the names that count only where no column
# has one of those before it: a number at work is none to write to when there is a mobile one.
CLIENT_NAMES = {
    Field.FIRST_NAME: "first name, given name, forename, first, fname, firstname, legal first name, christian name, vorname,"
    " prenom, prenoms, primer nombre, nombres, primeiro nome, voornaam, fornamn, fornavn, imie, 名, 名前",
    Field.LAST_NAME: "last name, family name, surname, last, lname, lastname, legal last name, nachname, familienname, zuname,"
    " nom de famille, apellido, apellidos, primer apellido, sobrenome, ultimo nome, cognome, achternaam, efternamn, etternavn,"
    " efternavn, nazwisko, 姓",
    Field.SUFFIX: "suffix, name suffix, suffixe, sufijo, namenszusatz",
    Field.NAME: "name, full name, fullname, display name, file as, name full, ganzer name, vollstandiger name, nom, nom complet,"
    " nom et prenom, nombre, nombre completo, nombre y apellidos, nome, nome completo, nome e cognome, naam, namn, navn,"
    " client, patient, klient, klientin, patientin, cliente, paciente, paziente, kunde, 氏名",
    Field.GOES_BY: "preferred name, goes by, nickname, known as, preferred first name, chosen name, prefers to be called,"
    " rufname, spitzname, surnom, prenom usuel, prenom d usage, nom d usage, apodo, nombre preferido, nombre social,"
    " nome preferido, nome social, soprannome, roepnaam, smeknamn",
    Field.PRONOUNS: "pronouns, pronoun, preferred pronouns, gender pronouns, pronomen, pronoms, pronom, pronombres,"
    " pronombre, pronomes, pronomi, voornaamwoorden",
    Field.EMAIL: "email, e mail, mail, email address, e mail address, e mail 1 value, email 1 value, email 1, primary email,"
    " primary e mail, preferred email, emailaddress, e mail adresse, email adresse, mailadresse, courriel, mel,"
    " adresse email, adresse e mail, adresse mail, adresse courriel, adresse electronique, correo, correo electronico,"
    " direccion de correo, email principal, endereco de email, endereco de e mail, indirizzo email, indirizzo e mail,"
    " posta elettronica, e mailadres, emailadres, epost, e post;"
    " home email, personal email, work email, other email, email 2, e mail 2 value, e mail 2 address",
    Field.PHONE: "phone, phone number, telephone, telephone number, tel, tel no, mobile, mobile phone, mobile number,"
    " mobile phone number, cell, cell phone, cellphone, cell number, cell phone number, phone 1 value, phone 1,"
    " primary phone, primary phone number, preferred phone, contact number, telefon, telefonnummer, handy, handynummer,"
    " mobil, mobiltelefon, mobilnummer, rufnummer, portable, telephone portable, tel portable, numero de telephone,"
    " movil, celular, telefono, telefono movil, telefono celular, numero de telefono, telefone, telemovel, telefone celular,"
    " cellulare, numero di telefono, telefoon, telefoonnummer, mobiel, mobiele telefoon, telefonnummer mobil,"
    " mobilnummer;"
    " home phone, home phone number, work phone, business phone, other phone, phone 2 value, phone 2, daytime phone,"
    " evening phone, festnetz, telefon privat, telefon geschaftlich, telefon dienstlich, telephone fixe, domicile,"
    " telephone domicile, telefono fijo, telefono casa, telefone fixo, telefono fisso, vaste telefoon",
    Field.DATE_OF_BIRTH: "date of birth, birth date, birthdate, birthday, dob, d o b, born, geburtsdatum, geburtstag, geb datum,"
    " geb, geboren, geboren am, date de naissance, naissance, ne le, nee le, ne e le, fecha de nacimiento, nacimiento,"
    " fecha nacimiento, data de nascimento, nascimento, data di nascita, nato il, geboortedatum, fodelsedatum, fodselsdato,"
    " data urodzenia, 生年月日, 生日",
    Field.ZONE: "time zone, timezone, zone, zeitzone, fuseau horaire, zona horaria, huso horario, fuso horario, fuso orario,"
    " tijdzone",
    Field.USUAL_REGION: "usual state or country, usual place, state or country, state of residence, state,"
    " state province, province",
    Field.LANGUAGE: "language, preferred language, sprache, langue, idioma, lingua, taal",
    Field.USUAL_PROVIDER: "usual provider, primary clinician, primary provider, primary therapist, assigned clinician,"
    " assigned provider, assigned therapist, clinician, therapist, provider, practitioner, counselor, counsellor,"
    " therapeut, therapeutin, behandler, behandlerin, therapeute, praticien, terapeuta, profesional, behandelaar",
}  # fmt: skip
APPOINTMENT_NAMES = {
    Field.CLIENT: "client, patient, client name, patient name, customer, customer name, invitee, invitee name, attendee,"
    " attendee name, name, full name, client full name, patient full name, klient, klientin, klient in, patientin,"
    " patient in, kunde, kundin, teilnehmer, nom, nom complet, nom du client, nom du patient, cliente, paciente, nombre,"
    " nombre completo, nome, nome completo, paziente, naam, 氏名",
    Field.CLIENT_FIRST_NAME: CLIENT_NAMES[Field.FIRST_NAME],
    Field.CLIENT_LAST_NAME: CLIENT_NAMES[Field.LAST_NAME],
    Field.EMAIL: CLIENT_NAMES[Field.EMAIL],
    Field.PROVIDER: "provider, provider name, therapist, therapist name, clinician, clinician name, practitioner,"
    " practitioner name, counselor, counsellor, staff, staff name, staff member, staff member name, calendar, calendar name,"
    " user name, team member, host, host name, organizer, with, doctor, physician, rendering provider, primary clinician,"
    " assigned to, employee, behandler, behandlerin, behandler in, therapeut, therapeutin, therapeut in, mitarbeiter,"
    " mitarbeiterin, mitarbeiter in, kalender, arzt, arztin, praticien, praticienne, therapeute, intervenant, intervenante,"
    " calendrier, terapeuta, profesional, profissional, medico, operatore, professionista, calendario, behandelaar,"
    " medewerker",
    Field.STARTS_AT: "starts at, start at, start date and time, start date time, starting at, appointment start,"
    " appointment start date and time, appointment start date time, appointment start time, appointment date and time,"
    " appointment date time, date and time, date time, datetime, scheduled for, starts, dtstart, starts on,"
    " datum und uhrzeit, datum uhrzeit, termin, terminbeginn, beginnt am, date et heure, date heure, date et heure de debut,"
    " fecha y hora, fecha hora, data e hora, data e ora, datum en tijd",
    Field.ENDS_AT: "ends at, end at, end date and time, end date time, ending at, appointment end, appointment end date and time,"
    " appointment end date time, appointment end time, ends, dtend, terminende, endet am, date et heure de fin,"
    " fecha y hora de fin, data e hora de termino",
    Field.DATE: "date, appointment date, day, date of service, service date, session date, start date, visit date, datum,"
    " termindatum, tag, date du rendez vous, date de rendez vous, jour, fecha, fecha de la cita, dia, data, giorno,"
    " startdatum, dag, 日付",
    Field.START_TIME: "start time, start, time, appointment time, from, begin, begins, begin time, session time, beginn, startzeit,"
    " anfang, uhrzeit, zeit, von, heure de debut, debut, heure, de, hora de inicio, hora inicio, inicio, hora, desde,"
    " ora inizio, ora di inizio, inizio, ora, dalle, begintijd, starttijd, aanvang, tijd, van, 開始",
    Field.END_TIME: "end time, end, finish, finish time, until, to, ende, endzeit, bis, heure de fin, fin, hora de fin, hora fin,"
    " hasta, hora de termino, termino, ate, ora fine, ora di fine, fine, alle, eindtijd, einde, tot, 終了",
    Field.DURATION: "duration, length, minutes, duration minutes, duration min, duration mins, duration in minutes,"
    " appointment length, appointment duration, session length, duration hours, duration h, hours, dauer, dauer min,"
    " dauer in minuten, dauer minuten, lange, duree, duree min, duree minutes, duracion, duracion min, duracion minutos,"
    " duracao, duracao min, durata, durata min, duur, duur min",
    Field.REPEATS: "repeats, repeat, repeats every, repetition, recurrence, recurrence pattern, repeat pattern, how often,"
    " wiederholt sich, wiederholung, serie, repetition, recurrence, se repete, repeticion, se repite, repeticao, ripetizione, herhaling",
    Field.REPEATS_UNTIL: "repeats until, repeat until, repeating until, recurs until, recurrence end, recurrence end date,"
    " recurrence until, series ends, series end, series end date, series until, end of series, repeats ending, wiederholt bis,"
    " serie bis, serienende, ende der serie, se repete jusqu au, repite hasta, se repite hasta, repete ate, ripete fino al, herhaalt tot",
    Field.TYPE: "type, appointment type, appointment type name, event type, event type name, service, service name, treatment,"
    " treatment name, session type, visit type, service type, leistung, terminart, termintyp, art, behandlung,"
    " type de rendez vous, type de seance, prestation, tipo, tipo de cita, servicio, tipo de consulta, servico,"
    " tipo di appuntamento, prestazione, servizio, soort, soort afspraak",
    Field.PLACE: "location, location name, place, room, office, business, business name, site, clinic, ort, raum, standort, praxis,"
    " lieu, salle, cabinet, lugar, sala, ubicacion, local, luogo, stanza, locatie, ruimte",
    Field.STATUS: "status, appointment status, attendance, attendance status, state, show status, visit status, terminstatus,"
    " statut, etat, estado, estado de la cita, stato",
    Field.CANCELLED: "canceled, cancelled, is canceled, is cancelled, canceled at, cancelled at, cancellation date,"
    " cancelation date, abgesagt, storniert, annule, annulee, cancelado, cancelada, anulado, anulada, annullato, geannuleerd",
    Field.NO_SHOW: "no show, noshow, no shows, marked as no show, is no show, did not arrive, did not attend, dna,"
    " nicht erschienen, absent, absence, no asistio, no se presento, faltou, non presentato, niet verschenen",
}  # fmt: skip
# Words before a name that say only whose it is.
WHOSE = re.compile(
    r"^(?:client|patient|invitee|customer|attendee|contact|klient|patienten|kunden|appointment|s)s? (?=\S)"
)
NAMES = {Kind.CLIENTS: CLIENT_NAMES, Kind.APPOINTMENTS: APPOINTMENT_NAMES}
# A header may stand below a title, a line of filters and a blank row or two.
HEADER_WITHIN = 20
# "Name; Vorname" and "Nom; Prénom": beside the first name it is the last name, and the other way round.
ONLY_NAME_BESIDE = frozenset({"name", "nom", "nombre", "nome", "naam", "namn", "navn"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: where it stands, and its name; the second one of a name is “Name (2)”."""

    index: int
    name: str


def columns_in(header: Sequence[str]) -> list[Column]:
    """Return the columns that have a name."""
    seen: Counter[str] = Counter()
    found = []
    for index, cell in enumerate(header):
        name = " ".join(clean(cell).split())
        if not name:
            continue
        seen[name] += 1
        found.append(Column(index, name if seen[name] == 1 else f"{name} ({seen[name]})"))
    return found


def header_at(rows: Sequence[Sequence[str]], *, kind: Kind) -> int | None:
    """Return the place of the row that names most columns in a way we know, else of the first with two cells.

    None where there is no such row.
    """
    best, most = None, 1
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        known = set(matched(columns_in(row), kind=kind).values())
        if len(known) > most:
            best, most = place, len(known)
    if best is not None:
        return best
    return next((place for place, row in enumerate(rows[:HEADER_WITHIN]) if len(columns_in(row)) > 1), None)


def matched(columns: Iterable[Column], *, kind: Kind) -> dict[str, Field]:
    """Return the field of each column whose name is known; the others are left alone."""
    best: dict[Field, list[tuple[int, str]]] = {}
    for column in columns:
        known = _known(column.name, kind)
        if known is not None:
            field, rank = known
            best.setdefault(field, []).append((rank, column.name))
    found: dict[str, Field] = {}
    for field, ranked in best.items():
        first_choice = min(rank for rank, _name in ranked)
        found |= {name: field for rank, name in ranked if rank == first_choice}
    return _names_as_meant(found) if kind is Kind.CLIENTS else _times_as_meant(found)


def pronouns_among(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> dict[str, Field]:
    """Return the columns of Google's own fields that hold pronouns, as the label beside them says in every row."""
    labels = {column.name: column.index for column in columns}
    asked = {
        name: labels[beside]
        for name in labels
        if (beside := name.removesuffix("Value") + "Label") in labels and name.startswith("Custom Field ")
    }
    if not asked:
        return {}
    said: dict[str, set[str]] = {name: set() for name in asked}
    for row in rows:
        for name, index in asked.items():
            if index < len(row) and row[index].strip():
                said[name].add(_squeezed(row[index]))
    known = set(_listed(CLIENT_NAMES[Field.PRONOUNS]))
    return {name: Field.PRONOUNS for name, words in said.items() if words and words <= known}


def _known(name: str, kind: Kind) -> tuple[Field, int] | None:
    """Return the field of a column's name and its rank: 0 for a first choice, 1 for what counts only without one."""
    short = _squeezed(re.sub(r" \(\d+\)$", "", name))
    table = _table(kind)
    return (
        table.get(short) or table.get(WHOSE.sub("", short)) or table.get(WHOSE.sub("", WHOSE.sub("", short)))
    )


TABLES: dict[Kind, dict[str, tuple[Field, int]]] = {}


def _table(kind: Kind) -> dict[str, tuple[Field, int]]:
    if kind not in TABLES:
        table: dict[str, tuple[Field, int]] = {}
        for field, names in NAMES[kind].items():
            for rank, listed in enumerate(names.split(";")):
                for name in _listed(listed):
                    table.setdefault(name, (field, rank))
        TABLES[kind] = table
    return TABLES[kind]


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _squeezed(name: str) -> str:
    """Return a name in small letters without accents and signs, and without what marks a field as required."""
    lowered = plain(name).replace("&", " and ").replace("*", " ")
    lowered = re.sub(
        r"\((?:required|optional|pflichtfeld|obligatoire|mm dd yyyy|mm/dd/yyyy|dd/mm/yyyy|yyyy-mm-dd)\)",
        " ",
        lowered,
    )
    # "firstName", "first_name", "E-mail": programs and people write one name in many ways.
    return " ".join(re.sub(r"[\W_]+", " ", lowered).split())


def _names_as_meant(found: dict[str, Field]) -> dict[str, Field]:
    """Return the match with a column “Name” read beside those for first and last names."""
    whole = [name for name, field in found.items() if field is Field.NAME]
    first, last = Field.FIRST_NAME in found.values(), Field.LAST_NAME in found.values()
    if not whole or not (first or last):
        return found
    other = Field.LAST_NAME if first else Field.FIRST_NAME
    halves = {name for name in whole if _squeezed(name) in ONLY_NAME_BESIDE} if first != last else set()
    return {
        name: other if name in halves else field
        for name, field in found.items()
        if field is not Field.NAME or name in halves
    }


def _times_as_meant(found: dict[str, Field]) -> dict[str, Field]:
    """Return the match with “Start” and “End” as whole times where no column has the date, and names in one way only."""
    fields = set(found.values())
    swaps: dict[Field, Field | None] = {}
    if Field.STARTS_AT in fields:
        swaps = {Field.START_TIME: None, Field.DATE: None}
        if Field.ENDS_AT not in fields:
            swaps[Field.END_TIME] = Field.ENDS_AT
    elif Field.DATE not in fields:
        swaps = {Field.START_TIME: Field.STARTS_AT, Field.END_TIME: Field.ENDS_AT}
    elif Field.START_TIME not in fields:
        swaps = {Field.DATE: Field.STARTS_AT, Field.END_TIME: Field.ENDS_AT}
    elif Field.ENDS_AT in fields and Field.END_TIME not in fields:
        swaps = {Field.ENDS_AT: Field.END_TIME}
    if (
        Field.REPEATS in fields
        and Field.REPEATS_UNTIL not in fields
        and fields & {Field.ENDS_AT, Field.DURATION}
    ):
        # Where another column has the end of a session, “Until” is the end of its series.
        swaps[Field.END_TIME] = Field.REPEATS_UNTIL
    if Field.CLIENT in fields:
        swaps |= dict.fromkeys((Field.CLIENT_FIRST_NAME, Field.CLIENT_LAST_NAME), None)
    meant = {name: swaps.get(field, field) for name, field in found.items()}
    return {name: field for name, field in meant.items() if field is not None}
