"""The rule in NautilusTrader: a strategy on bars, its engine run from start to end."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from benchmarks.peers import measure
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, RiskEngineConfig, StrategyConfig
from nautilus_trader.indicators import SimpleMovingAverage
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


class CrossoverConfig(StrategyConfig, frozen=True):  # type: ignore[call-arg] # of msgspec
    fast: int
    slow: int
    first: int
    weight: float


class Crossover(Strategy):
    def __init__(self, config: CrossoverConfig, bar_type: BarType) -> None:
        super().__init__(config)
        self.bar_type, self.instrument_id = bar_type, bar_type.instrument_id
        self.fast = SimpleMovingAverage(config.fast)
        self.slow = SimpleMovingAverage(config.slow)
        self.first, self.weight, self.seen = config.first, config.weight, 0
        self.held = 0

    def on_start(self) -> None:
        self.register_indicator_for_bars(self.bar_type, self.fast)
        self.register_indicator_for_bars(self.bar_type, self.slow)
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar: Bar) -> None:
        self.seen += 1
        if self.seen <= self.first:
            return
        long = self.fast.value > self.slow.value
        if long and not self.held:
            account = self.portfolio.account(VENUE)
            worth = self.weight * account.balance_total(USD).as_double()
            self.held = int(worth / bar.close.as_double())
            self._send(OrderSide.BUY)
        elif self.held and not long:
            self._send(OrderSide.SELL)
            self.held = 0

    def _send(self, side: OrderSide) -> None:
        quantity = Quantity(self.held, 0)
        self.submit_order(self.order_factory.market(self.instrument_id, side, quantity))


def _instrument(fee: float) -> CurrencyPair:
    return CurrencyPair(
        instrument_id=InstrumentId(Symbol("AAA/USD"), VENUE),
        raw_symbol=Symbol("AAAUSD"),
        base_currency=BASE,
        quote_currency=USD,
        price_precision=6,
        size_precision=0,
        price_increment=Price(1e-6, 6),
        size_increment=Quantity(1, 0),
        maker_fee=Decimal(str(fee)),
        taker_fee=Decimal(str(fee)),
        ts_event=0,
        ts_init=0,
    )


def prepare(job: measure.Job, bars: measure.Arrays) -> Callable[[], Any]:
    instrument = _instrument(job.fee)
    bar_type = BarType.from_str(f"{instrument.id}-{job.interval_s // 60}-MINUTE-LAST-EXTERNAL")
    table = pd.DataFrame(
        {name: bars[name][:, 0] for name in ("open", "high", "low", "close")},
        index=pd.DatetimeIndex(bars["ts"], tz="UTC"),
    )
    table["volume"] = 1e9  # unlimited, as on the other sides: an order fills whole
    # Making a million bar objects is not part of the timed call.
    made = BarDataWrangler(bar_type, instrument).process(table)
    (fast, slow), ts = job.pairs[0], bars["ts"]

    engine = BacktestEngine(
        BacktestEngineConfig(
            logging=LoggingConfig(bypass_logging=True),
            risk_engine=RiskEngineConfig(bypass=True),
            run_analysis=True,
        )
    )
    engine.add_venue(
        VENUE, OmsType.NETTING, AccountType.CASH, [Money(job.capital, USD)], bar_execution=True
    )
    engine.add_instrument(instrument)
    engine.add_data(made)

    def call() -> Any:
        engine.reset()
        engine.clear_strategies()
        config = CrossoverConfig(fast=fast, slow=slow, first=job.first, weight=job.weight)
        engine.add_strategy(Crossover(config, bar_type))
        engine.run()
        return engine, ts

    return call


def answer(found: Any) -> tuple[dict[str, Any], np.ndarray]:
    engine, ts = found
    fills = engine.trader.generate_fills_report().sort_values("ts_event", kind="stable")
    # An order is filled at the close it was decided at: the next bar's open here.
    at = pd.DatetimeIndex(fills["ts_event"]).as_unit("ns").asi8
    rows = np.searchsorted(ts, at) + 1
    price = fills["last_px"].astype(float).to_numpy()
    size = fills["last_qty"].astype(float).to_numpy()
    buys = (fills["order_side"] == "BUY").to_numpy()
    entry, leave = np.flatnonzero(buys), np.flatnonzero(~buys)
    trades = np.zeros((len(entry), len(measure.TRADE)))
    closed = len(leave)
    trades[:, 1], trades[:, 2], trades[:, 3] = rows[entry], -1, 1
    trades[:closed, 2], trades[:closed, 6] = rows[leave], price[leave]
    trades[:, 4], trades[:, 5] = size[entry], price[entry]
    balance = engine.portfolio.account(VENUE).balance_total(USD).as_double()
    return {"equity": [balance]}, trades


if __name__ == "__main__":
    measure.main(prepare, answer)
