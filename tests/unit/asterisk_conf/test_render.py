"""What is rendered for Asterisk, word for word; REFRESH_GOLDEN=1 renews the files."""

import os
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_conf import (
    AsteriskElsewhere,
    NodeSettings,
    SqliteDatabase,
    UnusableSetting,
    render,
    write,
)
from asterisk_conf.ami import Address
from asterisk_conf.render import (
    libpq_value,
    outdated_files,
    value,
)
from tests.unit.asterisk_conf.nodes import DATABASES, node

GOLDEN = Path(__file__).parent / "golden"


def rendered(settings: NodeSettings) -> Mapping[str, str]:
    return render(
        settings,
        ari_secret="secret-of-ari",
        ami_secret="secret-of-ami",
        ami_address=Address("127.10.20.30", 20123),
        node_name="pbx-0a1b2c",
    )


@pytest.mark.parametrize("name", DATABASES)
def test_an_operator_finds_the_files_that_were_reviewed(name: str) -> None:
    files = rendered(node(database=DATABASES[name]))
    folder = GOLDEN / name
    if os.environ.get("REFRESH_GOLDEN"):
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.iterdir():
            stale.unlink()
        for file, text in files.items():
            (folder / file).write_text(text)

    assert files == {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize("name", DATABASES)
def test_every_file_opens_with_why_it_exists(name: str) -> None:
    files = rendered(node(database=DATABASES[name]))

    assert [file for file, text in files.items() if not text.startswith("; ")] == []


def test_no_pattern_lets_a_call_begin_again_after_its_end() -> None:
    patterns = [
        line.split("=>")[1].split(",")[0].strip()
        for line in rendered(node())["extensions.conf"].splitlines()
        if line.startswith("exten")
    ]

    assert patterns
    assert not {"h", "_.", "_!", "_[!-~]!"} & set(patterns)


def test_what_was_dialled_is_used_only_where_it_can_be_digits_alone() -> None:
    known_people = rendered(node())["extensions.conf"].split("[strangers]")[0]
    using = {text.split(",")[0] for text in known_people.split("exten => ") if "${EXTEN}" in text}

    assert using == {"_[1-4]XX", "_[1-4]XXX", "_XX", "_XXX", "_XXXX", "_XXXXX", "_XXXXXX"}


def test_a_carrier_reaches_nothing_but_the_application() -> None:
    lines = rendered(node())["extensions.conf"].split("[trunks]\n")[1].split("[outside]\n")[0]
    steps = [line.split(",", 1)[1] for line in lines.splitlines() if line.startswith(" same")]

    assert steps
    assert {step.split("(")[0] for step in steps} == {
        "GotoIf",
        "Stasis",
        "Ringing",
        "Wait",
        "Set",
        "Hangup",
    }


def test_the_password_of_a_trunk_is_offered_to_the_table_that_keeps_nothing_first() -> None:
    for database in DATABASES.values():
        lines = rendered(node(database=database))["extconfig.conf"].splitlines()

        first, second = [line for line in lines if line.startswith("ps_auths")]

        assert first == "ps_auths => sqlite3,swallow,ps_auths,1"
        assert second == f"ps_auths => {database.driver},pbx,ps_auths,2"


def test_what_is_offered_to_the_table_is_not_kept(tmp_path: Path) -> None:
    settings = node(home=tmp_path)
    write(settings)

    with closing(sqlite3.connect(settings.swallow_file)) as connection:
        written = connection.execute("INSERT INTO ps_auths (password) VALUES ('secret')").rowcount
        kept = connection.execute("SELECT count(*) FROM ps_auths").fetchone()

    assert (written, kept) == (0, (0,))


def test_nobody_but_us_reads_the_secrets(tmp_path: Path) -> None:
    settings = node(home=tmp_path)

    main_file = write(settings)

    assert main_file == tmp_path / "asterisk/etc/asterisk.conf"
    assert {path.stat().st_mode & 0o777 for path in settings.etc.iterdir()} == {0o600}
    assert settings.ari_secret_file.stat().st_mode & 0o777 == 0o600
    assert settings.etc.stat().st_mode & 0o777 == 0o700


def test_an_ipv6_address_is_written_as_asterisk_reads_it() -> None:
    files = rendered(replace(node(), sip_bind_host="::", ari_host="::1"))

    assert files["pjsip.conf"].count("bind = [::]:5060\n") == 2
    assert "bindaddr = ::1\n" in files["http.conf"]


def test_a_file_of_an_earlier_version_is_not_left_behind(tmp_path: Path) -> None:
    settings = node(home=tmp_path)
    write(settings)
    (settings.etc / "users.conf").write_text("[general]\n")

    write(settings)

    assert not (settings.etc / "users.conf").exists()


def test_a_changed_setting_is_noticed_before_calls_are_entrusted_to_the_old_one(
    tmp_path: Path,
) -> None:
    settings = node(home=tmp_path)
    write(settings)

    moved = node(home=tmp_path, database=SqliteDatabase(path=tmp_path / "other.db"))

    assert outdated_files(settings) == []
    assert outdated_files(moved) == ["res_config_sqlite3.conf"]


def test_an_unwritable_home_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")

    with pytest.raises(UnusableSetting, match=r"PBX_HOME=.*cannot be written"):
        write(node(home=blocked))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0")))
def test_a_value_is_read_back_as_it_was_meant(text: str) -> None:
    written = value(text)

    assert asterisk_reads(f"key = x{written}x") == f"x{text}x"


@pytest.mark.parametrize("text", ["two\nlines", "carriage\rreturn", "zero\0byte"])
def test_a_value_that_would_smuggle_in_a_line_is_refused(text: str) -> None:
    with pytest.raises(UnusableSetting):
        value(text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12))
