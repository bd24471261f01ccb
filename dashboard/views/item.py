"""One item of the lists whole: as sections of words that assets/js/item.js lays out, on the screen and on paper.

The words of the lists themselves are Chinese in every language of the page: they are what is read aloud.
"""

import re
from collections.abc import Sequence
from typing import Any

from cases.guides import Guide
from cases.lists import ListVersion
from cases.matters import Matter, MatterKind
from dashboard.text import WORDS, say
from dashboard.views import flowchart
from dashboard.views.lists import Acting, named
from dashboard.views.names import Book
from dashboard.views.rulings import by_word
from dashboard.views.rulings import clauses as clauses_of

STANDARD = "GB/T 47678.5"


def item(
    matter: Matter, version: ListVersion, townships: Sequence[Acting], book: Book, language: str, *, category: str = ""
) -> dict[str, Any]:
    """Give everything that the page of an item shows, but the cases.

    Parameters
    ----------
    townships
        Who acts in each of them.
    category
        Name that the standard gives to the matter's category.
    """
    return {
        "code": matter.code,
        "name": named(matter, language),
        "name_other": matter.name if named(matter, language) != matter.name else matter.name_en,
        "kind": str(matter.kind),
        "chips": chips(matter, category, language),
        "clause": {"title": say("item.clause", language), "text": matter.clause},
        "basis": {"title": say("item.basis", language), "laws": laws(matter.basis)},
        "who": {"title": say("item.who", language), "rows": named_by_list(matter, book, language)},
        "duties": duties(matter, book, language),
        "checks": checks(matter, book, language),
        "guide": guide(matter.guide, language),
        "flow": flow(matter.guide, language),
        "townships": who_acts(townships, version, book, language),
    }


def chips(matter: Matter, category: str, language: str) -> list[str]:
    """Say in a few words where the item belongs: list, platform, domain, field, category of the standard."""
    found = [say(f"list.{matter.kind}", language), matter.code, say(f"platform.{matter.platform}", language)]
    found.append(say(f"domain.{matter.domain}", language))
    if matter.field:
        key = f"field.{matter.field}"
        found.append(say(key, language) if key in WORDS else matter.field)
    if matter.guide and matter.guide.kind:
        found.append(matter.guide.kind)
    if matter.category:
        found.append(" ".join(part for part in (STANDARD, matter.category, category) if part))
    return list(dict.fromkeys(found))


def laws(basis: str) -> list[str]:
    """Divide a legal basis into its laws, each with its articles."""
    return [law.strip() for law in re.split(r"[；;]", basis) if law.strip()]


def named_by_list(matter: Matter, book: Book, language: str) -> list[tuple[str, str]]:
    """Say whom the list names, as what."""
    if matter.kind is MatterKind.POWER:
        rows = [("item.exercised", say("item.township", language))]
        rows += [("item.guides", book.department(matter.lead, language))] if matter.lead else []
    else:
        rows = [("role.lead", book.department(matter.lead, language) or say("item.nobody", language))]
        joining = "、".join(book.department(code, language) for code in matter.coordinating)
        rows += [("role.coordinating", joining)] if joining else []
    return [(say(key, language), words) for key, words in rows]


def duties(matter: Matter, book: Book, language: str) -> dict[str, Any] | None:
    """Give the duties clause by clause, the department's beside the township's."""
    if not matter.department_duty and not matter.township_duty:
        return None
    return {
        "title": say("item.duties", language),
        "columns": [
            {"name": book.department(matter.lead, language), "clauses": list(matter.department_duty)},
            {"name": say("item.township", language), "clauses": list(matter.township_duty)},
        ],
    }


def checks(matter: Matter, book: Book, language: str) -> dict[str, Any] | None:
    """Say who checks what on site, the lead first."""
    if not matter.checks:
        return None
    order = dict.fromkeys((matter.lead or "", *matter.coordinating, *matter.checks))
    return {
        "title": say("item.checks", language),
        "rows": [
            {
                "role": say("role.lead" if code == matter.lead else "role.coordinating", language),
                "name": book.department(code, language),
                "clauses": [part for part in re.split(r"(?<=[。；])", matter.checks[code]) if part],
            }
            for code in order
            if code in matter.checks
        ],
    }


def guide(found: Guide | None, language: str) -> dict[str, Any] | None:
    """Give the guide as pairs of name and words; what is not given is left out."""
    if found is None:
        return None
    rows = (
        ("guide.kind", found.kind),
        ("guide.applicant", found.applicant),
        ("guide.materials", list(found.materials)),
        ("guide.time_limit", found.time_limit),
        ("guide.fee", found.fee),
        ("guide.result", found.result),
    )
    kept = [(say(key, language), words) for key, words in rows if words]
    return {"title": say("guide.title", language), "rows": kept} if kept else None


def flow(found: Guide | None, language: str) -> dict[str, Any] | None:
    """Draw the flow chart of the guide."""
    if found is None or not found.steps:
        return None
    steps = say("flow.steps", language, n=len(found.steps))
    return {"title": say("flow.title", language), "note": steps, "svg": flowchart.draw(found.steps, language)}


def who_acts(townships: Sequence[Acting], version: ListVersion, book: Book, language: str) -> dict[str, Any]:
    """Say who acts in each township, with the sentences to be read aloud and the arrangement where one was used."""
    clauses = clauses_of([version])
    guided = any(one.guide for one in townships)
    heads = (
        "page.township",
        "item.exercised" if guided else "role.lead",
        "item.guides" if guided else "role.coordinating",
    )
    return {
        "title": say("item.townships", language),
        "note": say("item.townships.note", language),
        "heads": [say(key, language) for key in heads],
        "rows": [
            {
                "code": one.township,
                "name": book.area(one.township, language),
                "lead": one.lead(book, language),
                "with": [one.guide] if one.guide else one.others(book, language),
                "sentences": [leg.sentence for leg in one.route.legs],
                "changed": [by_word(used, language) for used in one.route.arrangements],
                "clauses": [clauses[used] for used in one.route.arrangements if used in clauses],
            }
            for one in townships
        ],
    }
