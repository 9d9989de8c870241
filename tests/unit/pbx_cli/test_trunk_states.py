"""What an operator reads of a trunk's state, from the words of Asterisk's console and log."""

from datetime import UTC, datetime, timedelta

import pytest

from pbx_cli.contacts import read_qualities
from pbx_cli.trunk_states import (
    Refusal,
    TrunkState,
    newer,
    read_refusals,
    read_senders,
    read_states,
    refused_call,
)

NOW = datetime(2026, 11, 22, 1, 10, tzinfo=UTC)
OUTBOUND = """
 <Registration/ServerURI..............................>  <Auth....................>  <Status.......>
==========================================================================================

 trunk-1a2b3c4d/sip:sip.carrier.example:5070             trunk-1a2b3c4d              {status}

Objects found: 1
"""
DETAILS = """
 ParameterName            : ParameterValue
 ====================================================
 client_uri               : sip:74951234567@sip.carrier.example
 outbound_proxy           :
 server_uri               : sip:sip.carrier.example:5070
"""
CONTACTS = """
  Contact:  trunk-1a2b3c4d/sip:sip.carrier.example:5070    01f642f165 {quality}
  Contact:  100@acme.test/sip:100@127.0.0.1:57794          5725e06f03 Avail         9.000
"""
LOG = (
    "[2026-11-22 01:09:02.757] WARNING[5530] res_pjsip_outbound_registration.c: {words}"
    "from 'sip:sip.carrier.example:5070' on registration attempt to "
    "'sip:74951234567@sip.carrier.example', retrying in '600' seconds"
)


def state(status: str, *, quality: str = "NonQual  -nan", log: str = "") -> TrunkState:
    return read_states(
        outbound=OUTBOUND.format(status=status),
        details={"trunk-1a2b3c4d": DETAILS},
        contacts="",
        qualities=list(read_qualities(CONTACTS.format(quality=quality))),
        log=[log],
        now=NOW,
    )["trunk-1a2b3c4d"]


def test_a_registered_trunk_that_answers() -> None:
    assert state("Registered        (exp. 289s)", quality="Avail         2.612") == TrunkState(
        registration="registered", next_try_s=289, is_reachable=True, round_trip_ms=2.6
    )


def test_a_trunk_that_does_not_answer() -> None:
    found = state("Rejected          (exp. 29s)", quality="Unavail         -nan")

    assert (found.registration, found.is_reachable) == ("rejected", False)
    assert found.round_trip_ms is None


@pytest.mark.parametrize("status", ["Unregistered      (exp. 1s)", "Stopped  (exp. 5s)"])
def test_a_trunk_that_is_about_to_register(status: str) -> None:
    assert state(status).registration == "unregistered"


def test_a_trunk_whose_time_is_over_has_no_next_try() -> None:
    assert state("Registered        (exp. 3s ago)").next_try_s is None


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        ("403 Forbidden fatal response received ", 403, "Forbidden"),
        ("'404' fatal response received ", 404, "Not Found"),
        ("Fatal response '401' received ", 401, "Unauthorized"),
        ("Temporal response '503' received ", 503, "Service Unavailable"),
        ("'499' fatal response received ", 499, ""),
        ("No response received ", None, "no answer"),
    ],
)
def test_why_a_registration_was_refused(words: str, status: int | None, text: str) -> None:
    refusal = state("Rejected  (exp. 598s)", log=LOG.format(words=words)).last_refusal

    local = datetime(2026, 11, 22, 1, 9, 2, 757000)  # noqa: DTZ001 - Asterisk's log is in local time
    assert refusal == Refusal(status=status, text=text, at=local.astimezone(UTC))


def test_the_last_refusal_counts() -> None:
    lines = [LOG.format(words=f"'{code}' fatal response received ") for code in (404, 403)]

    (refusal,) = read_refusals(lines).values()

    assert refusal.status == 403


def test_of_two_who_use_one_login_nobody_is_told_of_a_refusal_that_may_be_the_others() -> None:
    line = OUTBOUND.splitlines()[4].format(status="Rejected  (exp. 598s)")

    states = read_states(
        outbound="\n".join([line, line.replace("trunk-1a2b3c4d", "trunk-5e6f7a8b")]),
        details={"trunk-1a2b3c4d": DETAILS, "trunk-5e6f7a8b": DETAILS},
        contacts="",
        qualities=[],
        log=[LOG.format(words="403 Forbidden fatal response received ")],
        now=NOW,
    )

    assert [states[one].registration for one in sorted(states)] == ["rejected", "rejected"]
    assert [states[one].last_refusal for one in sorted(states)] == [None, None]


def test_from_where_calls_are_taken() -> None:
    told = """
 Identify:  <Identify/Endpoint...........................................................>
      Match:  <criteria...........................>
==========================================================================================

 Identify:  trunk-1a2b3c4d-2/trunk-1a2b3c4d
      Match: 127.0.0.1/32
      Match: 2001:db8::1/128

 Identify:  trunk-5e6f7a8b/trunk-5e6f7a8b
      Match: 198.51.100.0/29

Objects found: 2
"""
    assert read_senders(told) == {
        "trunk-1a2b3c4d": ("127.0.0.1/32", "2001:db8::1/128"),
        "trunk-5e6f7a8b": ("198.51.100.0/29",),
    }


def test_a_trunk_that_registers_here() -> None:
    contacts = (
        "/registrar/contact/trunk-5e6f7a8b;@0a1b : "
        '{"uri":"sip:trunk-5e6f7a8b@192.0.2.4:5060","expiration_time":"1795399999"}'
    )

    states = read_states(
        outbound="No objects found.", details={}, contacts=contacts, qualities=[], log=[], now=NOW
    )

    assert states == {"trunk-5e6f7a8b": TrunkState(registration="registered")}


def test_a_trunk_without_registration_has_only_a_quality() -> None:
    states = read_states(
        outbound="No objects found.",
        details={},
        contacts="",
        qualities=list(read_qualities(CONTACTS.format(quality="Avail  0.610"))),
        log=[],
        now=NOW,
    )

    assert states == {"trunk-1a2b3c4d": TrunkState(is_reachable=True, round_trip_ms=0.6)}


def test_the_newer_refusal_counts_whether_a_registration_or_a_call() -> None:
    registration = Refusal(status=403, text="Forbidden", at=NOW)
    before, after = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)

    assert newer(None, None) is None
    assert newer(registration, None) == registration
    assert newer(registration, refused_call(503, before)) == registration
    assert newer(registration, refused_call(503, after)) == Refusal(
        status=503, text="Service Unavailable", at=after, of="call"
    )
