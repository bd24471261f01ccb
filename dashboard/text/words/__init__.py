"""Every word that people read on the screen, by the part of the house that says it."""

from collections.abc import Mapping

from dashboard.text.words import (
    access,
    assessment,
    boundaries,
    boundary,
    case,
    cases,
    disputes,
    duplicates,
    field,
    forms,
    frame,
    history,
    inbox,
    inspections,
    lists,
    maps,
    papers,
    reattribution,
    result,
    sheets,
    trade,
    wall,
)

PARTS = (
    boundaries.WORDS,
    access.WORDS,
    boundary.WORDS,
    reattribution.WORDS,
    frame.WORDS,
    history.WORDS,
    maps.WORDS,
    papers.WORDS,
    wall.WORDS,
    case.WORDS,
    cases.WORDS,
    disputes.WORDS,
    duplicates.WORDS,
    field.WORDS,
    forms.WORDS,
    lists.WORDS,
    trade.WORDS,
    inbox.WORDS,
    inspections.WORDS,
    result.WORDS,
    sheets.WORDS,
    assessment.WORDS,
)
WORDS: Mapping[str, tuple[str, str]] = {key: words for part in PARTS for key, words in part.items()}
