"""The rules for names, numbers and domains, whatever people type."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import numbering, rules
from models.config import parse_url
from models.digests import digests_of
from models.errors import Fault, InvalidSettings, SealError
from models.numbering import TargetKind, target_kind
from models.passwords import make_password, password_faults
from models.provisioning.merging import merged
from models.seal import Seal
from models.sqlite_engine import statements
from models.storable import clean, clean_json, cut, is_storable

ANY_TEXT = st.text(alphabet=st.characters(codec=None))
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
SETTINGS = st.dictionaries(ANY_TEXT, JSON, max_size=4)


@given(ANY_TEXT)
def test_every_rule_has_an_answer_to_every_text(text: str) -> None:
    for rule in (
        rules.tenant_name_faults,
        rules.domain_faults,
        rules.domain_alias_faults,
        rules.display_name_faults,
        rules.timezone_faults,
        rules.country_faults,
        rules.language_faults,
        rules.state_faults,
        rules.email_faults,
        rules.sound_name_faults,
    ):
        assert all(repr(text)[:20] in str(fault) for fault in rule(text))
    rules.extension_number_faults(text, "RU")
    rules.element_number_faults(text, "RU")
    rules.device_name_faults(text, "100")
    password_faults(text)


@given(st.text(min_size=1))
def test_a_name_is_taken_only_if_it_has_70_bytes_at_most(name: str) -> None:
    if not rules.display_name_faults(name):
        assert len(name.encode()) <= 70
        assert name.isprintable() or max(name) >= "\xad"


@given(st.text(alphabet=string.ascii_letters, min_size=1, max_size=70))
def test_70_english_letters_are_a_name(name: str) -> None:
    assert rules.display_name_faults(name) == []


@given(st.text(alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=35))
def test_35_russian_letters_are_a_name(name: str) -> None:
    assert rules.display_name_faults(name) == []


@pytest.mark.parametrize(
    "name", ["", " ", " Alice", "Alice\n", "A\x00", "\x7f", "A\u2028B", "\ud800"]
)
def test_a_name_that_a_phone_cannot_show_is_refused(name: str) -> None:
    assert len(rules.display_name_faults(name)) == 1


@given(st.lists(LABELS, min_size=1, max_size=4))
def test_lower_case_dns_names_are_domains_unless_they_look_like_addresses(
    labels: list[str],
) -> None:
    assert bool(rules.domain_faults(".".join(labels))) == labels[-1].isdigit()


@given(st.lists(LABELS, min_size=1, max_size=4), st.sampled_from(" ABZ_@/:;&\n\tя"), st.data())
def test_one_wrong_character_spoils_a_domain(
    labels: list[str], wrong: str, data: st.DataObject
) -> None:
    domain = ".".join(labels)
    place = data.draw(st.integers(0, len(domain)))
    assert rules.domain_faults(domain[:place] + wrong + domain[place:])


@pytest.mark.parametrize("domain", ["a" * 64 + ".test", "a." * 127 + "test", "acme.test."])
def test_a_domain_is_as_long_as_dns_allows(domain: str) -> None:
    assert rules.domain_faults(domain)


@given(st.ip_addresses())
def test_every_address_in_its_usual_spelling_is_an_alias(address: object) -> None:
    assert rules.domain_alias_faults(str(address)) == []


@pytest.mark.parametrize("alias", ["::0", "2001:DB8::1", "192.0.2.256", "192.0.2.01", "[::1]"])
def test_other_spellings_of_addresses_are_refused(alias: str) -> None:
    assert rules.domain_alias_faults(alias)


@given(st.integers(-10, 1_100_000))
def test_every_number_is_for_people_or_for_elements_or_for_nobody(number: int) -> None:
    text = str(number)
    assert numbering.is_extension_number(text) == (100 <= number <= 4_999)
    assert numbering.is_element_number(text) == (5_000 <= number <= 999_999)


@given(ANY_TEXT)
def test_a_number_with_anything_but_plain_digits_is_nobodys(text: str) -> None:
    if not (text.isascii() and text.isdigit()):
        assert not numbering.is_internal(text)


@pytest.mark.parametrize(
    ("number", "country", "reserved"),
    [
        ("112", "RU", True),
        ("101", "RU", False),
        ("104", "RU", False),
        ("101", "KZ", True),
        ("911", "US", True),
        ("911", "RU", False),
        ("999", "GB", True),
        ("110", "DE", True),
        ("1120", "RU", False),
    ],
)
def test_emergency_numbers_are_those_of_the_country(
    number: str, country: str, reserved: bool
) -> None:
    assert numbering.is_reserved(number, country) is reserved


@pytest.mark.parametrize(
    ("number", "country", "is_help"),
    [
        ("112", "RU", True),
        ("101", "RU", True),
        ("104", "RU", True),
        ("02", "RU", True),
        ("911", "RU", False),
        ("911", "US", True),
        ("+112", "RU", False),
        ("1-1-2", "RU", False),
        ("\uff11\uff11\uff12", "RU", False),
        ("1120", "RU", False),
        ("", "RU", False),
    ],
)
def test_help_answers_where_a_country_says_so(number: str, country: str, *, is_help: bool) -> None:
    assert numbering.is_emergency(number, country) is is_help


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("", TargetKind.NOWHERE),
        ("100", TargetKind.INTERNAL),
        ("999999", TargetKind.INTERNAL),
        ("112", TargetKind.EMERGENCY),
        ("+79161234567", TargetKind.OUTSIDE),
        ("89161234567", TargetKind.OUTSIDE),
        ("1234567", TargetKind.OUTSIDE),
        ("99", TargetKind.NO_NUMBER),
        ("0123", TargetKind.NO_NUMBER),
        ("+", TargetKind.NO_NUMBER),
        ("info", TargetKind.NO_NUMBER),
        ("100 ", TargetKind.NO_NUMBER),
    ],
)
def test_a_target_says_where_it_leads(target: str, kind: TargetKind) -> None:
    assert target_kind(target, "RU") is kind


def test_the_digest_is_the_one_of_rfc_2617() -> None:
    digests = digests_of(username="Mufasa", realm="testrealm@host.com", password="Circle Of Life")
    assert digests.md5 == "939e7578ed9e3c518a452acee763bce9"
    assert len(digests.sha256) == 64


def test_made_passwords_are_good_and_never_the_same() -> None:
    made = {make_password() for _ in range(200)}
    assert len(made) == 200
    assert all(password_faults(password) == [] and len(password) >= 20 for password in made)
    assert not set("".join(made)) & set("ilo01IO")


@given(SETTINGS, SETTINGS)
def test_merging_the_same_change_twice_is_merging_it_once(
    before: dict[str, object], change: dict[str, object]
) -> None:
    once = merged(before, change)
    assert merged(once, change) == once
    assert None not in merged({}, change).values()


@given(JSON)
def test_what_has_been_cleaned_can_be_stored(value: object) -> None:
    assert is_storable(clean_json(value))
    if is_storable(value):
        assert clean_json(value) == value


@given(ANY_TEXT, st.integers(0, 20))
def test_cut_text_fits(text: str, length: int) -> None:
    assert len(cut(text, length)) <= length
    assert clean(clean(text)) == clean(text)


def test_what_was_sealed_is_opened_with_the_same_key_file_only(tmp_path: Path) -> None:
    key_file = tmp_path / "new folder" / "key"
    sealed = Seal(key_file).close("secret")
    assert Seal(key_file).open(sealed) == "secret"
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in key_file.parent.iterdir()] == ["key"]
    assert "secret" not in sealed
    other = Seal(tmp_path / "other")
    other.close("something else")
    with pytest.raises(SealError, match="does not open"):
        other.open(sealed)


def test_a_key_that_was_lost_is_asked_for_and_not_replaced(tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    sealed = Seal(key_file).close("secret")
    key_file.unlink()
    with pytest.raises(SealError, match="put back"):
        Seal(key_file).open(sealed)
    assert not key_file.exists()


@pytest.mark.parametrize("content", [b"", b"not a key", b"\xff" * 44])
def test_a_file_that_is_no_key_is_named(content: bytes, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_bytes(content)
    with pytest.raises(SealError, match="key"):
        Seal(key_file)


def test_a_key_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SealError, match="cannot be used"):
        Seal(tmp_path / "file" / "key").close("secret")


def test_a_fault_names_the_field_the_value_and_the_rule() -> None:
    fault = Fault("number", "99", "an extension has a number from 100 to 4999")
    assert str(fault) == "number '99': an extension has a number from 100 to 4999"
    long = Fault("name", "x" * 500, "too long")
    assert len(str(long)) < 100
    assert str(InvalidSettings([fault, long])) == f"{fault}\n{long}"


def test_a_database_address_is_shown_without_its_password() -> None:
    address = parse_url("postgres://pbx:secret@db.test:5433/pbx")
    assert address.shown == "PostgreSQL database pbx at db.test:5433"
    assert address.connection["credentials"]["password"] == "secret"
    assert parse_url("sqlite:///var/pbx.db").sqlite_path == "/var/pbx.db"


def test_a_script_is_cut_between_statements_only() -> None:
    script = "INSERT INTO a VALUES ('x;y');\nDELETE FROM a; ;\n"
    assert [statement.strip() for statement in statements(script)] == [
        "INSERT INTO a VALUES ('x;y');",
        "DELETE FROM a;",
    ]
