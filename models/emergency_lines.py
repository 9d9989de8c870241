"""How Asterisk's own dialplan dials an emergency number, written as it takes it apart; pure."""

import re
from collections.abc import Iterable

import phonenumbers

from models.facts import TrunkFacts
from models.numbering import normalised
from models.trunk_uris import dialled_through

_SIMPLE = re.compile(r"[A-Za-z0-9._+-]*", re.ASCII)
"""What a login may be of to stand in a line of fields."""


def dials_of(trunks: Iterable[TrunkFacts], number: str, country: str) -> str:
    """What the dialplan's context ``help`` is told: the trunks in their order, parted by ``&``.

    Args:
        trunks: In the order in which they are tried.
        number: The emergency number.
        country: ISO 3166 code of the tenant.
    """
    return "&".join(_line(one, number, country) for one in trunks)


def _line(trunk: TrunkFacts, number: str, country: str) -> str:
    """One trunk: what to dial, and how it shows whose number; fields parted by ``|``.

    The endpoint; what is dialled, with ``~`` for ``;``, at which Asterisk cuts what a database
    says; the form of the shown number; the trunk's own number as written and in E.164; our login
    there; the country's code, and what is dialled before a number at home.
    """
    login = normalised(trunk.username, country) if trunk.username.isdecimal() else trunk.username
    fields = (
        trunk.endpoint,
        dialled_through(trunk, number).replace(";", "~"),
        trunk.caller_id_format,
        trunk.caller_id,
        normalised(trunk.caller_id, country) if trunk.caller_id else "",
        login if _SIMPLE.fullmatch(login) else "",
        str(phonenumbers.country_code_for_region(country)),
        phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or "",
    )
    return "|".join(fields)
