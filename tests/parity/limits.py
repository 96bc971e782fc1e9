"""Whether every target of a run keeps every limit, from the risk numbers alone.

The property is stated independently of how a target was found: at decision
prices a target satisfies a limit, or it strictly reduces that limit's breach;
a breach that no masked position shares is cured in full; and only a row that is
written down as infeasible, where the masked part breaches on its own, may do worse.
"""

import math
from collections.abc import Callable, Iterable, Sequence

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
        found += _orders(row)
    return found


def _weight(row: RowTrace, n: int, lots: Sequence[int]) -> float:
    return lots[n] * row.unit[n] / row.equity


def _no_new_risk(row: RowTrace, n: int) -> bool:
    """Whether the target is zero or no larger than what is held, on the same side."""
    q, cur = row.q[n], row.cur[n]
    return q == 0 or (q * cur > 0 and abs(q) <= abs(cur))


def _one_by_one(panel: Panel, rules: Rules, row: RowTrace) -> list[str]:
    found = []
    for n, instrument in enumerate(panel.instruments):
        if row.fixed[n]:
            if row.q[n] != row.cur[n]:
                found.append(f"row {row.row} instrument {n}: a masked target moved")
            continue
        weight = abs(_weight(row, n, row.q))
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
        broken += [f"a target while {why}" for on, why in flat if on and row.q[n] != 0]
        if not instrument.shortable and row.q[n] < 0:
            broken.append("short")
        if weight > rules.position_cap[n] * SLACK:
            broken.append(f"position {weight:.9f} above {rules.position_cap[n]}")
        if weight * row.distance[n] > rules.risk_per_trade * SLACK:
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
    stuck = [w if f else 0.0 for w, f in zip(before, row.fixed, strict=True)]
    found = []
    for name, (measure, limit) in _measures(rules, row).items():
        value = measure(target, row.distance)
        if value <= limit * SLACK:
            continue
        was = measure(before, row.distance_cur)
        masked = measure(stuck, row.distance_cur)
        what = f"row {row.row}: {name} {value:.9f} above {limit}"
        if masked == 0:
            found.append(f"{what}, with nothing masked")
        elif masked > limit and row.infeasible:
            continue  # written down as such: what is masked breaches on its own
        elif value >= was and row.q != row.cur:
            found.append(f"{what}, was {was:.9f}, masked part {masked:.9f}")
    return found


def _orders(row: RowTrace) -> list[str]:
    """An order goes towards its target and never past it."""
    found = []
    for n, lots in enumerate(row.ordered):
        wanted = row.q[n] - row.cur[n]
        if lots * wanted < 0 or abs(lots) > abs(wanted):
            found.append(f"row {row.row} instrument {n}: ordered {lots}, wanted {wanted}")
    return found
