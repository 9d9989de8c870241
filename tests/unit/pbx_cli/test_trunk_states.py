"""What an operator reads of a trunk's state, from what Asterisk lists and from its log."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from models.provisioning import TrunkOwner
from pbx_cli.doctor.findings import Health
from pbx_cli.doctor.trunks import finding_of
from pbx_cli.trunk_refusals import Refusal, newer, read_refusals, refused_call
from pbx_cli.trunk_states import TrunkState, read_rejected, read_states
from stasis_apps.services.ami import Message

NOW = datetime(2026, 11, 22, 1, 10, tzinfo=UTC)
TRUNK, OTHER = "trunk-1a2b3c4d", "trunk-5e6f7a8b"
SERVER, CLIENT = "sip:sip.carrier.example:5070", "sip:74951234567@sip.carrier.example"
LOGIN: Message = {"Event": "AuthDetail", "ObjectName": TRUNK, "Username": "74951234567"}
ANSWERS: Message = {"URI": SERVER, "Status": "Reachable", "RoundtripUsec": "2612"}
LOG = (
    "[2026-11-22 01:09:02.757] WARNING[5530] res_pjsip_outbound_registration.c: {words}"
    f"from '{SERVER}' on registration attempt to '{CLIENT}', {{next}}"
)
AGAIN = "retrying in '600' seconds"


def registration(status: str, endpoint: str = TRUNK) -> Message:
    return {
        "Endpoint": endpoint,
        "ServerUri": SERVER,
        "ClientUri": CLIENT,
        "Status": status,
        "NextReg": "0",
    }


def state(
    *told: Message, ours: Sequence[Message] = (), log: Sequence[str] = (), now: datetime = NOW
) -> TrunkState:
    """How one trunk stands of which Asterisk has told all this."""
    known = {TRUNK: ({"Event": "EndpointDetail", "ObjectName": TRUNK}, LOGIN, *told)}
    return read_states(known, [*ours, LOGIN], read_refusals(log), now=now)[TRUNK]


def refused_at(line: str) -> datetime:
    """The moment of a line of Asterisk's log, which is in local time."""
    return datetime.fromisoformat(line[1:24]).astimezone(UTC)


def test_a_registered_trunk_that_answers() -> None:
    assert state(ANSWERS, ours=[registration("Registered")]) == TrunkState(
        registration="registered", is_reachable=True, round_trip_ms=2.6
    )


def test_a_trunk_that_does_not_answer() -> None:
    silent = {**ANSWERS, "Status": "Unreachable", "RoundtripUsec": "0"}

    found = state(silent, ours=[registration("Rejected")])

    assert (found.registration, found.is_reachable) == ("rejected", False)
    assert found.round_trip_ms is None


@pytest.mark.parametrize("status", ["Unregistered", "Stopped"])
def test_a_trunk_that_is_about_to_register(status: str) -> None:
    assert state(ours=[registration(status)]).registration == "unregistered"


@pytest.mark.parametrize("status", ["Unknown", "NonQualified"])
def test_nobody_knows_yet_whether_a_trunk_answers(status: str) -> None:
    found = state({"URI": SERVER, "Status": status, "RoundtripUsec": "N/A"})

    assert (found.is_reachable, found.round_trip_ms) == (None, None)


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
    line = LOG.format(words=words, next=AGAIN)

    refusal = state(ours=[registration("Rejected")], log=[line]).last_refusal

    at = refused_at(line)
    again_at = at + timedelta(minutes=10)
    assert refusal == Refusal(status=status, text=text, at=at, again_at=again_at)


def test_when_a_refused_registration_is_tried_again() -> None:
    line = LOG.format(words="'503' temporal response received ", next=AGAIN)
    ours = [registration("Rejected")]

    def next_try_s(after_s: int) -> int | None:
        now = refused_at(line) + timedelta(seconds=after_s)
        return state(ours=ours, log=[line], now=now).next_try_s

    assert (next_try_s(10), next_try_s(601)) == (590, 0)


def test_a_trunk_that_was_refused_once_and_registered_since_is_tried_no_more() -> None:
    line = LOG.format(words="'503' temporal response received ", next=AGAIN)

    found = state(ours=[registration("Registered")], log=[line])

    assert found.last_refusal is not None
    assert found.next_try_s is None


