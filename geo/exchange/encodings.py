"""Which encoding a text is in, decided by strict decoding of its own bytes; GDAL takes ISO-8859-1 and says nothing."""

from collections.abc import Collection, Sequence

from geo.exchange.features import TextEncoding

CODE_PAGES = {0x4D: "gb18030", 0x4F: "big5", 0x7A: "gb18030", 0x78: "big5", 0x13: "cp932", 0x7B: "cp932"}
"""Language driver ids of dBASE that name a Chinese or Japanese code page; 0x57 is everybody's and means nothing."""
_WIDER = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "936": "gb18030", "oem": "", "ansi 936": "gb18030"}
_LEAST_COMMON = 0.9


def decide(
    values: Sequence[bytes], told: str | None, said_by: str = "the file", filled: Collection[bytes] = ()
) -> TextEncoding:
    """Decide the encoding of texts.

    Parameters
    ----------
    values
        Every text with a byte beyond ASCII, padding removed.
    told
        What a .cpg file or the header declares; believed only as far as the bytes allow.
    said_by
        Who declares it, for the sentence.
    filled
        Those of the texts that fill their field, so that its width may have cut off half a character.
    """
    declared = known(told)
    if not values:
        return TextEncoding(declared or "utf-8", "all texts are ASCII, so every encoding reads them alike")
    fits = [name for name in ("utf-8", "gb18030", "big5") if reads(values, name, filled)]
    borne_out = bool(declared and declared != "iso-8859-1" and reads(values, declared, filled))
    wrong = f"{said_by} declares {told}, which the texts do not bear out; " if told else "nothing declares it; "
    certain = True
    if "utf-8" in fits and declared != "utf-8":
        # Before what is declared: texts in other encodings are hardly ever UTF-8, while UTF-8 often reads as GBK.
        name, why = "utf-8", f"{wrong}all {len(values)} texts are UTF-8, which other encodings hardly ever are"
    elif borne_out and declared:
        name, why = declared, f"{said_by} declares {told}, and all {len(values)} texts read so"
    elif "gb18030" in fits and _common(values, "gb18030") >= _LEAST_COMMON:
        name, why = "gb18030", f"{wrong}all {len(values)} texts are common characters in GBK/GB18030, and none is UTF-8"
    elif declared:
        name, why, certain = declared, f"{said_by} declares {told}, and no other reading is better", False
    elif fits:
        name, why, certain = fits[0], f"{wrong}the texts can be read as {' or '.join(fits)}; look at them", False
    else:
        name, why, certain = "iso-8859-1", f"{wrong}no encoding reads all texts; say --encoding", False
    return TextEncoding(name, why, certain)


def known(name: str | None) -> str | None:
    """Give Python's name of a declared encoding, widened to GB18030 for its subsets; None for none and unknown ones."""
    text = (name or "").strip().lower()
    text = _WIDER.get(text, text)
    text = {"65001": "utf-8", "88591": "iso-8859-1", "8859_1": "iso-8859-1", "latin1": "iso-8859-1"}.get(text, text)
    text = f"cp{text}" if text.isdecimal() else text.removeprefix("ansi ")
    try:
        "".encode(text) if text else None
    except LookupError:
        return None
    return {"utf8": "utf-8", "cp1252": "iso-8859-1"}.get(text, text) or None


def reads(values: Sequence[bytes], encoding: str, filled: Collection[bytes] = ()) -> bool:
    """Whether every text can be decoded strictly; in a filled field a character may be cut off."""
    return all(_text(value, encoding, cut=value in filled) is not None for value in values)


def _text(value: bytes, encoding: str, *, cut: bool) -> str | None:
    for short in range(min(3 if cut else 0, len(value) - 1) + 1):
        try:
            return value[: len(value) - short].decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return None


def decode(value: bytes, encoding: str) -> str:
    """Decode a text; what is broken becomes U+FFFD, which the check of names finds."""
    return _text(value, encoding, cut=False) or value.decode(encoding, errors="replace")


def _common(values: Sequence[bytes], encoding: str) -> float:
    """Share of the characters beyond ASCII that stand in GB2312: Latin letters read as GBK give rare ones."""
    beyond = [char for value in values for char in (_text(value, encoding, cut=True) or "") if char > "\x7f"]
    plain = sum(is_common(char) for char in beyond)
    return plain / len(beyond) if beyond else 0.0


def is_common(char: str) -> bool:
    """Whether a character stands in GB2312, the few thousand in common use."""
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
