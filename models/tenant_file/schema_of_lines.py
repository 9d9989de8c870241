"""JSON Schema of trunks, numbers and outbound rules in a tenant file."""

from __future__ import annotations

from typing import Any, Final

from models.facts import TrunkFacts
from models.outbound_rules import ACTIONS
from models.rules import ENCRYPTIONS
from models.tenant_file.schema_words import closed, either, listed, named, text, truth, whole
from models.trunk_presets import OTHER, trunk_presets
from models.trunk_rules import (
    CALLER_ID_FORMATS,
    CODECS,
    FORWARDED_BY,
    HIGHEST_PORT,
    HIGHEST_REFUSAL,
    LOWEST_REFUSAL,
    RANGES,
    REGISTRATIONS,
    TRANSPORTS,
)

_USUAL: Final = TrunkFacts(id=0, name="", endpoint="")


def _amount(name: str, description: str) -> dict[str, Any]:
    """A whole number of a trunk, within the bounds that hold for it."""
    lowest, highest, _ = RANGES[name]
    return whole(description, minimum=lowest, maximum=highest, default=getattr(_USUAL, name))


_TRUNK_FIELDS: Final = {
    "register": truth("Whether we register there.", default=True),
    "registration": text(
        "Who registers with whom: outbound (we there), inbound (they here), none.",
        enum=list(REGISTRATIONS),
    ),
    "password": text(
        "Ours there, or theirs here; stays as it is when it is not given. Never exported.",
        minLength=1,
    ),
    "host": text("The carrier's DNS name or address.", examples=["sip.carrier.example"]),
    "port": whole(
        "What DNS says, or 5060 (tls: 5061), when not given.", minimum=1, maximum=HIGHEST_PORT
    ),
    "transport": text("How it is spoken to.", enum=list(TRANSPORTS), default=_USUAL.transport),
    "proxy": text("host or host:port that everything is sent through."),
    "username": text("Our login there."),
    "auth_username": text("The name in the digest, where it differs from the login."),
    "from_user": text("The user of the From header; the caller's number when not given."),
    "from_domain": text("The domain of the From header; the host when not given."),
    "addresses": listed(
        "From where its calls come, for trunks that do not register.",
        text("An IP address or a network.", examples=["192.0.2.10", "192.0.2.0/24"]),
    ),
    "max_channels": _amount("max_channels", "Calls at once, both ways together; 0 for no limit."),
    "forward_via_same": truth(
        "Whether a call that came in here and is forwarded leaves here, too.", default=False
    ),
    "caller_id": text("The number shown to those who are called; the caller's own when not given."),
    "passes_caller_id": truth(
        "Whether the number of a forwarded caller is shown instead.", default=False
    ),
    "number_source": text(
        "Where the dialled number stands: request_uri, to, or the name of a header.",
        default=_USUAL.number_source,
    ),
    "caller_source": text(
        "Where the caller's number stands: from, identity, or the name of a header.",
        default=_USUAL.caller_source,
    ),
    "codecs": listed(
        "In the order in which they are offered.",
        text("A codec.", enum=list(CODECS)),
        default=list(_USUAL.codecs),
    ),
    "expires_s": _amount("expires_s", "Seconds that we register for."),
    "qualify_s": _amount(
        "qualify_s", "Seconds between two questions whether it is there; 0 for never."
    ),
    "patience_s": _amount(
        "patience_s", "Seconds until a phone must ring there; then the next trunk is tried."
    ),
    "final_codes": listed(
        "SIP statuses after which no other trunk is tried; the usual ones when not given.",
        whole("A status.", minimum=LOWEST_REFUSAL, maximum=HIGHEST_REFUSAL),
    ),
    "caller_id_format": text(
        "How the number shown is written: as_written, e164_plus (+74951234567), "
        "e164 (74951234567), national (84951234567).",
        enum=list(CALLER_ID_FORMATS),
        default=_USUAL.caller_id_format,
    ),
    "forwarded_by": text(
        "What tells the carrier that the call was another's.",
        enum=list(FORWARDED_BY),
        default=_USUAL.forwarded_by,
    ),
    "encryption": text(
        "Whether the sound is encrypted (SRTP): off; optional, for a carrier that may or may "
        "not; required, no call without it.",
        enum=list(ENCRYPTIONS),
        default=_USUAL.encryption,
    ),
    "default": truth(
        "Whether calls go out here when nothing says otherwise; the same as outbound.default.",
        default=False,
    ),
    "enabled": truth("Whether calls go through it.", default=True),
}


def trunks_schema() -> dict[str, Any]:
    """Trunks; reads the names of the presets off the disk."""
    presets = trunk_presets().values()
    preset = text(
        "Where settings come from that are not given.",
        enum=[one.name for one in presets],
        enumDescriptions=[one.description for one in presets],
        default=OTHER,
    )
    trunk = closed(
        "A line to a carrier or to another exchange.", {"preset": preset, **_TRUNK_FIELDS}
    )
    return named("Lines to carriers, by what people call them.", trunk)


NUMBERS_SCHEMA: Final = named(
    "Numbers that outsiders dial: 5 to 15 digits, with a plus or without.",
    closed(
        "One number.",
        {
            "trunk": text("The trunk through which its calls come, by name.", minLength=1),
            "to": text("Where they are led: an extension, an element; nowhere when not given."),
            "label": text("What people call it."),
        },
        required=("trunk",),
    ),
    propertyNames={"pattern": r"^\+?[0-9]{5,15}$"},
)

_USERS: Final = text("The number of an extension or of an element that calls out.")

_TRUNKS: Final = listed(
    "By which trunks the call leaves, one after the other; by the default trunk when not given.",
    text("A trunk, by name."),
)

OUTBOUND_SCHEMA: Final = closed(
    "How calls leave.",
    {
        "default": text(
            "The trunk by which calls leave when nothing says otherwise; "
            "the first one when not given."
        ),
        "rules": listed(
            "How dialled numbers leave; the first rule that fits is taken.",
            closed(
                "One rule.",
                {
                    "name": text("What people call it.", minLength=1),
                    "mask": text(
                        "Which dialled numbers it is for.",
                        format="mask",
                        examples=["{p7|7|8|}(dddddddddd)", "+"],
                    ),
                    "output": text(
                        "What is sent; $ stands for what the mask captured. Zeros alone forbid "
                        "the call.",
                        default="$",
                        examples=["8$", "0000"],
                    ),
                    "action": text(
                        "Whether the call is sent or denied.", enum=list(ACTIONS), default="send"
                    ),
                    "only": listed("For these users alone.", _USERS),
                    "except": listed("For all but these users.", _USERS),
                    "trunk": text("By which trunk the call leaves, by name."),
                    "trunks": _TRUNKS,
                    "caller_id": text("The number shown instead of the caller's own."),
                    "pin": either(
                        "A PIN that callers press first; true: there is one already, which "
                        "stays; false: there is none any more.",
                        text("4 to 8 digits.", pattern="^[0-9]{4,8}$"),
                        {"type": "boolean"},
                    ),
                    "hours": {"type": "object"},
                    "enabled": truth("Whether the rule is looked at.", default=True),
                },
                required=("name", "mask"),
            ),
        ),
    },
)
"""Without the hours of rules, which are those of time rules."""
