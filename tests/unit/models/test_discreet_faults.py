"""What is wrong with a tenant file is told without its secrets, to people and to scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.provisioning.whole import tenant_faults
from models.tenant_file.document import rows_of_document
from models.tenant_file.parts import FaultyFile, RoutedFault
from pbx_cli.errors import refusal
from stasis_apps.element import Catalogue
from tests.unit.models.tenant_desk import ACME, Desk

S = "SEKRET-48261"

WRONG_IN_SHAPE = [
    f"password: {S}",
    f"trunks: {{a: {{host: h.test, passwort: {S}}}}}",
    f"trunks: {{a: {{host: h.test, Password: {S}}}}}",
    f"trunks: {{a: {{host: h.test, user_and_pass: {S}}}}}",
    f"trunks: {{a: {{host: h.test, password:{S}}}}}",
    f"trunks: {{a: {{host: h.test, password: [{S}]}}}}",
    f"trunks: {{a: {{host: h.test, password: {{is: {S}}}}}}}",
    f"trunks: {{a: {{password: {S}, codecs: {{password: {S}}}}}}}",
    f"trunks: {{u: {S}}}",
    f"trunks: [{{name: u, password: {S}}}]",
    f"trunks: {S}",
    f"trunk: {{u: {{password: {S}}}}}",
    f"extensions: {{100: {{name: A, devices: {{password: {S}}}}}}}",
    f"extensions: {{100: {{name: A, devices: {S}}}}}",
    f"extensions: {{100: {{name: A, devices: [{S}]}}}}",
    f"extensions: {{100: {{name: A, devices: [{{name: 100, pasword: {S}}}]}}}}",
    f"extensions: {{100: {{name: A, pni: {S}}}}}",
    f"extensions: {{100: {S}}}",
    f"elements: [{{number: 5000, kind: voicemail, pin: {S}}}]",
    f"elements: {{5000: {S}}}",
    f"outbound: {{rule: [{{name: r, mask: +, pin: {S}}}]}}",
    f"outbound: {{rules: {{r: {{mask: +, pin: {S}}}}}}}",
    f"outbound: {{rules: [{S}]}}",
    f"outbound: {{pin: {S}}}",
    f"outbound: {S}",
    f"tests: [{{name: t, from: 100, to: 101, pins: [{S}], expect: {{ends: normal}}}}]",
    f"- trunks: {{password: {S}}}",
]

NO_YAML = [
    f"trunks: {{a: {{password: *{S}}}}}",
    f"trunks: {{a: {{password: !{S} x}}}}",
    f"trunks: {{a: {{password: @{S}}}}}",
    f"trunks: {{a: {{password: %{S}}}}}",
    f"trunks: {{a: {{password: '{S}}}}}",
    f'trunks: {{a: {{password: "\\z{S}"}}}}',
    f"trunks:\n  a:\n    password: a: {S}",
    f"trunks:\n  a:\n\tpassword: {S}",
    f"trunks: {{a: {{password: x}} {S}",
    f"pin: x\n{S}",
    f"---\n{S}",
]

WRONG_IN_SENSE = [
    f"trunks: {{a: {{host: 'u:{S}@h.example', username: u}}}}",
    f"trunks: {{a: {{host: '{S}@h.example', username: u}}}}",
    f"trunks: {{a: {{host: h.test, username: u, proxy: 'sip:u:{S}@p'}}}}",
    f"trunks: {{a: {{host: h.test, username: u, from_domain: 'u:{S}@h'}}}}",
    f"trunks: {{a: {{host: h.test, username: 'sip:u:{S}@h'}}}}",
    f"aliases: {{info: 'sip:u:{S}@h'}}",
    f"trunks: {{a: {{host: h.test, username: u, password: '{S} ü'}}}}",
    f"extensions: {{100: {{name: A, voicemail: true, pin: {S}}}}}",
    f"elements: {{5000: {{kind: voicemail, passwort: {S}}}}}",
    f"elements: {{5000: {{kind: hang_up, cause: {{password: {S}}}}}}}",
]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def told_of(fault: FaultyFile) -> str:
    """All that anybody is told, by the command and to scripts."""
    told = refusal(fault)
    assert fault.file_faults
    documents = [str(one.as_fault()) for one in (each.fault for each in fault.file_faults)]
    return "\n".join([told.message, str(told._document()), str(fault), *documents])


@pytest.mark.parametrize("written", [*WRONG_IN_SHAPE, *NO_YAML])
def test_what_cannot_be_read_is_told_without_its_secret(desk: Desk, written: str) -> None:
    text = written if written.startswith("-") else ACME + written
    assert S not in told_of(desk.refused(text))


@pytest.mark.parametrize("written", WRONG_IN_SENSE)
def test_what_makes_no_sense_is_told_without_its_secret(desk: Desk, written: str) -> None:
    file = desk.read(ACME + written)
    faults = tenant_faults(rows_of_document(file, None), None, file.secrets, Catalogue())

    assert S not in told_of(FaultyFile([file.at_its_place(one) for one in faults]))


def test_of_maps_and_lists_is_told_that_they_are(desk: Desk) -> None:
    (told,) = desk.faults(ACME + "extensions: {100: {name: [A, B]}}")
    assert told.startswith("acme.yaml:4:20: extensions.100.name (a list): must be of type string")
    (fault,) = desk.refused(ACME + "extensions: {100: {name: {a: b}}}").faults
    assert fault.value == "a map"


@pytest.mark.parametrize(
    ("route", "value"),
    [
        (("trunks", "Moscow line"), "Moscow line"),
        (("trunks", "a", "host"), "No.Such.Host"),
        (("trunks", "password", "port"), 70_000),
        (("extensions", "100", "email"), "bob@acme"),
        (("extensions", "100", "devices", 0, "name"), "205"),
        (("outbound", "rules", 0, "name"), "any format: all"),
        (("outbound", "rules", 0, "pin"), True),
        (("emergency", "addresses", "+7 495 1234567"), "+7 495 1234567"),
    ],
)
def test_what_is_no_secret_is_told(route: tuple[str | int, ...], value: object) -> None:
    fault = RoutedFault(route, value, "is not liked").as_fault()
    assert (fault.path, fault.value) == (".".join(map(str, route)), value)
