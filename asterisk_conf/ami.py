"""Where a node listens for AMI, and which of its many events are never made."""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass
from typing import Final, Self

PORTS: Final = range(20_000, 32_000)
"""Below those that the system lends to outgoing connections."""

UNWANTED_EVENTS: Final = (
    "AttendedTransfer",
    "BlindTransfer",
    "BridgeCreate",
    "BridgeDestroy",
    "BridgeEnter",
    "BridgeLeave",
    "BridgeMerge",
    "BridgeVideoSourceUpdate",
    "ChallengeResponseFailed",
    "ChallengeSent",
    "DeviceStateChange",
    "DialBegin",
    "DialEnd",
    "DialState",
    "DTMFBegin",
    "DTMFEnd",
    "Hangup",
    "HangupRequest",
    "Hold",
    "InvalidAccountID",
    "InvalidPassword",
    "LocalBridge",
    "MusicOnHoldStart",
    "MusicOnHoldStop",
    "NewAccountCode",
    "NewCallerid",
    "Newchannel",
    "NewConnectedLine",
    "Newexten",
    "Newstate",
    "PeerStatus",
    "RTCPReceived",
    "RTCPSent",
    "SoftHangupRequest",
    "SuccessfulAuth",
    "TestEvent",
    "Unhold",
    "VarSet",
)
"""Those of calls and logins."""


@dataclass(frozen=True, slots=True)
class Address:
    """A loopback address and port; all of 127.0.0.0/8 is this machine."""

    host: str
    port: int

    @classmethod
    def draw(cls) -> Self:
        """Draw one that no other node has, as far as can be told."""
        parts = (1 + secrets.randbelow(254) for _ in range(3))
        return cls("127.{}.{}.{}".format(*parts), secrets.choice(PORTS))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `str` gave."""
        host, _, port = text.partition(":")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def is_free(self) -> bool:
        """Whether Asterisk could listen here now."""
        try:
            with socket.socket() as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind((self.host, self.port))
                trial.listen()
        except OSError:
            return False
        return True
