"""Tenant files as people write them: what is meant is read, what is wrong is told at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.sound_export import wav_of
from models.sound_import import import_sound
from models.tenant_file.ordering import in_order
from models.tenant_file.parts import Document, FaultyFile, Place, RoutedFault
from models.tenant_file.reading import file_of_document, fingerprint_of, read_tenant_file
from models.tenant_file.writing import text_of
from tests.unit.models.tenant_desk import ACME, KINDS, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("extensions: {100: {name: NO}}", {"extensions": {"100": {"name": "NO"}}}),
        ("extensions: {100: {name: Null}}", {"extensions": {"100": {"name": "Null"}}}),
        ("extensions: {100: {name: 0123}}", {"extensions": {"100": {"name": "0123"}}}),
        ("extensions: {100: {name: 1e3}}", {"extensions": {"100": {"name": "1e3"}}}),
        ("extensions: {100: {name: 2026-12-31}}", {"extensions": {"100": {"name": "2026-12-31"}}}),
        ("extensions: {100: {name: A, email: }}", {"extensions": {"100": {"name": "A"}}}),
        ("extensions: {100: {name: A, email: ~}}", {"extensions": {"100": {"name": "A"}}}),
        (
            "extensions: {100: {name: A, dnd: yes}}",
            {"extensions": {"100": {"name": "A", "dnd": True}}},
        ),
        (
            "extensions: {100: {name: A, ring_s: 030}}",
            {"extensions": {"100": {"name": "A", "ring_s": 30}}},
        ),
        (
            "extensions: {100: {name: A, devices: [{name: 100}]}}",
            {"extensions": {"100": {"name": "A"}}},
        ),
        (
            "elements: {5000: {kind: play, sound: 1}}",
            {"elements": {"5000": {"kind": "play", "sound": "1"}}},
        ),
        ("aliases: {info: 5000}", {"aliases": {"info": "5000"}}),
        ("aliases: {info: {to: +79161112233}}", {"aliases": {"info": "+79161112233"}}),
        ("aliases:", {}),
        ("locations: {home: }", {"locations": {"home": {}}}),
        ("limits: {max_calls: 5}", {}),
    ],
)
def test_a_plain_value_means_what_a_person_means(desk: Desk, written: str, meant: Document) -> None:
    document = desk.read(ACME + written).document

    assert {name: document[name] for name in document if name not in _OWN} == meant


_OWN = ("tenant", "domain", "country", "timezone")


def test_norway_is_a_country(desk: Desk) -> None:
    assert desk.read(ACME.replace("RU", "NO")).document["country"] == "NO"


def test_keys_hours_and_numbers_are_texts_without_quotes(desk: Desk) -> None:
    document = desk.read(
        ACME
        + "elements:\n"
        + "  5000: {kind: greeting, sound: welcome, keys: {1: 100, 0: +79161112233, 01: 5}}\n"
        + "  5300: {kind: time_rule, windows: [{days: 2026-12-31, from: 09:00, to: 21:30}]}\n"
        + "outbound: {rules: [{name: none, mask: +, output: 0000, only: [101]}]}\n"
    ).document

    elements = document["elements"]
    assert elements["5000"]["keys"] == {"1": "100", "0": "+79161112233", "01": "5"}
    assert elements["5300"]["windows"] == [{"days": "2026-12-31", "from": "09:00", "to": "21:30"}]
    (rule,) = document["outbound"]["rules"]
    assert rule == {"name": "none", "mask": "+", "output": "0000", "only": ["101"]}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("extensions:\n\t100: {name: A}", "5:1: a tab stands here: indent with spaces"),
        (
            "extensions:\n  100: {name: A}\n  100: {name: B}",
            "6:3: extensions.100 '100': stands here twice, first in line 5",
        ),
        ("extensions:\n  100: {name: @A}", "5:15: no text begins with @ here: put it in quotes"),
        ('extensions:\n  100: {name: "A}', "5:15: this quote is never closed"),
        (
            "extensions:\n  100:\n    name: A: B",
            "6:12: a second colon stands here: put the text in quotes",
        ),
        ("aliases: *all", "4:10: nothing above has this name"),
        ("aliases: &all {info: *all}", "4:22: nothing above has this name"),
        ("aliases: !!set {info: 100}", "4:10: is a tag, which means nothing here"),
        ("aliases: {<<: {info: 100}}", "4:11: aliases '<<': merging is not known"),
        ("---\ntenant: other", "4:1: a second document begins here; one file is one tenant"),
        (
            "extensions: {100: {name: A, devices: }}",
            "4:29: extensions.100.devices: says nothing: write [] for none",
        ),
        (
            "sounds: {welcome: nowhere.wav}",
            "4:19: sounds.welcome 'nowhere.wav': there is no such file",
        ),
        (
            "extensions:\n  100: {name: A, email:a@b}",
            "5:18: extensions.100.email:a@b: is not known here",
        ),
        ("sounds: {welcome: {}}", "4:10: sounds.welcome: names neither a file nor a sha256"),
        (
            "calendars: {ru: {days: [{first: 2026-02-30}]}}",
            "4:33: calendars.ru.days.0.first '2026-02-30': is no day (2026-12-31)",
        ),
        (
            "trunks: {a: {default: yes}, b: {default: yes}}",
            "4:42: trunks.b.default True: there is one default; a is it already",
        ),
        (
            "locations: {branch: {default: yes}, hq: {default: yes}}",
            "4:51: locations.hq.default True: there is one default; branch is it already",
        ),
        (
            "outbound: {default: a}",
            "4:21: outbound.default 'a': there is no such trunk (there are none)",
        ),
        (
            "numbers: {74951234567: {trunk: a}, +74951234567: {trunk: a}}",
            "4:36: numbers.+74951234567 '+74951234567': is the same number",
        ),
        (
            "lint: {ignore: [{code: empty-exit, at: elements}]}",
            "4:17: lint.ignore.0.reason: is required",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(desk: Desk, written: str, told: str) -> None:
    (fault,) = desk.faults(ACME + written)
    assert fault.startswith(f"acme.yaml:{told}")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "1:1: is empty: a tenant file begins with tenant: NAME"),
        (b"# nothing yet\n", "1:1: is empty: a tenant file begins with tenant: NAME"),
        (b"acme", "1:1: a tenant file is a map that begins with tenant: NAME"),
        (b"tenant: \xd0\xd0", "1:9: from here on, the text is no UTF-8"),
        (b"a: 1\nb: \x00", "2:4: is a character that no text has"),
    ],
)
def test_what_is_no_tenant_file_is_refused(desk: Desk, content: bytes, told: str) -> None:
    (fault,) = desk.faults(content)
    assert fault.startswith(f"acme.yaml:{told}")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FaultyFile, match="there is no such file"):
        read_tenant_file(tmp_path / "nowhere.yaml", KINDS)
    assert fingerprint_of(tmp_path / "nowhere.yaml") == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_editors_on_windows_write_is_read(desk: Desk, encoding: str) -> None:
    text = (ACME + "extensions: {100: {name: Борис}}\n").replace("\n", "\r\n")

    document = desk.read(text.encode(encoding)).document

    assert document["extensions"] == {"100": {"name": "Борис"}}


def test_an_alias_stands_for_what_was_said_before(desk: Desk) -> None:
    written = "elements:\n  5000: &end {kind: hang_up, cause: busy}\n  5001: *end\n"
    elements = desk.read(ACME + written).document["elements"]
    assert elements["5000"] == elements["5001"] == {"kind": "hang_up", "cause": "busy"}


def test_references_in_references_do_not_fill_the_memory(desk: Desk) -> None:
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    (told,) = desk.faults(ACME + "\n".join(bomb))

    assert "references in references" in told


def test_unknown_words_are_told_with_what_may_have_been_meant(desk: Desk) -> None:
    name, email = desk.faults(ACME + "extensions:\n  100: {nmae: Alice, emial: x}\n")[1:]

    assert name.startswith("acme.yaml:5:15: extensions.100.nmae: is not known here")
    assert name.endswith("; is name meant?")
    assert email.endswith("; is email meant?")


def test_secrets_are_taken_out_and_never_told(desk: Desk) -> None:
    file = desk.read(
        ACME
        + "extensions: {100: {name: A, pin: 0258, devices: [{name: 100, password: 007}]}}\n"
        + "elements: {5000: {kind: voicemail, pin: false}, 5001: {kind: voicemail, pin: true}}\n"
        + "trunks: {a: {host: sip.test, username: a, password: s3cret}}\n"
        + "outbound: {rules: [{name: r, mask: (+), pin: 2580}]}\n"
    )

    assert file.secrets.boxes == {"100": "0258", "5000": False, "5001": True}
    assert file.secrets.devices == {"100": "007"}
    assert file.secrets.trunks == {"a": "s3cret"}
    assert file.secrets.rules == {"r": "2580"}
    assert file.document["extensions"] == {"100": {"name": "A", "pin": True}}
    assert file.document["elements"]["5000"] == {"kind": "voicemail"}
    for secret in ("0258", "007", "s3cret", "2580"):
        assert secret not in str(file.document)
        assert secret not in repr(file.secrets)


def test_a_password_that_is_no_text_is_hidden_in_the_message(desk: Desk) -> None:
    (told,) = desk.faults(ACME + "trunks: {a: {host: sip.test, password: [s3cret]}}")
    assert "trunks.a.password '(hidden)'" in told
    assert "s3cret" not in told


def test_what_is_right_in_a_faulty_file_can_be_checked_as_well(desk: Desk) -> None:
    refusal = desk.refused(
        ACME + "extensions:\n  100: {name: Alice, ring_s: long}\n  101: {name: Boris}\n"
    )

    assert refusal.rest is not None
    people = refusal.rest.document["extensions"]
    assert people == {"100": {"name": "Alice"}, "101": {"name": "Boris"}}
    more = refusal.along_with(
        [
            RoutedFault(("extensions", "100", "ring_s"), 0, "told before"),
            RoutedFault(("extensions", "101", "name"), "Boris", "is not liked"),
        ]
    )
    assert [fault.place.line for fault in more.file_faults] == [5, 6]


def test_phones_are_found_at_their_lines_by_order_and_by_name(desk: Desk) -> None:
    file = desk.read(
        ACME
        + "extensions:\n"
        + "  100:\n"
        + "    name: Alice\n"
        + "    devices:\n"
        + "      - {name: 100-kitchen}\n"
        + "      - {name: 100, caller_name: Reception}\n"
        + "outbound:\n"
        + "  rules:\n"
        + "    - {name: all, mask: (+), trunk: a}\n"
    )

    route = ("extensions", "100", "devices")
    assert file.place_of((*route, 0, "caller_name")) == Place(9, 34)
    assert file.place_of((*route, "100-kitchen")) == Place(8, 9)
    assert file.place_of(("outbound", "rules", "all", "output")) == Place(12, 7)
    assert file.place_of(("outbound", "rules", 0, "trunks", 0)).line == 12


def test_the_number_of_an_address_is_spelled_as_among_the_numbers(desk: Desk) -> None:
    address = "{party: Acme, street: Arbat 1, city: Moscow}"
    document = desk.read(
        ACME
        + "numbers: {84951234567: {trunk: a}}\n"
        + f"emergency: {{addresses: {{+74951234567: {address}}}}}\n"
        + "locations: {office: {number: +7 495 123, default: true}, home: {number: 74951234567}}\n"
    ).document

    assert list(document["emergency"]["addresses"]) == ["84951234567"]
    assert document["locations"]["home"] == {"number": "84951234567"}


def test_the_first_trunk_is_the_default_when_nobody_says(desk: Desk) -> None:
    first = desk.read(ACME + "trunks: {b: {host: b.test}, a: {host: a.test}}").document
    said = desk.read(
        ACME + "trunks: {b: {host: b.test}, a: {host: a.test, default: true}}"
    ).document

    assert first["outbound"] == {"default": "b"}
    assert said["outbound"] == {"default": "a"}
    assert said["trunks"]["a"] == {"host": "a.test"}


def test_what_a_preset_gives_is_left_out(desk: Desk) -> None:
    trunks = (
        "trunks: {a: {register: true, port: 5061, enabled: yes}, "
        "b: {preset: gsm-gateway, registration: inbound, max_channels: 1}, "
        "c: {register: no, addresses: [192.0.2.1]}}"
    )
    assert desk.read(ACME + trunks).document["trunks"] == {
        "a": {"port": 5061},
        "b": {"preset": "gsm-gateway"},
        "c": {"registration": "none", "addresses": ["192.0.2.1"]},
    }


def test_holidays_come_out_of_the_file_beside(desk: Desk) -> None:
    (desk.folder / "holidays.csv").write_text(
        "2026-01-01;2026-01-08;New Year\n2026-05-09;Victory\n"
    )

    file = desk.read(ACME + "calendars: {ru: holidays.csv}")

    assert file.document["calendars"]["ru"] == {
        "days": [
            {"first": "2026-01-01", "last": "2026-01-08", "name": "New Year"},
            {"first": "2026-05-09", "name": "Victory"},
        ],
        "covers_until": "2026-05-09",
        "source": "holidays.csv",
    }
    assert [day.name for day in file.calendars["ru"].days] == ["New Year", "Victory"]
    again = desk.read(text_of(file.document))
    assert again.document == file.document


def test_a_sound_stays_what_it_was_while_its_file_is_what_an_export_wrote(desk: Desk) -> None:
    upload = wav_of(bytes(8_000) + b"\x00\x10" * 8_000)
    (desk.folder / "hello.wav").write_bytes(upload)
    sha256 = import_sound(upload).sha256
    entry = f"sounds: {{hello: {{file: hello.wav, sha256: {'ab' * 32}, exported: {sha256}}}}}"

    assert desk.read(ACME + "sounds: {hello: hello.wav}").document["sounds"] == {"hello": sha256}
    kept = desk.read(ACME + entry)
    assert kept.document["sounds"] == {"hello": "ab" * 32}
    assert kept.sounds["hello"].sha256 == "ab" * 32
    (desk.folder / "hello.wav").write_bytes(wav_of(b"\x00\x20" * 8_000))
    assert desk.read(ACME + entry).document["sounds"]["hello"] not in ("ab" * 32, sha256)
    (desk.folder / "hello.wav").unlink()
    without = desk.read(ACME + entry)
    assert without.document["sounds"] == {"hello": "ab" * 32}
    assert not without.sounds


def test_fields_stand_in_an_export_as_people_expect_them(desk: Desk) -> None:
    document = desk.read(
        ACME
        + "extensions: {100: {rules: [{to: 101, ring_s: 20, when: busy}], dnd: yes, name: A}}\n"
        + "elements:\n"
        + "  5300: {windows: [{to: 18:00, days: mon, from: 09:00}], match: 100, kind: time_rule}\n"
        + "  5100: {members: [{confirm: no, number: 101}, 100], kind: group}\n"
        + "  5000: {keys: {2: 100, 1: 101}, sound: x, kind: greeting}\n"
        + "outbound: {rules: [{hours: {windows: [{to: 18:00, from: 09:00, days: mon}]}, "
        + "mask: (+), name: r}]}\n"
        + "lint: {ignore: [{reason: is meant, code: x}]}\n"
    ).document

    lines = text_of(in_order(document, KINDS)).splitlines()

    hours = '{days: mon, from: "09:00", to: "18:00"}'
    assert lines[lines.index("extensions:") :] == [
        "extensions:",
        '  "100": {name: A, rules: [{when: busy, to: "101", ring_s: 20}], dnd: true}',
        "elements:",
        '  "5000": {kind: greeting, sound: x, keys: {"1": "101", "2": "100"}}',
        '  "5100": {kind: group, members: [{number: "101", confirm: false}, "100"]}',
        f'  "5300": {{kind: time_rule, windows: [{hours}], match: "100"}}',
        "outbound:",
        f'  rules: [{{name: r, mask: "(+)", hours: {{windows: [{hours}]}}}}]',
        "lint: {ignore: [{code: x, reason: is meant}]}",
    ]


def test_a_document_of_a_program_is_checked_like_a_file() -> None:
    document = {"tenant": "acme", "domain": "acme.test", "country": "RU", "elements": {"5000": {}}}
    with pytest.raises(FaultyFile, match=r"elements\.5000\.kind: is required"):
        file_of_document(document, file=Path("revision 7"), kinds=KINDS)
