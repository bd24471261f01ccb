"""Every role on every page, route and callback; what is theirs opens, and nothing else.

The expectation is written here by hand from the roles of the design, not read from the table of the code. A letter says
who gets in: K wall, L leader, D officer of a department, U officer of a unit, T officer of a township, C commander,
A adjudicator, R reporter, Z administrator; N is nobody who has signed in.
"""

import re
import time
from typing import Any

import pytest

from cases.desk import EventRequest
from dashboard.auth import PAGES, ROUTES
from data import views
from tests.access.conftest import OTHER, OWN, Door
from tests.api import pack
from tests.api.conftest import report
from tests.api.test_every_route_answers import navigation

WHO = {
    "K": "kiosk",
    "L": "leader",
    "D": "department",
    "U": "unit",
    "T": "township",
    "C": "commander",
    "A": "adjudicator",
    "R": "reporter",
    "Z": "administrator",
    "N": "nobody",
}
ALL, PEOPLE, WORK = "KLDUTCARZ", "LDUTCAZ", "LDUTCA"
ROUTE_MATRIX = f"""
GET /login                                             N{ALL}
GET /oidc/start                                        N{ALL}
GET /oidc/callback                                     N{ALL}
POST /api/v1/session                                   N{ALL}
GET /api/v1/session                                    {ALL}
POST /api/v1/session/password                          {PEOPLE}
POST /api/v1/session/end                               {PEOPLE}
POST /api/v1/session/end-all                           {PEOPLE}
GET /api/v1/users                                      Z
POST /api/v1/users                                     Z
POST /api/v1/users/{{name}}                            Z
POST /api/v1/users/{{name}}/reset                      Z
GET /api/v1/tokens                                     Z
POST /api/v1/tokens                                    Z
POST /api/v1/tokens/{{number}}/revoke                  Z
GET /api/v1/audit                                      Z
POST /api/v1/cases                                     R
GET /api/v1/cases                                      {WORK}R
GET /api/v1/cases/{{number}}                           LDUTCAR
POST /api/v1/cases/{{number}}/events                   LDUTCAR
POST /api/v1/cases/{{number}}/contact                  LDUTC
POST /api/v1/cases/{{number}}/erasure                  C
GET /api/v1/cases/{{number}}/result                    LDUTCAR
GET /api/v1/cases/{{number}}/result.html               LDUTCAR
GET /api/v1/cases/{{number}}/result.pdf                LDUTCAR
GET /api/v1/answers                                    CR
GET /api/v1/cases/{{number}}/duplicates                C
GET /api/v1/duplicates                                 C
GET /api/v1/board                                      K{WORK}
GET /api/v1/region                                     {ALL}
GET /geo/{{digest}}/{{name}}                           {ALL}
GET /api/v1/lists                                      {PEOPLE}R
GET /api/v1/lists/{{code}}                             {PEOPLE}R
GET /api/v1/routes                                     {PEOPLE}R
GET /api/v1/disputes                                   {WORK}
GET /api/v1/disputes/counts                            {WORK}
GET /api/v1/disputes/rulings                           {WORK}
GET /api/v1/inbox                                      {WORK}R
POST /api/v1/inbox/{{notice}}/read                     {WORK}R
GET /api/v1/subjects                                   {WORK}
GET /api/v1/subjects/{{subject}}                       {WORK}
GET /api/v1/inspections                                {WORK}
GET /api/v1/assessment                                 {WORK}
GET /api/v1/assessment.xlsx                            {WORK}
GET /api/v1/assessment/cases                           {WORK}
POST /api/v1/assessment/ratings                        L
POST /api/v1/assessment/consultations                  CA
POST /api/v1/assessment/consultations/{{asked}}/answer L
GET /api/v1/case-table                                 {WORK}
GET /api/v1/case-table.csv                             {WORK}
GET /api/v1/case-table.xlsx                            {WORK}
GET /api/v1/views                                      {WORK}
POST /api/v1/views                                     {WORK}
PATCH /api/v1/views/{{asked}}                          {WORK}
DELETE /api/v1/views/{{asked}}                         {WORK}
GET /api/v1/figures                                    {WORK}
GET /api/v1/history                                    {WORK}
GET /api/v1/history/moment                             {WORK}
GET /api/v1/history/density                            {WORK}
GET /api/v1/history/hotspots                           {WORK}
GET /api/v1/history/expected                           {WORK}
GET /api/v1/snapshot.{{form}}                          {WORK}
GET /api/v1/packs                                      {WORK}
GET /api/v1/packs/{{day}}                              {WORK}
GET /api/v1/exports                                    {WORK}
POST /api/v1/exports                                   {WORK}
GET /api/v1/exports/{{asked}}                          {WORK}
DELETE /api/v1/exports/{{asked}}                       {WORK}
POST /api/v1/exports/{{asked}}/resume                  {WORK}
GET /api/v1/exports/{{asked}}/files/{{file}}           {WORK}
GET /ogc                                               {PEOPLE}R
GET /ogc/conformance                                   {PEOPLE}R
GET /ogc/collections                                   {PEOPLE}R
GET /ogc/collections/{{name}}                          {PEOPLE}R
GET /ogc/collections/{{name}}/items                    {PEOPLE}R
GET /ogc/collections/{{name}}/items/{{feature}}        {PEOPLE}R
GET /api/v1/boundaries                                 Z
GET /api/v1/boundaries/publications/{{publication}}    Z
POST /api/v1/boundaries/publications/{{publication}}/withdrawal Z
POST /api/v1/boundaries/drafts                         Z
GET /api/v1/boundaries/drafts/{{draft}}                Z
DELETE /api/v1/boundaries/drafts/{{draft}}             Z
POST /api/v1/boundaries/drafts/{{draft}}/check         Z
GET /api/v1/boundaries/drafts/{{draft}}/report.html    Z
POST /api/v1/boundaries/drafts/{{draft}}/publication   Z
GET /manifest.webmanifest                              N{ALL}
GET /sw.js                                             N{ALL}
GET /offline                                           N{ALL}
GET /result/{{number}}                                 N{ALL}
GET /healthz                                           N{ALL}
GET /readyz                                            N{ALL}
GET /metrics                                           Z
GET /api/docs                                          {ALL}
GET /api/openapi.json                                  {ALL}
GET /assets/{{path}}                                   N{ALL}
GET /api/static/{{path}}                               N{ALL}
GET /_dash-component-suites/{{package_name}}/{{fingerprinted_path}} N{ALL}
GET /_favicon.ico                                      N{ALL}
GET /_dash-layout                                      {ALL}
GET /_dash-dependencies                                {ALL}
GET /_reload-hash                                      -
POST /_dash-update-component                           {ALL}
GET /api/v1/stream                                     K{WORK}Z
"""
# Streams do not end by themselves: who gets in is tried in test_streams.
ENDLESS = "/api/v1/stream"
PAGE_MATRIX = f"""
cookpit_ /                     K{WORK}
wall     /wall                 K{WORK}
township /township/{OWN}       LC
case     /case/{{own}}         LDUTCA
cases    /cases                {WORK}
officer  /mine                 DUTC
history  /history              {WORK}
boundaries /boundaries         Z
lists    /lists                {PEOPLE}
item     /lists/SD-01          {PEOPLE}
disputes /disputes             {WORK}
duplicates /duplicates         C
inspections /inspections       {WORK}
inbox    /inbox                {WORK}
assessment /assessment         {WORK}
boundaries /boundaries         Z
users    /users                Z
audit    /audit                Z
not_found /no/such/page        {ALL}
""".replace("cookpit_", "cockpit")


