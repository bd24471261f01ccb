"""Every word that people read on the screen, by the part of the house that says it."""

from collections.abc import Mapping

from dashboard.text.words import (
    access,
    assessment,
    boundaries,
    boundary,
    case,
    disputes,
    duplicates,
    forms,
    frame,
    inbox,
    inspections,
    lists,
    maps,
    reattribution,
    result,
    trade,
)

PARTS = (
    access.WORDS,
    boundaries.WORDS,
    boundary.WORDS,
    reattribution.WORDS,
    frame.WORDS,
    maps.WORDS,
    case.WORDS,
    disputes.WORDS,
    duplicates.WORDS,
    forms.WORDS,
    lists.WORDS,
    trade.WORDS,
    inbox.WORDS,
    inspections.WORDS,
    result.WORDS,
    assessment.WORDS,
)
WORDS: Mapping[str, tuple[str, str]] = {key: words for part in PARTS for key, words in part.items()}
