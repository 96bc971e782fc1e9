"""Which part of an account is a session's own.

An account may hold more than the session was given, and have traded before it. What was
there at the first start is set aside: it is not counted, not compared and never sold.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from kedge.domain.errors import ConfigError
from kedge.domain.instrument import Instrument
from kedge.venues.ccxt import numbers


class Own(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a session found when it first came to an account.

    Attributes:
        aside: (currency or coin, amount) that is not the session's, as decimal text.
        cursor: of the fills before it.
        account: as `kedge.venues.ccxt.adapter.CcxtVenue.account` names it.
        capital: that it was given, as decimal text.
    """

    aside: tuple[tuple[str, str], ...] = ()
    cursor: str = ""
    account: str = ""
    capital: str = ""

    def of(self, total: Mapping[str, object], code: str) -> Decimal:
        """What is left of a total for the session."""
        rest = dict(self.aside).get(code, "0")
        return numbers.decimal(total.get(code) or 0, code) - Decimal(rest)


ALL: Final = Own()
"""Everything is the session's."""


def own_of(
    total: Mapping[str, Any], instruments: Iterable[Instrument], code: str, capital: Decimal,
    cursor: str, account: str, where: str,
) -> Own:  # fmt: skip
    """Set aside what a first start finds beyond the capital.

    Args:
        total: held of each currency and coin, as text.
        instruments: what will be traded.
        code: currency of the capital.
        capital: that the session may use.
        cursor: of the account's fills so far.
        account: its name.
        where: name of the exchange.

    Raises:
        ConfigError: the account holds less than the capital.
    """
    held = numbers.decimal(total.get(code) or 0, code)
    if held < capital:
        raise ConfigError(
            f"the account at {where} holds {held.normalize():,f} {code}, and capital says "
            f"{capital.normalize():,f}",
            "capital",
            f"bring {code} into the account, or lower capital",
        )
    settled = sorted({each.settle for each in instruments} - {code})
    coins = sorted({each.base for each in instruments} - {code, *settled})
    found = [(code, held - capital)]
    found += [(name, numbers.decimal(total.get(name) or 0, name)) for name in (*settled, *coins)]
    aside = tuple((name, str(amount)) for name, amount in found if amount)
    return Own(aside, cursor, account, str(capital))
