"""No address leads to a file that is not meant: every place in every path, and the folders of files."""

import re
from urllib.parse import quote

import pytest

from dashboard.auth import ROUTES
from tests.api.conftest import Caller
from tests.security.conftest import READING

OUT = [
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5cetc%5cpasswd",
    "....//....//etc/passwd",
    "%252e%252e%252fetc%252fpasswd",
    "/etc/passwd",
    "%00",
    "a%00.svg",
    "..",
    "%c0%ae%c0%ae/etc/passwd",
    "file:///etc/passwd",
    "C:%5cWindows%5cwin.ini",
    "pyproject.toml",
    "../pyproject.toml",
    "../dashboard/settings.py",
    "..%2fdashboard%2fsettings.py",
]
SIGNS = ("root:x:", "[project]", "SecretStr", "[extensions]")
"""What stands in those files."""
PLACED = sorted({path for _, path in READING if "{" in path})


@pytest.mark.parametrize("template", PLACED)
def test_no_place_in_a_path_leads_out(open_client: Caller, template: str) -> None:
    for out in OUT:
        for value in (out, quote(out, safe="")):
            path = re.sub(r"{\w+}", lambda _, value=value: value, template)  # type: ignore[misc]
            answer = open_client.request("GET", f"http://127.0.0.1{path}")
            assert answer.status_code < 500, f"{path}: {answer.text[:200]}"
            assert not any(sign in answer.text for sign in SIGNS), path


def test_every_path_with_a_place_is_tried() -> None:
    assert set(PLACED) == {path for method, path in ROUTES if method == "GET" and "{" in path}
    assert len(PLACED) > 15


@pytest.mark.parametrize(
    "base", ["/assets/", "/api/static/", "/_dash-component-suites/dash/", "/_dash-component-suites/"]
)
def test_folders_give_their_own_files_alone(open_client: Caller, base: str) -> None:
    for out in OUT:
        answer = open_client.request("GET", f"http://127.0.0.1{base}{out}")
        # `..` alone leads to a page, as in any browser.
        is_page = answer.status_code == 200 and "react-entry-point" in answer.text
        assert is_page or answer.status_code in (400, 403, 404), f"{base}{out}: {answer.text[:200]}"
        assert not any(sign in answer.text for sign in SIGNS)


@pytest.mark.parametrize("name", ["day", "form", "draft", "lang", "file"])
def test_what_names_a_file_in_a_query_leads_nowhere(open_client: Caller, name: str) -> None:
    for out in OUT:
        for path in ("/api/v1/snapshot.svg", "/api/v1/packs/2026-11-23", "/api/v1/boundaries", "/login"):
            answer = open_client.get(path, params={name: out})
            assert answer.status_code < 500, f"{path}?{name}={out}"
            assert not any(sign in answer.text for sign in SIGNS)
