"""Calling a strategy row by row: compiled where it compiles, else interpreted.

Either way the function is handed a window that ends with the row it is asked
about. The compiled form is called through a function pointer, so one cached
driver serves every strategy; it checks array bounds, because an index past the
window would be a look at the next row.
"""

from collections.abc import Callable
from math import nan
from typing import Any

import numpy as np
from numba import njit, types

from kedge.domain.errors import StrategyError
from kedge.domain.forecast import FIELDS
from kedge.domain.panel import F64
from kedge.strategies.contract import Strategy
from kedge.strategies.flaws import explained, first_flaw, valid

_WINDOW = types.Array(types.float64, 3, "C", readonly=True)
_PARAMS = types.Array(types.float64, 1, "C", readonly=True)
_OUT = types.Array(types.float64, 2, "F")
_CALL = types.void(_WINDOW, _PARAMS, _OUT)
# Without the memory manager: counting references to each slice costs twice the call.
_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
_DRIVE = types.void(
    types.FunctionType(_CALL),
    _WINDOW,
    types.int64,
    _PARAMS,
    types.Array(types.float64, 4, "C"),
    types.int64,
)


@njit(_DRIVE, **_OPTIONS)
def _drive(function, features, lookback, params, out, s):  # type: ignore[no-untyped-def]
    for t in range(features.shape[0] - lookback + 1):
        row = out[t, s]
        for n in range(row.shape[0]):
            for f in range(row.shape[1]):
                row[n, f] = nan
        function(features[t : t + lookback], params, row.T)


def compile_strategy(strategy: Strategy) -> Any | None:
    """The compiled form, or None when the function is not compilable.

    Only kedge's own are kept on disk: a user's function may call another file of
    theirs, and an edit there would not be noticed.
    """
    compiler = njit(_CALL, cache=strategy.ships, boundscheck=True, error_model="numpy")
    try:
        return compiler(strategy.function)
    except Exception:
        # Of whatever kind: the interpreter says in plain words what is really wrong.
        return None


class Driver:
    """Runs one strategy over blocks of rows.

    Args:
        strategy: what to run.
        params: parameter values in declared order.
        compiled: `compile_strategy`'s result; None interprets.

    Attributes:
        spoke: whether it ever gave a valid forecast.
        asked: rows in which it could have, before it did: all features of an
            instrument were known.
        flaw: why what it wrote was no forecast, empty when it wrote no edge.
    """

    def __init__(self, strategy: Strategy, params: F64, compiled: Any | None) -> None:
        self.strategy, self.compiled = strategy, compiled
        self.params = params.copy()
        self.params.flags.writeable = False
        self.spoke, self.asked, self.flaw = False, 0, ""

    def run(self, features: F64, out: F64, s: int) -> None:
        """Forecast every row of a block.

        Args:
            features: (lookback - 1 + B, N, F), the block after its history.
            out: (B, S, N, FIELDS) forecasts: what belongs to one instrument lies together;
                the function sees a row of it transposed.
            s: which strategy of ``out`` is written.

        Raises:
            StrategyError: the function raised, ended the process, returned something,
                or indexed outside its window.
        """
        view = features.view()
        view.flags.writeable = False
        if self.compiled is None:
            self._interpret(view, out, s)
        else:
            try:
                _drive(self.compiled, view, self.strategy.lookback, self.params, out, s)
            except Exception as error:
                # Interpreted, the same row fails with its line and its indices.
                self._interpret(view, out, s)
                raise explained(error, self.strategy, view) from error
        if not self.spoke:
            self._listen(view, out[:, s])

    def _interpret(self, features: F64, out: F64, s: int) -> None:
        lookback = self.strategy.lookback
        call: Callable[..., object] = self.strategy.function
        for t in range(features.shape[0] - lookback + 1):
            # Copies: a view would lead, through its base, to the rows after it.
            window, params = features[t : t + lookback].copy(), self.params.copy()
            window.flags.writeable = params.flags.writeable = False
            row = np.full((FIELDS, features.shape[1]), nan)
            try:
                with np.errstate(all="ignore"):
                    returned = call(window, params, row)
            except (Exception, SystemExit) as error:
                raise explained(error, self.strategy, features) from error
            if returned is not None:
                raise StrategyError(
                    "returned a value",
                    f"strategy {self.strategy.name}",
                    "write into out and return nothing",
                )
            out[t, s] = row.T

    def _listen(self, features: F64, said: F64) -> None:
        """Remember whether anything said was a forecast, and if not, why not."""
        known = np.isfinite(features[self.strategy.lookback - 1 :]).all(axis=2)
        self.asked += int(np.count_nonzero(np.any(known, axis=1)))
        self.spoke = bool(valid(said).any())
        self.flaw = self.flaw or first_flaw(said)
