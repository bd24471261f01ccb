"""Texts for spreadsheets: one that begins like a formula would be run by whoever opens the file.

Source: OWASP, CSV Injection. The signs of full width are taken for the narrow ones by Excel in Chinese and Japanese.
"""

import re

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?")


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet could take a text for a formula."""
    return text.startswith(BEGINNINGS)


def defused(text: str, *, numbers: bool = True) -> str:
    """Give a text that no spreadsheet runs: behind an apostrophe, where it begins like a formula.

    Parameters
    ----------
    numbers
        Whether numbers with a sign are texts, too; else they stay, as in a table with coordinates.
    """
    return f"'{text}" if is_formula(text) and (numbers or not NUMBER.fullmatch(text)) else text


def undefused(text: str) -> str:
    """Give the text that was meant by one that `defused` wrote."""
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text