def matrix(text: str) -> dict[tuple[str, str], set[str]]:
    """First two words of each row to the names of who gets in."""
    rows = [row.split() for row in text.strip().splitlines()]
    return {(one, two): {WHO[letter] for letter in letters if letter in WHO} for one, two, letters in rows}


ROUTES_OF, PAGES_OF = matrix(ROUTE_MATRIX), matrix(PAGE_MATRIX)


def make(door: Door, source_id: str, cell: int, matter: str = "YJS-01", source: str = "grid") -> str:
    """A case in a cell, straight through the desk."""
    lon, lat = pack.centre(cell)
    place = {"x": lon, "y": lat, "crs": "EPSG:4490"}
    body = report(
        source_id, matter=matter, source=source, point=place, contact={"name": "王小明", "phone": "13812345678"}
    )
    posted = door.key(source, f"maker {source_id}").post("/api/v1/cases", body)
    assert posted.status_code == 201, posted.text
    return str(posted.json()["number"])


@pytest.fixture
def world(door: Door) -> dict[str, str]:
    """A case of everybody's own, disputed, in the own township; and one that is somebody else's in every respect."""
    own = make(door, "own", 0)
    other = make(door, "other", 7, "SD-02", "hotline")
    # So that the township itself and the adjudicator have a part in it, too.
    desk, now = door.services.desk, door.watch.now
    desk.record(own, EventRequest("disputed", now, "sthj", department="sthj", data={"clause": "一件事第一项"}), now)
    # What the lists leave to the township itself.
    acting = make(door, "acting", 1, "SD-02")
    handed = {"department": "township", "reason": "镇街办理"}
    desk.record(acting, EventRequest("transferred", now, "command", data=handed), now)
    door.services.live.nudge()
    # The board follows in a task of its own.
    end = time.monotonic() + 20
    while door.services.board.revision < views.latest_revision(door.services.engine):
        assert time.monotonic() < end
        time.sleep(0.02)
    return {"own": own, "other": other, "acting": acting}


