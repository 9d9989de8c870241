"""What SIP statuses mean, in a few words for administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_WORDS: Final[Mapping[int, str]] = {
    400: "a request that the other end does not understand",
    401: "it asks for another login",
    402: "no credit at the carrier",
    403: "forbidden",
    404: "no such number",
    405: "calls are not taken there",
    406: "calls of this kind are not taken there",
    407: "it asks for another login",
    408: "no answer in time",
    410: "the number is no longer in use",
    415: "no common codec",
    420: "an extension that it does not know",
    429: "too many calls for the carrier",
    480: "not available now",
    481: "the call is not known there",
    482: "the call went in a circle",
    483: "too many hops",
    484: "the number is incomplete",
    485: "the number is ambiguous",
    486: "busy",
    487: "given up while it rang",
    488: "codecs or encryption differ",
    491: "another request was under way",
    500: "a fault at the other end",
    501: "not supported there",
    502: "a fault behind the other end",
    503: "the other end is overloaded or out of service",
    504: "no answer from behind the other end",
    580: "a condition of the call was not met",
    600: "busy everywhere",
    603: "declined",
    604: "the number is nowhere in use",
    606: "codecs or encryption differ",
    607: "unwanted",
    608: "refused by a filter on the way",
}

_OF_CAUSES: Final[Mapping[int, int]] = {
    1: 404,
    3: 404,
    17: 486,
    19: 480,
    20: 480,
    21: 403,
    25: 483,
    28: 484,
    34: 503,
    38: 500,
    42: 503,
}
"""What Asterisk answers a caller whose channel is hung up with a Q.850 cause (chan_pjsip)."""


def in_words(status: int) -> str:
    """``SIP 486: busy``; a status that nobody has words for stands alone."""
    words = _WORDS.get(status)
    return f"SIP {status}: {words}" if words else f"SIP {status}"


def answer_of_cause(cause: int) -> int | None:
    """The SIP status that a phone gets for a Q.850 cause before it was answered; None for none."""
    return _OF_CAUSES.get(cause)
