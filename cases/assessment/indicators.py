"""What is counted for a unit, and the published figures that are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from cases.assessment.figures import rate


class Count(StrEnum):
    """What is counted for a unit in a period."""

    DUE = "due"
    DONE = "done"
    ON_TIME = "on_time"
    OVERDUE = "overdue"
    EXTENDED = "extended"
    REWORK = "rework"
    REWORK_TIMES = "rework_times"
    RESPOND_DUE = "respond_due"
    RESPOND_MET = "respond_met"
    ARRIVE_DUE = "arrive_due"
    ARRIVE_MET = "arrive_met"
    RETURNED = "returned"
    PASSED_ON = "passed_on"


@dataclass(frozen=True, slots=True)
class Words:
    """A name and what it means, in Chinese and in English."""

    zh: str
    en: str
    meaning_zh: str
    meaning_en: str


COUNTED: Mapping[Count, Words] = {
    Count.DUE: Words(
        "应处置数",
        "Due",
        "期内出具结果（协同：出具意见）的，加上截至期末办结时限（协同：到场时限）已届满、责任时段内仍未处置的；未到期的不计",
        "Disposed of in the period, or the limit had run out in the unit's hands by its end; not-yet-due is left out",
    ),
    Count.DONE: Words(
        "处置数",
        "Disposed",
        "期内由本单位出具统一结果的牵头分支，和期内由本单位出具意见的协同分支",
        "Lead legs whose result the unit issued in the period, coordinating legs whose finding it recorded in it",
    ),
    Count.ON_TIME: Words(
        "按期处置数",
        "Disposed in time",
        "处置数中，牵头在办结时限内出具结果、协同在到场时限内到场的",
        "Of those disposed: a lead within the finish limit, a coordinating unit that met its arrive limit",
    ),
    Count.OVERDUE: Words(
        "超期未处置数",
        "Overdue",
        "应处置数中，牵头时限在本单位手中届满且至期末（或移交时）未出具结果的；协同时限届满未到场也未出具意见的",
        "Of those due: the limit ran out in the unit's hands without a result, or without check-in and finding",
    ),
    Count.EXTENDED: Words(
        "延期数",
        "Extended",
        "应处置数中，本单位牵头期间办结时限被批准延期的；挂账不计",
        "Of those due: the finish limit was extended while the unit led; suspension is not extension",
    ),
    Count.REWORK: Words(
        "返工数",
        "Reworked",
        "期内出具的结果中，其后因核查不通过或反映人不认可而重新办理的，同一案件只计一次",
        "Of the results issued in the period: those reopened afterwards, once for each case",
    ),
    Count.REWORK_TIMES: Words(
        "返工次数", "Times reworked", "期内出具的结果被重新办理的次数", "How often results of the period were reopened"
    ),
    Count.RESPOND_DUE: Words(
        "应响应数",
        "Responses due",
        "首问响应时限在期内届满的；时限内由他人改派、结案的不计",
        "Respond limits that end in the period, except those that others cut short before",
    ),
    Count.RESPOND_MET: Words(
        "按时响应数",
        "Responses in time",
        "应响应数中，时限内受理或退回的",
        "Of those: accepted or returned within the limit",
    ),
    Count.ARRIVE_DUE: Words(
        "应到场数",
        "Arrivals due",
        "协同到场时限在期内届满的；时限内由他人改派、结案的不计",
        "Arrive limits that end in the period, except those that others cut short before",
    ),
    Count.ARRIVE_MET: Words(
        "按时到场数",
        "Arrivals in time",
        "应到场数中，时限内签到或出具意见的",
        "Of those: checked in, or gave its finding, within the limit",
    ),
    Count.RETURNED: Words("退回数", "Returned", "期内退回的次数", "How often the unit returned a case in the period"),
    Count.PASSED_ON: Words(
        "推诿数",
        "Passed to and fro",
        "期内由本单位退回、且至期末已被退回两次以上的案件数",
        "Cases that the unit returned in the period and that were returned twice or more by its end",
    ),
}


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A published figure: what it divides by what, and which way is better.

    Attributes
    ----------
    denominator
        None for a plain count.
    points
        Its part in the published composite, which adds up to 100; 0 outside of it.
    source
        Where the formula is published.
    """

    code: str
    zh: str
    en: str
    numerator: Count
    denominator: Count | None
    direction: Direction
    source: str
    points: int = 0

    def of(self, counts: Mapping[Count, int]) -> Fraction | None:
        """Give the rate; None where the denominator is 0, and for a plain count."""
        return None if self.denominator is None else rate(counts[self.numerator], counts[self.denominator])

    def formula(self, *, english: bool = False) -> str:
        """Write the formula in words."""
        parts = [COUNTED[one] for one in (self.numerator, self.denominator) if one is not None]
        return " / ".join(part.en if english else part.zh for part in parts)


_JINNIU = "金牛区数字城管综合评价办法公布的公式"
_REFORM = "慈溪市公布的时限：首问部门30分钟响应，协同部门1小时到场"
_NINGBO = "宁波市数字城管统计口径；两次以上退回计为推诿"
INDICATORS: tuple[Indicator, ...] = (
    Indicator("disposal", "处置率", "Disposal", Count.DONE, Count.DUE, Direction.HIGHER, _JINNIU, 30),
    Indicator("on_time", "按期处置率", "In time", Count.ON_TIME, Count.DUE, Direction.HIGHER, _JINNIU, 20),
    Indicator("rework", "返工率", "Rework", Count.REWORK, Count.DUE, Direction.LOWER, _JINNIU, 20),
    Indicator("overdue", "超期待处置率", "Overdue", Count.OVERDUE, Count.DUE, Direction.LOWER, _JINNIU, 20),
    Indicator("extension", "延期率", "Extension", Count.EXTENDED, Count.DUE, Direction.LOWER, _JINNIU, 10),
    Indicator("response", "响应按时率", "Response", Count.RESPOND_MET, Count.RESPOND_DUE, Direction.HIGHER, _REFORM),
    Indicator("arrival", "到场按时率", "Arrival", Count.ARRIVE_MET, Count.ARRIVE_DUE, Direction.HIGHER, _REFORM),
    Indicator("returned", "退回数", "Returned", Count.RETURNED, None, Direction.LOWER, _NINGBO),
    Indicator("passed_on", "推诿数", "Passed on", Count.PASSED_ON, None, Direction.LOWER, _NINGBO),
)
COMPOSITE_ZH = "30×处置率 + 20×按期处置率 + 20×(1−返工率) + 20×(1−超期待处置率) + 10×(1−延期率)"
COMPOSITE_EN = "30×disposal + 20×in time + 20×(1−rework) + 20×(1−overdue) + 10×(1−extension)"
REWORK_BY = (Count.DUE, Count.DONE)
"""What the rework rate may be divided by: cities differ."""
