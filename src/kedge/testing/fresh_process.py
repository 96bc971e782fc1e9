"""Asking a strategy in another process: nothing it remembers goes along."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kedge.domain.errors import StrategyError
from kedge.domain.forecast import FIELDS
from kedge.domain.panel import F64
from kedge.strategies.catalogue import built_in, from_file
from kedge.strategies.contract import Strategy
from kedge.strategies.drive import Driver, compile_strategy


def forecast_elsewhere(strategy: Strategy, params: F64, features: F64) -> F64:
    """Forecasts (T, N, FIELDS) for features (T, N, F), given by a new process.

    Args:
        strategy: of a file that can be run on its own.
        params: parameter values in declared order.
        features: (T, N, F).

    Raises:
        StrategyError: the other process failed; its last line says why.
    """
    with TemporaryDirectory(prefix="kedge-contract-") as folder:
        asked, answered = Path(folder, "asked.npz"), Path(folder, "answered.npy")
        np.savez(asked, params=params, features=features)
        file = "" if strategy.ships else strategy.function.__code__.co_filename
        command = [sys.executable, "-m", __name__, file, strategy.name]
        command += [str(asked), str(answered)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise StrategyError(f"fails in a fresh process: {last[0]}", f"strategy {strategy.name}")
        return np.asarray(np.load(answered))


def main(file: str, function: str, asked: str, answered: str) -> None:
    """The other process: load the strategy, kedge's own where no file is named, and answer."""
    strategy = from_file(Path(file), function) if file else built_in(function)
    with np.load(asked) as given:
        features = given["features"]
        driver = Driver(strategy, given["params"], compile_strategy(strategy))
    before = strategy.lookback - 1
    out = np.full((len(features), 1, features.shape[1], FIELDS), np.nan)
    driver.run(features, out[before:], 0)
    np.save(answered, out[:, 0])


if __name__ == "__main__":
    main(*sys.argv[1:])
