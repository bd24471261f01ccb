"""A hub of Cixi that a story speaks to: only over HTTP, in local times, with words instead of addresses."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.api.conftest import Caller, Watch

SHANGHAI = ZoneInfo("Asia/Shanghai")
GRID_CELL_POINT = (121.4057, 30.1702)
"""The seat of 观海卫镇 (facts of the county: latitude 30.1702, longitude 121.4057)."""
SEATS = {"330282121": (121.1277, 30.1744)}
METRES_A_DEGREE = 110_852.0
"""Of latitude, at 30° north."""


@dataclass
class Hub:
    """Calls an application whose clock follows the story."""

    client: Caller
    watch: Watch

    def at(self, local: str) -> datetime:
        """Give an instant of 2026 as ``11-24 08:15``, and let the hub's clock be there."""
        instant = datetime.strptime(f"2026-{local}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
        self.watch.now = max(self.watch.now, instant.astimezone(UTC))
        return instant

    def utc(self, local: str) -> str:
        """Write a local time as the API does."""
        return f"{self.at(local).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    @staticmethod
    def north_of(point: tuple[float, float], metres: float) -> dict[str, Any] | tuple[float, float]:
        """Give a point so many metres north of another."""
        return point[0], point[1] + metres / METRES_A_DEGREE

    @staticmethod
    def seat_of(township: str) -> tuple[float, float]:
        """Give the seat of a township."""
        return SEATS[township]

    def report(
        self, source_id: str, *, at: str, point: tuple[float, float], crs: str = "EPSG:4490", **more: Any
    ) -> str:
        """Report something and give the number of the case."""
        body = {"source": "grid", "source_id": source_id, "occurred_at": self.at(at).isoformat(), **more}
        answer = self.client.post("/api/v1/cases", json=body | {"point": _point(point, crs)})
        assert answer.status_code == 201, answer.text
        number: str = answer.json()["number"]
        return number

    def _record(self, number: str, kind: str, at: str, actor: str, more: dict[str, Any]) -> Any:
        data = dict(more.pop("data", {}))
        if isinstance(data.get("point"), tuple):
            data["point"] = _point(data["point"])
        body = {"kind": kind, "occurred_at": self.at(at).isoformat(), "actor": actor, "data": data, **more}
        return self.client.post(f"/api/v1/cases/{number}/events", json=body)

    def event(self, number: str, kind: str, at: str, actor: str, **more: Any) -> None:
        """Record an event that must be taken."""
        answer = self._record(number, kind, at, actor, more)
        assert answer.status_code == 201, answer.text

    def refused(self, number: str, kind: str, at: str, actor: str, **more: Any) -> dict[str, Any]:
        """Record an event that must be refused, leaving no trace, and give the answer."""
        before = self.case(number)["events"]
        answer = self._record(number, kind, at, actor, more)
        assert 400 <= answer.status_code < 500, answer.text
        assert self.case(number)["events"] == before
        said: dict[str, Any] = answer.json()
        return said

    def get(self, path: str, **params: Any) -> Any:
        """Read JSON."""
        answer = self.client.get(f"/api/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def case(self, number: str) -> dict[str, Any]:
        """Read a case whole."""
        found: dict[str, Any] = self.get(f"cases/{number}")
        return found

    def clock(self, number: str, kind: str, leg: int | None = None) -> tuple[str, str | None, str | None] | None:
        """Read start, due and stop of the last clock of a kind, in local time."""
        found = [
            clock for clock in self.case(number)["clocks"] if clock["kind"] == kind and leg in (None, clock["leg"])
        ]
        if not found:
            return None
        return tuple(_local(found[-1][name]) for name in ("started_at", "due_at", "stopped_at"))  # type: ignore[return-value]

    def disputes(self, number: str) -> list[dict[str, Any]]:
        """Read the disputes of a case."""
        found: list[dict[str, Any]] = self.case(number)["disputes"]
        return found

    def duplicates(self, number: str) -> list[dict[str, Any]]:
        """Read what may be the same."""
        found: list[dict[str, Any]] = self.get(f"cases/{number}/duplicates")["duplicates"]
        return found

    def result(self, number: str, round: int | None = None) -> dict[str, Any]:
        """Read the unified result."""
        found: dict[str, Any] = self.get(f"cases/{number}/result", **({"round": round} if round else {}))
        return found

    def html(self, number: str) -> str:
        """Read the unified result as a page."""
        answer = self.client.get(f"/api/v1/cases/{number}/result.html")
        assert answer.status_code == 200, answer.text
        return answer.text

    def pdf_text(self, number: str) -> str:
        """Read what stands in the PDF, line ends taken out."""
        answer = self.client.get(f"/api/v1/cases/{number}/result.pdf")
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(b"%PDF-")
        done = subprocess.run(["pdftotext", "-", "-"], input=answer.content, capture_output=True, check=True)
        return done.stdout.decode().replace("\n", "")

    def unanswered(self) -> list[dict[str, Any]]:
        """Read whose reporters still wait for an answer."""
        found: list[dict[str, Any]] = self.get("answers", unanswered="true")["answers"]
        return found

    def inspections(self, quarter: str) -> list[dict[str, Any]]:
        """Read how often subjects were visited more than once, by department."""
        found: list[dict[str, Any]] = self.get("inspections", quarter=quarter)["departments"]
        return found


def _point(point: tuple[float, float], crs: str = "EPSG:4490") -> dict[str, Any]:
    return {"x": point[0], "y": point[1], "crs": crs}


def _local(written: str | None) -> str | None:
    if written is None:
        return None
    return f"{datetime.fromisoformat(written).astimezone(SHANGHAI):%m-%d %H:%M}"
