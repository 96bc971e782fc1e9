"""The benched rule as a user of kedge would write it: one decorated function.

It is the same on every side: long while the fast average is above the slow one.
The edge is large, so that only limits decide about size; the stop distance sets
the base size.
"""

from kedge.strategies import CONFIDENCE, EDGE_BPS, SIGMA_BPS, STOP, strategy


@strategy(
    needs=("sma({fast})", "sma({slow})", "close"),
    params={"fast": 20, "slow": 60, "stop": 0.5},
    horizon="1d",
    half_life="5d",
    family="momentum",
)
def crossover(window, params, out):  # type: ignore[no-untyped-def]
    """Long while the fast average is above the slow one, short while below."""
    for i in range(window.shape[1]):
        fast, slow = window[-1, i, 0], window[-1, i, 1]
        if not (fast > 0.0 and slow > 0.0):
            continue
        out[EDGE_BPS, i] = 100.0 if fast > slow else (-100.0 if fast < slow else 0.0)
        out[SIGMA_BPS, i] = 10.0
        out[CONFIDENCE, i] = 1.0
        out[STOP, i] = params[2] * window[-1, i, 2]
