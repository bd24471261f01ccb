"""What townships say about the units stationed with them: ratings by month, and answers when they are consulted.

Judged is what everybody can read on the sheet of the month. A month is rated once while it runs, and for good when it
is over; nothing is said twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import numpy as np

from dashboard.simulation.client import Reporter

API = "/api/v1/assessment"
UNRATED = 0.1
CONSULTED = 0.05
RATES = ("on_time", "response", "arrival")
"""Rates of the sheet that tell how late a unit was."""
FORGIVEN = 3.0
"""So many cases in time are credited to every unit: nobody is judged by a single one."""
REASONS = (
    (85, ("响应及时，配合到位", "随叫随到，办结质量好", "主动巡查，重复投诉少")),
    (75, ("总体及时，个别事项超期", "配合较好，反馈不够主动")),
    (0, ("多次超期，经催办后改进", "到场偏慢，群众有意见", "超期较多，需加强力量")),
)
ABOUT = ("主要负责人任职征求意见", "副职调整征求意见", "年度考核等次征求意见")
OPINIONS = (
    ("agreed", "同意"),
    ("agreed", "同意，建议继续驻点"),
    ("conditional", "原则同意，请先完成超期事项整改"),
    ("objected", "建议暂缓，近三个月响应不及时"),
)
LIKELY = (0.5, 0.25, 0.17, 0.08)


@dataclass
class Judges:
    """The townships of a region, as far as they judge units."""

    reporter: Reporter
    zone: tzinfo
    seed: int

    def past(self, start: datetime, now: datetime) -> None:
        """Rate the months from `start` to `now`, and consult townships about a few units."""
        month = start.astimezone(self.zone)
        while (month.year, month.month) < (now.astimezone(self.zone).year, now.astimezone(self.zone).month):
            self.rate(f"{month:%Y-%m}", final=True)
            month = month.replace(day=1) + timedelta(days=32)
        self.rate(f"{now.astimezone(self.zone):%Y-%m}", final=False)
        self.consult(f"{now.astimezone(self.zone):%Y-%m}")

    def day(self, now: datetime) -> None:
        """Rate the month that is over, on the first day of the next."""
        today = now.astimezone(self.zone)
        if today.day == 1:
            self.rate(f"{today - timedelta(days=1):%Y-%m}", final=True)

    def rate(self, month: str, *, final: bool) -> None:
        """Let every township rate the units that serve it, most of them, by how late they were."""
        mark = "月度评价" if final else "月中评价"
        for unit in self.units(month):
            late = lateness(unit)
            said = {one["rater"] for one in unit["ratings"] if str(one["reason"]).startswith(mark)}
            for township in dict.fromkeys((unit["township"], *unit["serves"])):
                draw = self._draw(unit["unit"], month, township)
                if draw.random() < UNRATED or late is None or f"township:{township}" in said:
                    continue
                score = score_of(late, draw)
                texts = next(texts for least, texts in REASONS if score >= least)
                body = {
                    "unit": unit["unit"],
                    "period": month,
                    "rater": f"township:{township}",
                    "score": score,
                    "reason": f"{mark}：{texts[int(draw.integers(len(texts)))]}",
                    "actor": township,
                }
                self.reporter.post(f"{API}/ratings", body)

    def consult(self, month: str) -> None:
        """Ask townships in writing about appointments at a few units; most answer."""
        year = month[:4]
        for number, unit in enumerate(self.units(month), start=1):
            draw = self._draw(unit["unit"], year)
            document = f"示范函〔{year}〕{number}号"
            if draw.random() >= CONSULTED or any(one["document"] == document for one in unit["consultations"]):
                continue
            body = {
                "unit": unit["unit"],
                "township": unit["township"],
                "about": ABOUT[int(draw.integers(len(ABOUT)))],
                "document": document,
                "actor": unit["department"],
            }
            asked = self.reporter.post(f"{API}/consultations", body)
            if asked and draw.random() < 0.75:
                opinion, remarks = OPINIONS[int(draw.choice(len(OPINIONS), p=LIKELY))]
                reply = f"示范复函〔{year}〕{number}号"
                said = {"opinion": opinion, "document": reply, "remarks": remarks, "actor": unit["township"]}
                self.reporter.post(f"{API}/consultations/{asked['id']}/answer", said)

    def units(self, month: str) -> list[dict[str, Any]]:
        """Read the sheet of a month, by code of the unit."""
        sheet = self.reporter.fetch(f"{API}?period={month}")
        return sorted(sheet["units"], key=lambda unit: str(unit["unit"]))

    def _draw(self, *words: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, 41, *"/".join(words).encode()])


def lateness(unit: Mapping[str, Any]) -> float | None:
    """Say which part of its work a unit did late, from 0 to 1; None for one that had none."""
    figures = [unit["indicators"][code] for code in RATES if code in unit["indicators"]]
    due = sum(figure["denominator"] for figure in figures)
    met = sum(figure["numerator"] for figure in figures)
    return float((due - met) / (due + FORGIVEN)) if due else None


def score_of(late: float, draw: np.random.Generator) -> float:
    """Give 0 to 100 in halves: about 95 for a unit that is never late, 60 less for one that always is."""
    return float(np.clip(round((95 - 60 * late + draw.normal(0, 2.5)) * 2) / 2, 40, 99))
