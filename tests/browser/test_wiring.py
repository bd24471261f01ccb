"""How the pages hang together: one writer for each fact, ids from one list, any number of applications."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard import ids
from dashboard.server import create_app
from dashboard.settings import Settings

IDS = {value for name, value in vars(ids).items() if name.isupper()}
PATHS = [
    "/",
    "/wall",
    "/township/330282107",
    "/township/1",
    "/case/CX20261124-00001",
    "/mine",
    "/cases",
    "/duplicates",
    "/lists",
    "/lists/QL-001",
    "/nowhere",
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One application on an empty database."""
    return make_app(tmp_path_factory.mktemp("wiring"))


def make_app(folder: Path) -> Any:
    """Make an application of its own."""
    return create_app(Settings(database_url=f"sqlite:///{folder / 'onemap.db'}"))


def ask(app: Any, *requests: tuple[str, str, Any]) -> list[httpx.Response]:
    """Send requests to an application without a network."""

    async def send() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            return [await client.request(method, path, json=body) for method, path, body in requests]

    # In a thread of its own: the browser's driver keeps a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, send()).result()


def dependencies(app: Any) -> list[dict[str, Any]]:
    """What Dash tells the browser about callbacks."""
    found: list[dict[str, Any]] = ask(app, ("GET", "/_dash-dependencies", None))[0].json()
    return found


def outputs(dependency: dict[str, Any]) -> list[str]:
    """The outputs of one callback as id.property."""
    return [part for part in dependency["output"].strip(".").split("...") if part]


def test_every_output_has_one_writer(app: Any) -> None:
    written = [output for dependency in dependencies(app) for output in outputs(dependency)]
    assert len(written) == len(set(written))


def test_no_callback_writes_what_the_stream_alone_may_write(app: Any) -> None:
    written = {output.split(".")[0] for dependency in dependencies(app) for output in outputs(dependency)}
    assert not written & {ids.REV, ids.NOW, ids.COCKPIT_VIEW, ids.LISTS_VIEW}


def test_every_id_comes_from_the_list(app: Any) -> None:
    used = {
        part["id"]
        for dependency in dependencies(app)
        for part in (*dependency["inputs"], *dependency["state"])
        if not part["id"].startswith("_pages")
    }
    assert used <= IDS


def test_live_callbacks_answer_with_data_never_with_components(app: Any) -> None:
    """Component trees from callbacks are slow and remount in Dash 4.4.1."""
    live = [d for d in dependencies(app) if any(part["id"] in {ids.REV, ids.NOW} for part in d["inputs"])]
    written = {output for dependency in live for output in outputs(dependency)}
    assert live
    assert {output.split(".")[1] for output in written} <= {"data", "rowData", "hidden", "children"}
    # A line of text is no tree.
    lines = {f"{ids.COCKPIT_COUNT}.children", f"{ids.COCKPIT_NOTES}.children"}
    assert {output for output in written if output.endswith(".children")} == lines


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["", "?utm=1&shown=2&number=3"])
def test_every_page_answers_with_and_without_a_stray_query(app: Any, path: str, query: str) -> None:
    inputs = [
        {"id": "_pages_location", "property": "pathname", "value": path},
        {"id": "_pages_location", "property": "search", "value": query},
    ]
    body = {
        "output": ".._pages_content.children..._pages_store.data..",
        "outputs": [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}],
        "inputs": inputs,
        "changedPropIds": ["_pages_location.pathname"],
        "state": [],
    }
    answer = ask(app, ("POST", "/_dash-update-component", body))[0]
    assert answer.status_code == 200
    assert "props" in answer.json()["response"]["_pages_content"]["children"]


def test_two_applications_live_in_one_process(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        own = make_app(tmp_path / name)
        page, layout, known = ask(
            own, *(("GET", path, None) for path in ("/wall", "/_dash-layout", "/_dash-dependencies"))
        )
        assert page.status_code == 200
        assert ids.REV in layout.text
        assert ids.WALL_DUE in known.text


def test_a_page_is_small_enough_for_dash(app: Any) -> None:
    """Dash 4.4.1 takes seconds for layouts of many hundred components."""

    def size(tree: Any) -> int:
        if isinstance(tree, list):
            return sum(map(size, tree))
        if isinstance(tree, dict) and "props" in tree:
            return 1 + size(tree["props"].get("children"))
        return 0

    for path in PATHS:
        body = {
            "output": ".._pages_content.children..._pages_store.data..",
            "outputs": [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}],
            "inputs": [
                {"id": "_pages_location", "property": "pathname", "value": path},
                {"id": "_pages_location", "property": "search", "value": ""},
            ],
            "changedPropIds": ["_pages_location.pathname"],
            "state": [],
        }
        answer = ask(app, ("POST", "/_dash-update-component", body))[0].json()
        assert size(answer["response"]["_pages_content"]["children"]) < 200


def test_the_document_says_its_language(app: Any) -> None:
    plain, english = ask(app, ("GET", "/wall", None), ("GET", "/wall?lang=en", None))
    assert '<html lang="zh-CN"' in plain.text
    assert '<html lang="en"' in english.text
