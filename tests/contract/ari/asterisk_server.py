"""A real Asterisk for the contract suite: its own folder, its own loopback port, few modules."""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ari_client import AriSettings
from tests.support.ports import small_block

USERNAME: Final = "contract"
PASSWORD: Final = "s3cret-of-the-suite"
START_S: Final = 60.0
ANSWER_S: Final = 30.0

MODULES: Final = [
    "app_echo",
    "app_playtones",
    "app_senddtmf",
    "app_stasis",
    "bridge_builtin_features",
    "bridge_holding",
    "bridge_simple",
    "bridge_softmix",
    "chan_bridge_media",
    "chan_pjsip",
    "codec_resample",
    "codec_ulaw",
    "format_pcm",
    "format_sln",
    "format_wav",
    "func_callerid",
    "func_channel",
    "pbx_config",
    "res_ari",
    "res_ari_applications",
    "res_ari_asterisk",
    "res_ari_bridges",
    "res_ari_channels",
    "res_ari_device_states",
    "res_ari_endpoints",
    "res_ari_events",
    "res_ari_model",
    "res_ari_playbacks",
    "res_ari_recordings",
    "res_ari_sounds",
    "res_http_websocket",
    "res_pjsip_outbound_publish",
    "res_pjsip_pubsub",
    "res_pjsip_sdp_rtp",
    "res_websocket_client",
    "res_musiconhold",
    "res_pjproject",
    "res_pjsip",
    "res_pjsip_session",
    "res_rtp_asterisk",
    "res_sorcery_astdb",
    "res_sorcery_config",
    "res_sorcery_memory",
    "res_stasis",
    "res_stasis_answer",
    "res_stasis_broadcast",
    "res_stasis_device_state",
    "res_stasis_playback",
    "res_stasis_recording",
    "res_stasis_snoop",
    "res_timing_timerfd",
]

DIALPLAN: Final = """
[phones]
exten => answers,1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,Echo()
exten => rings,1,Ringing()
 same => n,Wait(60)
exten => busy,1,Wait(0.2)
 same => n,Hangup(17)
exten => declines,1,Ringing()
 same => n,Wait(0.3)
 same => n,Hangup(21)
exten => hangs-up,1,Answer()
 same => n,Wait(0.5)
 same => n,Hangup(16)
exten => presses,1,Wait(1)
 same => n,SendDTMF(12)
 same => n,Wait(60)
exten => waits,1,Wait(60)
exten => talks,1,Answer()
 same => n,Playtones(440)
 same => n,Wait(60)
exten => talks-then-presses,1,Answer()
 same => n,Playtones(440)
 same => n,Wait(2)
 same => n,SendDTMF(7#)
 same => n,Wait(60)
exten => caller,1,Stasis(${APP},phone)
 same => n,Hangup()
"""


def asterisk_root() -> Path:
    """The folder with Asterisk in it, as PBX_ASTERISK_ROOT says or where `pbx run` puts it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("PBX_ASTERISK_ROOT") or cache / "pbx" / "asterisk")


def configuration(home: Path, root: Path, port: int) -> Mapping[str, str]:
    """Name and text of every file of the configuration."""
    library = root / "usr/lib/x86_64-linux-gnu"
    folders = {
        "astetcdir": home / "etc",
        "astmoddir": library / "asterisk/modules",
        "astvarlibdir": home / "lib",
        "astdbdir": home / "lib",
        "astkeydir": home / "lib",
        "astdatadir": root / "usr/share/asterisk",
        "astagidir": home / "agi",
        "astspooldir": home / "spool",
        "astrundir": home / "run",
        "astlogdir": home / "log",
    }
    return {
        "asterisk.conf": "[directories]\n"
        + "".join(f"{name} => {path}\n" for name, path in folders.items())
        + "[options]\nsystemname=contract\nverbose=3\n",
        "modules.conf": "[modules]\nautoload=no\n"
        + "".join(f"load = {name}.so\n" for name in MODULES),
        "http.conf": f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport={port}\n"
        "sessionlimit=300\n",
        "ari.conf": "[general]\nenabled=yes\nwebsocket_write_timeout=1000\n"
        f"[{USERNAME}]\ntype=user\npassword={PASSWORD}\npassword_format=plain\n",
        "pjsip.conf": "[unregistered]\ntype=endpoint\naors=unregistered\nallow=ulaw\n"
        "[unregistered]\ntype=aor\nmax_contacts=1\n",
        "extensions.conf": DIALPLAN,
        "logger.conf": "[general]\n[logfiles]\nmessages.log => notice,warning,error\n",
        "rtp.conf": "[general]\n",
        "musiconhold.conf": f"[default]\nmode=files\ndirectory={home}/moh\n",
    }


@dataclass(slots=True)
class AsteriskServer:
    """One Asterisk that a test may also kill."""

    home: Path
    root: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Address of its REST interface."""
        return f"http://127.0.0.1:{self.port}/ari"

    def settings(self, app: str) -> AriSettings:
        """How to reach it."""
        return AriSettings(base_url=self.base_url, username=USERNAME, password=PASSWORD, app=app)

    def start(self) -> None:
        """Start it and wait until it answers requests."""
        for folder in ("etc", "lib", "agi", "spool/recording", "run", "log", "moh"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        for name, text in configuration(self.home, self.root, self.port).items():
            (self.home / "etc" / name).write_text(text)
        library = self.root / "usr/lib/x86_64-linux-gnu"
        command: list[str | Path] = [
            library / "ld-linux-x86-64.so.2",
            "--library-path",
            library,
            self.root / "usr/sbin/asterisk",
            "-C",
            self.home / "etc" / "asterisk.conf",
            "-f",
        ]
        with (self.home / "log" / "console.log").open("ab") as console:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT
            )
        deadline_s = time.monotonic() + START_S
        while not self._is_ready():
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"Asterisk not ready within {START_S} s; see {self.home}/log")
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def describe(self, resource: str) -> bytes:
        """The description of one resource, as the running server gives it."""
        with self._get(f"api-docs/{resource}.json") as answer:
            return bytes(answer.read())

    def errors(self) -> list[str]:
        """Lines of its log that tell of modules which did not load."""
        lines = (self.home / "log" / "messages.log").read_text(errors="replace").splitlines()
        return [line for line in lines if "loader.c" in line and "ERROR" in line]

    def _is_ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"Asterisk ended at once; see {self.home}/log")
        try:
            with self._get("asterisk/info?only=status"):
                return True
        except OSError:
            return False

    def _get(self, path: str) -> http.client.HTTPResponse:
        credentials = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - always http, on loopback
            f"{self.base_url}/{path}", headers={"Authorization": f"Basic {credentials}"}
        )
        answer: http.client.HTTPResponse = urllib.request.urlopen(  # noqa: S310 - as above
            request, timeout=ANSWER_S
        )
        return answer


@contextlib.contextmanager
def running_asterisk(home: Path) -> Iterator[AsteriskServer]:
    """A server of one's own, gone at the end of the block.

    Raises:
        FileNotFoundError: there is no Asterisk where it should be.
    """
    root = asterisk_root()
    if not (root / "usr/sbin/asterisk").is_file():
        raise FileNotFoundError(
            f"no Asterisk in {root}: run `make run` once, or let PBX_ASTERISK_ROOT name its folder"
        )
    with small_block() as ports:
        server = AsteriskServer(home, root, ports.one())
        try:
            server.start()
            yield server
        finally:
            server.kill()
