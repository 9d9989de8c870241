"""Answers of servers, written as programmers write them, and read."""

from __future__ import annotations

import json

from stasis_apps.decisions.webhook_reply import (
    Commands,
    Unusable,
    read_reply,
)

ANNA = Commands(set_name="Anna", transfer="101")
JSON = "application/json"


def read(text: str, content_type: str = "text/plain", status: int = 200) -> Commands | Unusable:
    return read_reply(status, content_type, text.encode())


def read_json(value: object, content_type: str = JSON) -> Commands | Unusable:
    return read(json.dumps(value), content_type)


def named(name: str) -> Commands | Unusable:
    """The same in both dialects, or the test ends here."""
    reply = read_json({"set_name": name})
    assert read(f'set_name: "{name}"') == reply
    return reply


def transferred(number: str) -> Commands | Unusable:
    """The same in both dialects, or the test ends here."""
    reply = read_json({"transfer": number})
    assert read(f'transfer: "{number}"') == reply
    return reply


def why_not(reply: Commands | Unusable) -> str:
    assert isinstance(reply, Unusable), reply
    return reply.why
