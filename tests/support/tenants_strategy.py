"""Tenants of every sort for property tests: documents in which all leads somewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from models.imported_sound import EXTENSIONS, ImportedSound
from models.tenant_file.document import SECTIONS
from models.tenant_file.parts import Document, Secrets, TenantFile

Draw = Callable[[st.SearchStrategy[Any]], Any]  # what Hypothesis hands to a composite strategy
Entry = dict[str, Any]  # JSON border: a part of a document

PIN: Final = "2580"
PASSWORD: Final = "Correct-Horse-7"

_EXTENSIONS: Final = ("100", "101", "102", "205", "3000", "4999")
_ELEMENTS: Final = ("5000", "5001", "5100", "5300", "50000", "999999")
_NUMBERS: Final = ("+74951234561", "84951234562", "74951234563", "+4930123456")
_OUTSIDE: Final = ("+79161112233", "84997654321")
_ODD_NAMES: Final = (
    "Alice Example",
    "NO",
    "null",
    "0123",
    "1e3",
    "~",
    "- x",
    "a: b #c",
    'O\'Neil "Ted" \\ {x}',
    "Борис",
    "שלום",
    "👩‍👩‍👧 & <Sons>",
    "*star",
    "@at",
    "%",
    "2026-12-31",
)

odd_names = st.sampled_from(_ODD_NAMES) | (
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
)
"""Names that a person may give to things, and that YAML may take for something else."""

odd_lines = odd_names.filter(str.isprintable)
"""The same for what has to be one line that can be printed."""

words = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,4})?", fullmatch=True)
"""Names of sounds and calendars."""


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Entry]:
    """Some of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


@dataclass(frozen=True)
class Numbers:
    """What a generated tenant has, so that things can be led to it."""

    people: Sequence[str]
    elements: Sequence[str]
    own: Sequence[str]
    trunks: Sequence[str]
    locations: Sequence[str]
    sounds: Sequence[str]
    calendars: Sequence[str]

    @property
    def targets(self) -> st.SearchStrategy[str]:
        return st.sampled_from([*self.people, *self.elements, *_OUTSIDE])

    @property
    def parties(self) -> st.SearchStrategy[str]:
        return st.sampled_from([*self.people, *_OUTSIDE])

    @property
    def shown(self) -> dict[str, st.SearchStrategy[str]]:
        """The number that calls out show, where there is one to show."""
        return {"caller_id": st.sampled_from(self.own)} if self.own else {}

    @property
    def placed(self) -> dict[str, st.SearchStrategy[str]]:
        return {"location": st.sampled_from(self.locations)} if self.locations else {}

    @property
    def prompts(self) -> st.SearchStrategy[str]:
        return st.sampled_from([*self.sounds, "asterisk:hello-world"])


def _subset(all_of: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(all_of), unique=True, max_size=len(all_of)).map(sorted)


@st.composite
def tenant_documents(draw: Draw, name: str = "acme") -> Document:
    """A tenant with something of everything, as its canonical document."""
    has = Numbers(
        people=draw(_subset(_EXTENSIONS)),
        elements=draw(_subset(_ELEMENTS)),
        own=[],
        trunks=sorted(draw(st.lists(odd_names, unique=True, max_size=3))),
        locations=sorted(draw(st.lists(odd_names, unique=True, max_size=2))),
        sounds=sorted(draw(st.lists(words, unique=True, max_size=2))),
        calendars=sorted(draw(st.lists(words, unique=True, max_size=1))),
    )
    if has.trunks:
        has = Numbers(**{**has.__dict__, "own": draw(_subset(_NUMBERS))})
    extensions = {number: draw(_extension(number, has)) for number in has.people}
    sections = {
        "tenant": name,
        "domain": f"{name}.test",
        "timezone": draw(st.sampled_from(("Europe/Moscow", "UTC", "Europe/Berlin"))),
        "country": "RU",
        **draw(some(language=st.just("ru"), state=st.just("trial"), **has.shown)),
        "domain_aliases": draw(_subset(("192.0.2.10", f"phones.{name}.test"))),
        "limits": draw(_limits),
        "emergency": draw(_emergency(has)),
        "locations": _locations(draw, has),
        "extensions": extensions,
        "elements": {number: draw(_element(has)) for number in has.elements},
        "aliases": draw(_aliases(has)),
        "trunks": {name: draw(_trunk(place, has)) for place, name in enumerate(has.trunks)},
        "numbers": {number: draw(_number(has)) for number in has.own},
        "outbound": draw(_outbound(has)),
        "sounds": {name: hashlib.sha256(name.encode()).hexdigest() for name in has.sounds},
        "calendars": {name: draw(_calendar) for name in has.calendars},
        "tests": draw(_route_tests),
        "lint": draw(_lint),
    }
    return {
        section: sections[section]
        for section in SECTIONS
        if sections.get(section) not in ({}, [], None)
    }


def tenant_files(name: str = "acme") -> st.SearchStrategy[TenantFile]:
    """The same as files that a new tenant can be made of: with passwords, PINs and sounds."""
    return tenant_documents(name).map(file_with_secrets)


