"""From instruments and rules to the flat parameter arrays of the step."""

from dataclasses import dataclass
from decimal import Decimal
from math import log

import numpy as np

from kedge.domain import state as o
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import Instrument
from kedge.domain.money import currency, to_minor
from kedge.domain.panel import F64, I64
from kedge.domain.rules import Rules, StrategyTerms
from kedge.domain.state import Params

HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Program:
    """Parameters of one run.

    Attributes:
        params: the arrays, see `kedge.domain.state`.
        currencies: codes, the reporting currency first.
        capital: in reporting minor units.
        fx_scale: (C,) reporting minor units per minor unit at rate 1.
    """

    params: Params
    currencies: tuple[str, ...]
    capital: int
    fx_scale: F64

    @property
    def instruments(self) -> int:
        """Number of instruments N."""
        return self.params.A.shape[0]

    @property
    def strategies(self) -> int:
        """Number of strategies S."""
        return self.params.SP.shape[0]


def build_program(
    instruments: tuple[Instrument, ...], rules: Rules, reporting: str, interval_ns: int
) -> Program:
    """Flatten the rules.

    Args:
        instruments: in panel order.
        rules: the parameters.
        reporting: code of the reporting currency.
        interval_ns: nominal length of a row.

    Raises:
        ConfigError: when an amount per instrument is missing.
    """
    for name in ("position_cap", "spread_limit_bps", "slippage_limit_bps", "impact"):
        if len(getattr(rules, name)) != len(instruments):
            raise ConfigError(f"{name} needs one value per instrument")
    codes = tuple(dict.fromkeys([reporting, *(i.settle for i in instruments)]))
    A = np.zeros((len(instruments), o.A_))
    J = np.zeros((len(instruments), o.J_), dtype=np.int64)
    for n, instrument in enumerate(instruments):
        _instrument_floats(A[n], n, instrument, rules)
        _instrument_ints(J[n], instrument, codes)
    digits = [currency(code).digits for code in codes]
    return Program(
        params=Params(
            A=A,
            J=J,
            SP=np.array([_strategy(s, rules) for s in rules.strategies]).reshape(-1, o.SP_),
            P=_floats(rules, interval_ns),
            Q=_ints(rules, len(codes)),
        ),
        currencies=codes,
        capital=rules.capital,
        fx_scale=np.array([10.0 ** (digits[0] - d) for d in digits]),
    )


def _instrument_floats(column: F64, n: int, instrument: Instrument, rules: Rules) -> None:
    m, fees = rules.cost_multiplier, instrument.fees
    taker, maker = (bps * m if bps > 0 else bps for bps in (fees.taker_bps, fees.maker_bps))
    amount = Decimal(instrument.lot) * instrument.multiplier
    digits = currency(instrument.settle).digits
    column[o.A_HALF_SPREAD] = instrument.half_spread_bps * 1e-4 * m
    column[o.A_TAKER] = taker * 1e-4
    column[o.A_MAKER] = maker * 1e-4
    column[o.A_KAPPA] = rules.impact[n] * m
    column[o.A_CAP] = rules.position_cap[n]
    column[o.A_SPREAD_BPS] = 2.0 * instrument.half_spread_bps * m
    column[o.A_SPREAD_LIMIT] = rules.spread_limit_bps[n]
    column[o.A_SLIP_LIMIT] = rules.slippage_limit_bps[n]
    column[o.A_RATIO] = float(instrument.value_ratio)
    column[o.A_TICK] = float(instrument.tick)
    column[o.A_UNIT_AMOUNT] = float(amount.scaleb(digits))
    column[o.A_BORROW] = instrument.borrow_bps
    column[o.A_COST0] = 2.0 * (instrument.half_spread_bps * m + taker)
    column[o.A_TAKER_BPS] = taker
    column[o.A_PER_CAP] = 1.0 / rules.position_cap[n]


def _instrument_ints(column: I64, instrument: Instrument, codes: tuple[str, ...]) -> None:
    ratio = instrument.value_ratio
    column[o.J_NUM] = ratio.numerator
    column[o.J_DEN] = ratio.denominator
    column[o.J_CURRENCY] = codes.index(instrument.settle)
    column[o.J_SHORTABLE] = instrument.shortable
    column[o.J_MIN_NOTIONAL] = to_minor(instrument.min_notional, currency(instrument.settle))