def own_of(world: dict[str, str], name: str) -> str:
    """The case that is somebody's own."""
    return world["acting" if name == "township" else "own"]


def filled(path: str, number: str, door: Door) -> str:
    layers = door.services.geometry.layers
    _, _, digest, name = layers["grid"].url.split("/")
    values = {
        "number": number,
        "code": "SD-01",
        "notice": "1",
        "digest": digest,
        "asked": "1",
        "subject": "site:nowhere",
        "publication": "1",
        "draft": "nothing",
        "form": "svg",
        "day": "2026-11-23",
        "feature": "none",
        "file": "cases-0001.xlsx",
        "name": name if path.startswith("/geo") else "nobody",
        "package_name": "dash",
        "fingerprinted_path": "dash-renderer/build/dash_renderer.min.js",
        "path": "icon.svg" if path.startswith("/assets") else "swagger-ui.css",
    }
    queries = {
        "/api/v1/history/density": "?from=2026-11-23T00:00:00Z",
        "/api/v1/assessment/cases": "?unit=zhzf-001&indicator=disposal",
        "/api/v1/routes": "?matter=SD-01",
        "/api/v1/tokens": "?kind=kiosk",
        "/api/v1/tokens/{number}/revoke": "?kind=kiosk",
    }
    if path == "/api/v1/tokens/{number}/revoke":
        values["number"] = "999"
    return re.sub(r"{(\w+)}", lambda found: values[found[1]], path) + queries.get(path, "")


BODIES: dict[str, Any] = {
    "/api/v1/session": {"name": "nobody", "password": "x"},
    "/api/v1/session/password": {"before": "x", "after": "y"},
    "/api/v1/cases": report("mine"),
    "/api/v1/cases/{number}/events": {
        "kind": "commented",
        "occurred_at": "2026-11-24T11:58:00+08:00",
        "data": {"text": "好"},
    },
    "/api/v1/assessment/ratings": {
        "unit": "zhzf-001",
        "period": "2026-11",
        "rater": f"township:{OWN}",
        "score": 90,
        "reason": "及时",
    },
    "/_dash-update-component": navigation("/no/such/page"),
}


SETTLED = {
    "kind": "settled",
    "occurred_at": "2026-11-24T12:00:00+08:00",
    "department": "sthj",
    "data": {"department": "sthj", "decision": "维持"},
}


def body_of(path: str, name: str) -> Any:
    """What somebody sends there; the adjudicator settles, and says nothing else."""
    return SETTLED if name == "adjudicator" and path.endswith("/events") else BODIES.get(path, {})