def file_with_secrets(document: Document) -> TenantFile:
    """A document as a file that gives every secret and every upload that it speaks of."""
    boxes = {**document.get("extensions", {}), **document.get("elements", {})}
    rules = document.get("outbound", {}).get("rules", [])
    return TenantFile(
        file=Path(f"{document['tenant']}.yaml"),
        document=document,
        secrets=Secrets(
            trunks=dict.fromkeys(document.get("trunks", {}), PASSWORD),
            rules={rule["name"]: PIN for rule in rules if rule.get("pin")},
            boxes={number: PIN for number, box in boxes.items() if box.get("pin")},
        ),
        sounds={name: upload(sha256) for name, sha256 in document.get("sounds", {}).items()},
    )


def upload(sha256: str) -> ImportedSound:
    """A prompt that is different for each hash."""
    return ImportedSound(
        duration_s=1.5,
        source_rate_hz=16_000,
        sha256=sha256,
        warnings=(),
        files={extension: f"{sha256}.{extension}".encode() for extension in EXTENSIONS},
    )


_limits = some(
    max_calls=st.integers(6, 100),
    minutes_per_day=st.just(0),
    countries=st.sampled_from((["*"], ["DE", "FR"])),
    classes=st.just(["premium"]),
    night_hours=st.just("22:00-07:00"),
    night_reach=st.just("home"),
    forwards_by_rules=st.just(True),
    alert_emails=st.just(["boss@acme.test"]),
)

_calendar = st.fixed_dictionaries(
    {
        "days": st.lists(
            st.fixed_dictionaries({"first": st.dates().map(str)}, optional={"name": odd_names}),
            max_size=3,
            unique_by=lambda day: str(day["first"]),
        ).map(lambda days: sorted(days, key=lambda day: str(day["first"])))
    },
    optional={"covers_until": st.just("2030-12-31"), "source": st.just("holidays.ics")},
)

_route_tests = st.lists(
    st.fixed_dictionaries(
        {
            "name": odd_names,
            "from": st.sampled_from(("100", "+79161234567", "")),
            "to": st.sampled_from(("5000", "84951234562")),
            "expect": st.just({"path": ["5000", "..."], "ends": "normal"}),
        },
        optional={"keys": st.just(["1", ""]), "answers": st.just({"100": "5s"})},
    ),
    max_size=2,
    unique_by=lambda test: str(test["name"]),
)

_lint: st.SearchStrategy[Entry] = st.just({}) | st.just(
    {"ignore": [{"code": "empty-exit", "at": "elements.5000", "reason": "it: is # meant"}]}
)


def _locations(draw: Draw, has: Numbers) -> Entry:
    number = {"number": st.sampled_from(has.own)} if has.own else {}
    places = {name: draw(some(detail=odd_lines, **number)) for name in has.locations}
    for name in has.locations[:1]:
        places[name] |= draw(some(default=st.just(True)))
    return places


def _emergency(has: Numbers) -> st.SearchStrategy[Entry]:
    address = st.fixed_dictionaries(
        {"party": odd_lines, "street": odd_lines, "city": odd_lines},
        optional={"postal_code": st.just("0123"), "country": st.just("DE")},
    )
    fields: dict[str, st.SearchStrategy[Any]] = {}
    if has.trunks:
        fields["trunks"] = st.permutations(has.trunks)
    if has.own:
        fields["addresses"] = st.fixed_dictionaries({has.own[0]: address})
    return some(**fields)


@st.composite
def _extension(draw: Draw, number: str, has: Numbers) -> Entry:
    others = has.targets.filter(lambda target: target != number)
    person: Entry = {
        "name": draw(odd_names),
        **draw(
            some(
                email=st.just("alice@acme.test"),
                ring_s=st.integers(21, 600),
                devices=_devices(number, has),
                dnd=st.booleans(),
                allow_direct_sip=st.booleans(),
                busy=others,
                rules=st.lists(
                    st.fixed_dictionaries({"when": st.just("busy"), "to": others}),
                    max_size=1,
                ),
                **has.shown,
                **has.placed,
            )
        ),
    }
    box: Entry = draw(some(voicemail=st.just(True), pin=st.just(True)).filter(_can_have_pin))
    return person | box


def _can_have_pin(box: Entry) -> bool:
    return "voicemail" in box or "pin" not in box


def _devices(number: str, has: Numbers) -> st.SearchStrategy[list[Entry]]:
    names = st.sampled_from((number, f"{number}-kitchen", f"{number}-2"))
    fields = some(caller_name=odd_names, hides_number=st.just(True), **has.shown, **has.placed)
    phones = st.builds(lambda name, rest: {"name": name, **rest}, names, fields)
    several = st.lists(phones, max_size=3, unique_by=lambda phone: phone["name"])
    in_order = several.map(lambda phones: sorted(phones, key=lambda phone: phone["name"]))
    return in_order.filter(lambda phones: phones != [{"name": number}])


