"""What a request asks for, without whom it is about: ``POST /channels/{}/play``."""

from __future__ import annotations

from typing import Final

WORDS: Final = frozenset(
    {
        "addChannel",
        "answer",
        "applications",
        "asterisk",
        "bridges",
        "channels",
        "claim",
        "config",
        "continue",
        "control",
        "copy",
        "create",
        "deviceStates",
        "dial",
        "dtmf",
        "dynamic",
        "endpoints",
        "eventFilter",
        "events",
        "externalMedia",
        "file",
        "hold",
        "info",
        "live",
        "logging",
        "mailboxes",
        "modules",
        "moh",
        "move",
        "mute",
        "pause",
        "ping",
        "play",
        "playbacks",
        "progress",
        "record",
        "recordings",
        "redirect",
        "refer",
        "removeChannel",
        "ring",
        "rotate",
        "rtp_statistics",
        "sendMessage",
        "silence",
        "snoop",
        "sounds",
        "stop",
        "stored",
        "subscription",
        "transfer_progress",
        "user",
        "variable",
        "variables",
        "videoSource",
    }
)
"""All words that stand in the paths of Asterisk's REST interface; everything else is an id."""


def operation_of(method: str, path: str) -> str:
    """The operation of a request, of which there are as many as Asterisk's interface has.

    Args:
        method: HTTP method.
        path: Path below the base URL.
    """
    segments = (part if part in WORDS else "{}" for part in path.strip("/").split("/"))
    return f"{method} /{'/'.join(segments)}"
