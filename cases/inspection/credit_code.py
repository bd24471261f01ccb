"""The unified social credit code 统一社会信用代码 of GB 32100-2015 with its first amendment (2016).

1 registering authority, 1 kind of body, 6 digits of the area where it is registered (GB/T 2260), 9 characters of the
body itself (GB 11714), 1 check character. The check digit inside the nine is not asked for: codes that were given
before 2015 are in use without a right one.
"""

import unicodedata

from cases.errors import BadSubject

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters: digits and letters without I, O, Z, S and V, which are taken for 1, 0, 2, 5 and U."""

LENGTH = 18
TAKEN_FOR = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}
KINDS: dict[str, str] = {
    "1": "1239",  # 机构编制
    "2": "19",  # 外交
    "3": "123459",  # 司法行政
    "4": "19",  # 文化
    "5": "1239",  # 民政
    "6": "129",  # 旅游
    "7": "129",  # 宗教
    "8": "19",  # 工会
    "9": "123",  # 工商: enterprise, individual business, farmers' cooperative
    "A": "19",  # 中央军委改革和编制办公室
    "N": "1239",  # 农业
    "Y": "1",  # 其他
}
"""Registering authority to the kinds of body that it registers (table 1 of the standard)."""

PROVINCES = frozenset(
    str(number)
    for number in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66))
) | {"71", "81", "82"}
"""First two digits of GB/T 2260."""

NATIONAL = "100000"
"""What stands in place of an area in codes of bodies that are registered with the State."""


def check_character(body: str) -> str:
    """Compute the 18th character from the 17 before it (GB 32100-2015, 5.5: weights 3^(i-1) mod 31)."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body[: LENGTH - 1]))
    return ALPHABET[-total % 31]


def read_credit_code(text: str) -> str:
    """Read a code as people write it: full-width or lower-case letters, blanks and hyphens between.

    Returns
    -------
    str
        The 18 characters.

    Raises
    ------
    BadSubject
        It is none; the sentence names the position, or the character that should stand at the end.
    """
    code = "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").upper()
    if len(code) != LENGTH:
        raise BadSubject(f"The credit code {code[:40]!r} has {len(code)} characters; it needs {LENGTH}.")
    for place, character in enumerate(code, start=1):
        if character not in ALPHABET:
            likely = f"; is it {TAKEN_FOR[character]}?" if character in TAKEN_FOR else "."
            raise BadSubject(
                f"Position {place} of the credit code {code} is {character!r}; there are digits and capital letters"
                f" without I, O, Z, S and V{likely}"
            )
    _check_registration(code)
    wanted = check_character(code)
    if code[-1] != wanted:
        raise BadSubject(
            f"The credit code {code} ends with {code[-1]}; after {code[:-1]} it should be {wanted}. One of its"
            " characters is mistyped: compare it with the licence."
        )
    return code


def _check_registration(code: str) -> None:
    authority, kind, area = code[0], code[1], code[2:8]
    if authority not in KINDS:
        raise BadSubject(
            f"Position 1 of the credit code {code} is {authority!r}, no registering authority; there are"
            f" {', '.join(KINDS)}."
        )
    if kind not in KINDS[authority]:
        raise BadSubject(
            f"Position 2 of the credit code {code} is {kind!r}; the authority {authority} registers the kinds"
            f" {', '.join(KINDS[authority])}."
        )
    for place, digit in enumerate(area, start=3):
        if not digit.isdigit():
            raise BadSubject(
                f"Position {place} of the credit code {code} is {digit!r}; positions 3 to 8 are the digits of an area."
            )
    if area[:2] not in PROVINCES and area != NATIONAL:
        raise BadSubject(
            f"Positions 3 and 4 of the credit code {code} are {area[:2]}, which is no province; Zhejiang is 33."
        )