def _element(has: Numbers) -> st.SearchStrategy[Entry]:
    to = has.targets
    windows = st.just([{"days": "mon-fri", "from": "09:00", "to": "18:00"}])
    holidays = {"holidays": st.sampled_from(has.calendars)} if has.calendars else {}
    return st.one_of(
        _kind("greeting", {"sound": has.prompts}, no_input=to, keys=_keys(to)),
        _kind(
            "group",
            {"members": st.lists(has.parties, min_size=1, max_size=3, unique=True)},
            strategy=st.sampled_from(("all", "sequence")),
            ring_s=st.integers(1, 600) | st.just(12.5),
            no_answer=to,
        ),
        _kind("voicemail", {}, emails=st.just(["a@acme.test"]), pin=st.just(True), saved=to),
        _kind("time_rule", {"windows": windows}, match=to, no_match=to, **holidays),
        _kind("number_rule", {}, masks=st.just(["849555510+", "+"]), match=to, no_match=to),
        _kind("switch", {}, open=to, closed=to),
        _kind("prefix", {"text": st.just("Sales: ")}, next=to),
        _kind("hang_up", {}, cause=st.sampled_from(("busy", "declined"))),
    )


def _keys(to: st.SearchStrategy[str]) -> st.SearchStrategy[Entry]:
    return st.dictionaries(st.sampled_from(("0", "1", "2", "*", "#", "123")), to, max_size=3)


def _kind(
    kind: str, needed: dict[str, st.SearchStrategy[Any]], **others: st.SearchStrategy[Any]
) -> st.SearchStrategy[Entry]:
    return st.fixed_dictionaries({"kind": st.just(kind), **needed}, optional=others)


def _aliases(has: Numbers) -> st.SearchStrategy[Entry]:
    ways = st.sampled_from([*has.people, *has.elements]) if has.people or has.elements else None
    if ways is None:
        return st.just({})
    open_way = st.fixed_dictionaries({"to": ways, "allow_direct_sip": st.just(True)})
    return some(info=ways, sales=open_way)


@st.composite
def _trunk(draw: Draw, place: int, has: Numbers) -> Entry:
    """A line that is told apart from those at other places."""
    needed: Entry = draw(
        st.sampled_from(
            (
                {"host": f"sip{place}.carrier.test", "username": f"acme{place}"},
                {"preset": "by-address", "addresses": [f"192.0.2.{place + 1}"]},
                {"preset": "gsm-gateway"},
                {"registration": "none", "addresses": [f"198.51.100.{place + 1}"]},
            )
        )
    )
    more: Entry = draw(
        some(
            port=st.just(5061),
            max_channels=st.integers(2, 100),
            codecs=st.just(["opus", "alaw"]),
            final_codes=st.just([486, 603]),
            forward_via_same=st.just(True),
            number_source=st.just("P-Called-Party-ID"),
            expires_s=st.just(600),
            transport=st.sampled_from(("tcp", "tls")),
            encryption=st.sampled_from(("optional", "required")),
            enabled=st.just(False),
            **has.shown,
        )
    )
    return needed | more


def _number(has: Numbers) -> st.SearchStrategy[Entry]:
    inside = [*has.people, *has.elements]
    to = {"to": st.sampled_from(inside)} if inside else {}
    return st.fixed_dictionaries(
        {"trunk": st.sampled_from(has.trunks)}, optional={"label": odd_names, **to}
    )


def _outbound(has: Numbers) -> st.SearchStrategy[Entry]:
    rules = st.lists(_rule(has), max_size=3, unique_by=lambda rule: rule["name"])
    some_rules = st.fixed_dictionaries({"rules": rules}).map(
        lambda outbound: outbound if outbound["rules"] else {}
    )
    if not has.trunks:
        return some_rules
    default = st.sampled_from(has.trunks)
    return st.builds(lambda trunk, rest: {"default": trunk, **rest}, default, some_rules)


@st.composite
def _rule(draw: Draw, has: Numbers) -> Entry:
    mask, output = draw(
        st.sampled_from(
            (("(+)", None), ("{p7|7|8|}(dddddddddd)", "8$"), ("+", "0000"), ("8(+)", "+7$"))
        )
    )
    users = st.lists(st.sampled_from(_EXTENSIONS), unique=True, min_size=1, max_size=2)
    for_whom: st.SearchStrategy[Entry]
    for_whom = st.sampled_from(({}, {"only": []})) | users.map(lambda them: {"except": them})
    ways: st.SearchStrategy[Entry] = st.just({})
    if has.trunks:
        ways |= st.sampled_from(has.trunks).map(lambda trunk: {"trunk": trunk})
    if len(has.trunks) > 1:
        ways |= st.permutations(has.trunks).map(lambda trunks: {"trunks": list(trunks)})
    hours = {"windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}]}
    return {
        "name": draw(odd_names),
        "mask": mask,
        **({"output": output} if output else {}),
        **draw(for_whom),
        **draw(ways),
        **draw(some(pin=st.just(True), enabled=st.just(False), hours=st.just(hours), **has.shown)),
    }
