"""The sound of one call in which the test itself takes part: RTP out, RTP in (RFC 3550, 4733)."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from tests.support.rtp import MU_LAW, PACKET_S, mu_law
from tests.support.sound import SAMPLE_RATE_HZ, Samples, Sound, samples_of

KEYS_PAYLOAD = 101
KEYS = "0123456789*#ABCD"
KEY_PACKETS, KEY_ENDS, PAUSE_PACKETS = 5, 3, 5
"""A key is held for 100 ms, its end is told three times, then comes a pause of 100 ms."""

SAMPLES_PER_PACKET = int(SAMPLE_RATE_HZ * PACKET_S)
REPEATED_S = 5.0
LARGEST_PACKET = 2048


class SoundLine:
    """One end of the sound of a call: sends a tone, writes down what it hears.

    Args:
        host: the address at which it listens.
        plays: what the other side hears; None for a line that stays silent.
    """

    def __init__(self, host: str, plays: Sound | None) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        self.keys = ""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._hear)
        self._heard: list[bytes] = []
        self._last_key: bytes = b""
        self._speech = _packets_of(plays)
        self._keys_to_press: deque[tuple[bytes, int]] = deque()
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._remote: tuple[str, int] | None = None

    def connect(self, host: str, port: int) -> None:
        """Speak to this address from now on."""
        self._remote = (host, port)
        if self._timer is None:
            self._due_s = self._loop.time()
            self._tick()

    def close(self) -> None:
        """Say and hear nothing more; what was heard stays."""
        if self._timer is not None:
            self._timer.cancel()
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def samples(self) -> Samples:
        """All that was heard until now."""
        return _FROM_MU_LAW[np.frombuffer(b"".join(self._heard), np.uint8)]

    def press(self, keys: str) -> None:
        """Press keys, one after the other, in time with the sound."""
        for key in keys:
            event = KEYS.index(key)
            for place in range(KEY_PACKETS + KEY_ENDS):
                is_end = place >= KEY_PACKETS
                held = min(place + 1, KEY_PACKETS) * SAMPLES_PER_PACKET
                body = struct.pack("!BBH", event, 0x8A if is_end else 0x0A, held)
                self._keys_to_press.append((body, place))
            self._keys_to_press.extend((b"", 0) for _ in range(PAUSE_PACKETS))

    @property
    def spoken_s(self) -> float:
        """How long we have spoken in all."""
        return self._count * PACKET_S

    @property
    def is_pressing(self) -> bool:
        """Whether keys are still to be pressed."""
        return bool(self._keys_to_press)

    def _tick(self) -> None:
        if self._remote is not None:
            with suppress(ConnectionRefusedError, BlockingIOError):
                self._socket.sendto(self._next_packet(), self._remote)
        self._count += 1
        self._due_s = max(self._due_s + PACKET_S, self._loop.time())  # nobody speaks twice as fast
        self._timer = self._loop.call_at(self._due_s, self._tick)

    def _next_packet(self) -> bytes:
        at = self._count * SAMPLES_PER_PACKET
        speech = next(self._speech)
        if not self._keys_to_press:
            return self._head(MU_LAW, at) + speech
        body, place = self._keys_to_press.popleft()
        if not body:
            return self._head(MU_LAW, at) + speech
        return self._head(KEYS_PAYLOAD, at - place * SAMPLES_PER_PACKET) + body

    def _head(self, payload: int, at: int) -> bytes:
        return struct.pack("!BBHII", 0x80, payload, self._count & 0xFFFF, at, 0x51CA11)

    def _hear(self) -> None:
        with suppress(BlockingIOError, ConnectionRefusedError):
            while True:
                packet = self._socket.recv(LARGEST_PACKET)
                payload = packet[1] & 0x7F
                if payload == MU_LAW:
                    self._heard.append(packet[12:])
                elif (
                    payload == KEYS_PAYLOAD and packet[13] & 0x80 and packet[4:8] != self._last_key
                ):
                    self._last_key = packet[4:8]
                    self.keys += KEYS[packet[12]]


def _packets_of(plays: Sound | None) -> Iterator[bytes]:
    """The sound for ever; all our frequencies fit into five seconds without a click."""
    silence = np.zeros(SAMPLES_PER_PACKET, np.int16)
    speech = mu_law(silence if plays is None else samples_of(plays, REPEATED_S))
    while True:
        for start in range(0, len(speech), SAMPLES_PER_PACKET):
            yield speech[start : start + SAMPLES_PER_PACKET]


def _expanded() -> Samples:
    """What each octet of G.711 mu-law stands for."""
    octets = ~np.arange(256) & 0xFF
    magnitude = (((octets & 0x0F) << 3) + 132 << ((octets >> 4) & 7)) - 132
    samples: Samples = np.where(octets & 0x80, -magnitude, magnitude).astype(np.int16)
    return samples


_FROM_MU_LAW = _expanded()
