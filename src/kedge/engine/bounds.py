"""Whether positions of these instruments, at this capital, fit into 64-bit cash."""

from decimal import Decimal

from kedge.domain.errors import DataError
from kedge.domain.instrument import Instrument
from kedge.domain.money import INT64_SAFE, currency, to_decimal, to_minor
from kedge.domain.panel import HIGH, EventKind, Panel
from kedge.domain.rules import Rules
from kedge.settings.tree import GROWTH


def check_bounds(panel: Panel, rules: Rules, reporting: str, file: str) -> None:
    """Refuse instruments whose money arithmetic could leave 64 bits.

    An import checks them for a fixed amount; this is for what the instruments'
    file says now and for the capital of the run, grown a hundredfold.

    Args:
        panel: its highest prices and exchange rates count.
        rules: capital, and the position limit of each instrument.
        reporting: code of the reporting currency.
        file: of the instruments, for the error.

    Raises:
        DataError: naming the instrument, the figure and the remedy.
    """
    highest = panel.bars[:, HIGH].max(axis=0, initial=1)
    capital = to_decimal(rules.capital, currency(reporting))
    rates = _lowest_rates(panel, reporting)
    for n, each in enumerate(panel.instruments):
        position = capital * Decimal(rules.position_cap[n]) / rates.get(each.settle, Decimal(1))
        _check(each, int(highest[n]) * each.tick, position, f"{file}: {each.symbol}")


def _check(instrument: Instrument, price: Decimal, position: Decimal, where: str) -> None:
    """Args: the highest price, a full position's worth in settlement currency, the place."""
    settle = instrument.settle
    if to_minor(instrument.min_notional, currency(settle)) >= INT64_SAFE:
        raise DataError(
            f"min_notional: {instrument.min_notional:f} {settle} overflows 64-bit cash",
            where,
            "write the venue's smallest order value",
        )
    try:
        instrument.check_bounds(price, GROWTH * position / (price * instrument.multiplier))
    except DataError as error:
        raise DataError(
            f"{GROWTH} times a position of {position:,.0f} {settle} at a price of {price:f} "
            f"overflows 64-bit cash (tick {instrument.tick:f}, lot {instrument.lot:f}, "
            f"multiplier {instrument.multiplier})",
            where,
            "use a coarser tick or lot, a smaller multiplier or less capital",
        ) from error


def _lowest_rates(panel: Panel, reporting: str) -> dict[str, Decimal]:
    """Reporting currency per unit of each other one, where there are rates."""
    codes = tuple(dict.fromkeys((reporting, *(each.settle for each in panel.instruments))))
    rates = panel.events[panel.events["kind"] == int(EventKind.FX)]
    found = {code: rates["x"][rates["index"] == c] for c, code in enumerate(codes)}
    return {code: Decimal(float(x.min())) for code, x in found.items() if (x > 0).all() and len(x)}
