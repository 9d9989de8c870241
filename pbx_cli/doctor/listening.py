"""What a telephone hears: G.711 out of RTP packets, and how loud it was; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

HEADER_BYTES: Final = 12  # RFC 3550, section 5.1
PCMU: Final = 0
PCMA: Final = 8
SAMPLES_PER_S: Final = 8000
FULL_SCALE: Final = 32768.0

AUDIBLE_DBFS: Final = -50.0
"""Louder than this is speech or tone; a silent line lies 20 dB below."""

SILENCE_DBFS: Final = -96.0


@dataclass(slots=True)
class Ear:
    """Listens to packets and keeps count.

    Attributes:
        packets: How many carried sound.
        heard_s: Seconds that were louder than `AUDIBLE_DBFS`.
        loudest_dbfs: The loudest packet, in dB below full scale.
    """

    packets: int = 0
    heard_s: float = 0.0
    loudest_dbfs: float = SILENCE_DBFS
    _tables: dict[int, tuple[int, ...]] = field(
        default_factory=lambda: {PCMA: _alaw_table(), PCMU: _ulaw_table()}
    )

    def hear(self, packet: bytes) -> None:
        """Listen to one RTP packet; anything else is passed over."""
        if len(packet) <= HEADER_BYTES or packet[0] >> 6 != 2:
            return
        table = self._tables.get(packet[1] & 0x7F)
        contributors = packet[0] & 0x0F
        sound = packet[HEADER_BYTES + 4 * contributors :]
        if table is None or not sound:
            return
        self.packets += 1
        level = _level_dbfs([table[byte] for byte in sound])
        self.loudest_dbfs = max(self.loudest_dbfs, level)
        if level > AUDIBLE_DBFS:
            self.heard_s += len(sound) / SAMPLES_PER_S


def _level_dbfs(samples: list[int]) -> float:
    power = sum(sample * sample for sample in samples) / len(samples)
    if power == 0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 10 * math.log10(power / FULL_SCALE**2))


def _alaw_table() -> tuple[int, ...]:
    """ITU-T G.711, table 1a."""
    return tuple(_alaw_sample(byte) for byte in range(256))


def _alaw_sample(byte: int) -> int:
    byte ^= 0x55
    exponent, mantissa = (byte >> 4) & 0x07, byte & 0x0F
    size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if byte & 0x80 else -size


def _ulaw_table() -> tuple[int, ...]:
    """ITU-T G.711, table 2a."""
    return tuple(_ulaw_sample(byte) for byte in range(256))


def _ulaw_sample(byte: int) -> int:
    byte = ~byte & 0xFF
    size = (((byte & 0x0F) << 3) + 0x84) << ((byte >> 4) & 0x07)
    return 0x84 - size if byte & 0x80 else size - 0x84
