"""Reading whom a report or an officer names as the subject of a case."""

import unicodedata
from collections.abc import Mapping

from cases.case import SubjectKind
from cases.errors import BadSubject
from cases.inspection.credit_code import read_credit_code
from cases.inspection.visits import Subject

LONGEST_NAME = 200
SITE = "site:"
KEYS = frozenset({"credit_code", "site", "name"})


def read_subject(given: object) -> Subject:
    """Read ``{"credit_code": …, "name": …}`` or ``{"site": …, "name": …}``.

    Parameters
    ----------
    given
        As it came from outside; a site is the short name by which its reporters know the place.

    Raises
    ------
    BadSubject
        Neither or both are given, a name is missing, or the code is none; the sentence says what to write.
    """
    way = 'give {"credit_code": "18 characters", "name": "…"} or {"site": "…", "name": "…"}'
    if not isinstance(given, Mapping):
        raise BadSubject(f"The subject is {given!r:.100}; {way}.")
    unknown = sorted(str(key) for key in given.keys() - KEYS)
    if unknown:
        raise BadSubject(f"The subject has {unknown[0][:40]!r}, which says nothing here; {way}.")
    code, site = given.get("credit_code"), given.get("site")
    if (code is None) == (site is None):
        raise BadSubject(f"The subject has {'neither' if code is None else 'both'} credit_code and site; {way}.")
    if code is not None:
        return Subject(read_credit_code(_text("credit_code", code)), SubjectKind.ENTERPRISE, _text("name", given))
    # A slash would part the address of its page.
    place = "-".join(unicodedata.normalize("NFKC", _text("site", site)).replace("/", " ").split())
    if not place:
        raise BadSubject(f"The site of the subject is {site!r:.60}; give a name that says something.")
    return Subject(f"{SITE}{place}", SubjectKind.SITE, _text("name", given))


def _text(name: str, given: object) -> str:
    """Give a text without blanks around it; a name may not be missing, however well the code is known."""
    value = given.get(name) if isinstance(given, Mapping) else given
    if not isinstance(value, str) or not value.strip():
        raise BadSubject(f"The {name} of the subject is {value!r:.60}; give a text, so that people know where to go.")
    text = value.strip()
    if len(text) > LONGEST_NAME:
        raise BadSubject(
            f"The {name} of the subject has {len(text)} characters ({text[:40]!r}…); the limit is {LONGEST_NAME}."
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise BadSubject(f"The {name} of the subject holds a control character ({text[:40]!r}); remove it.")
    return text
