"""JSON Schema of extensions, phones, elements and aliases in a tenant file."""

from __future__ import annotations

from typing import Final

from models.rules import ENCRYPTIONS, LONGEST_RING_S, NAME_BYTES, SHORTEST_RING_S
from models.tenant_file.people import USUAL_ENCRYPTION, USUAL_RING_S
from models.tenant_file.schema_words import closed, either, listed, named, text, truth, whole

FILLED_IN: Final = ("number", "name", "devices", "ring_s")
"""Settings of the kind ``user`` that come from the extension itself."""

EXTENSION_NUMBER: Final = {"pattern": "^[1-9][0-9]{2,3}$"}

_PIN: Final = either(
    "4 to 8 digits; true: there is one already, which stays; false: there is none any more.",
    text("4 to 8 digits.", pattern="^[0-9]{4,8}$"),
    {"type": "boolean"},
)
_NAME: Final = f"at most {NAME_BYTES} bytes of UTF-8"

DEVICE_SCHEMA: Final = closed(
    "A phone.",
    {
        "name": text(
            "The extension's number, or that, a hyphen and a word (100-kitchen).",
            pattern="^[1-9][0-9]{2,3}(-[a-z0-9]+)*$",
        ),
        "password": text(
            "Of its login; when it is not given, it stays, and a new phone gets one made, which is "
            "shown once. Never exported.",
            minLength=1,
        ),
        "caller_name": text(f"What others see instead of the person's name, {_NAME}."),
        "caller_id": text("The number, one of the tenant's own, that its calls out show."),
        "hides_number": truth("Whether its calls out show no number.", default=False),
        "location": text("Where it stands, by the location's name."),
        "encryption": text(
            "Whether its sound is encrypted (SRTP): off; optional, for a phone that may or may "
            "not; required, no call without it.",
            enum=list(ENCRYPTIONS),
            default=USUAL_ENCRYPTION,
        ),
    },
    required=("name",),
)

EXTENSION_FIELDS: Final = {
    "name": text(f"What others see, {_NAME}.", minLength=1, examples=["Alice Example"]),
    "email": text("For missed calls and voicemail.", examples=["alice@acme.example"]),
    "ring_s": whole(
        "Seconds that the phones ring.",
        minimum=SHORTEST_RING_S,
        maximum=LONGEST_RING_S,
        default=USUAL_RING_S,
    ),
    "caller_id": text("The number, one of the tenant's own, that calls out show."),
    "location": text("Where the phones stand, by the location's name."),
    "pin": _PIN,
    "devices": listed(
        "The person's phones; when they are not named, one that is called like the number; "
        "[] for none.",
        DEVICE_SCHEMA,
    ),
}
"""What an extension has besides the settings of the kind ``user``."""

ELEMENT_FIELDS: Final = {
    "kind": text("What it is; pbx element kinds tells what each does."),
    "pin": _PIN,
}
"""What every element has."""

_TARGET: Final = "Where it leads: an extension, an element, an outside number."

ALIASES_SCHEMA: Final = named(
    "Names that callers write instead of numbers, and where they lead.",
    either(
        _TARGET,
        text(_TARGET, examples=["5000"]),
        closed(
            "The same, with more to say.",
            {
                "to": text(_TARGET),
                "allow_direct_sip": truth(
                    "Whether anybody on the internet may call it by SIP.", default=False
                ),
            },
            required=("to",),
        ),
    ),
)
