"""Settings: taken from file and environment, refused with the line and the nearest name when they cannot be."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from habitue import settings
from habitue.settings import Secret, SettingsError, load


def write(data: Path, text: str) -> None:
    (data / settings.FILE_NAME).write_text(text)


def test_an_empty_data_directory_has_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, environ={}) == settings.Settings()


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    write(tmp_path, '[http]\nport = 9000\nhost = "0.0.0.0"\n')
    loaded = load(tmp_path, environ={"HABITUE_HTTP__PORT": "9001"})
    assert (loaded.http.host, loaded.http.port) == ("0.0.0.0", 9001)


def test_a_misspelt_key_is_refused_with_its_line_and_the_nearest_name(tmp_path: Path) -> None:
    write(tmp_path, '[http]\nport = 9000\n\n[smtp]\nhots = "mail"\n')
    with pytest.raises(SettingsError, match=r"habitue.toml:5: unknown setting 'smtp.hots'. Did you mean 'smtp.host'\?"):
        load(tmp_path, environ={})


def test_a_misspelt_section_is_refused_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, '# mail\n[stmp]\nhost = "mail"\n')
    with pytest.raises(SettingsError, match=r"habitue.toml:2: .*Did you mean 'smtp'"):
        load(tmp_path, environ={})


def test_a_value_of_the_wrong_type_is_refused_with_what_was_expected(tmp_path: Path) -> None:
    write(tmp_path, '[smtp]\nport = "many"\n')
    with pytest.raises(SettingsError, match=r"habitue.toml:2: smtp.port: Expected `int`"):
        load(tmp_path, environ={})


def test_a_number_out_of_range_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"HABITUE_HTTP__PORT: http.port: Expected `int` <= 65535"):
        load(tmp_path, environ={"HABITUE_HTTP__PORT": "70000"})


def test_an_unknown_variable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"HABITUE_HTTP__PROT: .*'http.port'"):
        load(tmp_path, environ={"HABITUE_HTTP__PROT": "1"})


def test_one_underscore_instead_of_two_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HABITUE_SMTP__HOST, with two underscores"):
        load(tmp_path, environ={"HABITUE_SMTP_HOST": "mail"})


def test_broken_toml_names_the_place(tmp_path: Path) -> None:
    write(tmp_path, "[http\n")
    with pytest.raises(SettingsError, match="line 1"):
        load(tmp_path, environ={})


def test_a_config_file_that_is_not_there_is_an_error_but_a_default_one_is_not(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such file"):
        load(tmp_path, tmp_path / "other.toml", environ={})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush\n")
    loaded = load(tmp_path, environ={"HABITUE_SMTP__PASSWORD_FILE": str(tmp_path / "password")})
    assert loaded.smtp.password.reveal() == "hush"


def test_a_secret_both_given_and_in_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush\n")
    environ = {"HABITUE_SMTP__PASSWORD": "a", "HABITUE_SMTP__PASSWORD_FILE": str(tmp_path / "password")}
    with pytest.raises(SettingsError, match="both set"):
        load(tmp_path, environ=environ)


def test_only_secrets_may_come_from_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"unknown setting 'smtp.host_file'"):
        load(tmp_path, environ={"HABITUE_SMTP__HOST_FILE": "/etc/hostname"})


def test_a_secret_does_not_show_itself(tmp_path: Path) -> None:
    loaded = load(tmp_path, environ={"HABITUE_SMTP__PASSWORD": "hush"})
    assert "hush" not in f"{loaded} {loaded!r} {loaded.smtp.password}"


def test_the_signing_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = settings.signing_secret(tmp_path, settings.Settings())
    assert len(first) >= 32
    assert settings.signing_secret(tmp_path, settings.Settings()) == first
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_given_signing_secret_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    given = settings.Settings(links=settings.Links(secret=Secret("mine")))
    assert settings.signing_secret(tmp_path, given) == b"mine"
    assert list(tmp_path.iterdir()) == []
