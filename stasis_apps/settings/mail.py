"""PBX_SMTP_URL: where mail is handed over."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from stasis_apps.settings.values import MailServer, SettingInvalid, Tls

_MAIL_PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}
_TLS = {"smtp": Tls.NONE, "starttls": Tls.STARTTLS, "smtps": Tls.FROM_THE_START}


def mail_server(url: str) -> MailServer | None:
    """Take PBX_SMTP_URL apart; refusals repeat nothing of it, because of the password."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
    except ValueError as fault:
        raise _mail_fault(
            "cannot be read: a sign like @ or / in a password is written %40, %2F"
        ) from fault
    starttls, sender = options.pop("starttls", "0"), options.pop("from", "")
    faults = {
        "must begin with smtp:// or smtps://": parts.scheme not in _MAIL_PORTS,
        "names no host, as in smtp://mail.example.com:587?starttls=1": not host,
        "has a port that is none": port == 0,
        "has a path; behind the host and port only ?starttls=1&from=ADDRESS may stand": (
            parts.path not in ("", "/")
        ),
        "may be followed by starttls=1 and from=ADDRESS only": bool(options),
        "has a starttls that is neither 0 nor 1": starttls not in ("0", "1"),
        "cannot have starttls=1 with smtps://": parts.scheme == "smtps" and starttls == "1",
        "has a password without a user": bool(parts.password) and not parts.username,
        "has a from that is no mail address": bool(sender) and not _is_mail_address(sender),
    }
    for rule, is_broken in faults.items():
        if is_broken:
            raise _mail_fault(rule)
    kind = "starttls" if starttls == "1" else parts.scheme
    return MailServer(
        host=host or "",
        port=port or _MAIL_PORTS[kind],
        tls=_TLS[kind],
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=sender,
    )


def _is_mail_address(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    return bool(local and domain) and text.isascii() and text.isprintable() and " " not in text


def _mail_fault(rule: str) -> SettingInvalid:
    return SettingInvalid("PBX_SMTP_URL", "(hidden)", rule)
