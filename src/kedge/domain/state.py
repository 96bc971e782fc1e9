"""Named offsets of the decision step's flat arrays.

The compiled step reads and writes a few two-dimensional arrays whose columns are
named here, because passing many small arrays costs more than the arithmetic.
An instrument is a row, so that all it needs lies together and every field is a
constant offset from one address; the columns that every row touches come first.
N instruments, S strategies, C currencies.

==========  ===========  ==========================================================
name        shape        holds
==========  ===========  ==========================================================
``A``       (N, A_)      constants of instruments, float64
``J``       (N, J_)      constants of instruments, int64
``SP``      (S, SP_)     constants of strategies, float64
``P``       (P_,)        parameters, float64
``Q``       (Q_,)        parameters, int64
``F``       (N, F_)      state of instruments, float64
``I``       (N, I_+S)    state of instruments, int64; sub-books from `I_BOOK` on
``SF``      (N, S*SF_)   state of strategies' forecasts, float64
``SI``      (N, S*SI_)   state of virtual sub-positions, int64
``G``       (G_+2C+2S,)  state of the book, float64; FX rates, factor, skill, FX scale
``K``       (K_+C+2S,)   state of the book, int64; then cash, trades and hits
==========  ===========  ==========================================================
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

_F64 = npt.NDArray[np.float64]
_I64 = npt.NDArray[np.int64]


class Params(NamedTuple):
    """What the step is told once."""

    A: _F64
    J: _I64
    SP: _F64
    P: _F64
    Q: _I64


class State(NamedTuple):
    """What the step remembers between rows; written in place.

    ``cov`` (3N + 2, N): covariance, which pairs were seen, scratch. ``scen``
    (N + 2, SCENARIOS): session returns and scratch. ``pend`` (PEND_ x slots, N): lots,
    limit ticks, reason and stop distance of the orders due in a row. ``bound``: how often each
    reason bound. ``worst``: largest value each limit has been held against (position: use).
    """

    F: _F64
    I: _I64  # noqa: E741 - the step's name for it
    SF: _F64
    SI: _I64
    G: _F64
    K: _I64
    cov: _F64
    scen: _F64
    pend: _I64
    bound: _I64
    worst: _F64


class Rows(NamedTuple):
    """A block of B rows: panel arrays (volume in lots), forecasts and events.

    ``bars`` (B, N, 4) and ``fc`` (B, S, N, FIELDS): the figures of one instrument lie
    together, as memory is read in lines. ``ev`` (E, 5) row, kind, index, a, b; ``ev_x`` (E,).
    """

    ts: _I64
    session: _I64
    bars: _I64
    volume: _F64
    flags: npt.NDArray[np.uint8]
    adjust: _F64
    fc: _F64
    ev: _I64
    ev_x: _F64


class Out(NamedTuple):
    """Output records of a block, and scratch; ``counts`` says how many are used."""

    rows: _I64
    reasons: npt.NDArray[np.int8]
    positions: _I64
    targets: _I64
    fills: _I64
    attr: _I64
    posts: _I64
    trades: _I64
    counts: _I64
    ended: _I64
    scratch: _I64


class Booking(NamedTuple):
    """What booking a fill reads and writes of `Params`, `State` and `Out`.

    A call from Python pays for each array that it hands over, so one that books a single
    fill hands over no others.
    """

    J: _I64
    Q: _I64
    I: _I64  # noqa: E741 - the step's name for it
    SF: _F64
    K: _I64
    fills: _I64
    attr: _I64
    trades: _I64
    counts: _I64
    scratch: _I64


# A: constants of instruments
A_RATIO: Final = 0  # minor units per lot and tick
A_TICK: Final = 1
A_CAP: Final = 2
A_PER_CAP: Final = 3  # 1 / cap
A_SPREAD_BPS: Final = 4  # full spread in bps, times the multiplier
A_SPREAD_LIMIT: Final = 5
A_SLIP_LIMIT: Final = 6
A_TAKER_BPS: Final = 7  # times the multiplier
A_HALF_SPREAD: Final = 8  # fraction of price, times the cost multiplier
A_TAKER: Final = 9  # fraction of notional, times the multiplier unless a rebate
A_MAKER: Final = 10
A_KAPPA: Final = 11  # impact coefficient, times the multiplier
A_UNIT_AMOUNT: Final = 12  # lot * multiplier * 10^digits: for dividends
A_BORROW: Final = 13  # bps of value a year
A_COST0: Final = 14  # round-trip cost without impact, bps
A_: Final = 15

# J: constants of instruments
J_NUM: Final = 0
J_DEN: Final = 1
J_CURRENCY: Final = 2
J_SHORTABLE: Final = 3
J_MIN_NOTIONAL: Final = 4
J_: Final = 5

# SP: constants of strategies
SP_PRIOR: Final = 0
SP_FACTOR: Final = 1  # own horizon to common horizon
SP_TAU: Final = 2  # min(1, H ln2 / half-life)
SP_DECAY: Final = 3  # 1 / half-life, per ns
SP_EXPIRY: Final = 4
SP_MAX_ROWS: Final = 5
SP_: Final = 6

# P: parameters
P_GATE: Final = 0
P_SHRINKAGE: Final = 1
P_SIZE_RISK: Final = 2
P_KELLY: Final = 3
P_VOL_TARGET: Final = 4
P_STOP_SIGMAS: Final = 5
P_TRADE_RISK: Final = 6
P_OPEN_RISK: Final = 7
P_GROSS: Final = 8
P_GROUP: Final = 9
P_JOIN: Final = 10
P_PART: Final = 11
P_VAR: Final = 12
P_VAR_Z: Final = 13
P_ES: Final = 14
P_ES_Y: Final = 15
P_TAIL: Final = 16
P_DD_START: Final = 17
P_DD_STOP: Final = 18
P_DAILY_LOSS: Final = 19
P_CURE: Final = 20
P_LAMBDA: Final = 21
P_SLOW: Final = 22
P_CASH_RATE: Final = 23  # per session
P_FX_SPREAD: Final = 24  # fraction
P_PARTICIPATION: Final = 25
P_HOUR: Final = 26  # participation an hour times rows an hour
P_BUFFER_MIN: Final = 27
P_BUFFER_MAX: Final = 28
P_HAIRCUT: Final = 29
P_H_SESSIONS: Final = 30
P_SESSIONS_YEAR: Final = 31
P_TAIL_VARIANCE: Final = 32  # below it neither VaR nor ES can bind
P_TARGET_VARIANCE: Final = 33  # a session's variance at the volatility target
P_: Final = 34

# Q: parameters
Q_STRATEGIES: Final = 0
Q_CURRENCIES: Final = 1
Q_TRACK: Final = 2
Q_HISTORICAL: Final = 3
Q_HISTORICAL_MIN: Final = 4
Q_LOSSES: Final = 5
Q_MIN_SESSIONS: Final = 6
Q_FILL: Final = 7
Q_LATENCY: Final = 8
Q_MIN_ROWS: Final = 9
Q_MAX_OPEN: Final = 10
Q_DELIST: Final = 11
Q_: Final = 12

# F: state of instruments
F_UNIT: Final = 0  # reporting minor units per lot at the last price
F_CLOSE: Final = 1  # last adjusted close
F_AV: Final = 2  # average row volume, lots
F_SESSION_VOLUME: Final = 3
F_QUALITY: Final = 4
F_W: Final = 5  # scratch: target weight
F_CUR: Final = 6  # scratch: current weight
F_DIST: Final = 7  # scratch: stop distance as a fraction
F_SHARE: Final = 8  # scratch: share of a round trip's cost on one horizon, bps
F_EDGE: Final = 9  # scratch: blended edge, bps
F_BETA: Final = 10
F_SIGMA: Final = 11
F_VOL_FACTOR: Final = 12
F_COST: Final = 13  # round trip, bps
F_ADV: Final = 14  # average session volume, lots
F_SLOW_VAR: Final = 15
F_PREV_CLOSE: Final = 16  # last adjusted close of the session before
F_RETURN: Final = 17  # scratch: session return
F_GROUP: Final = 18  # scratch: net beta exposure by group
F_GROUP_FREE: Final = 19  # scratch: the free part of it
F_: Final = 20

# I: state of instruments
I_LOTS: Final = 0
I_PENDING: Final = 1  # lots in all pending orders
I_LAST: Final = 2  # last close, ticks
I_STOP: Final = 3
I_STOP_DIST: Final = 4
I_SEEN: Final = 5  # fresh in this session
I_AVERAGED: Final = 6  # whether av has been seen
I_FREE: Final = 7  # scratch: may this target move
I_HELD: Final = 8  # scratch: a held target no limit has reduced
I_REASON: Final = 9  # scratch
I_Q: Final = 10  # scratch: target lots; then those within reach
I_ORDER_STOP: Final = 11  # stop distance of the last decision, then of a fill, ticks
I_LOCK: Final = 12
I_EXITING: Final = 13
I_OBS: Final = 14
I_OPEN_ORDERS: Final = 15
I_SEEN_BEFORE: Final = 16  # fresh in its own session before
I_MISSED: Final = 17
I_GROUP: Final = 18
I_HOUR: Final = 19
I_USED: Final = 20
I_LAST_ORDER: Final = 21  # row of the last order
I_VALUE: Final = 22  # book value B of the attribution
I_TRADE_CASH: Final = 23
I_TRADE_ROW: Final = 24
I_TRADE_NOTIONAL: Final = 25
I_TRADE_FEES: Final = 26
I_DAILY_SEEN: Final = 27  # whether adv has been seen
I_DUE: Final = 28  # a masked cell of this session was not closed
I_AIM: Final = 29  # scratch: target lots before slicing
I_BOOK: Final = 30  # S columns follow: sub-books
"""Columns of ``I``; the sub-book of strategy s is column ``I_BOOK + s``."""

# SF: per strategy
SF_EDGE: Final = 0
SF_SIGMA: Final = 1
SF_CONFIDENCE: Final = 2
SF_STOP: Final = 3
SF_TARGET: Final = 4
SF_TRAIL: Final = 5
SF_AGE: Final = 6  # ns; negative: no forecast
SF_ENTRY: Final = 7
SF_BEST: Final = 8
SF_ENTRY_TARGET: Final = 9
SF_ENTRY_TRAIL: Final = 10
SF_SHARE: Final = 11  # attribution share
SF_E: Final = 12  # scratch: edge at the common horizon
SF_W: Final = 13  # scratch: weight
SF_P: Final = 14  # scratch: precision x skill
SF_: Final = 15

# SI: per strategy
SI_POSITION: Final = 0
SI_BLOCKED: Final = 1
SI_HELD: Final = 2
SI_: Final = 3

# G: state of the book
G_HIGH: Final = 0
G_DRAWDOWN: Final = 1
G_SHRINK: Final = 2
G_VARIANCE: Final = 3  # largest variance of a verified book
G_: Final = 4  # then C fx rates, S factors, S skills, C digit scales of fx

# K: state of the book
K_ROW: Final = 0  # rows done
K_SESSION: Final = 1
K_STARTED: Final = 2
K_TS: Final = 3
K_EQUITY: Final = 4
K_OPENING: Final = 5
K_HALTED: Final = 6
K_BAN_DAY: Final = 7  # last session banned by the daily loss
K_LOSSES: Final = 8
K_BAN_LOSSES: Final = 9  # last session banned by the run of losses
K_SCENARIOS: Final = 10
K_PENDING: Final = 11  # pending orders in all
K_ENDED: Final = 12  # sessions ended, for "this session and the next one"
K_ACTIVE_ROWS: Final = 13
K_ACTIVE_CELLS: Final = 14
K_HALT_ROW: Final = 15
K_: Final = 16  # then C cash balances, then S trades, then S hits

PEND_LOTS, PEND_LIMIT, PEND_REASON, PEND_STOP = 0, 1, 2, 3
PEND_: Final = 4

SCENARIOS: Final = 250
"""Session return vectors kept for the historical method."""

# Columns of the output records
FILL_ROW, FILL_INSTRUMENT, FILL_LOTS, FILL_TICKS, FILL_BASE = 0, 1, 2, 3, 4
FILL_FEE, FILL_NOTIONAL, FILL_REASON, FILL_PROFIT = 5, 6, 7, 8
FILL_: Final = 9
POST_ROW, POST_KIND, POST_CURRENCY, POST_AMOUNT, POST_INSTRUMENT = 0, 1, 2, 3, 4
POST_: Final = 5
TRADE_INSTRUMENT, TRADE_OPEN, TRADE_CLOSE, TRADE_SIDE = 0, 1, 2, 3
TRADE_PROFIT, TRADE_NOTIONAL, TRADE_FEES = 4, 5, 6
TRADE_: Final = 7
ATTR_QUANTITY, ATTR_FEE, ATTR_PNL = 0, 1, 2
ATTR_: Final = 3
ROW_EQUITY, ROW_CASH, ROW_GROSS = 0, 1, 2
ROW_: Final = 3

# Kinds of posting besides fills
POSTING_DIVIDEND, POSTING_INTEREST, POSTING_BORROW = 1, 2, 3
POSTING_FUNDING, POSTING_FX, POSTING_CASH_IN_LIEU = 4, 5, 6
