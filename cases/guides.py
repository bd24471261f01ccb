"""Guides 办事指南: how a power of the township is exercised, step by step.

A step is written ``name@who@time``; steps are separated by ``;``. A decision begins with ``?`` and ends with ``!`` and
what follows when the answer is no; a ``<`` at the very end sends that branch back to the first step::

    提出申请@申请人@当日;?材料齐全@便民服务中心@1个工作日!一次告知补正<;作出决定@镇人民政府@5个工作日

Only these ASCII marks build the chart: the full-width ones are ordinary words of a text.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cases.errors import BadGuide

BETWEEN, PARTS, DECISION, NO, BACK = ";", "@", "?", "!", "<"
_MARKS = frozenset(BETWEEN + PARTS + DECISION + NO + BACK)
_LOOKALIKES = {"？": DECISION, "！": NO, "＠": PARTS, "＜": BACK, "；": BETWEEN}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a guide.

    Attributes
    ----------
    who, time
        Who takes it and how long that may last, in words; the time may be empty.
    decision
        True for a question: its yes leads to the next step.
    otherwise
        What follows a no; empty for a step that is no decision.
    back
        True when the no leads back to the first step, False when it ends the matter.
    """

    name: str
    who: str
    time: str
    decision: bool = False
    otherwise: str = ""
    back: bool = False


@dataclass(frozen=True, slots=True)
class Guide:
    """How a power is exercised.

    Attributes
    ----------
    kind
        What kind of act it is, in the words of the list: 行政许可, 行政处罚 ...
    applicant, materials
        Who may ask, and what they bring.
    time_limit, fee, result
        In words, as people are told.
    """

    kind: str = ""
    applicant: str = ""
    materials: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    time_limit: str = ""
    fee: str = ""
    result: str = ""


def parse_steps(text: str) -> tuple[Step, ...]:
    """Read the steps of a guide; an empty text has none.

    Raises
    ------
    BadGuide
        A step that is not written as above; the message names its place, its text and what is wrong.
    """
    written = [part.strip() for part in text.split(BETWEEN)]
    if written and not written[-1]:
        written.pop()  # a separator at the end separates nothing
    return tuple(_step(number, part) for number, part in enumerate(written, start=1))


def write_steps(steps: Iterable[Step]) -> str:
    """Write steps so that `parse_steps` reads the same.

    Raises
    ------
    BadGuide
        A word that holds one of the marks, which would be read as another chart.
    """
    return BETWEEN.join(_written(number, step) for number, step in enumerate(steps, start=1))


def _step(number: int, text: str) -> Step:
    if not text:
        raise _refused(number, text, "is empty; remove the extra ';'")
    if text[0] in _LOOKALIKES:
        raise _refused(number, text, f"begins with a full-width {text[0]}; write {_LOOKALIKES[text[0]]}")
    decision = text.startswith(DECISION)
    body, no, otherwise = text.removeprefix(DECISION).partition(NO)
    if decision and not no:
        raise _refused(number, text, "is a decision without its no-branch; add !what follows when the answer is no")
    if no and not decision:
        raise _refused(number, text, "has a no-branch and is no decision; begin it with ?")
    back = otherwise.endswith(BACK)
    otherwise = otherwise.removesuffix(BACK).strip()
    if decision and not otherwise:
        raise _refused(number, text, "does not say what follows when the answer is no; write it after the !")
    parts = [part.strip() for part in body.split(PARTS)]
    if len(parts) != 3:
        raise _refused(number, text, f"has {len(parts)} parts between @; write name@who@time")
    if not parts[0] or not parts[1]:
        raise _refused(number, text, "lacks its name or who takes it; write name@who@time")
    if _MARKS & set("".join(parts) + otherwise):
        raise _refused(number, text, "holds one of ; @ ? ! < inside its words; write it another way")
    name, who, time = parts
    return Step(name, who, time, decision, otherwise, back)


def _written(number: int, step: Step) -> str:
    body = PARTS.join((step.name, step.who, step.time))
    text = f"{DECISION}{body}{NO}{step.otherwise}{BACK * step.back}" if step.decision else body
    if _step(number, text) != step:
        raise _refused(number, text, "would be read as another step; remove what surrounds or divides its words")
    return text


def _refused(number: int, text: str, what: str) -> BadGuide:
    return BadGuide(f"Step {number} ({text[:60]!r}) {what}.")
