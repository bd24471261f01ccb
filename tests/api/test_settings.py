"""One typed class holds every setting."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from dashboard.settings import REGIONS, Settings, SettingsError, unknown_variables


def test_the_environment_sets_what_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEMAP_PORT", "9000")
    monkeypatch.setenv("ONEMAP_LANGUAGE", "en")
    assert (Settings().port, Settings().language) == (9000, "en")


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "http"), ("PORT", "65536"), ("LANGUAGE", "fr"), ("HEARTBEAT_SECONDS", "0")]
)
def test_a_value_that_cannot_be_meant_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"ONEMAP_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_settings_do_not_change_while_the_server_runs() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert name in (Settings.__doc__ or ""), name


def test_a_region_is_a_name_or_a_folder(tmp_path: Path) -> None:
    assert Settings(region="cixi").region_folder() == REGIONS / "cixi"
    (tmp_path / "region.toml").touch()
    assert Settings(region=str(tmp_path)).region_folder() == tmp_path
    with pytest.raises(SettingsError, match=r"ONEMAP_REGION is 'atlantis'.*cixi.*region new"):
        Settings(region="atlantis").region_folder()


def test_a_misspelt_variable_is_noticed() -> None:
    environment = {"ONEMAP_DATABSE_URL": "x", "ONEMAP_PORT": "1", "PATH": "/bin", "ONEMAP_QQQQ": "1"}
    assert unknown_variables(environment) == {"ONEMAP_DATABSE_URL": "ONEMAP_DATABASE_URL", "ONEMAP_QQQQ": ""}
