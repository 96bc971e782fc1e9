"""Whether every target of a run keeps every limit, from the risk numbers alone.

The property is stated independently of how a target was found: at decision
prices what the row's orders reach satisfies a limit, or strictly reduces its breach;
a breach that nothing stuck shares (masked, or beyond its slice) is cured in full;
and only a row written down as infeasible, where what is stuck breaches on its own,
may do worse.
"""

import math
from collections.abc import Callable, Iterable, Sequence

from kedge.domain.money import currency, to_minor
from kedge.domain.panel import LEFT, Panel
from kedge.domain.rules import Rules
from oracle.result import RowTrace

SLACK = 1 + 2e-9
"""The page's own tolerance on lots is 1e-9, relative."""

Measure = Callable[[Sequence[float], Sequence[float]], float]
"""From weights and stop distances to what a limit bounds."""


def check_limits(panel: Panel, rules: Rules, trace: Iterable[RowTrace]) -> list[str]:
    """Every violation in words; empty when the property holds in every row.

    Args:
        panel: for what can be sold short, and spreads.
        rules: the limits.
        trace: one entry per decided row, with its risk numbers.
    """
    found: list[str] = []
    for row in trace:
        if row.equity > 0:
            found += _one_by_one(panel, rules, row)
            found += _whole_book(rules, row)
        found += _orders(panel, row)
    return found


def _weight(row: RowTrace, n: int, lots: Sequence[int]) -> float:
    return lots[n] * row.unit[n] / row.equity


def _no_new_risk(row: RowTrace, n: int) -> bool:
    """Whether the target is zero or no larger than what is held, on the same side."""
    cur = row.cur[n]
    return all(q == 0 or (q * cur > 0 and abs(q) <= abs(cur)) for q in (row.aim[n], row.q[n]))


def _one_by_one(panel: Panel, rules: Rules, row: RowTrace) -> list[str]:
    found = []
    for n, instrument in enumerate(panel.instruments):
        if row.fixed[n]:
            if row.q[n] != row.cur[n]:
                found.append(f"row {row.row} instrument {n}: a masked target moved")
            continue
        weight = abs(_weight(row, n, row.aim))
        spread = 2 * instrument.half_spread_bps * rules.cost_multiplier
        quiet = {
            "inputs": row.sessions_seen[n] < rules.min_sessions
            or row.volatility[n] == 0
            or row.adv[n] == 0
            or row.unit[n] == 0,
            "membership": bool(panel.flags[row.row, n] & LEFT),
            "spread": spread > rules.spread_limit_bps[n],
            "daily loss": row.daily_banned,
            "losses": row.loss_banned,
            "drawdown": row.drawdown >= rules.drawdown_stop,
        }
        broken = [
            f"new risk despite {w}" for w, on in quiet.items() if on and not _no_new_risk(row, n)
        ]
        flat = [(row.halted, "halted"), (row.exiting[n], "exiting")]
        broken += [f"a target while {why}" for on, why in flat if on and row.aim[n] != 0]
        if not instrument.shortable and min(row.q[n], row.aim[n]) < min(row.cur[n], 0):
            broken.append("short")
        if abs(row.q[n]) > max(abs(row.cur[n]), abs(row.aim[n])):
            broken.append(f"{row.q[n]} lots, beyond both {row.cur[n]} and {row.aim[n]}")
        if weight > rules.position_cap[n] * SLACK:
            broken.append(f"position {weight:.9f} above {rules.position_cap[n]}")
        if row.q[n] == row.aim[n] and weight * row.distance[n] > rules.risk_per_trade * SLACK:
            broken.append(f"risk {weight * row.distance[n]:.9f} above {rules.risk_per_trade}")
        found += [f"row {row.row} instrument {n}: {what}" for what in broken]
    return found


