"""What the numbers in records point to: keys, terms and reasons by name."""

from decimal import Decimal
from fractions import Fraction

from kedge.domain.account import Key
from kedge.domain.instrument import lots_begun
from kedge.domain.money import round_ratio
from kedge.domain.reason import Reason
from kedge.domain.record import Opened


class Places:
    """The tables of a journal's first record.

    Args:
        opened: that record.
    """

    def __init__(self, opened: Opened) -> None:
        self.lineage = opened.lineage
        self.keys = opened.keys
        self._terms, self._coins = opened.terms, opened.coins

    def position(self, key: int) -> dict[str, str]:
        """Account, venue and instrument of a key."""
        found = self.key(key)
        return {"account": found.account, "venue": found.venue, "instrument": found.instrument}

    def key(self, key: int) -> Key:
        """A key by its place; a report may name one that there is not."""
        return self.keys[key] if 0 <= key < len(self.keys) else Key("", "", f"#{key}")

    def currency(self, key: int) -> str | None:
        """Settlement currency of a key, None where the journal does not tell."""
        return self._terms[key][0] if 0 <= key < len(self._terms) else None

    def begun(self, key: int, code: str, amount: Decimal) -> int:
        """Lots of a key that an amount of a coin takes a part of; 0 where it is another coin."""
        base, lot = self._coins[key] if 0 <= key < len(self._coins) else ("", Decimal(1))
        return lots_begun(amount, lot) if code == base else 0

    def value(self, key: int, lots: int, ticks: int) -> int:
        """Minor units of signed ``lots`` at ``ticks``, rounded as every fill is."""
        _, numerator, denominator = self._terms[key]
        return round_ratio(lots * ticks, Fraction(numerator, denominator))


def reason_name(code: int) -> str:
    """Name of a reason code; one that this version does not know keeps its number."""
    try:
        return Reason(code).name
    except ValueError:
        return str(code)