def test_a_registration_that_is_given_up_has_no_next_try() -> None:
    line = LOG.format(words="'403' fatal response received ", next="stopping outbound registration")

    found = state(ours=[registration("Rejected")], log=[line])

    assert found.last_refusal is not None
    assert found.next_try_s is None


def test_the_last_refusal_counts() -> None:
    lines = [
        LOG.format(words=f"'{code}' fatal response received ", next=AGAIN) for code in (404, 403)
    ]

    (refusal,) = read_refusals(lines).values()

    assert refusal.status == 403


def test_of_two_who_use_one_login_nobody_is_told_of_a_refusal_that_may_be_the_others() -> None:
    told = {TRUNK: [LOGIN], OTHER: [LOGIN]}
    ours = [registration("Rejected"), registration("Rejected", OTHER)]
    log = [LOG.format(words="403 Forbidden fatal response received ", next=AGAIN)]

    states = read_states(told, ours, read_refusals(log), now=NOW)

    assert [states[one].registration for one in (TRUNK, OTHER)] == ["rejected", "rejected"]
    assert [states[one].last_refusal for one in (TRUNK, OTHER)] == [None, None]


def test_from_where_calls_are_taken() -> None:
    by_name = {"ObjectName": TRUNK, "Match": "127.0.0.1/255.255.255.255,2001:db8::/ffff:ffff::"}
    by_hand = {"ObjectName": f"{TRUNK}-2", "Match": "198.51.100.0/255.255.255.248"}

    found = state(by_name, by_hand)

    assert found.calls_from == ("127.0.0.1/32", "2001:db8::/32", "198.51.100.0/29")


def test_a_trunk_that_registers_here() -> None:
    here = {"AOR": TRUNK, "URI": f"sip:{TRUNK}@192.0.2.4:5060", "Status": "NonQualified"}

    holds = state(here | {"RegExpire": str(int(NOW.timestamp()) + 60)})
    is_over = state(here | {"RegExpire": str(int(NOW.timestamp()) - 60)})

    assert (holds.registration, is_over.registration) == ("registered", "not used")


def test_a_trunk_without_registration_has_only_a_quality() -> None:
    assert state(ANSWERS) == TrunkState(is_reachable=True, round_trip_ms=2.6)


def test_nothing_is_known_of_a_trunk_that_asterisk_has_not_been_told_of() -> None:
    assert read_states({TRUNK: ()}, [], {}, now=NOW) == {}


def test_the_newer_refusal_counts_whether_a_registration_or_a_call() -> None:
    registration = Refusal(status=403, text="Forbidden", at=NOW)
    before, after = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)

    assert newer(None, None) is None
    assert newer(registration, None) == registration
    assert newer(registration, refused_call(503, before)) == registration
    assert newer(registration, refused_call(503, after)) == Refusal(
        status=503, text="Service Unavailable", at=after, of="call"
    )


def test_the_doctor_names_trunks_whose_carrier_refuses_them() -> None:
    ours = [registration("Rejected"), {**registration("Registered", OTHER), "ClientUri": "sip:b"}]
    log = [LOG.format(words="403 Forbidden fatal response received ", next=AGAIN)]
    owners = {TRUNK: TrunkOwner("acme", "moscow"), OTHER: TrunkOwner("acme", "berlin")}

    found = finding_of(read_rejected([*ours, LOGIN], read_refusals(log)), owners)

    assert found.health is Health.WARNING
    assert "moscow of tenant acme (403 Forbidden)" in found.words
    assert "berlin" not in found.words


def test_the_doctor_names_no_trunk_that_registers_or_is_gone() -> None:
    owners = {TRUNK: TrunkOwner("acme", "moscow")}

    for refused in (read_rejected([registration("Registered")], {}), {OTHER: None}):
        assert finding_of(refused, owners).health is Health.UP


def test_the_doctor_counts_the_trunks_for_which_a_line_has_no_room() -> None:
    owners = {f"trunk-{place}": TrunkOwner("acme", f"city {place}") for place in range(5)}

    words = finding_of(dict.fromkeys(owners), owners).words

    assert "city 0 of tenant acme (refused), city 1 of" in words
    assert "city 2 of tenant acme (refused), 2 more;" in words
