"""What a sampler yields: one decision instant for the whole universe."""

import msgspec
import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]


class LeftOut(msgspec.Struct, frozen=True):
    """Prints that a row was closed without, because they cannot be true.

    Attributes:
        instrument: whose.
        prints: how many.
        lowest, highest: of their prices, ticks.
        low, high: between which a print of the row was plausible, ticks.
    """

    instrument: int
    prints: int
    lowest: int
    highest: int
    low: float
    high: float


class SampledRow(msgspec.Struct, frozen=True):
    """One closed row of N instruments; no array may be written to.

    Attributes:
        at: the row's instant, ns UTC: later than the row's before it.
        number: of the row, from 0.
        bars: (N, 4) open, high, low, close in ticks; zeros where masked.
        lots: (N,) traded lots; zero where masked.
        flags: (N,) `kedge.domain.panel.TRADABLE` | `FRESH`, zero where masked: no trade fell
            into the row, or the book was not trusted when it closed.
        age: (N,) ns from the last trade to the row's instant; -1 where there never was one.
        late: trades in this row that belong to one already closed.
        left_out: prints that the row was made without, by instrument.
    """

    at: int
    number: int
    bars: I64
    lots: I64
    flags: U8
    age: I64
    late: int
    left_out: tuple[LeftOut, ...] = ()