def test_a_database_password_reaches_postgresql_as_it_is(password: str) -> None:
    assert libpq_reads(libpq_value(password)) == password


def test_a_database_password_that_asterisk_would_cut_is_refused() -> None:
    with pytest.raises(UnusableSetting, match="at most"):
        libpq_value("x" * 62)


def asterisk_reads(line: str) -> str:
    """Read a value as main/config.c does: an unescaped semicolon begins a comment."""
    kept: list[str] = []
    for character in line.partition("= ")[2]:
        if character != ";":
            kept.append(character)
        elif kept and kept[-1] == "\\":
            kept[-1] = ";"
        else:
            break
    return "".join(kept)


def libpq_reads(text: str) -> str:
    """Read a quoted value as libpq's conninfo_parse does."""
    assert text[0] == text[-1] == "'"
    characters = iter(text[1:-1])
    return "".join(next(characters) if character == "\\" else character for character in characters)


def test_nobody_who_is_called_chooses_who_is_called_instead() -> None:
    """The option ``i``: what a carrier or a phone answers with a redirection is not followed."""
    text = rendered(node())["extensions.conf"]

    dials = re.findall(r"[^A-Za-z]Dial\(.*\)$", text, re.MULTILINE)
    options = [dial.rstrip(")").rpartition(",")[2] for dial in dials]
    assert len(dials) == len(re.findall(r"\bDial\(", text)) > 0
    assert all("i" in one and one.isalpha() for one in options), dials


def test_who_may_use_ami_may_ask_and_tell_phones_and_place_no_calls(tmp_path: Path) -> None:
    settings = replace(node(home=tmp_path), ami_bind=Address("192.0.2.9", 5038))

    write(settings)

    rights = [
        line
        for line in (settings.etc / "manager.conf").read_text().splitlines()
        if line.startswith(("read", "write ", "web"))
    ]
    assert rights == ["webenabled = no", "read = system", "write = system"]


def test_an_asterisk_elsewhere_looks_for_its_modules_by_itself() -> None:
    there = AsteriskElsewhere(datadir=Path("/opt/sounds"))
    settings = replace(node(), asterisk=there)

    main = rendered(settings)["asterisk.conf"]
    told = rendered(replace(settings, asterisk=replace(there, moddir=Path("/opt/modules"))))
    assert "astdatadir => /opt/sounds\n" in main
    assert "astmoddir" not in main
    assert "astmoddir => /opt/modules\n" in told["asterisk.conf"]


def test_those_outside_are_told_another_address_than_those_inside() -> None:
    nets = ("10.0.0.0/8", "192.168.0.0/16")
    outside = replace(node(), external_address="198.51.100.7", local_nets=nets)
    seen = (
        "external_signaling_address = 198.51.100.7\n"
        "external_media_address = 198.51.100.7\n"
        "local_net = 10.0.0.0/8\n"
        "local_net = 192.168.0.0/16\n"
    )
    assert rendered(outside)["pjsip.conf"].count(seen) == 2  # UDP and TCP
    assert "external" not in rendered(node())["pjsip.conf"]


def test_files_that_are_as_wanted_are_not_written_again(tmp_path: Path) -> None:
    settings = node(home=tmp_path)
    write(settings)
    for path in settings.etc.iterdir():
        os.utime(path, (1, 1))

    write(replace(settings, rtp_last=19_998))

    changed = [path.name for path in settings.etc.iterdir() if path.stat().st_mtime != 1]
    assert changed == ["rtp.conf"]
