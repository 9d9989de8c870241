"""One running baresip 1.0.0: its files, its process and its control socket; knows no calls."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tests.support import sound
from tests.support.ports import small_block
from tests.support.waiting import COMES_S, until_told

MODULES = Path("/usr/lib/baresip/modules")

TONE_S = 120.0
"""A phone falls silent when its tone is over; no test talks that long."""

CONFIG = """\
sip_listen 127.0.0.1:{sip}
rtp_ports {rtp_first}-{rtp_last}
call_max_calls {lines}
call_local_timeout 120
audio_source aufile,{tone}
ausrc_srate 8000
audio_buffer 20-160
jitter_buffer_delay 0-0
ringback_disabled yes
snd_path {folder}
ctrl_tcp_listen 127.0.0.1:{control}
module_path {modules}
module g711.so
module g722.so
module srtp.so
module sndfile.so
module aufile.so
module_app menu.so
module_app ctrl_tcp.so
"""

TOPICS = {
    "REGISTER_OK": "registration",
    "CALL_INCOMING": "call",
    "CALL_RINGING": "call",
    "CALL_PROGRESS": "call",
    "CALL_ESTABLISHED": "call",
    "CALL_CLOSED": "call",
    "CALL_REMOTE_SDP": "sdp",
    "CALL_RTPESTAB": "sound",
    "CALL_DTMF_START": "keys",
}
"""What a test waits for one after the other; sound may come before or after the answer."""


class PhoneEvent(msgspec.Struct, frozen=True):
    """Something that happened on the telephone, and when (seconds of the running loop)."""

    type: str = ""
    param: str = ""
    at_s: float = 0.0


class PhoneReply(msgspec.Struct, frozen=True):
    """baresip's reply to a command."""

    response: bool = False
    data: str = ""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What kind of telephone it is."""

    plays: sound.Sound
    lines: int


class BaresipProcess:
    """A telephone without a number: started, told what to do, asked what has happened."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.events: list[PhoneEvent] = []
        self._seen: dict[str, int] = {}
        self._happened = asyncio.Condition()
        self._replies: asyncio.Queue[PhoneReply] = asyncio.Queue()
        self._stack = ExitStack()
        self.folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="pbx-phone-")))
        self._trace_path = self.folder / "trace.txt"

    async def start(self, equipment: Equipment) -> None:
        """Start it and take up its control socket."""
        try:
            control = self._write_config(equipment)
            await self._spawn()
            reader, self._writer = await self._connect(control)
        except BaseException:
            await self.stop()
            raise
        self._listening = asyncio.create_task(self._listen(reader), name=f"events of {self._name}")

    async def stop(self) -> None:
        """Let it sign off and end; kill it when it does not."""
        with self._stack:
            if hasattr(self, "_listening"):
                self._send({"command": "quit"})
                await self._ended()
                self._listening.cancel()
                self._writer.close()
            elif hasattr(self, "_process"):
                self._process.kill()
                await self._process.wait()

    async def command(self, command: str, params: str = "") -> str:
        """Give a command of baresip's menu, and what it replies."""
        self._send({"command": command, "params": params})
        reply = await asyncio.wait_for(self._replies.get(), COMES_S)
        return reply.data

    async def next_event(
        self, *types: str, fails_on: str | None = None, within_s: float
    ) -> PhoneEvent:
        """Give the next event of these types; calls, keys, sound and registration count apart."""
        topic = TOPICS[types[0]]
        wanted = (*types, fails_on)
        try:
            async with asyncio.timeout(within_s), self._happened:
                await self._happened.wait_for(lambda: self._find(topic, wanted) is not None)
        except TimeoutError:
            words = " or ".join(types)
            raise AssertionError(f"{self._name}: no {words} in {within_s} s") from None
        place = self._find(topic, wanted)
        assert place is not None
        self._seen[topic] = place + 1
        event = self.events[place]
        assert event.type != fails_on, f"{self._name}: no {types[0]} but closed: {event.param}"
        return event

    def forget(self, topic: str) -> None:
        """Take all events of a topic until now as seen."""
        self._seen[topic] = len(self.events)

    def trace(self) -> str:
        """All SIP messages, as baresip prints them."""
        return self._trace_path.read_text(errors="replace")

    def _write_config(self, equipment: Equipment) -> int:
        ports = self._stack.enter_context(small_block())
        sip, _encrypted_sip, control = ports.one(), ports.one(), ports.one()
        rtp_first, rtp_last = ports.rest()
        text = CONFIG.format(
            sip=sip,
            control=control,
            rtp_first=rtp_first,
            rtp_last=rtp_last,
            lines=equipment.lines,
            tone=sound.make_wav(self.folder / "tone.wav", equipment.plays, TONE_S),
            folder=self.folder,
            modules=MODULES,
        )
        (self.folder / "config").write_text(text)
        (self.folder / "contacts").write_text("")
        return control

    async def _spawn(self) -> None:
        with self._trace_path.open("wb") as trace:
            self._process = await asyncio.create_subprocess_exec(
                *("stdbuf", "-oL", "baresip", "-4", "-s", "-n", "127.0.0.1"),
                *("-f", str(self.folder), "-p", str(self.folder)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=trace,
                stderr=trace,
            )

    async def _connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async def try_once() -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
            assert self._process.returncode is None, self.trace()
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return None

        return await until_told(try_once, saying=f"{self._name} is switched on")

    async def _ended(self) -> None:
        try:
            await asyncio.wait_for(self._process.wait(), COMES_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _send(self, command: Mapping[str, str]) -> None:
        body = msgspec.json.encode(command)
        self._writer.write(b"%d:%b," % (len(body), body))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Read netstrings: events wake the waiting test, replies go to the command."""
        while head := await _read_head(reader):
            body = _mended((await reader.readexactly(int(head[:-1]) + 1))[:-1])
            reply = msgspec.json.decode(body, type=PhoneReply)
            if reply.response:
                self._replies.put_nowait(reply)
                continue
            event = msgspec.json.decode(body, type=PhoneEvent)
            now_s = asyncio.get_running_loop().time()
            async with self._happened:
                self.events.append(msgspec.structs.replace(event, at_s=now_s))
                self._happened.notify_all()

    def _find(self, topic: str, types: tuple[str | None, ...]) -> int | None:
        for place in range(self._seen.get(topic, 0), len(self.events)):
            if self.events[place].type in types:
                return place
        return None


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b":")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def _mended(body: bytes) -> bytes:
    r"""Undo ``\e``, which baresip writes and JSON does not know."""
    return re.sub(rb"\\e", b"", body)
