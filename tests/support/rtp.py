"""Speaking into a call without a phone: RTP packets with a sound in G.711 mu-law (RFC 3551)."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import numpy as np

from tests.support.sound import SAMPLE_RATE_HZ, Samples, Sound, samples_of

PACKET_S = 0.02
MU_LAW = 0


@asynccontextmanager
async def speak(sound: Sound, *, from_port: int, to_port: int) -> AsyncIterator[None]:
    """Send the sound in real time between two ports of this machine while the block runs."""
    payload = mu_law(samples_of(sound, seconds=30.0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", from_port))
        line.connect(("127.0.0.1", to_port))
        speaking = asyncio.create_task(_send(line, payload), name=f"speak {sound}")
        try:
            yield
        finally:
            speaking.cancel()
            with suppress(asyncio.CancelledError):
                await speaking


def mu_law(samples: Samples) -> bytes:
    """Compress samples as ITU-T G.711 says."""
    wide = samples.astype(np.int32)
    sign = np.where(wide < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(wide), 32635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    octets: bytes = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8).tobytes()
    return octets


async def _send(line: socket.socket, payload: bytes) -> None:
    size = int(SAMPLE_RATE_HZ * PACKET_S)
    clock = asyncio.get_running_loop().time
    start_s = clock()
    for count in range(len(payload) // size):
        head = struct.pack("!BBHII", 0x80, MU_LAW, count & 0xFFFF, count * size, 0x7E57)
        with suppress(ConnectionRefusedError):
            line.send(head + payload[count * size : (count + 1) * size])
        await asyncio.sleep(max(0.0, start_s + (count + 1) * PACKET_S - clock()))
