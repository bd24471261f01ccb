"""Names and codes as people and programs leave them: blanks, full-width characters, numbers, nonsense."""

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from geo.exchange.encodings import is_common

INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
LARGEST_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class TextFault:
    """What is wrong with one value; `clean` is what a repair on request would make of it, None if nothing."""

    kind: str
    says: str
    remedy: str
    clean: str | None = None


def as_text(value: object) -> str:
    """Write a value as text and change nothing else: 5.0 of a reader that takes codes for numbers is 5."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def clean(text: str, *, code: bool) -> str:
    """Give a text without blanks around it (a code without any), full-width letters and invisible characters."""
    plain = INVISIBLE.sub("", text)
    plain = "".join(unicodedata.normalize("NFKC", char) if _is_wide(char) else char for char in plain)
    words = plain.split()
    return ("" if code else " ").join(words)


def _is_wide(char: str) -> bool:
    """Whether a character is a full-width letter, digit or blank; Chinese punctuation stands where it belongs."""
    return char in "\u3000\u00a0" or (
        unicodedata.east_asian_width(char) == "F" and unicodedata.normalize("NFKC", char).isalnum()
    )


def faults_of(value: object, column: str, *, code: bool) -> Iterator[TextFault]:
    """Yield what is wrong with a value of the column of codes or names."""
    text = as_text(value)
    if not text.strip():
        return
    better = clean(text, code=code)
    if better != text:
        kind = "full_width" if any(_is_wide(char) and char not in "\u3000\u00a0" for char in text) else "blanks"
        what = "full-width characters" if kind == "full_width" else "blanks or invisible characters"
        says = f"{column} {text!r} has {what}, so that it is not found as {better!r}"
        yield TextFault(kind, says, "correct it, or ask for --repair", better)
    if garbled(text):
        says = f"{column} {text!r} is nonsense: its bytes were read in the wrong encoding"
        yield TextFault("garbled_text", says, "say --encoding GBK or UTF-8, or export it again")
    if code and (ROUNDED.fullmatch(text.strip()) or _is_rounded(value)):
        says = f"{column} {text!r} is a number that lost digits, as a table calculation writes long codes"
        yield TextFault("rounded_code", says, "export the column as text")


def _is_rounded(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value) and (not value.is_integer() or abs(value) > LARGEST_EXACT)


def garbled(text: str) -> bool:
    """Whether a text is Chinese that was read as Latin letters, or has characters that stand for what was lost."""
    if "\ufffd" in text or any(unicodedata.category(char) == "Cc" for char in text):
        return True
    if text.isascii():
        return False
    for encoding in ("latin-1", "cp1252"):
        try:
            raw = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        for meant in ("utf-8", "gb18030"):
            try:
                chinese = [char for char in raw.decode(meant) if char > "\x7f"]
            except UnicodeDecodeError:
                continue
            if len(chinese) > 1 and all(char > "\u2e7f" and is_common(char) for char in chinese):
                return True
    return False
