"""The settings of a trunk as options of the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import click

from models.rules import ENCRYPTIONS
from models.trunk_rules import (
    CALLER_ID_FORMATS,
    CODECS,
    FORWARDED_BY,
    TRANSPORTS,
    TrunkSettings,
)

_SIP_CODE: Final = re.compile(r"[0-9]{3}", re.ASCII)

_OPTIONS: Final = (
    click.option("--preset", help="Where unnamed settings come from; see `pbx trunk presets`."),
    click.option(
        "--registration",
        help="outbound: we register there; inbound: they register here; none: known by address.",
    ),
    click.option("--host", help="Where it is: a DNS name or an address."),
    click.option("--port", type=int, help="Its port; 0 for what DNS says, or 5060 (tls: 5061)."),
    click.option("--transport", help=f"{', '.join(TRANSPORTS)}; tls checks its certificate."),
    click.option("--encryption", help=f"Of its sound (SRTP): {', '.join(ENCRYPTIONS)}."),
    click.option("--proxy", metavar="HOST[:PORT]", help="What everything is sent through."),
    click.option("--username", help="Our login there."),
    click.option("--auth-username", help="The name in the digest, where it is not the login."),
    click.option("--from-user", help="The user of the From header, instead of the caller."),
    click.option("--from-domain", help="The domain of the From header, instead of the host."),
    click.option(
        "--address",
        "addresses",
        multiple=True,
        metavar="IP[/BITS]",
        help="From where its calls come. Repeat; an empty text removes all.",
    ),
    click.option("--max-channels", type=int, help="Calls at once; 0 for no limit."),
    click.option(
        "--forward-via-same/--no-forward-via-same",
        default=None,
        help="Whether calls that came in here and are forwarded leave here, too.",
    ),
    click.option(
        "--default",
        "is_default",
        flag_value=True,
        default=None,
        type=bool,
        help="Calls go out here when nothing says otherwise.",
    ),
    click.option("--caller-id", help="The number that the called see; empty for the caller's."),
    click.option(
        "--passes-caller-id/--no-passes-caller-id",
        default=None,
        help="Whether the called see the number of a forwarded caller.",
    ),
    click.option("--number-source", help="Dialled number: request_uri, to, or a header's name."),
    click.option("--caller-source", help="Caller's number: from, identity, or a header's name."),
    click.option("--codecs", metavar="LIST", help=f"In order, of {','.join(CODECS)}."),
    click.option("--expires-s", type=int, help="For how long we register."),
    click.option("--qualify-s", type=int, help="How often it is asked whether it is there."),
    click.option("--enabled/--disabled", "is_enabled", default=None, help="Whether it is used."),
    click.option(
        "--patience-s", type=int, help="Until a phone must ring there; then the next trunk."
    ),
    click.option(
        "--final-codes",
        metavar="LIST",
        help="SIP answers (404,484) after which no other trunk is tried; empty for the usual.",
    ),
    click.option("--caller-id-format", help=f"{', '.join(CALLER_ID_FORMATS)}."),
    click.option("--forwarded-by", help=f"How we say who forwards: {', '.join(FORWARDED_BY)}."),
)


def trunk_options(command: Callable[..., object]) -> Callable[..., object]:
    """Let every setting of a trunk be given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_given(given: Mapping[str, Any]) -> TrunkSettings:
    """What was given, without what was not; lists as lists, and no port for 0."""
    settings = {name: value for name, value in given.items() if value is not None}
    if not settings["addresses"]:
        del settings["addresses"]
    elif settings["addresses"] == ("",):
        settings["addresses"] = ()
    if "codecs" in settings:
        settings["codecs"] = tuple(one.strip() for one in settings["codecs"].split(","))
    if "final_codes" in settings:
        settings["final_codes"] = _sip_codes(settings["final_codes"])
    if settings.get("port") == 0:
        settings["port"] = None
    return cast("TrunkSettings", settings)


def _sip_codes(listed: str) -> tuple[int | str, ...]:
    """Read SIP answers that are parted by commas; the empty text is none.

    What is no number is left as it is, and refused with all else that is wrong.
    """
    codes = [code.strip() for code in listed.split(",")] if listed.strip() else []
    return tuple(int(code) if _SIP_CODE.fullmatch(code) else code for code in codes)
