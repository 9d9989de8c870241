"""What a route test looks like, as JSON Schema: a call that is imagined, and what it must come to.

The words are those of `pbx simulate`; `stasis_apps.route_tests` runs the tests.
"""

from __future__ import annotations

from typing import Final

REST_OF_PATH: Final = "..."
"""Stands in an expected path for any elements, or for none."""

NOBODY: Final = "nobody"
"""Stands where a number could: nobody answered, no message was left, nothing was sent outside."""

BECAME: Final = ("answers", "no_answer", "busy", "declines", "unregistered", "unreachable")
"""What people do when their phones ring, or why these do not ring."""

ENDS: Final = (
    "normal",
    "cancelled",
    "busy",
    "no_answer",
    "declined",
    "unregistered",
    "unreachable",
    "no_route",
    "no_such_number",
    "loop",
    "all_busy",
    "none_reachable",
    "carrier_failed",
    "no_trunk",
    "no_channel",
    "invalid_number",
    "forbidden",
    "destination_closed",
    "forwarding_closed",
    "night_closed",
    "too_many_outside",
    "too_fast",
    "minutes_used_up",
    "wrong_pin",
    "message_left",
    "no_message",
    "mailbox_full",
    "too_many_calls",
    "too_long",
    "refused",
    "blocked",
    "hung_up_by_plan",
    "failed",
)
"""Why a call can end, in the words of call records."""

ENDED_BY: Final = ("caller", "callee", "plan", "carrier", "platform")
"""Who can end a call, in the words of call records."""

WAYS_IN: Final = ("phone", "trunk", "sip")
"""The doors of the exchange, in the words of `pbx simulate`; ``sip`` is that of strangers."""

YEARS: Final = range(1970, 2101)
"""The years in which calls can be imagined."""

OUT_OF_TIME: Final = f"is not between {YEARS[0]} and {YEARS[-1]}"

_END: Final = r"$(?!\n)"
"""The end of a text, for Python, too, whose ``$`` overlooks a line end."""

_MOMENT: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    rf"([T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?)?{_END}"
)

_SECONDS: Final = {"type": "number", "minimum": 0, "maximum": 86_400}
_NUMBERS: Final = {"type": "array", "items": {"type": "string", "minLength": 1}}

DOING_SCHEMA: Final = {
    "description": "What somebody does who is rung.",
    "anyOf": [
        {
            "type": "string",
            "pattern": rf"^([0-9]{{1,5}}(\.[0-9]+)?s?|{'|'.join(BECAME)}){_END}",
            "description": (
                "After how long they answer (5s), or answers, no_answer, busy, declines, "
                "unregistered, unreachable."
            ),
            "examples": ["5s", "busy", "no_answer"],
        },
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "became": {
                    "enum": list(BECAME),
                    "default": "answers",
                    "description": "What they do, or why their phones do not ring.",
                },
                "after_s": {
                    **_SECONDS,
                    "default": 3,
                    "description": "They pick up, or decline, after ringing for so long.",
                },
                "talks_s": {
                    **_SECONDS,
                    "description": (
                        "They hang up after talking for so long; without it, the caller does."
                    ),
                },
                "confirms": {
                    "type": "boolean",
                    "default": True,
                    "description": (
                        "Whether they press the key that takes the call, where one is asked for."
                    ),
                },
            },
        },
    ],
}

REPLY_SCHEMA: Final = {
    "description": "What a server answers to an HTTP request.",
    "anyOf": [
        {
            "type": "string",
            "maxLength": 65_536,
            "description": "What it says, a status (500), or how it fails: timeout, refused.",
            "examples": ['transfer: "101"', '{"set_name": "Anna", "transfer": "101"}', "timeout"],
        },
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "body": {"type": "string", "maxLength": 65_536, "description": "What it says."},
                "status": {
                    "type": "integer",
                    "minimum": 100,
                    "maximum": 599,
                    "default": 200,
                    "description": "The status of HTTP.",
                },
                "content_type": {"type": "string", "description": "What it calls its answer."},
                "after_s": {
                    **_SECONDS,
                    "default": 0.2,
                    "description": "How long it takes; longer than timeout_s is no answer.",
                },
            },
        },
    ],
}

