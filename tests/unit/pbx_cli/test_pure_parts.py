"""The parts of the command line that only turn values into other values."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.errors import InvalidSettings
from pbx_cli.contacts import read_contacts
from pbx_cli.demo import said
from pbx_cli.doctor.listening import Ear
from pbx_cli.doctor.sip_text import Caller, answer_to, authorization, parse, request
from pbx_cli.element_settings import combined, placed, read_settings, removals
from pbx_cli.machine import own_addresses, reachable_address
from pbx_cli.moments import read_moment
from pbx_cli.output import duration, in_words
from pbx_cli.sip_words import in_words as status_in_words
from stasis_apps.services.ami import Message
from stasis_apps.settings import read_settings as settings_of

SLOW_TO_LOAD = {"aiohttp", "numpy", "soundfile", "soxr", "uvloop"}

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

REGISTRATIONS: list[Message] = [
    {
        "AOR": "100@acme.test",
        "URI": "sip:100-0x55@192.0.2.7:26001;transport=udp",
        "UserAgent": 'Phone "one": a',
        "RegExpire": "1795262460",
        "Status": "Reachable",
        "RoundtripUsec": "3392",
    },
    {"AOR": "101@acme.test", "URI": "sip:101@192.0.2.8:5060", "RegExpire": "1"},
    {
        "AOR": "102@acme.test",
        "URI": "sip:[2001:db8::7]:5070",
        "RegExpire": "1795262460",
        "Status": "Unreachable",
        "RoundtripUsec": "0",
    },
]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("1h", NOW - timedelta(hours=1)),
        ("7d", NOW - timedelta(days=7)),
        ("999999w", datetime.min.replace(tzinfo=UTC)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T09:30+03:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        ("", None),
        ("h", None),
        ("-1h", None),
        ("1x", None),
    ],
)
def test_moments_are_typed_as_spans_or_dates(text: str, meant: datetime | None) -> None:
    assert read_moment(text, now=NOW) == meant


def test_where_phones_are_registered_and_whether_they_answer() -> None:
    contacts = read_contacts(REGISTRATIONS, now=NOW)

    (first,) = contacts["100@acme.test"]
    assert (first.address, first.user_agent) == ("192.0.2.7:26001", 'Phone "one": a')
    assert (first.is_reachable, first.round_trip_ms) == (True, 3.4)
    (third,) = contacts["102@acme.test"]
    assert (third.address, third.is_reachable) == ("[2001:db8::7]:5070", False)
    assert third.round_trip_ms is None


def test_a_registration_that_is_over_is_none() -> None:
    assert "101@acme.test" not in read_contacts(REGISTRATIONS, now=NOW)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        ("", "-"),
        (True, "yes"),
        (1, "1"),
        (2.50, "2.5"),
        (["1+", "200"], "1+, 200"),
        ({"keys": {"1": "100"}, "all": ["a", "b"]}, "keys={1=100}, all=[a, b]"),
        ({"members": ["100", {"number": "101", "s": 5}]}, "members=[100, {number=101, s=5}]"),
        (NOW, "2026-11-21 12:00:00Z"),
    ],
)
def test_values_are_written_for_people(value: object, words: str) -> None:
    assert in_words(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3.21, "3.2 s"), (42, "42 s"), (125, "2 min 05 s"), (3_840, "1 h 04 min")],
)
def test_lengths_of_time_are_written_for_people(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_list_of_objects_may_be_given_as_json() -> None:
    schema = {"properties": {"members": {"type": "array", "items": {"type": "object"}}}}

    settings = read_settings(['members=[{"number": "100", "penalty": 0}]'], schema)

    assert settings == {"members": [{"number": "100", "penalty": 0}]}


def test_changes_and_removals_become_one_change() -> None:
    schema = {"properties": {"keys": {"type": "object", "additionalProperties": {}}}}

    change = combined(read_settings(["keys.1=100"], schema), removals(["keys.2", "sound"]))

    assert change == {"keys": {"1": "100", "2": None}, "sound": None}


def test_digest_answers_are_those_of_the_rfc() -> None:
    """The example of RFC 2617, section 3.5, without the parts that are random there."""
    caller = Caller("Mufasa", "host.com", "Circle Of Life", "127.0.0.1", 5070)
    challenge = (
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )

    answer = authorization(challenge, caller=caller, method="GET", uri="/dir/index.html")

    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in answer
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in answer


def test_an_answer_repeats_what_the_request_says() -> None:
    headers = {"Via": ["SIP/2.0/UDP a", "SIP/2.0/UDP b"], "From": "<sip:a>", "To": "<sip:b>"}
    asked = parse(request("BYE", "sip:100@127.0.0.1", {**headers, "CSeq": "2 BYE"}))
    assert asked is not None

    answer = parse(answer_to(asked, "200 OK"))

    assert answer is not None
    assert (answer.status, answer.method) == (200, "BYE")
    assert answer.all_of("via") == ["SIP/2.0/UDP a", "SIP/2.0/UDP b"]


@pytest.mark.parametrize("datagram", [b"", b"\r\n\r\n", b"\x00\xff", b"SIP/2.0"])
def test_noise_is_no_message(datagram: bytes) -> None:
    assert parse(datagram) is None


def test_silence_is_not_heard_and_speech_is() -> None:
    ear = Ear()
    head = bytes([0x80, 8]) + bytes(10)

    ear.hear(head + b"\xd5" * 160)  # A-law silence
    assert (ear.packets, ear.heard_s) == (1, 0.0)
    ear.hear(head + b"\x2a\xaa" * 80)  # full scale, both signs
    assert ear.heard_s == pytest.approx(0.02)
    assert ear.loudest_dbfs == pytest.approx(0, abs=0.2)
    ear.hear(bytes([0x80, 0]) + bytes(10) + b"\xff" * 160)  # mu-law silence
    ear.hear(b"noise")
    assert ear.packets == 3
    assert ear.heard_s == pytest.approx(0.02)


def test_phones_get_the_address_outside_or_the_one_we_listen_at_or_our_own() -> None:
    def told(**given: str) -> str:
        return reachable_address(settings_of({"PBX_SIP_BIND": "192.0.2.5:5060", **given}))

    assert told() == "192.0.2.5"
    assert told(PBX_ASTERISK_HOST="asterisk") == "asterisk"
    assert told(PBX_ASTERISK_HOST="asterisk", PBX_EXTERNAL_ADDRESS="2001:db8::7") == "2001:db8::7"
    assert told(PBX_SIP_BIND="[::]:5060") in {"127.0.0.1", *own_addresses()}
    assert not any(address.startswith("127.") for address in own_addresses())


def test_a_sentence_needs_all_its_words(tmp_path: Path) -> None:
    assert said(tmp_path, ["hello"]) is None


@pytest.mark.parametrize("noun", ["tenant", "extension", "element", "calls"])
def test_an_everyday_command_loads_nothing_slow_that_it_does_not_need(noun: str) -> None:
    program = (
        "import sys; from pbx_cli.main import pbx;"
        f"pbx(['{noun}', '--help'], standalone_mode=False); print(*sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert set(ran.stdout.split()) & SLOW_TO_LOAD == set()


LISTS = {
    "type": "object",
    "properties": {
        "rules": {
            "type": "array",
            "items": {"type": "object", "properties": {"ring_s": {"type": "integer"}}},
        },
        "members": {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "object", "properties": {"after_s": {"type": "number"}}},
                ]
            },
        },
    },
}


@pytest.mark.parametrize(
    ("assignments", "before", "after"),
    [
        (["rules.0.ring_s=5"], {}, {"rules": [{"ring_s": 5}]}),
        (["rules.1.ring_s=5"], {"rules": [{"to": "1"}]}, {"rules": [{"to": "1"}, {"ring_s": 5}]}),
        (["rules.0.ring_s=5"], {"rules": [{"to": "1"}]}, {"rules": [{"to": "1", "ring_s": 5}]}),
        (["members.0=100", "members.1=101"], {}, {"members": ["100", "101"]}),
        (["members.0.after_s=1.5"], {"members": ["100"]}, {"members": [{"after_s": 1.5}]}),
        (["members=100,101"], {"members": ["102"]}, {"members": ["100", "101"]}),
    ],
)
def test_parts_of_lists_are_put_where_they_belong(
    assignments: list[str], before: dict[str, object], after: dict[str, object]
) -> None:
    assert placed(read_settings(assignments, LISTS), before, LISTS) == after


def test_parts_of_lists_are_taken_away_and_the_others_move_up() -> None:
    before = {"members": ["100", "101", "102"], "rules": [{"to": "1", "ring_s": 5}]}
    gone = removals(["members.0", "members.2", "rules.0.ring_s"])
    assert placed(gone, before, LISTS) == {"members": ["101"], "rules": [{"to": "1"}]}


@pytest.mark.parametrize("path", ["members.2", "members.x", "members.-1", "rules.0.steps.1"])
def test_a_place_that_a_list_has_not_is_refused(path: str) -> None:
    before = {"members": ["100"], "rules": [{"steps": []}]}
    with pytest.raises(InvalidSettings) as refusal:
        placed(read_settings([f"{path}=1"], LISTS), before, LISTS)
    assert [fault.path for fault in refusal.value.faults] == [path]


def test_a_phone_that_refuses_the_offer_may_want_it_encrypted() -> None:
    assert status_in_words(488) == "SIP 488: codecs or encryption differ"