def turned_away(status: int, body: str) -> bool:
    """Whether the gate, or the rules behind it, kept somebody out; not whether the request itself was any good."""
    if status in (303, 401):
        return "wrong_password" not in body
    return status == 403 and '"forbidden"' in body


def test_the_hand_written_matrices_speak_of_everything() -> None:
    assert ROUTES_OF.keys() == ROUTES.keys()
    assert {page for page, _ in PAGES_OF} == set(PAGES)


@pytest.mark.parametrize("name", WHO.values())
def test_every_role_on_every_route(door: Door, world: dict[str, str], name: str) -> None:
    wrong = []
    for (method, path), allowed in ROUTES_OF.items():
        # Those of the identity provider always lead on.
        if path == ENDLESS or path.startswith("/oidc"):
            continue
        # Signing out ends who they are, so each route is tried by them anew.
        answer = door.be(name).request(
            method, filled(path, own_of(world, name), door), json=body_of(path, name) if method == "POST" else None
        )
        if turned_away(answer.status_code, answer.text) == (name in allowed):
            wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:120]}")
        assert answer.status_code < 500, f"{method} {path}: {answer.text[:300]}"
    assert wrong == []


@pytest.mark.parametrize("name", WHO.values())
def test_every_role_on_every_page(door: Door, world: dict[str, str], name: str) -> None:
    somebody, wrong = door.be(name), []
    for (page, template), allowed in PAGES_OF.items():
        path = template.format(own=own_of(world, name))
        answer = somebody.get(path)
        if name == "nobody":
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/login?why=signed_out&next=%2F"), page
            continue
        drawn = somebody.post("/_dash-update-component", navigation(path))
        text = drawn.json()["response"]["_pages_content"]["children"]
        opened = "不对您的角色开放" not in str(text) and "不归您办理" not in str(text)
        if opened != (name in allowed):
            wrong.append(f"{page}: {'opened' if opened else 'refused'}")
        assert answer.status_code == (404 if page == "not_found" else 200 if opened else 403), page
    assert wrong == []


OTHERS = {
    # What is somebody else's, to those who have what is their own; the commander has everything.
    "GET /api/v1/cases/{number}": "LDUTAR",
    "POST /api/v1/cases/{number}/events": "LDUTAR",
    "POST /api/v1/cases/{number}/contact": "LDUT",
    "GET /api/v1/cases/{number}/result": "LDUTAR",
    "GET /api/v1/cases/{number}/result.html": "LDUTAR",
    "GET /api/v1/cases/{number}/result.pdf": "LDUTAR",
    "GET /api/v1/inbox?recipient=department:scjg": "LDUTAR",
    f"GET /api/v1/inbox?recipient=township:{OTHER}": "LDUTAR",
}


@pytest.mark.parametrize("route", OTHERS)
def test_what_is_somebody_elses_stays_shut(door: Door, world: dict[str, str], route: str) -> None:
    method, path = route.split(" ")
    for letter in OTHERS[route]:
        somebody = door.be(WHO[letter])
        body = {"kind": "commented", "occurred_at": "2026-11-24T11:58:00+08:00", "data": {"text": "好"}}
        answer = somebody.request(
            method,
            path.format(number=world["other"]),
            json=body if "/events" in path else {} if method == "POST" else None,
        )
        assert answer.status_code == 403, f"{WHO[letter]}: {answer.status_code} {answer.text[:200]}"
        assert answer.json()["error"] == "forbidden"
    if "/result" not in path:
        commander = door.be("commander").request(
            method,
            path.format(number=world["other"]),
            json=body if "/events" in path else {} if method == "POST" else None,
        )
        assert commander.status_code < 300, commander.text


LISTED = {
    "leader": {"own"},
    "department": {"own"},
    "unit": {"own"},
    "township": set(),
    "adjudicator": {"own"},
    "reporter": {"own"},
    "commander": {"own", "other"},
}


