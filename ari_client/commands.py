"""Sends one command and turns the answer into bytes or a typed error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias
from urllib.parse import quote

import msgspec

from ari_client.errors import AriRefused, refusal
from ari_client.transport import Transport

QueryValue: TypeAlias = str | int | float | bool | Sequence[str] | None

_MAX_MESSAGE_CHARS: Final = 200


class Commands:
    """The commanding half of the connection: requests go out, answers come back."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, QueryValue] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> bytes:
        """Send one request and give back the body of the answer.

        Args:
            method: HTTP method.
            path: Path below the base URL, already percent-encoded.
            query: Parameters; those that are None are left out.
            body: What goes as JSON; values that are None are left out, as is an empty body.

        Raises:
            AriUnavailable: no answer came; the outcome is unknown.
            AriRefused: Asterisk refused; `ResourceGone` for 404, `WrongState` for 409.
        """
        in_query, in_body = _split_lists(query or {}, body or {})
        json = msgspec.json.encode(in_body) if in_body else None
        response = await self._transport.request(method, path, in_query, json)
        if response.status >= 300:
            raise _refused(response.status, response.body, f"{method} {path}")
        return response.body


def segment(text: str) -> str:
    """Percent-encode an id or name so that it is exactly one segment of a path."""
    return quote(text, safe="")


def _split_lists(
    query: Mapping[str, QueryValue], body: Mapping[str, object]
) -> tuple[dict[str, str], dict[str, object]]:
    """Asterisk splits lists in the query at commas; a list with a comma inside goes in the body."""
    in_query: dict[str, str] = {}
    in_body = {name: value for name, value in body.items() if value is not None}
    for name, value in query.items():
        match value:
            case None:
                continue
            case bool():
                in_query[name] = "true" if value else "false"
            case str() | int() | float():
                in_query[name] = str(value)
            case _ if any("," in each for each in value):
                in_body[name] = list(value)
            case _:
                in_query[name] = ",".join(value)
    return in_query, in_body


class _Message(msgspec.Struct):
    message: str = ""
    error: str = ""


def _refused(status: int, body: bytes, request: str) -> AriRefused:
    try:
        told = msgspec.json.decode(body, type=_Message)
    except (msgspec.MsgspecError, ValueError):
        told = _Message(message=body.decode(errors="replace"))
    return refusal(status, (told.message or told.error)[:_MAX_MESSAGE_CHARS], request)
