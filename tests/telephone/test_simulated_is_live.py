"""A call that is imagined takes the way of the call that is made: each is done both ways."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from stasis_apps.simulation import Became, Doing
from tests.support import sound
from tests.support.both_ways import Bench, Call, CallerDoes
from tests.support.carrier import MOBILE, Carrier
from tests.support.exchange import Exchange
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.support.told_alike import steps_of, way_of
from tests.support.web_server import WebServer, web_server

EVER = {"days": "mon-sun", "from": "00:00", "to": "24:00"}
LONG_AGO = {"days": "2001-01-01", "from": "00:00", "to": "24:00"}
TO_GREETING, TO_NUMBER_RULE, TO_NOBODY = "74996000000", "74996005400", "74996005999"
TO_MAILBOX = "74996005801"
OUTSIDE, FORBIDDEN = f"+{MOBILE}", "+79169999999"
LOCKED, BY_TWO_WAYS, BY_NO_WAY = "+79167777777", "+79165555555", "+79164444444"
PIN, REDIAL = "2580", "*66"
SAID = 'set_name: "Vera"\ntransfer: "101"'

CITY, AWAY = "city", "away"

ANSWERS = Doing(became=Became.ANSWERS, after_s=0.2)
HANGS_UP = Doing(became=Became.ANSWERS, after_s=0.2, talks_s=0.5)
SILENT, BUSY = Doing(became=Became.NO_ANSWER), Doing(became=Became.BUSY)
DECLINES = Doing(became=Became.DECLINES, after_s=0.2)
BROKEN, GONE = Doing(became=Became.UNREACHABLE), Doing(became=Became.UNREGISTERED)

TALKS, SPEAKS, GIVES_UP = CallerDoes.TALKS, CallerDoes.SPEAKS, CallerDoes.GIVES_UP

PROMPTS = {
    "welcome": sound.WELCOME,
    "again": sound.AGAIN,
    "sorry": sound.SORRY,
    "still-there": sound.STILL_THERE,
    "news": sound.NEWS,
    "silent-end": sound.SILENT_END,
    "wrong-end": sound.WRONG_END,
}

ENDS = {"busy": "5101", "declined": "5102", "no_answer": "5103", "unregistered": "5103"}
MAILBOX = {"greeting": "again", "instructions": False}

EXTENSIONS: Mapping[str, Mapping[str, Any]] = {
    "100": {"name": "Caller"},
    "101": {"name": "Boris", "ring_s": 2, **ENDS},
    "102": {"name": "Clara", "ring_s": 2},
    "103": {"name": "Voicemail", "ring_s": 1, "voicemail": True, "mailbox": MAILBOX},
    "104": {"name": "Always", "rules": [{"when": "always", "to": "101"}]},
    "105": {
        "name": "Steps",
        "rules": [
            {"when": "no_answer", "to": "102", "after_s": 1, "ring_s": 1},
            {"when": "no_answer", "to": OUTSIDE, "ring_s": 4},
            {"when": "busy", "to": "5101"},
        ],
    },
    "106": {"name": "Two phones", "devices": [{"name": "106"}, {"name": "106-desk"}]},
    "107": {"name": "Undisturbed", "dnd": True, "rules": [{"when": "dnd", "to": "5102"}]},
    "108": {"name": "No phone", "devices": [], "unregistered": "5103"},
    "109": {"name": "Owner", "voicemail": True, "pin": PIN},
    "110": {"name": "Dials again"},
    "111": {"name": "Has dialled nothing"},
    "120": {"name": "Open to all", "allow_direct_sip": True},
}

ELEMENTS: Mapping[str, Mapping[str, Any]] = {
    "5000": {
        "kind": "greeting",
        "sound": "welcome",
        "repeat_sound": "again",
        "invalid_sound": "sorry",
        "no_input_sound": "still-there",
        "keys": {"1": "101", "2": "5200", "3": "5101", "44": "5102"},
        "direct_dial": True,
        "direct_dial_allow": ["102"],
        "first_digit_s": 1.5,
        "next_digit_s": 2,
        "max_no_input": 2,
        "max_invalid": 2,
        "no_input": "5102",
        "invalid": "5103",
    },
    "5101": {"kind": "play", "sound": "news", "next": "5900"},
    "5102": {"kind": "play", "sound": "silent-end", "next": "5900"},
    "5103": {"kind": "play", "sound": "wrong-end", "next": "5900"},
    "5200": {
        "kind": "group",
        "members": ["101", "102"],
        "ring_s": 2,
        "no_answer": "5102",
        "all_busy": "5101",
        "none_reachable": "5700",
    },
    "5201": {
        "kind": "group",
        "strategy": "sequence",
        "members": ["101", "102", {"number": OUTSIDE, "confirm": True}],
        "step_s": 1,
        "ring_s": 6,
        "no_answer": "5101",
    },
    "5202": {
        "kind": "group",
        "strategy": "progressive",
        "members": ["102", "101"],
        "step_s": 1,
        "ring_s": 3,
        "prefix": "Sales ",
        "greeting": "again",
    },
    "5300": {"kind": "time_rule", "windows": [EVER], "match": "5301", "no_match": "5102"},
    "5301": {"kind": "time_rule", "windows": [LONG_AGO], "match": "5102", "no_match": "5302"},
    "5302": {
        "kind": "time_rule",
        "windows": [EVER],
        "holidays": "always",
        "match": "5102",
        "holiday": "5101",
    },
    "5303": {"kind": "time_rule", "windows": [EVER]},
    "5400": {
        "kind": "number_rule",
        "masks": ["849555510+"],
        "prefixes": {"7812": "5103"},
        "match": "5101",
        "no_match": "5102",
        "anonymous": "5103",
    },
    "5500": {"kind": "set_name", "name": "Hotline", "next": "5501"},
    "5501": {"kind": "prefix", "text": "Sales ", "next": "5600"},
    "5600": {"kind": "switch", "open": "101", "closed": "5102"},
    "5700": {"kind": "voicemail", "greeting": "again", "instructions": False, "saved": "5900"},
    "5800": {"kind": "mailbox", "done": "5101", "refused": "5102"},
    "5801": {
        "kind": "mailbox",
        "box_sound": "welcome",
        "pin_sound": "still-there",
        "done": "5101",
        "refused": "5102",
    },
    "5850": {"kind": "http_request", "default": "5101"},
    "5851": {"kind": "http_request", "url": "http://127.0.0.1:9/", "default": "5102"},
    "5900": {"kind": "hang_up", "cause": "busy"},
    "5901": {"kind": "switch", "open": "5902", "closed": "5900"},
    "5902": {"kind": "set_name", "name": "Round", "next": "5901"},
}

CALLS: Mapping[str, Call] = {
    "a colleague answers": Call(dialled="102", doing={"102": ANSWERS}, caller_does=TALKS),
    "a colleague hangs up": Call(dialled="102", doing={"102": HANGS_UP}),
    "nobody picks up": Call(dialled="102", doing={"102": SILENT}),
    "the caller gives up": Call(dialled="102", doing={"102": SILENT}, caller_does=GIVES_UP),
    "busy, with an exit": Call(dialled="101", doing={"101": BUSY}),
    "declined, with an exit": Call(dialled="101", doing={"101": DECLINES}),
    "switched off, with an exit": Call(dialled="101"),
    "switched off, without one": Call(dialled="102"),
    "out of order": Call(dialled="102", doing={"102": BROKEN}),
    "no phone at all": Call(dialled="108"),
    "two phones, one is busy": Call(
        dialled="106", doing={"106": BUSY, "106-desk": ANSWERS}, caller_does=TALKS
    ),
    "two phones, one declines": Call(dialled="106", doing={"106": DECLINES, "106-desk": SILENT}),
    "a message for a person": Call(dialled="103", doing={"103": SILENT}, caller_does=SPEAKS),
    "a rule that always acts": Call(dialled="104", doing={"101": BUSY}),
    "rules one after the other": Call(
        dialled="105",
        doing={"105": SILENT, "102": SILENT, OUTSIDE: ANSWERS},
        caller_does=TALKS,
    ),
    "a rule that leads to an element": Call(dialled="105", doing={"105": BUSY}),
    "do not disturb": Call(dialled="107", doing={"107": ANSWERS}),
    "a key": Call(
        dialled="5000",
        keys=["1"],
        asked_by=[sound.WELCOME],
        doing={"101": ANSWERS},
        caller_does=TALKS,
    ),
    "a wrong key, then a right one": Call(
        dialled="5000", keys=["9", "3"], asked_by=[sound.WELCOME, sound.AGAIN]
    ),
    "two wrong keys": Call(dialled="5000", keys=["9", "8"], asked_by=[sound.WELCOME, sound.AGAIN]),
    "silence": Call(dialled="5000"),
    "an extension dialled in the greeting": Call(
        dialled=TO_GREETING,
        caller="74957654321",
        keys=["102"],
        asked_by=[sound.WELCOME],
        doing={"102": ANSWERS},
        caller_does=TALKS,
    ),
    "a group of which one answers": Call(
        dialled="5200", doing={"101": SILENT, "102": ANSWERS}, caller_does=TALKS
    ),
    "a group that is silent": Call(dialled="5200", doing={"101": SILENT, "102": SILENT}),
    "a group that is busy": Call(dialled="5200", doing={"101": BUSY, "102": BUSY}),
    "a group that is away": Call(dialled="5200", caller_does=SPEAKS),
    "one by one, to a mobile": Call(
        dialled="5201", doing={"101": SILENT, "102": BUSY, OUTSIDE: ANSWERS}, caller_does=TALKS
    ),
    "each joining": Call(dialled="5202", doing={"102": SILENT, "101": ANSWERS}, caller_does=TALKS),
    "hours and holidays": Call(dialled="5300"),
    "a caller whom a mask names": Call(dialled=TO_NUMBER_RULE, caller="84955551012"),
    "a caller who hides their number": Call(dialled=TO_NUMBER_RULE, caller="anonymous"),
    "a caller by prefix": Call(dialled=TO_NUMBER_RULE, caller="78120000000"),
    "a name, a prefix, a switch": Call(dialled="5500", doing={"101": ANSWERS}, caller_does=TALKS),
    "an exit that is empty": Call(dialled="5303"),
    "round and round": Call(dialled="5901"),
    "a number that nobody has": Call(dialled="4711"),
    "a number from outside that leads nowhere": Call(dialled=TO_NOBODY, caller="74957654321"),
    "out by a rule": Call(dialled=MOBILE, doing={OUTSIDE: ANSWERS}, caller_does=TALKS),
    "out, and busy": Call(dialled=MOBILE, doing={OUTSIDE: BUSY}),
    "out, with the number hidden": Call(
        dialled=f"*67{MOBILE}", doing={OUTSIDE: ANSWERS}, caller_does=TALKS
    ),
    "out, to a closed country": Call(dialled="00491712345678"),
    "help": Call(dialled="112", doing={"112": ANSWERS, AWAY: GONE}, caller_does=TALKS),
    "out, forbidden": Call(dialled=FORBIDDEN),
    "out, with a PIN": Call(
        dialled=LOCKED,
        keys=[f"{PIN}#"],
        asked_by=[None],
        pins={"locked": PIN},
        doing={LOCKED: ANSWERS},
        caller_does=TALKS,
    ),
    "out, without the PIN": Call(
        dialled=LOCKED, keys=["1#", "2#", "3#"], asked_by=[None, None, None], pins={"locked": PIN}
    ),
    "out, past a trunk that is away": Call(
        dialled=BY_TWO_WAYS, doing={BY_TWO_WAYS: ANSWERS, AWAY: GONE}, caller_does=TALKS
    ),
    "out, past a trunk that is away, and busy": Call(
        dialled=BY_TWO_WAYS, doing={BY_TWO_WAYS: BUSY, AWAY: GONE}
    ),
    "out, by a trunk that is away": Call(dialled=BY_NO_WAY, doing={AWAY: GONE}),
    "the last number again": Call(
        dialled=REDIAL, caller="110", last_dialled="102", doing={"102": ANSWERS}, caller_does=TALKS
    ),
    "the last number again, but there is none": Call(dialled=REDIAL, caller="111"),
    "an owner without messages": Call(dialled="5800", caller="109"),
    "an owner who calls from outside": Call(
        dialled=TO_MAILBOX,
        caller="74957654321",
        keys=["109#", f"{PIN}#"],
        asked_by=[sound.WELCOME, sound.STILL_THERE],
        pins={"109": PIN},
    ),
    "somebody who is no owner": Call(
        dialled=TO_MAILBOX,
        caller="74957654321",
        keys=["109#", "1#", "109#", "2#", "109#", "3#"],
        asked_by=[sound.WELCOME, sound.STILL_THERE] * 3,
        pins={"109": PIN},
    ),
    "a server that names a colleague": Call(
        dialled="5850", replies={"5850": SAID}, doing={"101": ANSWERS}, caller_does=TALKS
    ),
    "a server that has gone": Call(dialled="5851", replies={"5851": "refused"}),
    "a stranger to a name": Call(dialled="info", caller="anyone", is_stranger=True),
    "a stranger to a person": Call(
        dialled="120",
        caller="anyone",
        is_stranger=True,
        doing={"120": ANSWERS},
        caller_does=TALKS,
    ),
}


@pytest.fixture(scope="module")
def short_sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Prompts that nobody has to listen to for long, by name."""
    folder = tmp_path_factory.mktemp("sounds")
    return {
        name: sound.make_wav(folder / f"{name}.wav", prompt, 0.6)
        for name, prompt in PROMPTS.items()
    }


