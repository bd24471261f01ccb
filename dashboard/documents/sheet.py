"""A unified result as words: everything that the page and the paper show, ready to be laid out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.case import FAR_M, LegRole
from cases.clock import Budget, BudgetUnit, Clock, outcome
from cases.result import PROMISED, Finding, UnifiedResult
from dashboard.documents.naming import ENGLISH, Names
from dashboard.text import say

CODE_DIGITS = 16
"""How much of the hash stands at the foot of every page: 64 bits, which nobody forges by trying."""

ORDINALS = "一二三四五六七八"
ALL_HASH_GROUP = 8


def check_path(result: UnifiedResult) -> str:
    """Give the address, below the platform's own, at which a copy is checked."""
    return f"/result/{result.document}"


def sheet(result: UnifiedResult, names: Names) -> dict[str, Any]:
    """Write a result in the language of the names.

    Returns
    -------
    dict
        Texts and lists of texts only, the same for the same facts, names and calendar.
    """
    return _Writer(result, names).sheet()


@dataclass(frozen=True, slots=True)
class _Writer:
    result: UnifiedResult
    names: Names

    def sheet(self) -> dict[str, Any]:
        result, names = self.result, self.names
        local = result.issued_at.astimezone(names.region.zone)
        title = "result.title.again" if result.round > 1 else "result.title"
        issuer = names.body(result.issuer.department, result)
        version = names.version(result)
        return {
            "language": names.language,
            "document": result.document,
            "sha256": result.sha256,
            "issued_at": int(result.issued_at.timestamp()),
            "kind": self._say("result.kind"),
            "mark": self._say("result.mark") if version is None or version.model else "",
            "issuer": issuer,
            "number": self._say("result.number", year=local.year, document=result.document),
            "title": self._say(title, matter=names.matter(result), round=result.round),
            "dear": self._say("result.dear", source=names.source(result.source)),
            "opening": self._opening(),
            "sections": self._numbered(
                (
                    ("conclusion", self._conclusion()),
                    ("findings", self._findings()),
                    ("clocks", self._clocks()),
                    ("grounds", self._grounds()),
                    ("merged", self._merged()),
                )
            ),
            "notes": {"title": self._say("result.notes"), "rows": self._notes(), "code": grouped(result.sha256)},
            "signature": self._signature(issuer, local),
            "footer": self._say(
                "result.footer",
                document=result.document,
                code=grouped(result.sha256[:CODE_DIGITS], 4),
                path=check_path(result),
            ),
            "page": self._say("result.page", page="{page}", pages="{pages}"),
        }

    def _say(self, key: str, **values: Any) -> str:
        return say(key, self.names.language, **values)

    @property
    def _chinese(self) -> bool:
        return self.names.language != ENGLISH

    def _at(self, instant: datetime) -> str:
        """Write an instant in a sentence."""
        local = instant.astimezone(self.names.region.zone)
        if self._chinese:
            return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"
        return f"{local:%Y-%m-%d %H:%M}"

    def _short(self, instant: datetime | None) -> str:
        """Write an instant in a table, its year only where it is another one than that of the issue."""
        if instant is None:
            return "—"
        local, zone = instant.astimezone(self.names.region.zone), self.names.region.zone
        same = local.year == self.result.issued_at.astimezone(zone).year
        return local.strftime("%m-%d %H:%M" if same else "%Y-%m-%d %H:%M")

    def _numbered(self, parts: Iterable[tuple[str, dict[str, Any] | None]]) -> dict[str, Any]:
        """Give the parts that there are their numbers, as official documents do."""
        there = [(name, part) for name, part in parts if part is not None]
        numbered = {}
        for count, (name, part) in enumerate(there):
            mark = f"{ORDINALS[count]}、" if self._chinese else f"{count + 1}. "
            numbered[name] = part | {"title": mark + self._say(f"result.{name}")}
        return numbered

    def _opening(self) -> list[str]:
        result, names = self.result, self.names
        words = self._say(
            "result.opening",
            matter=names.matter(result),
            number=result.number,
            place=names.place(result),
            received=self._at(result.received_at),
        )
        if result.accepted_at:
            lead = names.body(result.issuer.department, result)
            words += self._say("result.opening.accepted", lead=lead, accepted=self._at(result.accepted_at))
        if result.on_site_at:
            words += self._say("result.opening.on_site", first=self._at(result.on_site_at))
        said = [words + self._say("result.opening.end")]
        if result.subject:
            said.append(self._say(f"result.subject.{result.subject['kind'] or 'site'}", **result.subject))
        return said

    def _conclusion(self) -> dict[str, Any]:
        return {"text": self.result.conclusion or self._say("result.conclusion.none")}

    def _findings(self) -> dict[str, Any]:
        basis = self.names.basis(self.result)
        rows = [self._finding(part, basis) for part in self.result.findings]
        by_list = basis and any(part.basis is None for part in self.result.findings)
        return {
            "heads": [self._say(f"result.head.{name}") for name in ("department", "arrived", "finding", "basis")],
            "rows": rows,
            "note": self._say("result.basis.of_list", basis=basis) if by_list else "",
        }

    def _finding(self, part: Finding, list_basis: str) -> dict[str, Any]:
        handed_over = part.role is LegRole.LEAD and part.leg != self.result.lead
        arrived = [self._short(part.arrived_at)] if part.arrived_at else [self._say("result.not_on_site")]
        if part.arrived_m is not None:
            arrived.append(self._say("result.distance", metres=round(part.arrived_m)))
        return {
            "name": self.names.body(part.department, self.result),
            "role": self._say("result.handed_over" if handed_over else f"role.{part.role}"),
            "unit": self.names.unit(part.unit, self.result.issued_at),
            "arrived": arrived,
            "far": self._say("result.far", metres=round(FAR_M)) if part.is_far else "",
            "finding": part.finding or self._say("result.finding.none"),
            "found": self._say("result.found", at=self._short(part.found_at)) if part.found_at else "",
            "basis": part.basis or self._say("result.basis.list" if list_basis else "result.basis.none"),
        }

    def _clocks(self) -> dict[str, Any]:
        heads = ("clock", "owner", "start", "due", "stop", "outcome")
        limits = [
            self._say(f"result.promise.{kind}", budget=self._budget(budget))
            for kind, budget in sorted(self.result.promise.items(), key=lambda one: PROMISED.index(one[0]))
        ]
        return {
            "heads": [self._say(f"result.head.{name}") for name in heads],
            "rows": [self._clock(clock) for clock in self.result.clocks],
            "note": self._say("result.promise", limits=self._say("result.join").join(limits)),
        }

    def _clock(self, clock: Clock) -> dict[str, Any]:
        name = self._say(f"clock.{clock.kind}")
        ended, due = outcome(clock), clock.due
        more = []
        if clock.budget != self.result.promise.get(clock.kind):
            more.append(self._say("result.clock.extended", budget=self._budget(clock.budget)))
        if clock.pauses:
            more.append(self._say("result.clock.paused", count=len(clock.pauses)))
        return {
            "name": self._say("result.clock.round", name=name, round=clock.round) if clock.round > 1 else name,
            "owner": self._owner(clock),
            "start": self._short(clock.started_at),
            "due": self._short(due.due_at if due else None)
            + (self._say("result.provisional") if due and due.provisional else ""),
            "stop": self._short(clock.stopped_at),
            "outcome": self._say(f"result.{ended}") if ended else "—",
            "missed": ended == "missed",
            "more": more,
        }

    def _owner(self, clock: Clock) -> str:
        leg = self.result.lead if clock.leg is None else clock.leg
        return self.names.body(self.result.departments[leg], self.result)

    def _budget(self, budget: Budget) -> str:
        if budget.unit is BudgetUnit.MINUTES and budget.amount % 60 == 0:
            return self._say("result.budget.hours", amount=budget.amount // 60)
        return self._say(f"result.budget.{budget.unit}", amount=budget.amount)

    def _grounds(self) -> dict[str, Any]:
        said: dict[str, list[str]] = {}
        for part in self.result.findings:
            said.setdefault(part.clause or part.sentence, []).append(self.names.body(part.department, self.result))
        join = self._say("result.names")
        return {
            "text": self._say("result.grounds.version", version=self.result.list_version),
            "rows": [
                {"who": join.join(dict.fromkeys(who)), "clause": clause} for clause, who in said.items() if clause
            ],
        }

    def _merged(self) -> dict[str, Any] | None:
        if not self.result.merged:
            return None
        numbers = self._say("result.names").join(self.result.merged)
        return {"text": self._say("result.merged.numbers", numbers=numbers)}

    def _notes(self) -> list[str]:
        result, region, version = self.result, self.names.region, self.names.version(self.result)
        notes = []
        if result.round > 1:
            earlier = f"{result.number}-{result.round - 1}"
            notes.append(self._say("result.note.replaces", round=result.round, earlier=earlier))
        if version is not None and version.model:
            notes.append(self._say("result.note.model", source=version.source.rstrip("。.")))
        lines = region.attribution if self._chinese else region.attribution_en or region.attribution
        if lines:
            notes.append(lines.rstrip("。.") + ("。" if self._chinese else "."))
        if any(clock.due and clock.due.provisional for clock in result.clocks):
            notes.append(self._say("result.note.provisional"))
        notes.append(self._say("result.note.objection"))
        notes.append(self._say("result.note.check", path=check_path(result)))
        return notes

    def _signature(self, issuer: str, local: datetime) -> dict[str, str]:
        result, names = self.result, self.names
        unit = names.unit(result.issuer.unit, result.issued_at)
        others = [names.body(part.department, result) for part in result.findings if part.role is LegRole.COORDINATING]
        with_them = self._say("result.names").join(dict.fromkeys(others))
        return {
            "issuer": issuer,
            "date": f"{local.year}年{local.month}月{local.day}日" if self._chinese else f"{local:%Y-%m-%d}",
            "unit": self._say("result.issuer.unit", unit=unit) if unit else "",
            "with": self._say("result.issuer.with", names=with_them) if others else "",
        }


def grouped(digits: str, size: int = ALL_HASH_GROUP) -> str:
    """Write digits in groups that people can compare."""
    return " ".join(digits[start : start + size] for start in range(0, len(digits), size))