@pytest.mark.parametrize("name", LISTED)
def test_lists_hold_what_is_ones_own_whatever_is_asked_for(both_doors: Door, name: str) -> None:
    numbers = {"own": make(both_doors, "own", 0), "other": make(both_doors, "other", 7, "SD-02", "hotline")}
    desk, now = both_doors.services.desk, both_doors.watch.now
    desk.record(
        numbers["own"], EventRequest("disputed", now, "sthj", department="sthj", data={"clause": "第一项"}), now
    )
    somebody = both_doors.be(name)
    wanted = {numbers[one] for one in LISTED[name]}
    for query in (
        "",
        f"?township={OWN}&township={OTHER}",
        "?source=grid&source=hotline",
        "?department=scjg&department=zhzf",
    ):
        found = {case["number"] for case in somebody.get(f"/api/v1/cases{query}").json()["cases"]}
        assert found == wanted, query
    if name != "reporter":
        disputes = {row["number"] for row in somebody.get("/api/v1/disputes").json()["disputes"]}
        assert disputes == wanted & {numbers["own"]}


def test_a_key_speaks_for_its_own_source_alone(door: Door) -> None:
    refused = door.key("grid").post("/api/v1/cases", report("1", source="hotline"))
    assert refused.status_code == 403
    assert "grid" in refused.json()["detail"]
    assert door.key("grid", "other").post("/api/v1/cases", report("1")).status_code == 201


@pytest.mark.parametrize("name", WHO.values())
def test_every_role_on_every_callback(door: Door, world: dict[str, str], access_app: Any, name: str) -> None:
    of_page = {page: allowed for (page, _), allowed in PAGES_OF.items()}
    somebody, tried = door.be(name), 0
    for output, pages in access_app.state.pages.callbacks.items():
        if not access_app.state.dash.callback_map[output].get("callback"):
            continue  # it runs in the browser
        tried += 1
        answer = somebody.post("/_dash-update-component", {"output": output, "outputs": [], "inputs": []})
        may = any(name in of_page[page] for page in pages)
        assert turned_away(answer.status_code, answer.text) != may, f"{output}: {answer.status_code}"
    assert tried > 15


def ask(somebody: Any, access_app: Any, prefix: str, value: Any) -> Any:
    """Call the callback of an output whose name begins so, with one value for its one state."""
    output = next(one for one in access_app.state.pages.callbacks if prefix in one)
    spec = next(one for one in somebody.get("/_dash-dependencies").json() if one["output"] == output)
    outputs = [
        {"id": part.rpartition(".")[0], "property": part.rpartition(".")[2]} for part in output.strip(".").split("...")
    ]
    fill = lambda rows, value: [row | {"value": value} for row in rows]  # noqa: E731
    body = {
        "output": output,
        "outputs": outputs if len(outputs) > 1 else outputs[0],
        # A revision, an instant, or how many rows: enough of each.
        "inputs": fill(spec["inputs"], 40),
        "state": fill(spec["state"], value),
        "changedPropIds": ["rev.data"],
    }
    return somebody.post("/_dash-update-component", body)


@pytest.mark.parametrize("name", ["leader", "department", "unit", "adjudicator"])
def test_the_callback_of_a_case_page_shows_nobody_elses(
    door: Door, world: dict[str, str], access_app: Any, name: str
) -> None:
    somebody = door.be(name)
    own = ask(somebody, access_app, "case-data.data", world["own"]).json()["response"]
    assert own["case-data"]["data"]["number"] == world["own"]
    other = ask(somebody, access_app, "case-data.data", world["other"]).json()["response"]
    assert other["case-data"]["data"] is None
    assert other["case-body"]["hidden"] is True


def test_the_callbacks_of_a_township_page_show_no_other_township(
    door: Door, world: dict[str, str], access_app: Any
) -> None:
    leader = door.be("leader")
    for code, numbers in ((OWN, {world["own"], world["acting"]}), (OTHER, set())):
        found = ask(leader, access_app, "township-data", code).json()["response"]["township-data"]["data"]
        assert {row["number"] for row in found["cases"]} == numbers, code
        units = ask(leader, access_app, "township-units", code).json()["response"]["township-units"]["rowData"]
        assert bool(units) == (code == OWN)
    page = leader.post("/_dash-update-component", navigation(f"/township/{OTHER}"))
    assert "这不是您所在的镇街" in page.text
    assert leader.get(f"/township/{OTHER}").status_code == 403
