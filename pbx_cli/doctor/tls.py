"""The doctor's question about SIP over TLS: is it offered, with which certificate, how long yet?"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

from asterisk_conf import UnusableSetting, certificate
from asterisk_conf.certificate import Certificate
from asterisk_conf.node import certificate_place
from pbx_cli.doctor.findings import Finding, down, up, warning
from pbx_cli.output import counted
from stasis_apps.services.certificate_renewal import shown_at
from stasis_apps.settings import Settings

NAME: Final = "SIP over TLS"

FEWEST_DAYS: Final = 21
"""Renewals are due at 30 days before the end, mostly; this one has not come."""


async def check_tls(settings: Settings) -> Finding:
    """Are phones shown the certificate of the settings, and is it good for long enough?"""
    tls = settings.tls
    if tls is None:
        return up(NAME, "is not offered; PBX_TLS_CERT_FILE and PBX_TLS_KEY_FILE turn it on")
    where = settings.reached_at(tls.bind)
    shown = await shown_at(where)
    place = certificate_place(settings.home)
    try:
        wanted = await asyncio.to_thread(certificate.check, tls, place)
    except UnusableSetting as fault:
        in_use = await asyncio.to_thread(certificate.in_use, place)
        return finding_of_refused(str(fault), in_use if shown else None, datetime.now(UTC))
    if shown is None:
        return down(NAME, f"{where} does not answer")
    if shown != wanted.fingerprint:
        return warning(NAME, f"{where} shows another certificate than {tls.certificate_file}")
    return finding_of(wanted, f"{where} answers", datetime.now(UTC))


def finding_of_refused(fault: str, in_use: Certificate | None, now_at: datetime) -> Finding:
    """Say what comes of files that are refused: phones go on with the certificate in use; pure."""
    if in_use is None:
        return down(NAME, fault)
    words = f"{in_use.ends_at:%Y-%m-%d %H:%M}Z: {', '.join(in_use.names)}"
    if now_at > in_use.ends_at:
        return down(NAME, f"new files refused: {fault}; phones refuse the old one, ended {words}")
    return warning(NAME, f"new files refused: {fault}; shown until {words}")


def finding_of(wanted: Certificate, answers: str, now_at: datetime) -> Finding:
    """Say whom a certificate is good for and how long; pure."""
    days = wanted.days_left(now_at)
    words = f"{', '.join(wanted.names)} until {wanted.ends_at:%Y-%m-%d %H:%M}Z"
    if now_at > wanted.ends_at:
        return down(NAME, f"{answers}, but phones refuse its certificate, which was for {words}")
    told = f"{answers} for {words} ({counted(days, 'day')} left)"
    if days < FEWEST_DAYS:
        return warning(NAME, f"{told}: it should have been renewed")
    return up(NAME, told)
