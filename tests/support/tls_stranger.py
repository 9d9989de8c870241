"""Somebody at a carrier's address who speaks TLS and shows some certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.certificates import TlsPair
from tests.support.sip_station import Place


@dataclass(slots=True)
class TlsStranger:
    """Takes down what it is told.

    Attributes:
        connections: How many have connected, whether they believed it or not.
        heard: What they said afterwards.
    """

    connections: int = 0
    heard: bytes = b""


@asynccontextmanager
async def tls_stranger(place: Place, pair: TlsPair) -> AsyncIterator[TlsStranger]:
    """Listen with this certificate while the block runs."""
    stranger = TlsStranger()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stranger.connections += 1
        try:
            stranger.heard += await reader.read()
        except OSError:
            pass  # it is hung up on
        finally:
            writer.transport.abort()

    shows = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shows.load_cert_chain(pair.certificate_file, pair.key_file)
    server = await asyncio.start_server(listen, place.host, place.port, ssl=shows)
    try:
        yield stranger
    finally:
        server.close()
