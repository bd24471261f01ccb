"""What is wrong with a version of the lists: each fault with the item, the field, the value and the way out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from cases.arrangements import DOMAIN, Arrangement
from cases.lists.versions import ListVersion
from cases.matters import Domain, Matter, MatterKind
from cases.organisation import COMMAND, TOWNSHIP, Organisation

ARRANGEMENTS = "arrangements"
"""What a fault of an arrangement names as its list."""

_SEPARATORS = re.compile(r"[;,；，、]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ARTICLE = r"第[〇零一二两三四五六七八九十百千\d]+条(?:之[一二三四五六七八九十\d]+)?"
_PARTS = r"(?:第[〇零一二三四五六七八九十百\d]+[款项目])*"
_ARTICLES = rf"{_ARTICLE}{_PARTS}(?:[、和及至]{_ARTICLE}{_PARTS})*"
_BASIS = re.compile(rf"《[^《》]+》(?:(?:（[^（）]+）)?{_ARTICLES}|（[^（）]+）)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a version.

    Attributes
    ----------
    rule
        What was broken: ``unknown_department``, ``no_lead``, ``two_leads``, ``missing_basis``, ``bad_basis``, ...
    list
        Value of the `MatterKind`, or ``arrangements``.
    code, field, value
        The item, its field by the name that `Matter` or `Arrangement` gives it, and what stands there.
    sentence
        What is wrong and how to put it right.
    """

    rule: str
    list: str
    code: str
    field: str
    value: str
    sentence: str

    def __str__(self) -> str:
        """Write the fault as one line."""
        return f"{self.list} {self.code}, {self.field} {self.value[:80]!r} {self.sentence}"


def check(version: ListVersion, organisation: Organisation) -> tuple[Fault, ...]:
    """Name everything that is wrong with a version of the lists, items first, in their order.

    An item has one lead, and every department that it names exists; it has a clause, and a basis: laws in 《》 with
    their articles, or documents in 《》 with their number in （）, separated by ；. (A basis without a Chinese word is
    taken as it is: other countries cite otherwise.) An arrangement gives something to one department that exists, and
    no two of them give away the same part.
    """
    items = [
        fault
        for matter in version.matters
        for fault in (*_of_departments(matter, organisation), *_of_words(matter), *_of_basis(matter))
    ]
    others = [fault for one in version.arrangements for fault in _of_arrangement(one, version, organisation)]
    return (*items, *others, *_twice(version), *_at_odds(version))


def _of_departments(matter: Matter, organisation: Organisation) -> Iterator[Fault]:
    def fault(rule: str, field: str, value: str, sentence: str) -> Fault:
        return Fault(rule, matter.kind.value, matter.code, field, value, sentence)

    lead = matter.lead or ""
    if not lead:
        yield fault("no_lead", "lead", lead, "names nobody; write the code of the department that answers for it")
    elif len(_SEPARATORS.split(lead)) > 1:
        yield fault("two_leads", "lead", lead, "names more than one department; one leads, the others coordinate")
    elif lead not in organisation.departments:
        yield fault("unknown_department", "lead", lead, "is no department; correct the code or add the department")
    for count, code in enumerate(matter.coordinating):
        if code not in organisation.departments:
            yield fault("unknown_department", "coordinating", code, "is no department; correct the code or add it")
        if code == lead:
            yield fault("two_roles", "coordinating", code, "leads already; name it once")
        elif code in matter.coordinating[:count]:
            yield fault("two_roles", "coordinating", code, "is named twice; remove one")
    for code in matter.checks:
        if code != lead and code not in matter.coordinating:
            yield fault("unknown_department", "checks", code, "neither leads nor coordinates; correct the department")


def _of_words(matter: Matter) -> Iterator[Fault]:
    if not matter.clause.strip():
        sentence = "is empty; write the sentence of the list that is read aloud"
        yield Fault("missing_clause", matter.kind.value, matter.code, "clause", "", sentence)
    if not matter.name.strip():
        yield Fault("missing_name", matter.kind.value, matter.code, "name", "", "is empty; write what people call it")


