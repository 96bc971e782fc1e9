"""Prints that a row was closed without, as the session's log names them."""

from math import ceil, floor, inf

from kedge.data.samplers.row import LeftOut
from kedge.domain.instrument import Instrument
from kedge.domain.wording import counted
from kedge.engine.session.order_words import price_words


def left_out_words(left: LeftOut, instrument: Instrument) -> str:
    """``left out 2 prints of XUSD at 0.01: the book and recent rows allow from 940.01``."""
    prices = price_words(left.lowest, instrument)
    if left.highest > left.lowest:
        prices += f" to {price_words(left.highest, instrument)}"
    said = f"left out {counted(left.prints, 'print')} of {instrument.symbol} at {prices}"
    return f"{said}: the book and recent rows allow {_allowed(left, instrument)}"


def _allowed(left: LeftOut, instrument: Instrument) -> str:
    words = []
    if left.low > 0:
        words.append(f"from {price_words(ceil(left.low), instrument)}")
    if left.high < inf:
        words.append(f"up to {price_words(floor(left.high), instrument)}")
    return " ".join(words)
