"""The market store's contract: bars, dated events and universes, as of a time.

Every row carries when it happened and when it became available, so a read with
``as_of`` sees exactly what could have been known then, and nothing later.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from kedge.domain.instrument import Instrument
from kedge.domain.panel import EventKind

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one instrument, in order of ``ts``.

    Attributes:
        ts: (n,) open instant, or the session's date at 00:00 UTC for daily bars; ns.
        closed_at: (n,) the instant the bar closed, ns UTC.
        available_at: (n,) when it could first be known, ns UTC, >= ``closed_at``.
        prices: (n, 4) open, high, low, close in int64 ticks of the instrument.
        volume: (n,) base units; NaN where the source has none.
    """

    ts: I64
    closed_at: I64
    available_at: I64
    prices: I64
    volume: F64

    def __len__(self) -> int:
        return len(self.ts)


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """A dated event of one instrument, as `kedge.domain.panel.EventKind` words it.

    Attributes:
        id: entity id of the instrument; of an fx rate, its currency code.
        kind: split, dividend, funding, fx or deal; None for a symbol change.
        ts: effective instant, ns UTC; an ex-date is its date at 00:00 UTC.
        available_at: when it could first be known, ns UTC.
        a, b: split terms, ``a`` new units for ``b`` old ones.
        x: dividend per unit, funding rate, fx rate, or deal price in quote currency.
        symbol: the new symbol of a symbol change.
    """

    id: str
    kind: EventKind | None
    ts: int
    available_at: int
    a: int = 0
    b: int = 0
    x: float = 0.0
    symbol: str = ""


class Member(msgspec.Struct, frozen=True):
    """One stay in a universe: from ``start`` until before ``end`` (None: open), ns UTC."""

    id: str
    start: int
    end: int | None = None


class Universe(msgspec.Struct, frozen=True):
    """A named universe with dated membership.

    Attributes:
        name: its name.
        members: stays, in order of entry.
        point_in_time: membership was known at the time: nobody was chosen for surviving.
    """

    name: str
    members: tuple[Member, ...]
    point_in_time: bool


class Store(Protocol):
    """What reads market data from wherever it is kept.

    Attributes:
        folder: where, for the lines of errors.
    """

    folder: Path

    def instruments(self) -> tuple[Instrument, ...]:
        """Every instrument, in order of id."""
        ...

    def instrument(self, name: str) -> Instrument:
        """The instrument with this id, or else with this symbol or present name.

        Raises:
            DataError: when none or several answer to the name.
        """
        ...

    def instrument_at(self, symbol: str, as_of: int) -> Instrument | None:
        """The instrument that bore a symbol at ``as_of`` (ns UTC), None where nobody did.

        Raises:
            DataError: when several did.
        """
        ...

    def intervals(self, name: str) -> tuple[str, ...]:
        """The intervals for which there are bars, shortest first."""
        ...

    def bars(self, name: str, interval: str, as_of: int | None = None) -> Bars:
        """The latest version of each bar that was available at ``as_of`` (ns UTC)."""
        ...

    def first_bars(self, name: str, interval: str, as_of: int | None = None) -> Bars:
        """The version of each bar that became available first: what a trader saw."""
        ...

    def actions(self, name: str, as_of: int | None = None) -> tuple[Action, ...]:
        """The instrument's dated events known at ``as_of``, in order of ``ts``."""
        ...

    def universe(self, name: str) -> Universe:
        """A universe by name.

        Raises:
            DataError: when there is none of that name.
        """
        ...
