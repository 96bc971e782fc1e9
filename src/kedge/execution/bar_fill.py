"""What fills an order when bars are all there is: price and quantity (section 3)."""

from math import ceil, floor, sqrt

from kedge.domain import state as o
from kedge.domain.compiled import inlined
from kedge.domain.state import Params, State


@inlined
def slip(n: int, lots: int, p: Params, s: State) -> float:
    """Half spread and impact of ``lots``, as a fraction of the price.

    The impact is kappa x daily volatility x sqrt(share of daily volume): the
    square-root law (Toth et al. 2011, Phys. Rev. X 1, 021006).
    """
    adv = s.F[n, o.F_ADV]
    share = min(1.0, lots / adv) if adv > 0.0 else 1.0
    return p.A[n, o.A_HALF_SPREAD] + p.A[n, o.A_KAPPA] * s.F[n, o.F_SIGMA] * sqrt(share)


@inlined
def market_price(base: int, side: int, fraction: float) -> int:
    """Ticks paid (side 1) or received (side -1), rounded against the order."""
    if side > 0:
        return ceil(base * (1.0 + fraction))
    return max(1, floor(base * (1.0 - fraction)))


@inlined
def volume_cap(participation: float, volume: float) -> int:
    """Lots that a bar of ``volume`` lots may fill."""
    return int(participation * volume) if volume > 0.0 else 0


@inlined
def affordable(available: int, unit: float, fee: float) -> int:
    """Lots that ``available`` reporting minor units buy at ``unit`` each plus fee."""
    if available <= 0 or not unit > 0.0:
        return 0
    return int(available / (unit * (1.0 + fee)))
