"""By its fingerprint a file is known again; no secret can be guessed from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.tenant_file.reading import fingerprint_of
from tests.unit.models.tenant_desk import ACME, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_fingerprint_tells_whether_the_file_or_one_beside_it_is_another(desk: Desk) -> None:
    (desk.folder / "1").write_text("2026-05-09;Victory\n")
    text = ACME + "calendars: {ru: 1}\n"
    first = desk.read(text).fingerprint

    assert fingerprint_of(desk.file) == first
    (desk.folder / "1").write_text("2026-05-09;Victory Day\n")
    second = fingerprint_of(desk.file)
    other = text.replace("domain: acme", "domain: beta")
    assert len({first, second, desk.read(other).fingerprint, fingerprint_of(desk.file)}) == 3


@pytest.mark.parametrize(
    "secret",
    [
        "extensions: {100: {name: A, voicemail: true, pin: 0258}}",
        "extensions: {100: {name: A, devices: [{name: 100, password: Correct-Horse-7}]}}",
        "trunks: {a: {host: sip.test, username: a, password: s3cret}}",
        "trunks: {a: {host: sip.test, username: a, passwort: s3cret}}",
        'outbound: {rules: [{name: r, mask: (+), "p\\x69n": 2580}]}',
        "tests: [{name: t, from: 100, to: 101, pins: {r: 2580}, expect: {ends: normal}}]",
    ],
)
def test_a_file_that_gives_a_secret_has_no_fingerprint_to_guess_it_from(
    desk: Desk, secret: str
) -> None:
    desk.file.write_text(ACME + secret)
    assert fingerprint_of(desk.file) == ""


def test_a_secret_in_a_comment_cannot_be_guessed_from_the_fingerprint(desk: Desk) -> None:
    text = ACME + "extensions: {100: {name: A, voicemail: true, pin: true}}\n"
    plain = desk.read(text).fingerprint

    assert plain != ""
    assert desk.read(text + "# the pin: 2580\n").fingerprint == plain


def test_a_text_that_looks_like_a_number_has_another_fingerprint(desk: Desk) -> None:
    written = ("name: 0123", "name: 123", 'name: "123"', "name: [123]")
    desks = [desk.folder / str(place) for place in range(len(written))]
    for file, name in zip(desks, written, strict=True):
        file.write_text(f"{ACME}extensions: {{100: {{{name}}}}}")
    assert len({fingerprint_of(file) for file in desks}) == len(written)
