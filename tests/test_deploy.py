"""The files that deploy the product: no container runs here, so they are read, and tried as far as can be."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.api.boundaries import UPLOAD
from dashboard.settings import PREFIX, Settings
from data.backups import restore
from data.engine import migrate, open_engine
from data.store import SqlCaseStore
from data.views import case_page
from tests.data.lives import county
from tests.environment.postgres import Server

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf8"))
NGINX = (DEPLOY / "nginx.conf").read_text(encoding="utf8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf8")
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}
FILES = [
    ROOT / "compose.yaml",
    ROOT / "docs" / "deploy.md",
    *sorted(path for path in DEPLOY.rglob("*") if path.is_file()),
]
OF_COMPOSE = {"ONEMAP_HTTP_PORT"}
"""Variables of compose.yaml itself."""


def block(location: str) -> str:
    """The lines of nginx for one location."""
    found = re.search(rf"location {re.escape(location)} {{(.*?)\n    }}", NGINX, re.DOTALL)
    assert found, location
    return found[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"\bONEMAP_[A-Z_]+\b", path.read_text(encoding="utf8")))
    assert named - OF_COMPOSE <= SETTINGS


def test_values_of_settings_can_be_used() -> None:
    said = {k: v for k, v in COMPOSE["services"]["web1"]["environment"].items() if k.startswith(PREFIX)}
    said = {name: re.sub(r"\$\{[^}]*?:-([^}]*)\}", r"\1", value) for name, value in said.items()}
    for values in (said, environment_file()):
        given = {name.removeprefix(PREFIX).lower(): value for name, value in values.items() if name.startswith(PREFIX)}
        settings = Settings(**given)
        assert settings.access == "accounts", "nothing that other machines reach stands open"
        assert settings.database_url.startswith("postgresql+psycopg://")


def environment_file() -> dict[str, str]:
    lines = (DEPLOY / "systemd" / "onemap.env").read_text(encoding="utf8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_there_are_a_database_two_web_processes_and_a_proxy() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"database", "web1", "web2", "proxy"}
    assert services["web1"] == services["web2"]
    assert services["database"]["image"].startswith("postgis/postgis:")
    assert int(services["database"]["image"].split(":")[1].split("-")[0]) >= 15
    published = {name for name, service in services.items() if "ports" in service}
    assert published == {"proxy"}, "only the proxy is reached from outside"
    for name in ("web1", "web2"):
        assert services[name]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in services:
        assert services[name]["restart"] == "unless-stopped"
        assert ":latest" not in services[name]["image"]


def test_no_password_stands_in_a_file() -> None:
    assert COMPOSE["services"]["database"]["environment"]["POSTGRES_PASSWORD"].startswith("${DB_PASSWORD:?")
    assert "${DB_PASSWORD:?" in COMPOSE["services"]["web1"]["environment"]["ONEMAP_DATABASE_URL"]
    assert not re.search(r"//\w+:[^$@\s]+@", environment_file()["ONEMAP_DATABASE_URL"])


def test_a_web_process_has_no_more_rights_than_it_needs() -> None:
    web = COMPOSE["services"]["web1"]
    assert web["read_only"] is True
    assert web["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in web["security_opt"]
    lines = DOCKERFILE.splitlines()
    assert lines.index("USER 10001") < next(n for n, line in enumerate(lines) if line.startswith("CMD"))
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/readyz" in DOCKERFILE
    # What is written lies in the one volume.
    for folder in ("ONEMAP_INDEX_FOLDER", "ONEMAP_PACK_FOLDER", "NUMBA_CACHE_DIR"):
        assert re.search(rf"{folder}=/var/lib/onemap/", DOCKERFILE)


def test_the_image_holds_every_floor_and_what_it_copies_exists() -> None:
    copied = [
        line.split()[1:] for line in re.findall(r"^COPY (?:--\S+ )?(.+)$", DOCKERFILE, re.M) for line in [f"x {line}"]
    ]
    sources = {source for words in copied for source in words[:-1] if "*" not in source}
    assert {"cases", "geo", "data", "dashboard", "assets"} <= sources
    for source in sources:
        assert (ROOT / source).exists(), source


def test_the_proxy_passes_streams_on_as_they_come() -> None:
    stream = block("= /api/v1/stream")
    for line in ("proxy_buffering off;", "proxy_cache off;", "gzip off;"):
        assert line in stream
    timeout_h = re.search(r"proxy_read_timeout (\d+)h;", stream)
    assert timeout_h
    assert int(timeout_h[1]) * 3600 > Settings.model_fields["heartbeat_seconds"].default
    assert "proxy_http_version 1.1;" in NGINX
    assert "brotli" not in NGINX
    assert re.findall(r"gzip (\w+);", NGINX) == ["off", "off"]


def test_the_proxy_limits_bodies_as_the_application_does() -> None:
    whole = NGINX.split("location")[0]
    assert f"client_max_body_size {Settings.model_fields['body_limit_bytes'].default};" in whole
    upload = block(f"= {UPLOAD}")
    assert f"client_max_body_size {Settings.model_fields['boundary_limit_bytes'].default};" in upload
    assert "proxy_request_buffering off;" in upload


def test_the_proxy_says_who_asked_and_believes_nobody() -> None:
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "proxy_add_x_forwarded_for" not in NGINX
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in NGINX
    assert "proxy_set_header Host $http_host;" in NGINX
    assert "$request_uri" not in NGINX, "the query of a wall's address holds its token"
    assert not re.search(r"log_format.*\$request[\" ]", NGINX)
    # A location that sets one header of its own would lose all that it inherits.
    assert "proxy_set_header" not in "".join(re.findall(r"location [^{]+{.*?\n    }", NGINX, re.DOTALL))


def test_the_proxy_knows_both_processes_and_the_application_the_proxy() -> None:
    assert set(re.findall(r"server (\w+):8050", NGINX)) == {"web1", "web2"}
    (network,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    assert COMPOSE["services"]["web1"]["environment"]["FORWARDED_ALLOW_IPS"] == network["subnet"]
    (port,) = COMPOSE["services"]["proxy"]["ports"]
    assert f"listen {port.rpartition(':')[2]};" in NGINX


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed here")
def test_nginx_reads_its_file(tmp_path: Path) -> None:
    sites = tmp_path / "site.conf"
    sites.write_text(NGINX.replace("web1:", "127.0.0.1:").replace("web2:", "127.0.0.2:"), encoding="utf8")
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ include {sites}; }}\n", encoding="utf8")
    done = subprocess.run(["nginx", "-t", "-c", main], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["onemap@.service", "onemap-backup.service", "onemap-backup.timer"])
def test_units_can_be_read(name: str) -> None:
    unit = configparser.RawConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[method-assign,assignment]
    unit.read(DEPLOY / "systemd" / name, encoding="utf8")
    assert unit.has_section("Unit")
    if name.endswith(".service"):
        assert unit["Service"]["User"] == "onemap"
        assert unit["Service"]["ProtectSystem"] == "strict"
        assert unit["Service"]["NoNewPrivileges"] == "true"
        for path in re.findall(r"/opt/onemap/(deploy/\S+)", unit["Service"]["ExecStart"]):
            assert (ROOT / path).exists()
    else:
        assert unit["Timer"]["Persistent"] == "true"


def test_the_backup_can_be_read_back(postgresql_server: Server, tmp_path: Path) -> None:
    database, again = postgresql_server.create(), postgresql_server.create()
    engine = open_engine(postgresql_server.url(database))
    migrate(engine)
    number = county(SqlCaseStore(engine), seed=3, cases=3, events=5)[0].number
    engine.dispose()

    def run(name: str) -> subprocess.CompletedProcess[str]:
        plain = {**os.environ, "BACKUP_FOLDER": str(tmp_path), "PYTHON": sys.executable}
        plain["ONEMAP_DATABASE_URL"] = postgresql_server.url(name)
        command = ["sh", str(DEPLOY / "backup.sh")]
        return subprocess.run(command, env=plain, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)

    done = run(database)
    assert done.returncode == 0, done.stderr
    (made,) = tmp_path.iterdir()
    assert done.stdout.strip() == str(made)
    other = open_engine(postgresql_server.url(again))
    restore(made, other)
    assert case_page(other, number).state.number == number
    other.dispose()
    failed = run("nobody_has_this")
    assert failed.returncode != 0
    assert list(tmp_path.iterdir()) == [made], "no half file, and the old one stays"


def a_wheel(folder: Path) -> None:
    """The smallest package that pip installs."""
    info = "tiny_thing-1.0.dist-info"
    with zipfile.ZipFile(folder / "tiny_thing-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_thing.py", "SIZE = 1\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


def test_a_wheelhouse_is_gathered_checked_and_installed_without_an_index(tmp_path: Path) -> None:
    """The whole way with one package and no index at all, in a copy of the folder."""
    (tmp_path / "index").mkdir()
    (tmp_path / "deploy").mkdir()
    a_wheel(tmp_path / "index")
    shutil.copy(DEPLOY / "wheelhouse.sh", tmp_path / "deploy")
    (tmp_path / "requirements.txt").write_text("tiny-thing==1.0\n", encoding="utf8")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    plain |= {"PYTHON": sys.executable, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "index")}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        script = ["sh", str(tmp_path / "deploy/wheelhouse.sh"), *words]
        return subprocess.run(script, env=plain, capture_output=True, text=True, check=False, timeout=200)

    done = run()
    assert done.returncode == 0, done.stderr
    house = tmp_path / "wheelhouse"
    assert {path.name for path in house.iterdir()} == {"tiny_thing-1.0-py3-none-any.whl", "SHA256SUMS", "MADE_FOR"}
    shutil.rmtree(tmp_path / "index")
    done = run("install")
    assert done.returncode == 0, done.stderr
    subprocess.run([tmp_path / ".venv/bin/python", "-c", "import tiny_thing"], check=True)
    with (house / "tiny_thing-1.0-py3-none-any.whl").open("ab") as wheel:
        wheel.write(b"x")
    assert run("install").returncode != 0, "a wheel that was changed on the way is refused"


def test_the_target_of_make_calls_the_script() -> None:
    done = subprocess.run(["make", "-n", "wheelhouse"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "sh deploy/wheelhouse.sh" in done.stdout
