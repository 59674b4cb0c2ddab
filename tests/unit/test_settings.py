"""Settings are read once, as a whole, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from rat_engine import Settings
from rat_engine.errors import SettingsError
from rat_engine.settings import variable


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RAT_PORT", "http"),
        ("RAT_PORT", "70000"),
        ("RAT_WORKERS", "0"),
        ("RAT_WORKERS", "-1"),
        ("RAT_MEMORY_LIMIT_MB", "lots"),
        ("RAT_THREADS", "1.5"),
        ("RAT_QUERY_TIMEOUT_SECONDS", "0"),
        ("RAT_QUERY_TIMEOUT_SECONDS", "nan"),
        ("RAT_PIPELINE_READS_FILES", "perhaps"),
        ("RAT_HOST", "0.0.0.0"),
        ("RAT_LOG_LEVEL", "loud"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """P10-34, P10-51: every environment value is validated at start. P1-01: loopback only."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        Settings.load()


def test_a_misspelt_variable_is_refused_with_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAT_PROT", "3000")
    with pytest.raises(SettingsError, match="RAT_PORT"):
        Settings.load()


def test_options_win_over_the_environment_and_none_means_not_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAT_PORT", "4000")
    monkeypatch.setenv("RAT_DATA", str(tmp_path))
    settings = Settings.load(port=5000, data=None)
    assert (settings.port, settings.data) == (5000, tmp_path)


def test_the_data_folder_is_absolute_and_lies_in_the_working_folder_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.load().data == tmp_path / ".rat"


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1


def test_a_child_that_is_given_the_environment_has_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, allowed_hosts=("a", "b"), query_timeout_seconds=1.5, pipeline_reads_files=False)
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings.load() == settings


def test_every_setting_says_what_it_is_for() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, variable(name)
