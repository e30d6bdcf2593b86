"""The template of a file: the columns that an export writes too, and two rows that nobody takes for people."""

from raincheck.domain.imports.columns import Kind
from raincheck.domain.regions import has_clock, regions

COLUMNS = {
    Kind.CLIENTS: (
        "First name", "Last name", "Goes by", "Pronouns", "E-mail", "Phone", "Date of birth", "Time zone", "Usual state or country",
        "Usual provider",
    ),
    Kind.APPOINTMENTS: (
        "Client first name", "Client last name", "E-mail", "Provider", "Starts at", "Ends at", "Repeats", "Repeats until",
        "Appointment type", "Place", "Status",
    ),
}  # fmt: skip
DOMAIN = "@template.example"
"""No mail ever goes there: the ending is set aside for examples (RFC 2606)."""


def template(kind: Kind, *, zone: str, provider: str) -> list[list[str]]:
    """Return the rows of a template, the names of its columns first."""
    region = next((name for code, name in regions().items() if has_clock(code, zone)), "")
    alex, sam = ["Alexandra", "Example"], ["Samuel", "Example"]
    examples = {
        Kind.CLIENTS: [
            [*alex, "Alex", "she/her", f"alex{DOMAIN}", "212 555 0100", "1990-12-31", zone, region, provider],
            [*sam, "", "", f"sam{DOMAIN}", "", "", "", "", ""],
        ],
        Kind.APPOINTMENTS: [
            [
                *alex,
                f"alex{DOMAIN}",
                provider,
                "2030-01-07 09:00",
                "2030-01-07 09:50",
                "every 2 weeks",
                "2030-06-24",
                "",
                "Telehealth",
                "Scheduled",
            ],
            [*sam, f"sam{DOMAIN}", provider, "2030-01-07 14:30", "2030-01-07 15:20", "", "", "", "", ""],
        ],
    }
    return [list(COLUMNS[kind]), *examples[kind]]


def is_of_template(text: str) -> bool:
    return text.casefold().endswith(DOMAIN)
