"""A small made-up county to play in, and a server that remembers what it was sent."""

import json
from datetime import UTC, datetime, timedelta

import httpx

from dashboard.simulation.world import World, read_world

WEST, SOUTH, STEP = 121.0, 30.0, 0.01
SIDE = 10  # cells along one side
MATTERS = [
    {"code": "YJS-01", "lead": "zhzf", "coordinating": ["sthj", "scjg"]},
    {"code": "YJS-11", "lead": "zjj", "coordinating": ["sthj", "zhzf"]},
    {"code": "SD-01", "lead": "zhzf", "coordinating": []},
    {"code": "SD-07", "lead": "slj", "coordinating": []},
    {"code": "SD-14", "lead": "sthj", "coordinating": []},
    {"code": "QL-002", "lead": "zjj", "coordinating": []},
]
SOURCES = [
    {"code": "grid", "crs": "EPSG:4490"},
    {"code": "hotline", "crs": "GCJ-02"},
    {"code": "sensor", "crs": "EPSG:4326"},
]
REGION = {"zone": "Asia/Shanghai", "matters": MATTERS, "sources": SOURCES}


def square(west: float, south: float, side: float) -> dict:
    ring = [(west, south), (west + side, south), (west + side, south + side), (west, south + side), (west, south)]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry: dict, code: str, name: str, parent: str | None) -> dict:
    return {"type": "Feature", "geometry": geometry, "properties": {"code": code, "name": name, "parent": parent}}


def layers() -> dict:
    """Two townships of a village each; cells grow from the south-west (dense) to the north-east (wide)."""
    cells, west = [], WEST
    for column in range(SIDE):
        width, south = STEP * (1 + column) / 10, SOUTH
        for row in range(SIDE):
            parent = "V1" if column < 5 else "V2"
            cells.append(feature(square(west, south, width), f"{parent}{column}{row}", f"第{row}网格", parent))
            south += width
        west += width
    return {
        "township": {"features": [feature(square(0, 0, 1), f"T{n}", f"镇{n}", None) for n in (1, 2)]},
        "village": {"features": [feature(square(0, 0, 1), f"V{n}", f"村{n}", f"T{n}") for n in (1, 2)]},
        "grid": {"features": cells},
    }


def world(seed: int = 1) -> World:
    return read_world(REGION, layers(), seed)


class StillClock:
    """A clock that moves only when somebody waits."""

    def __init__(self, now: datetime) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant

    def sleep(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # a Tuesday, 12:00 in Cixi


class Server:
    """Numbers new reports, recognises repeated ones, keeps events; can lose the answer of every n-th request."""

    def __init__(self, lose_every: int = 0) -> None:
        self.requests: list[tuple[str, str, dict | None]] = []
        self.cases: dict[str, dict] = {}
        self.items: dict[str, list[dict]] = {}
        self.lose_every = lose_every

    def client(self) -> httpx.Client:
        return httpx.Client(base_url="http://county.test", transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        self.requests.append((request.method, request.url.path, body))
        if request.url.path == "/api/v1/lists":
            return httpx.Response(200, json={"items": self.items.get(request.url.params["township"], [])})
        response = self.handle(request.method, request.url.path, body)
        if self.lose_every and len(self.requests) % self.lose_every == 0:
            raise httpx.ReadError("the connection was lost")
        return response

    def handle(self, method: str, path: str, body: dict | None) -> httpx.Response:
        parts = path.removeprefix("/api/v1/").split("/")
        if method == "GET" and parts == ["region"]:
            urls = {name: {"url": f"/geo/{name}"} for name in layers()}
            return httpx.Response(200, json={**REGION, "layers": urls})
        if method == "GET" and path.startswith("/geo/"):
            return httpx.Response(200, json=layers()[path.removeprefix("/geo/")])
        if parts[0] == "assessment":
            return httpx.Response(200, json={"units": []})
        if method == "GET":
            return httpx.Response(200, json=next(case for case in self.cases.values() if case["number"] == parts[1]))
        if parts == ["cases"]:
            return self.receive(body)
        case = next(case for case in self.cases.values() if case["number"] == parts[1])
        event = {"kind": body["kind"], "occurred_at": body["occurred_at"]}
        if event in case["events"]:
            return httpx.Response(409, json={"error": "not_allowed", "detail": "again", "allowed": []})
        case["events"].append(event)
        return httpx.Response(201, json=case)

    def receive(self, body: dict) -> httpx.Response:
        known = self.cases.get(body["source_id"])
        if known:
            return httpx.Response(200 if known["body"] == body else 409, json=known)
        number = f"CX20261124-{len(self.cases) + 1:05d}"
        self.cases[body["source_id"]] = case = {"number": number, "body": body, "events": []}
        return httpx.Response(201, json=case)
