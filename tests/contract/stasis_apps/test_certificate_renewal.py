"""A certificate that was refused is taken as soon as it is good, and is complained of once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.typing import EventDict

from stasis_apps.services import certificate_renewal as module
from stasis_apps.services.certificate_renewal import CertificateRenewal
from stasis_apps.settings import Address, SipTls
from tests.support.certificates import Authority, TlsPair
from tests.support.waiting import until
from tests.unit.stasis_apps.services.sorcery import asterisk_with_memory

NOBODY = Address("127.0.0.1", 1)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where Asterisk's own copy lies."""
    return tmp_path / "tls.pem"


@asynccontextmanager
async def watched_over(pair: TlsPair, place: Path) -> AsyncIterator[None]:
    tls = SipTls(bind=NOBODY, certificate_file=pair.certificate_file, key_file=pair.key_file)
    async with asterisk_with_memory() as (ari, _):
        task = asyncio.create_task(CertificateRenewal(ari, tls, place, NOBODY).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_one_that_begins_later_is_taken_when_it_begins(
    authority: Authority,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    monkeypatch.setattr(module, "AGAIN_S", 0.1)
    in_four_seconds = 4 / 86_400
    async with watched_over(authority.pair(begins_days=in_four_seconds), place):
        await until(lambda: refusals(logged), saying="it is refused")

        await until(place.exists, saying="it is taken")

    assert ["begins at" in one["fault"] for one in refusals(logged)] == [True]


async def test_one_that_is_mended_without_a_trace_in_size_and_time_is_taken(
    authority: Authority,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    pair = authority.pair()
    good_key, certificate = pair.key_file.read_bytes(), pair.certificate_file.read_bytes()
    authority.pair()
    pair.certificate_file.write_bytes(certificate)
    before = pair.key_file.stat()
    async with watched_over(pair, place):
        await until(lambda: refusals(logged), saying="it is refused")

        pair.key_file.write_bytes(good_key)
        os.utime(pair.key_file, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert pair.key_file.stat().st_size == before.st_size

        await until(place.exists, saying="it is taken")


def refusals(logged: list[EventDict]) -> list[EventDict]:
    return [entry for entry in logged if entry["event"] == "certificate_refused"]