@pytest.fixture(scope="module")
def server() -> Iterator[WebServer]:
    """The company's server, which always says the same."""
    with web_server() as running:
        running.says(SAID)
        yield running


@pytest.fixture(scope="module")
def company(
    a_tenant: Callable[..., Tenant],
    short_sounds: Mapping[str, Path],
    outside: Place,
    server: WebServer,
) -> Tenant:
    """A tenant with a little of everything, made by one file; its prompts lie beside it."""
    tenant = a_tenant()
    file = short_sounds["welcome"].with_name("company.yaml")
    document = document_of_company(tenant, short_sounds, outside)
    asking = {**document["elements"]["5850"], "url": server.url}
    document["elements"] = {**document["elements"], "5850": asking}
    file.write_text(yaml.safe_dump(document))
    tenant.apply(file)
    tenant.wait_until_in_effect()
    return tenant


def document_of_company(
    tenant: Tenant, sounds: Mapping[str, Path], outside: Place
) -> dict[str, Any]:
    """What stands in that file."""
    carrier = {"host": outside.host, "port": outside.port, "addresses": [outside.host]}
    trunk = {"registration": "none", "qualify_s": 0, **carrier}
    rules = [
        {"name": "locked", "mask": "{8|7|p7}(9167777777)", "trunk": CITY, "pin": PIN},
        {"name": "by two ways", "mask": "{8|7|p7}(9165555555)", "trunks": [AWAY, CITY]},
        {"name": "not there", "mask": "{8|7|p7}9169999999", "action": "deny"},
        {"name": "by no way", "mask": "{8|7|p7}(9164444444)", "trunk": AWAY},
        {"name": "everywhere else", "mask": "{8|7|p7}(dddddddddd)", "trunk": CITY},
    ]
    return {
        "tenant": tenant.name,
        "domain": tenant.domain,
        "timezone": "Europe/Moscow",
        "country": "RU",
        "limits": {"calls_per_second": 0},
        "extensions": EXTENSIONS,
        "elements": ELEMENTS,
        "trunks": {CITY: trunk, AWAY: {"registration": "inbound"}},
        "aliases": {"info": {"to": "5101", "allow_direct_sip": True}},
        "numbers": {
            TO_GREETING: {"trunk": CITY, "to": "5000"},
            TO_NUMBER_RULE: {"trunk": CITY, "to": "5400"},
            TO_MAILBOX: {"trunk": CITY, "to": "5801"},
            TO_NOBODY: {"trunk": CITY},
        },
        "outbound": {"default": CITY, "rules": rules},
        "sounds": {name: str(file) for name, file in sounds.items()},
        "calendars": {
            "always": {"days": [{"first": "2020-01-01", "last": "2100-01-01", "name": "Holiday"}]}
        },
    }


@pytest.fixture
async def bench(
    company: Tenant, carrier: Carrier, elsewhere: Place, exchange: Exchange
) -> AsyncIterator[Bench]:
    """The company, its carrier, and somebody who calls by direct SIP."""
    async with Carrier(elsewhere, exchange) as stranger:
        yield Bench(company, carrier, stranger)


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_goes_the_same_way_whether_made_or_imagined(bench: Bench, name: str) -> None:
    call = CALLS[name]

    made, imagined = await bench.make(call), await bench.imagine(call)

    assert way_of(made.journal) == way_of(imagined.journal)
    assert (made.record.ended_by, made.record.reason) == (imagined.end.by, imagined.end.reason)
    assert (made.record.answered_by or "") == imagined.answered_by
    assert steps_of(made.journal) == steps_of(imagined.journal)
    assert await bench.replay(made) is None
