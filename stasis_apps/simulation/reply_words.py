"""What a server answers in an imagined call, as people write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import inf
from typing import Any, Final

from stasis_apps.call_webhooks import HTTP_REQUEST
from stasis_apps.plan import NumberPlan
from stasis_apps.services.web_questions import Answer, NoAnswer
from stasis_apps.simulation.scenario import ImaginedReply

NO_REQUEST: Final = f"is no {HTTP_REQUEST} of the tenant"
"""What is wrong with a number at which no server is asked."""

TIMEOUT: Final = "timeout"
REFUSED: Final = "refused"

_STATUS: Final = re.compile("[1-5][0-9]{2}")


def reply_of(given: str | Mapping[str, Any]) -> ImaginedReply:  # JSON border: part of a route test
    """What is meant by a text: what the server says, a status such as ``500``, or how it fails.

    Args:
        given: The same, or each detail by its name: ``body``, ``status``, ``content_type``,
            ``after_s``.
    """
    if isinstance(given, Mapping):
        after_s = {"after_s": given["after_s"]} if "after_s" in given else {}
        status, body = given.get("status", 200), str(given.get("body", ""))
        kind = given.get("content_type", "")
        answer = Answer(status=status, content_type=kind, body=body.encode())
        return ImaginedReply(answer=answer, **after_s)
    if given == TIMEOUT:
        return ImaginedReply(answer=NoAnswer("no answer"), after_s=inf)
    if given == REFUSED:
        return ImaginedReply(answer=NoAnswer("it cannot be reached"))
    if _STATUS.fullmatch(given):
        return ImaginedReply(answer=Answer(status=int(given)))
    return ImaginedReply(answer=Answer(status=200, body=given.encode()))


def asks_a_server(plan: NumberPlan, number: str) -> bool:
    """Whether a server is asked at this number."""
    planned = plan.elements.get(number)
    return planned is not None and planned.kind == HTTP_REQUEST
