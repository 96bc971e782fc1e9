"""The rule in backtesting.py: a strategy class, run with its statistics."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy, backtesting
from benchmarks.peers import measure


def _average(close: Any, window: int) -> np.ndarray:
    return pd.Series(close).rolling(window).mean().to_numpy()


def rule(job: measure.Job) -> type[Strategy]:
    (fast_window, slow_window), first, weight = job.pairs[0], job.first, job.weight

    class Crossover(Strategy):
        def init(self) -> None:
            self.fast = self.I(_average, self.data.Close, fast_window)
            self.slow = self.I(_average, self.data.Close, slow_window)

        def next(self) -> None:
            if len(self.data) <= first:
                return
            long = self.fast[-1] > self.slow[-1]
            if long and not self.position:
                self.buy(size=weight)
            elif self.position and not long:
                self.position.close()

    return Crossover


def prepare(job: measure.Job, bars: measure.Arrays) -> Callable[[], Any]:
    names = ("open", "high", "low", "close", "volume")
    table = pd.DataFrame(
        {name.title(): bars[name][:, 0] for name in names}, index=pd.DatetimeIndex(bars["ts"])
    )
    made = rule(job)

    def call() -> Any:
        return Backtest(table, made, cash=job.capital, commission=job.fee).run()

    return call


def answer(found: Any) -> tuple[dict[str, Any], np.ndarray]:
    closed = found["_trades"]
    trades = np.zeros((len(closed), len(measure.TRADE)))
    trades[:, 1], trades[:, 2] = closed["EntryBar"], closed["ExitBar"]
    trades[:, 3] = np.sign(closed["Size"])
    trades[:, 4] = closed["Size"].abs()
    trades[:, 5], trades[:, 6] = closed["EntryPrice"], closed["ExitPrice"]
    return {"equity": [float(found["Equity Final [$]"])]}, trades


if __name__ == "__main__":
    backtesting._tqdm = lambda rows, **_: rows  # no progress bar inside the timing
    sys.stderr.flush()
    measure.main(prepare, answer)
