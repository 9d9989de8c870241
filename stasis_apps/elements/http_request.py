"""HTTP request: let a server of the tenant decide where a call goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, Target, WayIn
from stasis_apps.call_webhooks import HTTP_REQUEST
from stasis_apps.decisions.webhook_reply import Unusable
from stasis_apps.element import TARGET, URL, element, is_outside

DEFAULT = Exit("default")

LONGEST_URL = 750


@element(
    HTTP_REQUEST,
    settings={
        "url": {
            **URL,
            "maxLength": LONGEST_URL,
            "description": "Where the request goes: http:// or https://, with any query of yours",
        },
        "default": {
            **TARGET,
            "description": "Where the call goes when the server names no number that there is, "
            "does not answer in time, or says something else",
        },
        "timeout_s": {
            "type": "number",
            "minimum": 0.5,
            "maximum": 30,
            "default": 3,
            "description": "How long the server may take; the caller hears ringback meanwhile",
        },
        "allow_outside": {
            "type": "boolean",
            "default": True,
            "description": "Whether the server may name outside numbers; they are dialled by the "
            "outbound rules",
        },
        "failed": {**TARGET, "description": "Where the call goes when it cannot even be asked"},
    },
    required=("url",),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """Ask a server of yours where the call shall go, and let it name the caller.

    Exits: ``default`` when the server names no number where the call can go on; ``failed``.
    """

    url: str
    default: Target = NOWHERE
    timeout_s: float = 3.0
    allow_outside: bool = True
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """The standard route; the numbers that the server names are no exits."""
        return {DEFAULT: self.default, FAILED: self.failed}

    async def run(self, call: Call) -> Exit | GoTo:
        """Ask, show the name, and go where the server says if there is such a number."""
        reply = await call.webhooks.ask(
            self.url, form=told_of(call), timeout_s=float(self.timeout_s)
        )
        if isinstance(reply, Unusable):
            return DEFAULT
        if reply.set_name:
            call.show_caller_as(reply.set_name)
        if not reply.transfer:
            call.note("the server names no number")
            return DEFAULT
        refusal = self._refusal(reply.transfer, call)
        if refusal:
            call.note(refusal)
            return DEFAULT
        return GoTo(Target(reply.transfer), reason="named by the server", by_caller=False)

    def _refusal(self, number: str, call: Call) -> str:
        """Why the call does not go where the server says; empty when it does."""
        if is_outside(number) and not self.allow_outside:
            return f"the server names {number}, and may not name outside numbers"
        if not call.webhooks.is_target(number):
            return f"the server names {number}, and there is no such number"
        return ""


def told_of(call: Call) -> Mapping[str, str]:
    """What the server is told of a call, as the fields of a form.

    ``caller_e164`` is the number as the world writes it, and empty for phones of ours.
    ``caller_name`` is what phones would show now; ``uuid`` is the same in all requests of a call,
    and the id by which ``pbx calls explain`` tells its story.
    """
    facts = call.facts
    ways = call.caller_numbers() if facts.way_in is not WayIn.PHONE else ()
    return {
        "caller_number": facts.caller.number,
        "caller_e164": next((number for number in ways if number.startswith("+")), ""),
        "caller_name": call.caller_name,
        "uuid": facts.call_id,
        "called_number": facts.dialled,
        "trunk": facts.trunk,
        "element": call.number,
    }
