"""JSON Schema of limits, emergencies, locations, sounds and calendars in a tenant file."""

from __future__ import annotations

from typing import Final

from models.outside_policy import HIGHEST, NumberClass, OutsidePolicy, Reach
from models.tenant_file.schema_words import closed, either, listed, named, text, truth, whole

_USUAL: Final = OutsidePolicy()

LIMITS_SCHEMA: Final = closed(
    "What calls out are held to; calls for help are held to none of it.",
    {
        **{
            name: whole(
                f"{meaning[0].upper()}{meaning[1:]}; 0 for no limit.",
                minimum=0,
                maximum=highest,
                default=getattr(_USUAL, name),
            )
            for name, (highest, meaning) in HIGHEST.items()
        },
        "countries": listed(
            "Countries that may be called besides the tenant's own (ISO 3166); * for all.",
            text("A country, or *.", pattern=r"^([A-Z]{2}|\*)$"),
        ),
        "classes": listed(
            "Numbers that cost more than others and may be called all the same.",
            text("A class of numbers.", enum=[str(one) for one in NumberClass]),
        ),
        "night_hours": text(
            "The night, by the tenant's clock; none when not given.", examples=["22:00-07:00"]
        ),
        "night_reach": text(
            "How far calls may go in the night.",
            enum=[str(one) for one in Reach],
            default=_USUAL.night_reach,
        ),
        "forward_reach": text(
            "How far calls may go that rules of people, or elements, send outside.",
            enum=[str(one) for one in Reach],
            default=_USUAL.forward_reach,
        ),
        "forwards_by_rules": truth(
            "Whether forwarded calls take trunk and form of the number from the outbound rules.",
            default=_USUAL.forwards_by_rules,
        ),
        "alert_emails": listed(
            "Who is told when a limit is reached, and of emergency calls.", text("A mail address.")
        ),
    },
)

EMERGENCY_SCHEMA: Final = closed(
    "How help is called.",
    {
        "trunks": listed(
            "The trunks that are tried first, in this order; all others are tried after them.",
            text("A trunk, by name."),
        ),
        "addresses": named(
            "The address that is on record at the carrier, by the tenant's number.",
            closed(
                "One address.",
                {
                    "party": text("Whose name is on record."),
                    "street": text("With the number of the house, the floor, the suite."),
                    "city": text("City."),
                    "region": text("State, province."),
                    "postal_code": text("Postal code."),
                    "country": text("ISO 3166; the tenant's when not given."),
                },
                required=("party", "street", "city"),
            ),
        ),
    },
)

LOCATIONS_SCHEMA: Final = named(
    "Where phones stand, by name.",
    closed(
        "One place.",
        {
            "number": text("The tenant's number that its phones show when they call help."),
            "detail": text("Helps those who come to find it.", examples=["third floor, left"]),
            "default": truth("Whether phones that nobody has placed stand here.", default=False),
        },
    ),
)

_FILE_OF_SOUND: Final = "A WAV, MP3, OGG or FLAC file; its path is relative to this file."
_HASH: Final = "^[0-9a-f]{64}$"

SOUNDS_SCHEMA: Final = named(
    "Prompts, by the names that elements call them.",
    either(
        _FILE_OF_SOUND,
        text(_FILE_OF_SOUND, minLength=1, examples=["sounds/welcome.wav"]),
        closed(
            "A sound of which more is known than its file.",
            {
                "file": text(
                    f"{_FILE_OF_SOUND} It may be missing when the tenant has the sound.",
                    minLength=1,
                ),
                "sha256": text("SHA-256 of the file that was uploaded.", pattern=_HASH),
                "exported": text(
                    "SHA-256 of the file as pbx export wrote it; while the file is that, the sound "
                    "counts as unchanged.",
                    pattern=_HASH,
                ),
            },
        ),
    ),
)

_DAY: Final = text(
    "A day: 2026-12-31.", pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-12-31"]
)

CALENDARS_SCHEMA: Final = named(
    "Holidays, by the names that time rules call them.",
    either(
        "A file of holidays, or the days themselves.",
        text(
            "An .ics file, or a table; its path is relative to this file.",
            minLength=1,
            examples=["holidays.ics"],
        ),
        closed(
            "The days themselves.",
            {
                "days": listed(
                    "All holidays.",
                    closed(
                        "Days that belong together.",
                        {
                            "first": _DAY,
                            "last": {**_DAY, "description": "The same day when not given."},
                            "name": text("What the holiday is called.", maxLength=120),
                        },
                        required=("first",),
                    ),
                ),
                "covers_until": {**_DAY, "description": "The last day that anything is said of."},
                "source": text("The file they were read from.", maxLength=120),
            },
            required=("days",),
        ),
    ),
)
