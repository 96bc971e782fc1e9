"""What a bar and an order cost in NautilusTrader: its backtest engine, everything at hand.

``python nautilus_trading.py JOB`` reads ``{"bars", "out"}`` and writes ``answer.json``:
microseconds a bar of a strategy that does nothing, a bar with one market order, and from
`submit_order` to `on_order_filled`, risk engine on.
"""

import json
import sys
from decimal import Decimal
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import numpy as np
import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Currency, Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

VENUE = Venue("SIM")
BASE = Currency("AAA", 0, 0, "AAA", 2)


class Idle(Strategy):
    """Looks at every bar and does nothing."""

    def __init__(self, bar_type: BarType) -> None:
        super().__init__()
        self.bar_type, self.instrument_id = bar_type, bar_type.instrument_id
        self.waits: list[int] = []

    def on_start(self) -> None:
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar: Bar) -> None:
        pass


class Ordering(Idle):
    """Buys at every bar: a position that were closed again would be copied and kept each time."""

    def __init__(self, bar_type: BarType) -> None:
        super().__init__(bar_type)
        self.sent, self.lots = 0, Quantity(100, 0)

    def on_bar(self, bar: Bar) -> None:
        order = self.order_factory.market(self.instrument_id, OrderSide.BUY, self.lots)
        self.sent = perf_counter_ns()
        self.submit_order(order)

    def on_order_filled(self, event: Any) -> None:
        self.waits.append(perf_counter_ns() - self.sent)


def _instrument() -> CurrencyPair:
    return CurrencyPair(
        instrument_id=InstrumentId(Symbol("AAA/USD"), VENUE),
        raw_symbol=Symbol("AAAUSD"),
        base_currency=BASE,
        quote_currency=USD,
        price_precision=2,
        size_precision=0,
        price_increment=Price(0.01, 2),
        size_increment=Quantity(1, 0),
        maker_fee=Decimal("0.0001"),
        taker_fee=Decimal("0.0001"),
        ts_event=0,
        ts_init=0,
    )


def _bars(instrument: CurrencyPair, count: int) -> tuple[BarType, list[Bar]]:
    bar_type = BarType.from_str(f"{instrument.id}-1-MINUTE-LAST-EXTERNAL")
    walk = 100.0 + np.cumsum(np.random.default_rng(1).choice((-0.01, 0.01), count))
    table = pd.DataFrame(
        {"open": walk, "high": walk + 0.02, "low": walk - 0.02, "close": walk, "volume": 1e6},
        index=pd.date_range("2024-01-01", periods=count, freq="min", tz="UTC"),
    )
    return bar_type, BarDataWrangler(bar_type, instrument).process(table)


def _run(kind: type[Idle], count: int) -> tuple[float, list[int]]:
    """Microseconds a bar, and nanoseconds of each fill."""
    instrument = _instrument()
    bar_type, bars = _bars(instrument, count)
    engine = BacktestEngine(
        BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False)
    )
    cash = [Money(1_000_000_000, USD)]
    # Bars need not be turned into ticks for a strategy that never orders.
    meets = kind is not Idle
    engine.add_venue(VENUE, OmsType.NETTING, AccountType.CASH, cash, bar_execution=meets)
    engine.add_instrument(instrument)
    engine.add_data(bars)
    strategy = kind(bar_type)
    engine.add_strategy(strategy)
    began = perf_counter_ns()
    engine.run()
    spent = perf_counter_ns() - began
    engine.dispose()
    return spent / count / 1e3, strategy.waits


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text())
    count, runs = job["bars"], job["runs"]
    idle = [_run(Idle, count)[0] for _ in range(runs)]
    ordered = [_run(Ordering, max(count // 40, 50)) for _ in range(runs)]
    waits = [wait for _, found in ordered for wait in found]
    found = {
        "bar": idle,
        "bar_with_order": [each for each, _ in ordered],
        "fills": len(waits),
        "submit_to_fill_p50": float(np.percentile(waits, 50)) / 1e3,
    }
    (Path(job["out"]) / "answer.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
