"""What the lint says about tenants: each code at its place, and nothing about what is well."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from models.facts import (
    TenantRows,
)
from models.tenant_file.document import SECTIONS, rows_of_document
from models.tenant_file.parts import TenantFile, written
from models.tenant_file.reading import read_tenant_file
from stasis_apps.element import known_elements
from stasis_apps.lint import Finding, Severity, known_codes
from tests.support.builders import a_tenant, a_trunk, tenant_rows
from tests.support.linted import codes, found_in, told_of

PROJECT = Path(__file__).parents[3]
TENANTS = PROJECT / "tests" / "tenants"
BAD = sorted((TENANTS / "bad").glob("*.yaml"))
GOOD = sorted((TENANTS / "good").glob("*.yaml"))

OFFICE_HOURS = {"days": "mon-fri", "from": "09:00", "to": "18:00"}


def named(file: Path) -> str:
    return file.stem


def read(file: Path) -> TenantFile:
    return read_tenant_file(file, {name: kind.schema for name, kind in known_elements().items()})


def codes_at(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(one.code, written(one.route)) for one in findings if not one.silenced]


@pytest.mark.parametrize("file", BAD, ids=named)
def test_a_bad_file_raises_the_finding_that_its_first_line_names(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    match = re.fullmatch(r"# (?P<code>\S+) at (?P<route>.+)", first)
    assert match
    assert match["code"] == file.stem
    rows = rows_of_document(read(file), None)
    findings = found_in(rows, absent_sounds=["gone"], speaks_tls=False)
    assert (file.stem, match["route"]) in codes_at(findings)
    assert known_codes().keys() >= {one.code for one in findings}


def test_every_code_has_a_bad_file_and_every_bad_file_a_code() -> None:
    assert {file.stem for file in BAD} == known_codes().keys()


@pytest.mark.parametrize("file", BAD, ids=named)
def test_a_finding_of_a_bad_file_stands_at_a_line_of_its_own(file: Path) -> None:
    tenant_file = read(file)
    rows = rows_of_document(tenant_file, None)
    findings = found_in(rows, absent_sounds=["gone"], speaks_tls=False)
    (place, *_) = (tenant_file.place_of(one.route) for one in findings if one.code == file.stem)
    assert place.line > 1


@pytest.mark.parametrize("file", GOOD, ids=named)
def test_nothing_is_said_about_a_good_file(file: Path) -> None:
    assert codes_at(found_in(rows_of_document(read(file), None))) == []


def requests(default: str) -> TenantRows:
    """A server is asked at 5500, and a prompt at 5501 leads back there."""
    server = {"kind": "http_request", "url": "https://crm.test/", "default": default}
    prompt = {"kind": "play", "sound": "asterisk:vm-intro", "next": "5500"}
    elements, numbers = {"5500": server, "5501": prompt}, {"74951234567": "5500"}
    return tenant_rows(elements=elements, numbers=numbers, trunks=[a_trunk()])


def test_a_server_that_is_away_is_away_when_it_is_asked_again_at_once() -> None:
    assert told_of(requests("5500"), "loop-behind-exit") == ["elements.5500.default"]


def test_a_server_may_be_back_after_a_prompt() -> None:
    assert told_of(requests("5501"), "loop-behind-exit") == []


def test_where_a_server_is_asked_no_element_is_out_of_reach() -> None:
    assert "unreachable-element" not in codes(requests("100"))


@pytest.mark.parametrize("code", known_codes().values(), ids=lambda code: code.code)
def test_a_code_says_what_it_looks_for_and_why_and_what_to_do(code: object) -> None:
    told = known_codes()[getattr(code, "code", "")]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", told.code)
    assert told.title[0].islower()
    assert told.why.endswith(".")
    assert told.mend.endswith(".")


def test_the_guide_lists_every_code_as_it_is() -> None:
    guide = (PROJECT / "docs" / "lint.md").read_text(encoding="utf-8")
    listed = {
        cells[0].strip("`"): cells[1:]
        for line in guide.splitlines()
        if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 4
        and cells[0].startswith("`")
    }
    expected = {
        one.code: [one.severity.value, one.title, one.why] for one in known_codes().values()
    }
    assert listed == expected


def silencing(*silences: Mapping[str, object]) -> TenantRows:
    return tenant_rows(
        elements={"5000": {"kind": "group", "members": ["100"]}},
        tenant=a_tenant(silenced=silences),
    )


@pytest.mark.parametrize("at", ["elements.5000.members", "elements.5000", "elements"])
def test_a_finding_is_silenced_at_its_place_or_around_it_and_keeps_the_reason(at: str) -> None:
    rows = silencing({"code": "group-of-one", "at": at, "reason": "Alice alone"})
    (silenced,) = (one for one in found_in(rows) if one.code == "group-of-one")
    assert silenced.silenced == "Alice alone"
    assert "useless-silence" not in codes(rows)


@pytest.mark.parametrize(
    "silence",
    [
        {"code": "group-of-one", "at": "elements.500", "reason": "the place goes on"},
        {"code": "empty-exit", "at": "elements.5000.members", "reason": "another code"},
        {"code": "no-such-code", "at": "elements", "reason": "there is none"},
    ],
    ids=lambda silence: str(silence["reason"]),
)
def test_an_entry_that_silences_nothing_is_told(silence: Mapping[str, object]) -> None:
    rows = silencing(silence)
    (told,) = (one for one in found_in(rows) if one.code == "group-of-one")
    assert told.silenced == ""
    assert told_of(rows, "useless-silence") == ["lint.ignore.0"]


def test_findings_come_in_the_order_of_the_file() -> None:
    rows = tenant_rows(
        elements={"5000": {"kind": "group", "members": ["100"]}},
        extensions={"100": ["100"], "101": []},
        sounds={"unheard": 2.0},
        trunks=[a_trunk()],
        numbers={"74951234567": ""},
    )
    order = [SECTIONS.index(str(one.route[0])) for one in found_in(rows)]
    assert order == sorted(order)
    assert len(set(order)) > 3


def test_what_calls_cannot_survive_is_an_error_and_the_rest_a_warning() -> None:
    errors = {one.code for one in known_codes().values() if one.severity is Severity.ERROR}
    assert errors == {"cannot-run", "endless-loop", "missing-target", "target-is-help"}


def test_exits_that_speak_for_themselves_may_be_empty() -> None:
    rows = tenant_rows(
        elements={
            "5000": {"kind": "group", "members": ["100", "101"]},
            "5001": {"kind": "voicemail", "emails": ["office@acme.test"]},
            "5002": {"kind": "mailbox"},
        }
    )
    assert "empty-exit" not in codes(rows)


def test_an_element_is_in_reach_by_a_persons_rule_and_by_an_element_that_is() -> None:
    rows = tenant_rows(
        elements={
            "5000": {"kind": "play", "sound": "welcome", "next": "5001"},
            "5001": {"kind": "group", "members": ["100", "101"]},
        },
        users={"100": {"rules": [{"when": "busy", "to": "5000"}]}},
    )
    assert told_of(rows, "unreachable-element") == []


def test_of_an_island_only_the_first_element_is_called_unreachable() -> None:
    rows = tenant_rows(
        elements={
            "5000": {"kind": "play", "sound": "welcome", "next": "5001"},
            "5001": {"kind": "group", "members": ["100", "101"]},
        }
    )
    assert told_of(rows, "unreachable-element") == ["elements.5000"]


def test_of_a_ring_that_nothing_leads_to_one_element_is_named() -> None:
    rows = tenant_rows(
        elements={
            "5000": {"kind": "group", "members": ["100", "101"], "no_answer": "5001"},
            "5001": {"kind": "play", "sound": "welcome", "next": "5000"},
        }
    )
    assert told_of(rows, "unreachable-element") == ["elements.5000"]


def test_an_island_is_named_by_what_leads_to_the_rest_of_it() -> None:
    rows = tenant_rows(
        elements={
            "5000": {"kind": "group", "members": ["100", "101"]},
            "5001": {"kind": "play", "sound": "welcome", "next": "5000"},
        }
    )
    assert told_of(rows, "unreachable-element") == ["elements.5001"]


def test_a_menu_out_of_which_a_key_leads_is_no_endless_loop() -> None:
    menu = {"kind": "greeting", "sound": "welcome", "keys": {"1": "100"}, "no_input": "5000"}
    rows = tenant_rows(elements={"5000": {**menu, "invalid": "5000"}})
    assert "endless-loop" not in codes(rows)


def test_who_has_voicemail_keeps_the_call_and_is_part_of_no_ring() -> None:
    to_boris, to_alice = ([{"when": "no_answer", "to": one}] for one in ("101", "100"))
    rings: dict[str, Mapping[str, object]] = {
        "100": {"rules": to_boris},
        "101": {"rules": to_alice},
    }
    assert told_of(tenant_rows(users=rings), "forward-loop") == ["extensions.100"]
    rings["101"] = {"rules": to_alice, "voicemail": True}
    assert told_of(tenant_rows(users=rings), "forward-loop") == []


EXITS_OF_GROUPS = ["no_answer", "all_busy", "none_reachable"]


@pytest.mark.parametrize("there", EXITS_OF_GROUPS)
@pytest.mark.parametrize("back", EXITS_OF_GROUPS)
def test_two_groups_that_lead_to_each_other_are_a_ring(there: str, back: str) -> None:
    team = {"kind": "group", "members": ["100", "101"]}
    rows = tenant_rows(elements={"5000": {**team, there: "5001"}, "5001": {**team, back: "5000"}})
    (ring,) = (one for one in found_in(rows) if one.code == "forward-loop")
    assert written(ring.route) == "elements.5000"
    assert "5000 leads to 5001, 5001 leads to 5000" in ring.sentence


def test_a_group_that_leads_to_itself_is_a_ring_and_one_that_leads_on_is_none() -> None:
    team = {"kind": "group", "members": ["100", "101"]}
    prompt = {"kind": "play", "sound": "welcome", "next": "5000"}
    rings: list[dict[str, Mapping[str, object]]] = [
        {"5000": {**team, "no_answer": "5000"}},
        {"5000": {**team, "all_busy": "5001"}, "5001": prompt},
    ]
    for elements in rings:
        assert told_of(tenant_rows(elements=elements), "forward-loop") == ["elements.5000"]
    leads_on = {"5000": {**team, "no_answer": "5001"}, "5001": team}
    assert told_of(tenant_rows(elements=leads_on), "forward-loop") == []


def test_someone_who_is_only_rung_in_between_is_part_of_no_ring() -> None:
    users = {
        "100": {"rules": [{"when": "no_answer", "to": to} for to in ("101", "+79161112233")]},
        "101": {"rules": [{"when": "no_answer", "to": "100"}]},
    }
    assert told_of(tenant_rows(users=users), "forward-loop") == []


def test_phones_that_call_in_latin_letters_need_no_other_name() -> None:
    rows = tenant_rows()
    russian = tuple(replace(one, name="Алиса") for one in rows.extensions)
    rows = replace(rows, extensions=russian)
    assert told_of(rows, "name-not-shown") == ["extensions.100.name", "extensions.101.name"]
    latin = tuple(replace(one, caller_name="Alice") for one in rows.devices)
    assert told_of(replace(rows, devices=latin), "name-not-shown") == []


@pytest.mark.parametrize(
    ("callers", "needless"),
    [
        ({"masks": ["849+", "84955+"]}, {"masks.1": "84955+ is never needed: 849+ fits all of it"}),
        ({"masks": ["84955+", "849+"]}, {"masks.0": "84955+ is never needed: 849+ fits all of it"}),
        ({"masks": ["849+", "849+"]}, {"masks.1": "849+ is never needed: it stands there before"}),
        ({"masks": ["dd?", "d{d|}"]}, {"masks.1": "d{d|} is never needed: dd? fits all of it"}),
        (
            {"numbers": ["8495", "8499", "8495"]},
            {"numbers.2": "8495 is never needed: it stands there before"},
        ),
        (
            {"masks": ["849+"], "numbers": ["8495", "7495"]},
            {"numbers.0": "8495 is never needed: 849+ fits all of it"},
        ),
        (
            {"lines": [{"masks": ["849+", "8495+"], "target": "100"}]},
            {"lines.0.masks.1": "8495+ is never needed: 849+ fits all of it"},
        ),
        (
            {"masks": ["849+"], "lines": [{"masks": ["8495+"], "target": "100"}]},
            {
                "lines.0.masks.0": "8495+ is never needed: 849+, asked before, "
                "fits all of it and leads to the same"
            },
        ),
        ({"masks": ["849+", "8d+"], "numbers": ["112"]}, {"masks.0": "849+ is never needed: "}),
        ({"masks": ["849+", "747+"], "numbers": ["7495", "+8495"]}, {"numbers.1": "+8495"}),
        ({"masks": ["849+", "{7|8}95+"], "numbers": ["7495"]}, {}),
    ],
)
def test_masks_and_numbers_that_change_nothing_are_told(
    callers: Mapping[str, object], needless: Mapping[str, str]
) -> None:
    rule = {"kind": "number_rule", "match": "100", "no_match": "101", **callers}
    found = found_in(tenant_rows(elements={"5000": rule}))
    told = {
        written(one.route).removeprefix("elements.5000."): one.sentence
        for one in found
        if one.code == "callers-listed-twice"
    }
    assert told.keys() == needless.keys()
    assert all(sentence in told[place] for place, sentence in needless.items())
    assert "callers-taken-before" not in {one.code for one in found}


def test_a_mailbox_that_only_phones_reach_needs_no_pin() -> None:
    elements: Mapping[str, Mapping[str, object]] = {
        "5000": {"kind": "mailbox", "box": "5100"},
        "5100": {"kind": "voicemail", "lamps": ["100"]},
    }
    assert told_of(tenant_rows(elements=elements), "mailbox-without-pin") == []
    outside = tenant_rows(elements=elements, trunks=[a_trunk()], numbers={"74951234567": "5000"})
    assert told_of(outside, "mailbox-without-pin") == ["elements.5000"]
    with_pin = replace(outside, pins={"5100": "hash"})
    assert told_of(with_pin, "mailbox-without-pin") == []


def test_a_tenant_of_two_thousand_people_has_nothing_odd_but_an_unused_sound() -> None:
    numbers = [str(number) for number in range(1000, 3000)]
    rows = tenant_rows(
        extensions={number: [number] for number in numbers},
        users={
            one: {"rules": [{"when": "no_answer", "to": other}]} for one, other in pairwise(numbers)
        },
    )
    findings = found_in(rows)
    assert {one.code for one in findings} == {"sound-unused"}