def _strategy(terms: StrategyTerms, rules: Rules) -> list[float]:
    life, own, common = terms.half_life_ns, terms.horizon_ns, rules.horizon_ns
    row = [0.0] * o.SP_
    row[o.SP_PRIOR] = terms.prior
    row[o.SP_FACTOR] = (1.0 - 2.0 ** (-common / life)) / (1.0 - 2.0 ** (-own / life))
    row[o.SP_TAU] = min(1.0, common * log(2.0) / life)
    row[o.SP_DECAY] = 1.0 / life
    row[o.SP_EXPIRY] = float(terms.expiry_ns)
    row[o.SP_MAX_ROWS] = float(terms.max_rows)
    return row


def _floats(rules: Rules, interval_ns: int) -> F64:
    rows_per_hour = max(1.0, HOUR_NS / interval_ns)
    values = {
        o.P_GATE: rules.confidence_gate,
        o.P_SHRINKAGE: rules.shrinkage,
        o.P_SIZE_RISK: rules.size_risk_per_trade,
        o.P_KELLY: rules.kelly_fraction,
        o.P_VOL_TARGET: rules.volatility_target,
        o.P_STOP_SIGMAS: rules.stop_sigmas,
        o.P_TRADE_RISK: rules.risk_per_trade,
        o.P_OPEN_RISK: rules.open_risk,
        o.P_GROSS: rules.gross,
        o.P_GROUP: rules.group,
        o.P_JOIN: rules.group_join,
        o.P_PART: rules.group_part,
        o.P_VAR: rules.var,
        o.P_VAR_Z: rules.var_z,
        o.P_ES: rules.expected_shortfall,
        o.P_ES_Y: rules.es_y,
        o.P_TAIL: rules.tail,
        o.P_DD_START: rules.drawdown_start,
        o.P_DD_STOP: rules.drawdown_stop,
        o.P_DAILY_LOSS: rules.daily_loss,
        o.P_CURE: rules.cure_margin,
        o.P_LAMBDA: rules.covariance_lambda,
        o.P_SLOW: rules.slow_lambda,
        o.P_CASH_RATE: rules.cash_rate / rules.sessions_per_year,
        o.P_FX_SPREAD: rules.fx_spread_bps * 1e-4,
        o.P_PARTICIPATION: rules.participation,
        o.P_HOUR: rules.participation_hour * rows_per_hour,
        o.P_BUFFER_MIN: rules.buffer_min,
        o.P_BUFFER_MAX: rules.buffer_max,
        o.P_HAIRCUT: rules.delisting_haircut,
        o.P_H_SESSIONS: rules.horizon_sessions,
        o.P_SESSIONS_YEAR: rules.sessions_per_year,
        o.P_TARGET_VARIANCE: rules.volatility_target**2 / rules.sessions_per_year,
        o.P_TAIL_VARIANCE: min(rules.var / rules.var_z, rules.expected_shortfall / rules.es_y) ** 2,
    }
    return np.array([values[k] for k in range(o.P_)])


def _ints(rules: Rules, currencies: int) -> I64:
    values = {
        o.Q_STRATEGIES: len(rules.strategies),
        o.Q_CURRENCIES: currencies,
        o.Q_TRACK: rules.track_record_trades,
        o.Q_HISTORICAL: int(rules.historical),
        o.Q_HISTORICAL_MIN: rules.historical_min_sessions,
        o.Q_LOSSES: rules.consecutive_losses,
        o.Q_MIN_SESSIONS: rules.min_sessions,
        o.Q_FILL: int(rules.fill),
        o.Q_LATENCY: rules.latency_rows,
        o.Q_MIN_ROWS: rules.min_rows,
        o.Q_MAX_OPEN: rules.max_open_orders,
        o.Q_DELIST: rules.delisting_sessions,
    }
    return np.array([values[k] for k in range(o.Q_)], dtype=np.int64)
