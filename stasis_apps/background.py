"""What the process does beside calls: trunks, voicemail, mail, lamps, links; made in one place."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial

import structlog

from ari_client import AriClient
from asterisk_conf import noted_ends
from asterisk_conf.node import certificate_place
from models.errors import SealError
from models.message_files import MessageFolder
from models.seal import Seal
from models.sound_files import SoundFolder
from stasis_apps.live_call.room import CallRoom, Writer
from stasis_apps.outside_gate import OutsideGate
from stasis_apps.plan_store import PlanStore
from stasis_apps.services.asterisk_recordings import AsteriskRecordings
from stasis_apps.services.certificate_renewal import CertificateRenewal
from stasis_apps.services.emergency_lines import keep_emergency_lines
from stasis_apps.services.help_while_away import HelpWhileAway
from stasis_apps.services.http_server import HttpServer
from stasis_apps.services.lamp_watch import LampWatch
from stasis_apps.services.lamps import Lamps
from stasis_apps.services.links import PURPOSE, Links
from stasis_apps.services.mail_sender import MailSender
from stasis_apps.services.mailbox_store import MailboxStore
from stasis_apps.services.messages import MessageKeeper
from stasis_apps.services.noted_ends import NotedEnds
from stasis_apps.services.notice_sender import NoticeSender
from stasis_apps.services.notice_spool import NoticeSpool
from stasis_apps.services.notices import Notices
from stasis_apps.services.old_events import forget_old_events
from stasis_apps.services.outside_minutes import OutsideMinutes
from stasis_apps.services.sounds_in_place import keep_sounds_in_place
from stasis_apps.services.switches import StoredSwitches
from stasis_apps.services.trunk_lines import TrunkLines
from stasis_apps.services.trunk_watch import TrunkWatch
from stasis_apps.services.web_requests import WebRequests
from stasis_apps.settings import Settings

RESTART_S = 5.0
"""When a part that has failed begins again."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Everything that runs as long as the process does.

    Attributes:
        room: What calls have around them.
        plans: The plans, followed for trunks and lamps.
        asterisk_is_back: Set by the exchange whenever it is connected to Asterisk.
    """

    room: CallRoom
    plans: PlanStore
    asterisk_is_back: asyncio.Event
    lines: TrunkLines
    trunks: TrunkWatch
    messages: MessageKeeper
    mail: MailSender | None
    notice_mail: NoticeSender | None
    minutes: OutsideMinutes
    help_while_away: HelpWhileAway
    lamps: Lamps
    lamp_watch: LampWatch
    links: HttpServer
    sounds: SoundFolder
    certificate: CertificateRenewal | None

    def start(
        self, group: asyncio.TaskGroup, calls_up: Callable[[], Collection[str]]
    ) -> list[asyncio.Task[None]]:
        """Start all of it; a part that fails begins again after a pause, and no call notices.

        Args:
            group: Where it runs.
            calls_up: Says which calls run.
        """
        news = self.plans.listen()
        work: dict[str, Callable[[], Awaitable[None]]] = {
            "trunks": lambda: self.trunks.run(news),
            "trunks_tried_again": self.lines.keep_trying,
            "asterisk_heard_of": lambda: self._hear_of_asterisk(news),
            "messages": lambda: self.messages.serve(calls_up),
            "lamps": self.lamps.run,
            "lamp_watch": self.lamp_watch.run,
            "links": self.links.serve,
            "notices": self.room.notices.serve,
            "minutes": self.minutes.run,
            "help_while_away": self.help_while_away.serve,
            "emergency_lines": keep_emergency_lines,
            "old_events": forget_old_events,
            "sounds": lambda: keep_sounds_in_place(self.sounds),
        }
        if self.mail is not None:
            work["mail"] = self.mail.serve
        if self.notice_mail is not None:
            work["notice_mail"] = self.notice_mail.serve
        if self.certificate is not None:
            work["certificate"] = self.certificate.run
        return [group.create_task(again_and_again(name, part)) for name, part in work.items()]

    async def _hear_of_asterisk(self, news: asyncio.Event) -> None:
        while True:
            await self.asterisk_is_back.wait()
            self.asterisk_is_back.clear()
            self.trunks.asterisk_is_back()
            news.set()


async def again_and_again(name: str, part: Callable[[], Awaitable[None]]) -> None:
    """Run a part until cancelled; a fault of ours in it ends neither calls nor other parts."""
    while True:
        try:
            await part()
        except Exception:
            log.exception("background_failed", part=name, again_in_s=RESTART_S)
        await asyncio.sleep(RESTART_S)


def make_background(
    settings: Settings, ari: AriClient, plans: PlanStore, writer: Writer, servers: WebRequests
) -> Background:
    """Make everything, and connect what tells with who is told."""
    files = MessageFolder(settings.voicemail_folder)
    links = Links(_signing_key(settings), settings.public_url)
    lamps = Lamps(settings)
    lamp_watch = LampWatch(lamps, plans)
    mail = _mail_sender(settings, files, links, lamp_watch)
    has_new = _who_hears_of_messages(lamp_watch, mail)
    messages = MessageKeeper(files, AsteriskRecordings(ari), has_new=has_new)
    lines = TrunkLines(ari, opens=lambda sealed: Seal(settings.secret_key_file).open(sealed))
    gate, (notices, notice_mail) = OutsideGate(newest=plans.newest), _notices(settings)
    return Background(
        room=CallRoom(
            ari=ari,
            writer=writer,
            messages=messages,
            mailboxes=MailboxStore(files, has_changed=lamp_watch.has_changed),
            switches=StoredSwitches(),
            gate=gate,
            notices=notices,
            noted_ends=NotedEnds(noted_ends.place(settings.home)),
            servers=servers,
        ),
        plans=plans,
        asterisk_is_back=asyncio.Event(),
        lines=lines,
        trunks=_trunk_watch(settings, lines, plans),
        messages=messages,
        mail=mail,
        notice_mail=notice_mail,
        minutes=OutsideMinutes(gate),
        help_while_away=HelpWhileAway(settings, plans, notices),
        lamps=lamps,
        lamp_watch=lamp_watch,
        links=HttpServer(settings.http_bind, links, files),
        sounds=SoundFolder(settings.sound_folder),
        certificate=_certificate_renewal(settings, ari),
    )


def _who_hears_of_messages(
    lamp_watch: LampWatch, mail: MailSender | None
) -> Callable[[int, str], None]:
    """What is called when a mailbox has a new message: lamps light, and mail is sent at once."""

    def has_new(tenant_id: int, box: str) -> None:
        lamp_watch.has_changed(tenant_id, box)
        if mail is not None:
            mail.wake()

    return has_new


def _mail_sender(
    settings: Settings, files: MessageFolder, links: Links, lamp_watch: LampWatch
) -> MailSender | None:
    if settings.mail_server is None:
        log.warning("mail_waits", reason="PBX_SMTP_URL is not set")
        return None
    return MailSender(settings.mail_server, files, links, has_gone=lamp_watch.has_changed)


def _notices(settings: Settings) -> tuple[Notices, NoticeSender | None]:
    """What takes notices, and who sends their mails; without a mail server the mails wait."""
    folder = settings.home / "notices"
    spool = NoticeSpool(folder)
    if settings.mail_server is None:
        return Notices(spool), None
    sender = NoticeSender(settings.mail_server, folder)
    return Notices(spool, has_mail=sender.wake), sender


def _trunk_watch(settings: Settings, lines: TrunkLines, plans: PlanStore) -> TrunkWatch:
    seal, has_tls = partial(Seal, settings.secret_key_file), settings.tls is not None
    return TrunkWatch(lines, plans.all, seal, has_tls=has_tls)


def _certificate_renewal(settings: Settings, ari: AriClient) -> CertificateRenewal | None:
    tls = settings.tls
    if tls is None:
        return None
    place, listener = certificate_place(settings.home), settings.reached_at(tls.bind)
    return CertificateRenewal(ari, tls, place, listener)


def _signing_key(settings: Settings) -> bytes:
    """The key of links; without the exchange's own, one that works as long as this process."""
    try:
        return Seal(settings.secret_key_file).derived_key(PURPOSE)
    except SealError as fault:
        log.warning("links_will_not_last", fault=str(fault))
        return secrets.token_bytes(32)