def _measures(rules: Rules, row: RowTrace) -> dict[str, tuple[Measure, float]]:
    """The book's limits: what each bounds, and where."""

    def group(g: int) -> Measure:
        members = [n for n, own in enumerate(row.group) if own == g]
        return lambda w, d: abs(sum(row.beta[n] * w[n] for n in members))

    limits: dict[str, tuple[Measure, float]] = {
        "open risk": (
            lambda w, d: sum(abs(x) * y for x, y in zip(w, d, strict=True)),
            rules.open_risk,
        ),
        "gross": (lambda w, d: sum(abs(x) for x in w), rules.gross),
        "value at risk": (lambda w, d: _tail(rules, row, w)[0], rules.var),
        "shortfall": (lambda w, d: _tail(rules, row, w)[1], rules.expected_shortfall),
    }
    return limits | {f"group {g}": (group(g), rules.group) for g in set(row.group)}


def _tail(rules: Rules, row: RowTrace, w: Sequence[float]) -> tuple[float, float]:
    """Value at risk and expected shortfall as fractions of equity."""
    if rules.historical and len(row.scenarios) >= rules.historical_min_sessions:
        losses = sorted(-sum(x * r for x, r in zip(w, s, strict=True)) for s in row.scenarios)
        worst = losses[-(math.floor(rules.tail * len(losses)) + 1) :]
        return worst[0], sum(worst) / len(worst)
    cov = row.covariance
    variance = sum(x * y * cov[i][j] for i, x in enumerate(w) for j, y in enumerate(w))
    deviation = math.sqrt(max(0.0, variance))
    return rules.var_z * deviation, rules.es_y * deviation


def _whole_book(rules: Rules, row: RowTrace) -> list[str]:
    everyone = range(len(row.q))
    target = [_weight(row, n, row.q) for n in everyone]
    before = [_weight(row, n, row.cur) for n in everyone]
    stuck = [_weight(row, n, [_least(row, m) for m in everyone]) for n in everyone]
    found = []
    for name, (measure, limit) in _measures(rules, row).items():
        value = measure(target, row.distance)
        if value <= limit * SLACK:
            continue
        was = measure(before, row.distance_cur)
        least = measure(stuck, row.distance_cur)
        what = f"row {row.row}: {name} {value:.9f} above {limit}"
        if least == 0:
            found.append(f"{what}, with nothing stuck")
        elif least > limit and row.infeasible:
            continue  # written down as such: what is stuck breaches on its own
        elif value >= was and row.q != row.cur:
            found.append(f"{what}, was {was:.9f}, what is stuck {least:.9f}")
    return found


def _least(row: RowTrace, n: int) -> int:
    """The lots that are left whatever is decided: masked, or beyond what one order may sell."""
    if row.fixed[n]:
        return row.cur[n]
    size = max(0, abs(row.cur[n]) - row.slice[n])
    return size if row.cur[n] > 0 else -size


def _orders(panel: Panel, row: RowTrace) -> list[str]:
    """An order is exactly what was verified, or below the venue's minimum and not sent."""
    found = []
    for n, lots in enumerate(row.ordered):
        wanted = row.q[n] - row.cur[n]
        if abs(wanted) > row.slice[n]:
            found.append(f"row {row.row} instrument {n}: {wanted} wanted of {row.slice[n]}")
        if lots != wanted and not (lots == 0 and _too_small(panel, row, n, wanted)):
            found.append(f"row {row.row} instrument {n}: ordered {lots}, verified {wanted}")
    return found


def _too_small(panel: Panel, row: RowTrace, n: int, lots: int) -> bool:
    """Whether a venue refuses an order that does not close the position."""
    instrument = panel.instruments[n]
    least = to_minor(instrument.min_notional, currency(instrument.settle))
    codes = tuple(dict.fromkeys(("USD", *(each.settle for each in panel.instruments))))
    worth = abs(lots) * row.unit[n]
    return row.q[n] != 0 and worth <= least * row.fx[codes.index(instrument.settle)] * SLACK
