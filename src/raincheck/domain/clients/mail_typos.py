"""Typos of common mail domains: "gmial.com" was likely meant to be "gmail.com". A question to ask, never a refusal."""

COMMON = (
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "ymail.com",
    "rocketmail.com",
    "hotmail.com",
    "outlook.com",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "comcast.net",
    "verizon.net",
    "sbcglobal.net",
    "bellsouth.net",
    "cox.net",
    "charter.net",
    "earthlink.net",
    "optonline.net",
    "att.net",
    "proton.me",
    "protonmail.com",
    "fastmail.com",
    "yahoo.co.uk",
    "hotmail.co.uk",
    "btinternet.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "email.com",
    "mail.com",
)
ENDINGS = {
    "con": "com",
    "cmo": "com",
    "ocm": "com",
    "vom": "com",
    "xom": "com",
    "comm": "com",
    "coom": "com",
    "cpm": "com",
    "clm": "com",
    "ney": "net",
    "nte": "net",
    "ner": "net",
    "ogr": "org",
    "orgg": "org",
}
"""Endings that no domain has, with what was meant."""
SHORTEST = 5
"""Letters before the dot from which one wrong letter is likely a typo: of three, another name is as likely."""


def likely_meant(address: str) -> str | None:
    """Return the address that was likely meant, None for one whose domain looks like no typo."""
    name, _at, written = address.rpartition("@")
    domain = written.lower()
    if not name or domain in COMMON:
        return None
    label, _dot, ending = domain.rpartition(".")
    mended = f"{label}.{ENDINGS[ending]}" if ending in ENDINGS else domain
    meant = next((common for common in COMMON if common == mended or _is_typo(mended, common)), mended)
    return None if meant == domain else f"{name}@{meant}"


def _is_typo(written: str, meant: str) -> bool:
    """Return whether one domain is the other but for one letter: missing, added, wrong, or two changed about."""
    if len(meant.partition(".")[0]) < SHORTEST:
        # Of short names only the ending is looked at: a letter forgotten, as in "aol.co".
        return meant.startswith(written) and written.endswith((".co", ".c", ".ne"))
    if len(written) < len(meant):
        return any(meant[:at] + meant[at + 1 :] == written for at in range(len(meant)))
    if len(written) > len(meant):
        return any(written[:at] + written[at + 1 :] == meant for at in range(len(written)))
    wrong = [at for at in range(len(meant)) if written[at] != meant[at]]
    swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
    return len(wrong) == 1 or (swapped and written[wrong[0] :][:2] == meant[wrong[0] :][1::-1])
