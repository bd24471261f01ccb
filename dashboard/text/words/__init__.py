"""Every word that people read on the screen, by the part of the house that says it."""

from collections.abc import Mapping

from dashboard.text.words import boundary, case, frame, lists, maps, trade

PARTS = (boundary.WORDS, frame.WORDS, maps.WORDS, case.WORDS, lists.WORDS, trade.WORDS)
WORDS: Mapping[str, tuple[str, str]] = {key: words for part in PARTS for key, words in part.items()}
