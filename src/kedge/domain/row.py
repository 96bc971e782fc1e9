"""A closed row, and what was decided of it, as the journal keeps them."""

import msgspec


class SessionOpened(msgspec.Struct, frozen=True, array_like=True, tag=30):
    """The first instant of a trading session, before anything fills in it."""

    at: int
    session: int


class Dated(msgspec.Struct, frozen=True, array_like=True, tag=31):
    """A split, dividend, funding payment, exchange rate or cash deal.

    Fields as `kedge.domain.panel.EVENT` has them.
    """

    at: int
    kind: int
    index: int
    a: int
    b: int
    x: float


class RowClosed(msgspec.Struct, frozen=True, array_like=True, tag=32):
    """One decision instant for the whole universe of N instruments.

    Attributes:
        at: the row's instant, ns UTC; everything in it was available then.
        row: number of the row, from 0.
        session: number of its session.
        bars: (N, 4) int64 ticks, little-endian bytes.
        volume: (N,) float64 base units; NaN where the source has none.
        flags: (N,) uint8, see `kedge.domain.panel`.
        age: (N,) int64 ns since the last observation.
        adjust: (N,) float64 forward adjustment factors.
        micro: (N, k) float64 of microstructure inputs, empty without any.
        quotes: (keys, 6) int64, the fields of `kedge.domain.control.Quoted` at the instant.
        late: market events that came after the row they belong to had closed.
    """

    at: int
    row: int
    session: int
    bars: bytes
    volume: bytes
    flags: bytes
    age: bytes
    adjust: bytes
    micro: bytes
    quotes: bytes
    late: int = 0


class RowDecided(msgspec.Struct, frozen=True, array_like=True, tag=33):
    """What the step decided of a row, and every word of its state that changed by it.

    Recovery sets the words and decides nothing, so other limits after a restart cannot
    change what was decided before.

    Attributes:
        at, row: of the row.
        forecasts: (S, N, FIELDS) float64.
        artifacts: hash of each strategy's artifact or source, in order, then 16 digits of the
            numbers that the parameters came to.
        reasons: (N,) int8.
        targets: (N,) int64 lots.
        places: int32 offsets into the state's words.
        words: the 64-bit words that now stand there.
        marks: equity, cash and gross in reporting minor units.
    """

    at: int
    row: int
    forecasts: bytes
    artifacts: tuple[str, ...]
    reasons: bytes
    targets: bytes
    places: bytes
    words: bytes
    marks: tuple[int, int, int]
