"""What can go wrong between us and Asterisk, as types.

AriError
├── AriUnavailable      no answer: not connected, cut off, or too slow; the outcome is unknown
└── AriRefused          Asterisk answered no, with a status
    ├── ResourceGone    404: the channel, bridge, playback or recording no longer exists
    └── WrongState      409: it exists, but not in a state for this (or the id is taken)
"""

from __future__ import annotations

from typing import Final


class AriError(Exception):
    """Anything that can go wrong between us and Asterisk."""


class AriUnavailable(AriError):
    """Asterisk gave no answer; whether it did what was asked is unknown."""


class AriRefused(AriError):
    """Asterisk answered that it will not.

    Attributes:
        status: The HTTP status, 300..599.
        message: Asterisk's own words.
    """

    def __init__(self, status: int, message: str, request: str = "") -> None:
        super().__init__(f"{request}: {status} {message}" if request else f"{status} {message}")
        self.status = status
        self.message = message


class ResourceGone(AriRefused):
    """What the request names does not exist, or no longer: usually a lost race with a hang-up."""


class WrongState(AriRefused):
    """What the request names cannot do this now: a channel outside Stasis, an id already taken."""


_BY_STATUS: Final[dict[int, type[AriRefused]]] = {404: ResourceGone, 409: WrongState}


def refusal(status: int, message: str, request: str) -> AriRefused:
    """The error that fits a status.

    Args:
        status: HTTP status of the answer.
        message: Asterisk's words for it.
        request: Method and path, for the reader of the log.
    """
    return _BY_STATUS.get(status, AriRefused)(status, message, request)
