"""A secret may stand in a file of its own instead of the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from api.runtime.cli import main
from api.runtime.settings import Settings

SECRETS = (
    "DATABASE_PASSWORD",
    "DATABASE_URL",
    "MAKEGOOD_LINK_SECRET",
    "MAKEGOOD_LINK_SECRET_PREVIOUS",
    "MAKEGOOD_LINK_SECRETS_RETIRED",
    "REDIS_PASSWORD",
    "REDIS_URL",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_AUTH_TOKEN_SECONDARY",
)
LONG = "a secret of more than thirty-two characters"


def test_what_may_stand_in_a_file() -> None:
    assert set(SECRETS) <= set(Settings.secret_names())


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_is_read_from_its_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = {"DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://db/0"}.get(name, LONG)
    (tmp_path / "secret").write_text(f"{value}\n")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    if name == "DATABASE_PASSWORD":
        monkeypatch.setenv("DATABASE_URL", "postgresql://db/x")
    [field] = [key for key, field in Settings.model_fields.items() if field.validation_alias == name]
    read = getattr(Settings(), field)
    assert (read if isinstance(read, str) else read.get_secret_value()) == value
    assert LONG not in repr(Settings())


def test_a_file_that_is_not_there_stops_the_start_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN_FILE", str(tmp_path / "nowhere"))
    assert main(["doctor"]) == 2
    said = capsys.readouterr().err
    assert f"TWILIO_AUTH_TOKEN_FILE names {tmp_path / 'nowhere'}, which cannot be read: No such file" in said


def test_a_secret_that_stands_twice_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text(LONG)
    monkeypatch.setenv("MAKEGOOD_LINK_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("MAKEGOOD_LINK_SECRET", LONG)
    with pytest.raises(ValueError, match="MAKEGOOD_LINK_SECRET_FILE are both set"):
        Settings()


def test_an_empty_file_is_a_secret_that_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("\n")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN_FILE", str(tmp_path / "secret"))
    assert "TWILIO_AUTH_TOKEN" in Settings().twilio_lacks


def test_a_password_of_any_signs_becomes_part_of_an_address() -> None:
    odd = "p@ss/w:rd %?#"
    given = {"DATABASE_URL": "postgresql://makegood:old@db:5432/makegood", "DATABASE_PASSWORD": odd}
    settings = Settings.model_validate(
        {**given, "REDIS_URL": "redis://makegood@redis:6379/0", "REDIS_PASSWORD": odd}
    )
    url = make_url(settings.database)
    assert (url.username, url.password, url.host, url.database) == ("makegood", odd, "db", "makegood")
    assert settings.redis.startswith("redis://makegood:p%40ss%2Fw%3Ard%20%25%3F%23@redis:6379/0")
    assert Settings.model_validate({"REDIS_URL": "redis://redis:6379/0"}).redis == "redis://redis:6379/0"
    with pytest.raises(ValueError, match="set DATABASE_URL too"):
        Settings.model_validate({"DATABASE_PASSWORD": odd})