EXPECT_SCHEMA: Final = {
    "type": "object",
    "description": "What the call must come to; what is not named here may be anything.",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "path": {
            **_NUMBERS,
            "minItems": 1,
            "description": (
                "The elements that the call passes, all of them, in order; "
                "... stands for any elements or none."
            ),
            "examples": [["5300", "5000", "100"], ["5300", "...", "5120"]],
        },
        "ends": {"enum": list(ENDS), "description": "Why the call ends, as call records say it."},
        "ended_by": {"enum": list(ENDED_BY), "description": "Who ends the call."},
        "answered_by": {
            "type": "string",
            "minLength": 1,
            "description": "Who the caller talks with: a number, or nobody.",
        },
        "voicemail": {
            "type": "string",
            "minLength": 1,
            "description": "The mailbox in which a message is left, by its number, or nobody.",
        },
        "sent": {
            "type": "string",
            "minLength": 1,
            "description": "The number that is sent to a trunk, digit by digit, or nobody.",
        },
        "through": {
            "type": "string",
            "minLength": 1,
            "description": "The trunk through which the call leaves, by its name.",
        },
        "heard": {
            **_NUMBERS,
            "minItems": 1,
            "description": (
                "What the caller hears, prompts by name, in this order; they may hear more."
            ),
            "examples": [["welcome", "ringback"]],
        },
        "rang": {
            **_NUMBERS,
            "minItems": 1,
            "description": (
                "Who is rung, in any order: extensions, devices, outside numbers; "
                "others may be rung, too."
            ),
        },
        "not_rung": {
            **_NUMBERS,
            "minItems": 1,
            "description": "Who must not be rung: extensions, devices, outside numbers.",
        },
    },
}

ROUTE_TEST_SCHEMA: Final[dict[str, object]] = {
    "type": "object",
    "description": "A call that is imagined, and what it must come to (`pbx test`).",
    "additionalProperties": False,
    "required": ["name", "from", "to", "expect"],
    "properties": {
        "name": {
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
            "description": "What is tested, in a sentence; no two tests have the same.",
        },
        "from": {
            "type": "string",
            "description": (
                "Who calls: an extension, the name of a device, an outside number; "
                "empty for one who hides theirs."
            ),
        },
        "to": {"type": "string", "minLength": 1, "description": "What they dial."},
        "at": {
            "type": "string",
            "pattern": _MOMENT,
            "description": (
                "When, by the clock of the tenant unless a zone is given; "
                "without it, whenever the test is run."
            ),
            "examples": ["2026-11-23T10:00"],
        },
        "how": {
            "enum": list(WAYS_IN),
            "description": "By which door they come; without it, who calls and whom tells.",
        },
        "trunk": {
            "type": "string",
            "minLength": 1,
            "description": "By which trunk they come; without it, that of the dialled number.",
        },
        "caller_name": {
            "type": "string",
            "description": "What their phone says about them, from outside.",
        },
        "keys": {
            "type": "array",
            "items": {"type": "string", "pattern": rf"^[0-9*#]*{_END}"},
            "description": (
                'What they press each time they are asked, "" for nothing; who is asked more '
                "often presses nothing."
            ),
            "examples": [["1"], ["", "100"]],
        },
        "answers": {
            "type": "object",
            "additionalProperties": DOING_SCHEMA,
            "description": "What each extension, device, outside number or trunk does.",
            "examples": [{"100": "5s", "101": "busy"}],
        },
        "otherwise": {**DOING_SCHEMA, "description": "What all others do; without it, no_answer."},
        "hangs_up_after_s": {**_SECONDS, "description": "The caller gives up after so long."},
        "says_s": {
            **_SECONDS,
            "default": 5,
            "description": "How long the caller speaks to a mailbox.",
        },
        "last_dialled": {
            "type": "string",
            "description": "What their phone dialled before, for redial.",
        },
        "pins": {
            "type": "object",
            "additionalProperties": {"type": "string", "pattern": rf"^[0-9]+{_END}"},
            "description": (
                "PINs of mailboxes and outbound rules as this call knows them, by number or name; "
                "they need not be the real ones, and better are not."
            ),
        },
        "replies": {
            "type": "object",
            "additionalProperties": REPLY_SCHEMA,
            "description": (
                "What the server of each http_request answers, by the number of the element; "
                "others do not answer. No server is asked."
            ),
            "examples": [{"5500": 'transfer: "101"', "5501": "timeout"}],
        },
        "expect": EXPECT_SCHEMA,
    },
}
"""One entry of ``tests`` in a tenant file."""
