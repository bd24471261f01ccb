"""Whether a code that stands on a copy belongs to a document: a copy of an earlier text is genuine, too."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from cases.result import UnifiedResult
from dashboard.documents.naming import Names
from dashboard.documents.sheet import CODE_DIGITS, sheet
from dashboard.text import say

CODE = re.compile(rf"[0-9a-f]{{{CODE_DIGITS},64}}")


class Verdict(StrEnum):
    """What a code is to a document."""

    GENUINE = "genuine"
    EARLIER = "earlier"
    OTHER = "other"
    MALFORMED = "malformed"


def verdict(code: str, texts: Sequence[UnifiedResult]) -> Verdict:
    """Judge a code.

    Parameters
    ----------
    code
        The whole hash, or as much of its beginning as stands at the foot of a page; blanks and case do not matter.
    texts
        As `cases.result.editions` gives them.
    """
    plain = "".join(code.split()).lower()
    if not CODE.fullmatch(plain):
        return Verdict.MALFORMED
    if texts[-1].sha256.startswith(plain):
        return Verdict.GENUINE
    known = any(text.sha256.startswith(plain) for text in texts)
    return Verdict.EARLIER if known else Verdict.OTHER


def checked(code: str, texts: Sequence[UnifiedResult], names: Names, document_url: str) -> dict[str, Any]:
    """Say what the page shows: the document's own facts, and what the code is to it, when there is a code."""
    result, language = texts[-1], names.language
    written = sheet(result, names)
    found = verdict(code, texts) if code.strip() else None
    issued = result.issued_at.astimezone(names.region.zone)
    return _page(language) | {
        "heading": written["title"],
        "verdict": _said(found, language) if found else None,
        "facts": [
            (say("result.check.document", language), result.document),
            (say("result.check.issuer", language), written["issuer"]),
            (say("result.check.issued", language), f"{issued:%Y-%m-%d %H:%M}"),
        ],
        "ways": [{"href": document_url, "words": say("result.way.document", language)}],
        "action": f"/result/{result.document}",
        "code": code.strip(),
    }


def nothing_to_check(language: str) -> dict[str, Any]:
    """Say that there is no such document."""
    missing = {"name": "other", "words": say("result.check.missing", language)}
    way = say("result.check.missing.way", language)
    title = say("result.check.title", language)
    return _page(language) | {"heading": title, "verdict": missing | {"way": way}, "facts": [], "ways": []}


def _page(language: str) -> dict[str, Any]:
    return {
        "language": language,
        "title": say("result.check.title", language),
        "code_label": say("result.check.code", language),
        "send": say("result.check.send", language),
        "lang": "en" if language == "en" else "",
    }


def _said(found: Verdict, language: str) -> Mapping[str, str]:
    key = f"result.check.{found}"
    return {"name": str(found), "words": say(key, language), "way": say(f"{key}.way", language)}