def _of_basis(matter: Matter) -> Iterator[Fault]:
    if not matter.basis.strip():
        sentence = "is empty; write the law with its article: 《…》第…条"
        yield Fault("missing_basis", matter.kind.value, matter.code, "basis", "", sentence)
    elif _HAN.search(matter.basis):
        for part in re.split("[；;]", matter.basis):
            if not _BASIS.fullmatch(part.strip()):
                sentence = "is no legal basis; write 《law》第…条、第…条 and put ； between two laws"
                yield Fault("bad_basis", matter.kind.value, matter.code, "basis", part, sentence)


def _of_arrangement(one: Arrangement, version: ListVersion, organisation: Organisation) -> Iterator[Fault]:
    def fault(rule: str, field: str, value: str, sentence: str) -> Fault:
        return Fault(rule, ARRANGEMENTS, one.code, field, value, sentence)

    if one.to_department in ("", COMMAND):
        sentence = "is nobody; name the department that acts from now on"
        yield fault("to_nobody", "to_department", one.to_department, sentence)
    for field, code in (("from_department", one.from_department), ("to_department", one.to_department)):
        if code and code not in organisation.departments:
            yield fault("unknown_department", field, code, "is no department; correct the code or add it")
    if one.to_department and one.from_department == one.to_department:
        yield fault("to_itself", "to_department", one.to_department, "acts already; name another one")
    if one.valid_to is not None and one.valid_to <= one.valid_from:
        sentence = f"is not after valid_from {one.valid_from}; correct one of the two"
        yield fault("reversed_span", "valid_to", one.valid_to.isoformat(), sentence)
    if not one.clause.strip():
        yield fault("missing_clause", "clause", "", "is empty; write the sentence that is read aloud")
    for code in one.matters:
        if code.startswith(DOMAIN):
            if code.removeprefix(DOMAIN) not in set(Domain):
                yield fault("unknown_domain", "matters", code, f"is no field; known are: {', '.join(Domain)}")
        elif code not in version.matters:
            yield fault("unknown_matter", "matters", code, "is no item of these lists; correct or remove it")


def _twice(version: ListVersion) -> Iterator[Fault]:
    seen: set[str] = set()
    for one in version.arrangements:
        if one.code in seen:
            sentence = "stands there twice; give the second one another code"
            yield Fault("duplicate_code", ARRANGEMENTS, one.code, "code", one.code, sentence)
        seen.add(one.code)


def _at_odds(version: ListVersion) -> Iterator[Fault]:
    """Name each pair of arrangements that give away the same part of a matter in the same place on the same day."""
    for first, second in combinations(sorted(version.arrangements, key=lambda one: one.code), 2):
        if not _meet(first, second):
            continue
        for matter in version.matters:
            if first.concerns(matter) and second.concerns(matter):
                both = [code for code in named(matter) if first.replaces(code) and second.replaces(code)]
                if both:
                    sentence = f"gives away {both[0]} in {matter.code} at a place and time where {first.code} does"
                    yield Fault(
                        "two_arrangements", ARRANGEMENTS, second.code, "from_department", second.from_department,
                        f"{sentence}; end one of them, or divide areas or matters",
                    )  # fmt: skip
                    break


def _meet(first: Arrangement, second: Arrangement) -> bool:
    begin = max(first.valid_from, second.valid_from)
    return (
        first.holds_on(begin)
        and second.holds_on(begin)
        and (not first.areas or not second.areas or bool(set(first.areas) & set(second.areas)))
    )


def named(matter: Matter) -> tuple[str, ...]:
    """Give the departments whose part in a matter an arrangement can give to another one."""
    itself = (TOWNSHIP,) if matter.kind is MatterKind.POWER else ()
    return (*itself, *([matter.lead] if matter.lead else []), *matter.coordinating)
