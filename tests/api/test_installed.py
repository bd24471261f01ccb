"""What makes the pages an application: the manifest opens where it was installed, the worker keeps no data."""

import struct

import pytest

from dashboard.settings import ASSETS
from tests.api.conftest import Caller


def test_the_manifest_opens_the_page_from_which_it_was_installed(client: Caller) -> None:
    answer = client.get("/manifest.webmanifest", params={"start": "/township/330200001"})
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["start_url"], manifest["display"], manifest["scope"]) == ("/township/330200001", "standalone", "/")
    assert manifest["name"] == "小县 属地一张图"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}


def test_every_icon_is_a_picture_of_the_size_that_it_says(client: Caller) -> None:
    for icon in client.get("/manifest.webmanifest").json()["icons"]:
        answer = client.get(icon["src"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        width, height = struct.unpack(">II", answer.content[16:24])
        assert f"{width}x{height}" == icon["sizes"]
    page = client.get("/mine").text
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    assert 'rel="apple-touch-icon"' in page
    assert client.get("/assets/icons/apple-180.png").status_code == 200


@pytest.mark.parametrize(
    "start", ["https://elsewhere.example/", "//elsewhere.example/x", "javascript:alert(1)", "", "a b"]
)
def test_an_application_never_opens_with_another_site(client: Caller, start: str) -> None:
    assert client.get("/manifest.webmanifest", params={"start": start}).json()["start_url"] == "/mine"


def test_the_worker_stands_at_the_root_and_names_the_version_of_the_page_that_it_keeps(client: Caller) -> None:
    answer = client.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "no-cache" in answer.headers["cache-control"]
    assert "{version}" not in answer.text
    assert "w_offline.js" not in client.get("/mine").text, "a worker is no script of a page"


def test_the_page_without_a_network_speaks_the_readers_language_and_needs_nothing_else(client: Caller) -> None:
    page = client.get("/offline")
    assert "没有网络" in page.text
    assert "No network" in client.get("/offline", headers={"Cookie": "onemap_lang=en"}).text
    script = page.text.split('<script src="')[1].split('"')[0]
    assert client.get(script).status_code == 200
    assert script in client.get("/sw.js").text
    assert page.text.count("src=") == 1
    assert (ASSETS / "offline.html").read_text(encoding="utf8").count("http") == 0
