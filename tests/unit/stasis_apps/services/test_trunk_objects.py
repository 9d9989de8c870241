"""What Asterisk is told of a trunk."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from models.facts import TrunkFacts
from stasis_apps.services.trunk_lines import DynamicObject, TrunkLine, objects_of
from stasis_apps.services.trunk_objects import TAG

PASSWORD = "secret"
CARRIER = TrunkFacts(
    id=7,
    name="moscow",
    endpoint="trunk-1a2b3c4d",
    registration="outbound",
    host="sip.carrier.example",
    port=5070,
    username="74951234567",
    codecs=("alaw", "ulaw"),
    expires_s=300,
    qualify_s=60,
    password_mark="a",
)


def objects(facts: TrunkFacts, password: str = PASSWORD, tenant_id: int = 3) -> list[DynamicObject]:
    line = TrunkLine(facts=facts, password=password, tenant_id=tenant_id)
    return objects_of(line, ("192.0.2.0/24", "2001:db8::1"))


def fields(facts: TrunkFacts, kind: str, password: str = PASSWORD) -> Mapping[str, str]:
    (found,) = [one for one in objects(facts, password) if one.object_type == kind]
    return found.fields


def kinds(facts: TrunkFacts, password: str = PASSWORD) -> list[tuple[str, str]]:
    return [one.key for one in objects(facts, password)]


def test_a_carrier_where_we_register_is_complete_with_its_endpoint() -> None:
    assert kinds(CARRIER) == [
        ("auth", "trunk-1a2b3c4d"),
        ("aor", "trunk-1a2b3c4d"),
        ("registration", "trunk-1a2b3c4d"),
        ("identify", "trunk-1a2b3c4d"),
        ("endpoint", "trunk-1a2b3c4d"),
    ]


def test_a_carrier_that_knows_our_address_gets_no_login_and_no_registration() -> None:
    facts = replace(CARRIER, registration="none", username="", addresses=("192.0.2.0/24", "::1"))

    assert kinds(facts, password="") == [
        ("aor", "trunk-1a2b3c4d"),
        ("identify", "trunk-1a2b3c4d"),
        ("endpoint", "trunk-1a2b3c4d"),
    ]
    assert fields(facts, "endpoint", password="")["outbound_auth"] == ""


def test_a_trunk_that_is_switched_off_has_nothing_in_asterisk() -> None:
    assert objects(replace(CARRIER, is_enabled=False)) == []


def test_a_call_is_the_tenants_and_enters_by_the_door_for_trunks() -> None:
    endpoint = fields(CARRIER, "endpoint")

    assert endpoint["context"] == "trunks"
    assert endpoint["tenantid"] == "3"
    assert endpoint["identify_by"] == "ip"
    assert endpoint["allow"] == "!all,alaw,ulaw"
    assert endpoint["from_domain"] == "sip.carrier.example"


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_the_port_and_the_transport_stand_in_every_address(transport: str) -> None:
    facts = replace(CARRIER, transport=transport, proxy="proxy.example")

    uri = f"sip:sip.carrier.example:5070;transport={transport}"

    assert fields(facts, "aor")["contact"] == uri
    assert fields(facts, "aor")["outbound_proxy"] == f"sip:proxy.example;lr;transport={transport}"
    assert fields(facts, "registration")["server_uri"] == uri
    assert fields(facts, "endpoint")["transport"] == transport


@pytest.mark.parametrize(
    ("encryption", "told"),
    [("off", ("no", "no")), ("optional", ("sdes", "yes")), ("required", ("sdes", "no"))],
)
def test_the_sound_of_a_carrier_is_encrypted_as_its_trunk_says(
    encryption: str, told: tuple[str, str]
) -> None:
    endpoint = fields(replace(CARRIER, encryption=encryption), "endpoint")

    assert (endpoint["media_encryption"], endpoint["media_encryption_optimistic"]) == told


def test_an_ipv6_host_is_written_in_brackets() -> None:
    facts = replace(CARRIER, host="2001:db8::1", port=None)

    assert fields(facts, "aor")["contact"] == "sip:[2001:db8::1]"
    assert fields(facts, "registration")["client_uri"] == "sip:74951234567@[2001:db8::1]"


@pytest.mark.parametrize(
    ("proxy", "uri"),
    [
        ("proxy.example", "sip:proxy.example;lr"),
        ("proxy.example:5080", "sip:proxy.example:5080;lr"),
        ("192.0.2.7:5080", "sip:192.0.2.7:5080;lr"),
        ("2001:db8::7", "sip:[2001:db8::7];lr"),
        ("[2001:db8::7]:5080", "sip:[2001:db8::7]:5080;lr"),
    ],
)
def test_everything_goes_through_the_proxy(proxy: str, uri: str) -> None:
    told = {one.key: one.fields for one in objects(replace(CARRIER, proxy=proxy))}

    for kind in ("endpoint", "registration", "aor"):
        assert told[kind, "trunk-1a2b3c4d"]["outbound_proxy"] == uri


def test_the_name_in_the_digest_may_differ_from_the_login() -> None:
    facts = replace(CARRIER, auth_username="u-42")

    assert fields(facts, "auth")["username"] == "u-42"
    assert fields(facts, "registration")["contact_user"] == "74951234567"


def test_who_registers_here_logs_in_as_the_endpoint() -> None:
    facts = replace(CARRIER, registration="inbound", host="", port=None, username="theirs")

    endpoint = fields(facts, "endpoint")

    line = TrunkLine(facts=facts, password=PASSWORD, tenant_id=3)
    assert [one.key for one in objects_of(line)] == [
        ("auth", "trunk-1a2b3c4d"),
        ("aor", "trunk-1a2b3c4d"),
        ("endpoint", "trunk-1a2b3c4d"),
    ]
    assert fields(facts, "auth")["username"] == "trunk-1a2b3c4d"
    assert (endpoint["auth"], endpoint["outbound_auth"]) == ("trunk-1a2b3c4d", "")
    assert endpoint["identify_by"] == "auth_username,username"
    assert fields(facts, "aor")["max_contacts"] == "1"


@pytest.mark.parametrize(("source", "trusted"), [("identity", "yes"), ("from", "no")])
def test_the_asserted_identity_is_believed_only_where_it_was_asked_for(
    source: str, trusted: str
) -> None:
    assert fields(replace(CARRIER, caller_source=source), "endpoint")["trust_id_inbound"] == trusted


def test_a_registration_is_never_given_up() -> None:
    registration = fields(CARRIER, "registration")

    assert int(registration["max_retries"]) >= 1_000_000
    assert int(registration["retry_interval"]) in range(30, 61)
    assert registration["forbidden_retry_interval"] == "600"
    assert registration["fatal_retry_interval"] == "600"


def test_the_mark_of_an_endpoint_changes_with_every_setting_and_tells_no_password() -> None:
    marks = {
        fields(facts, "endpoint")[TAG]
        for facts in (
            CARRIER,
            replace(CARRIER, expires_s=120),
            replace(CARRIER, host="other.example"),
            replace(CARRIER, password_mark="b"),
            replace(CARRIER, codecs=("ulaw", "alaw")),
        )
    }

    assert len(marks) == 5
    assert (
        fields(CARRIER, "endpoint", password="one")[TAG]
        == fields(CARRIER, "endpoint", password="two")[TAG]
    )


def test_a_password_is_not_shown_by_accident() -> None:
    line = TrunkLine(facts=CARRIER, password="hunter2", tenant_id=1)

    assert "hunter2" not in repr(line)
    assert "hunter2" not in repr(objects_of(line))


def test_asterisk_is_told_addresses_and_never_names() -> None:
    assert fields(CARRIER, "identify") == {
        "endpoint": "trunk-1a2b3c4d",
        "match": "192.0.2.0/24,2001:db8::1",
    }


def test_new_senders_are_no_reason_to_register_anew() -> None:
    line = TrunkLine(facts=CARRIER, password=PASSWORD, tenant_id=3)
    marks = {objects_of(line, senders)[-1].fields[TAG] for senders in ((), ("192.0.2.1",))}

    assert len(marks) == 1


@pytest.mark.parametrize(
    ("forwarded_by", "diversion", "history_info"),
    [
        ("diversion", "yes", "no"),
        ("history_info", "no", "yes"),
        ("both", "yes", "yes"),
        ("none", "no", "no"),
    ],
)
def test_a_carrier_is_told_of_forwarding_in_the_way_it_wants(
    forwarded_by: str, diversion: str, history_info: str
) -> None:
    told = fields(replace(CARRIER, forwarded_by=forwarded_by), "endpoint")

    assert (told["send_diversion"], told["send_history_info"]) == (diversion, history_info)


def test_a_hidden_number_is_told_to_the_carrier_and_nothing_after_the_answer() -> None:
    told = fields(CARRIER, "endpoint")

    assert (told["trust_id_outbound"], told["send_connected_line"]) == ("yes", "no")
