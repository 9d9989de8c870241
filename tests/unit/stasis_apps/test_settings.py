"""Settings of the process: what the operator may write, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stasis_apps.settings import (
    Address,
    MailServer,
    PortRange,
    SettingInvalid,
    Tls,
    read_settings,
)


def test_without_any_setting_everything_has_its_place() -> None:
    settings = read_settings({"XDG_CACHE_HOME": "/cache"})

    assert settings.home == Path("var").absolute()
    assert settings.database_url == f"sqlite://{settings.home}/pbx.sqlite3"
    assert settings.asterisk_root == Path("/cache/pbx/asterisk")
    assert settings.sip_bind == Address("0.0.0.0", 5060)  # noqa: S104 - phones are everywhere
    assert settings.rtp_ports == PortRange(10000, 20000)
    assert settings.log_level == "info"
    assert settings.sound_folder == settings.home / "sounds"
    assert settings.run_folder == settings.home / "run"
    assert settings.secret_key_file == settings.home / "secret.key"
    assert settings.voicemail_folder == settings.home / "voicemail"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.mail_server is None


def test_a_log_is_for_people_on_a_terminal_and_for_machines_elsewhere() -> None:
    wanted = "console" if sys.stderr.isatty() else "json"
    assert read_settings({}).log_format == wanted


def test_what_the_operator_sets_counts() -> None:
    settings = read_settings(
        {
            "PBX_HOME": "/srv/pbx",
            "PBX_DATABASE_URL": "postgres://pbx@127.0.0.1/pbx",
            "PBX_ARI_BIND": "127.0.0.1:9088",
            "PBX_RTP_PORTS": "30000-30099",
            "PBX_LOG_FORMAT": "json",
            "PBX_SECRET_KEY_FILE": "/etc/pbx/key",
            "PBX_ASTERISK_ROOT": "/opt/asterisk",
        }
    )

    assert settings.home == Path("/srv/pbx")
    assert settings.database_url.startswith("postgres://")
    assert str(settings.ari_bind) == "127.0.0.1:9088"
    assert settings.rtp_ports == PortRange(30000, 30099)
    assert settings.log_format == "json"
    assert settings.secret_key_file == Path("/etc/pbx/key")
    assert settings.asterisk_root == Path("/opt/asterisk")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PBX_DATABASE_URL", "mysql://root@localhost"),
        ("PBX_SIP_BIND", "5060"),
        ("PBX_SIP_BIND", ":5060"),
        ("PBX_SIP_BIND", "0.0.0.0:0"),
        ("PBX_ARI_BIND", "127.0.0.1:http"),
        ("PBX_HTTP_BIND", "127.0.0.1:65536"),
        ("PBX_HTTP_BIND", "127.0.0.1:٥٠٦٠"),
        ("PBX_SIP_BIND", "[]:5060"),
        ("PBX_SIP_BIND", "[::1]5060"),
        ("PBX_SIP_BIND", "[127.0.0.1]:5060"),
        ("PBX_SIP_BIND", "[fe80::1%eth0]:5060"),
        ("PBX_SIP_BIND", "10.0.0.300:5060"),
        ("PBX_RTP_PORTS", "10000"),
        ("PBX_RTP_PORTS", "20000-10000"),
        ("PBX_RTP_PORTS", "1-70000"),
        ("PBX_LOG_FORMAT", "xml"),
        ("PBX_LOG_LEVEL", "loud"),
        ("PBX_PUBLIC_URL", "pbx.example.com"),
        ("PBX_PUBLIC_URL", "ftp://pbx.example.com"),
        ("PBX_PUBLIC_URL", "https://pbx.example.com/?x=1"),
        ("PBX_PUBLIC_URL", "https://[::1"),
        ("PBX_PUBLIC_URL", "https://pbx.example.com:99999"),
        ("PBX_WEBHOOK_NETS", "crm.example.com"),
        ("PBX_WEBHOOK_NETS", "10.0.0.1/8"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=name):
        read_settings({name: value})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[::1]:5060", Address("::1", 5060)),
        ("[2001:db8::7]:5061", Address("2001:db8::7", 5061)),
        ("127.0.0.1:5060", Address("127.0.0.1", 5060)),
    ],
)
def test_an_address_is_shown_as_it_was_written(text: str, address: Address) -> None:
    settings = read_settings({"PBX_SIP_BIND": text, "PBX_ARI_BIND": text})

    assert settings.sip_bind == address
    assert str(settings.sip_bind) == text
    assert settings.ari_base_url == f"http://{text}/ari"


@pytest.mark.parametrize("text", ["::1:5060", "2001:db8::7:5060"])
def test_an_ipv6_address_without_brackets_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingInvalid, match=r"brackets, as in \[::1\]:5060"):
        read_settings({"PBX_SIP_BIND": text})


def test_a_name_in_the_place_of_an_address_is_refused_with_an_example() -> None:
    with pytest.raises(SettingInvalid, match=r"must be an IP address and a port"):
        read_settings({"PBX_SIP_BIND": "localhost:5060"})


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root:secret@localhost",
        "root:secret@localhost",
        "postgres://pbx:secret@localhost:54x2/pbx",
        "postgres://pbx:secret@localhost:99999/pbx",
        "postgres://pbx:top/secret@localhost:5432/pbx",
        "postgres://pbx:secret@[::1/pbx",
    ],
)
def test_a_wrong_database_address_is_not_repeated_with_its_password(url: str) -> None:
    with pytest.raises(SettingInvalid, match="PBX_DATABASE_URL") as refused:
        read_settings({"PBX_DATABASE_URL": url})

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["sqlite:///srv/pbx.db", "sqlite:////srv/pbx.db"])
def test_the_file_of_a_database_has_one_name(url: str) -> None:
    assert read_settings({"PBX_DATABASE_URL": url}).database_url == "sqlite:///srv/pbx.db"


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("PBX_LOG_LEVEL=debug\nPBX_LOG_FORMAT=json\n")
    (tmp_path / ".env").chmod(0o600)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PBX_LOG_LEVEL", "error")
    monkeypatch.delenv("PBX_LOG_FORMAT", raising=False)

    settings = read_settings()

    assert (settings.log_level, settings.log_format) == ("error", "json")


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    given = {
        "PBX_DATABASE_URL": "postgres://pbx:secret@h/pbx",
        "PBX_SMTP_URL": "smtp://u:secret@h",
    }

    assert "secret@" not in repr(read_settings(given))


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.test", MailServer(host="mail.test", port=25)),
        ("smtp://127.0.0.1:2525/", MailServer(host="127.0.0.1", port=2525)),
        (
            "smtp://pbx%40acme.test:p%40ss%2Fword@mail.test?starttls=1&from=pbx@acme.test",
            MailServer(
                host="mail.test",
                port=587,
                tls=Tls.STARTTLS,
                username="pbx@acme.test",
                password="p@ss/word",
                sender="pbx@acme.test",
            ),
        ),
        ("smtps://[::1]", MailServer(host="::1", port=465, tls=Tls.FROM_THE_START)),
    ],
)
def test_a_mail_server_is_named_by_one_address(url: str, server: MailServer) -> None:
    assert read_settings({"PBX_SMTP_URL": url}).mail_server == server


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("mail.test:25", "must begin with smtp://"),
        ("http://mail.test", "must begin with smtp://"),
        ("smtp://", "names no host"),
        ("smtp://mail.test:0", "port"),
        ("smtp://mail.test:99999", "cannot be read"),
        ("smtp://user:top/secret@mail.test", "cannot be read|path"),
        ("smtp://mail.test/folder", "path"),
        ("smtp://mail.test?tls=1", "starttls=1 and from=ADDRESS only"),
        ("smtp://mail.test?starttls=yes", "neither 0 nor 1"),
        ("smtps://mail.test?starttls=1", "cannot have starttls=1"),
        ("smtp://:top-secret@mail.test", "without a user"),
        ("smtp://mail.test?from=nobody", "no mail address"),
    ],
)
def test_a_mail_server_that_cannot_be_one_is_refused_without_its_password(
    url: str, rule: str
) -> None:
    with pytest.raises(SettingInvalid, match=f"PBX_SMTP_URL.*({rule})") as refused:
        read_settings({"PBX_SMTP_URL": url})

    assert "secret" not in str(refused.value)


def test_the_password_of_the_mail_server_is_never_shown() -> None:
    settings = read_settings({"PBX_SMTP_URL": "smtp://pbx:top-secret@mail.test"})

    assert settings.mail_server is not None
    assert settings.mail_server.password == "top-secret"
    assert "top-secret" not in repr(settings)
    assert settings.mail_server.shown == "mail.test:25"


def test_a_public_address_is_how_links_begin() -> None:
    settings = read_settings({"PBX_PUBLIC_URL": "https://pbx.example.com/phone/"})

    assert settings.public_url == "https://pbx.example.com/phone"
    bound = read_settings({"PBX_HTTP_BIND": "[::1]:9090"})
    assert bound.public_url == "http://[::1]:9090"
