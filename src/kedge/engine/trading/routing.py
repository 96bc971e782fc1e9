"""Which of its venues an instrument is traded at now (see `kedge.execution.router`).

An instrument stays where it is as long as anything is held or ordered there: a position can
be reduced, and its stop can rest, only at the venue that has it. Another venue is taken with
the next order that opens a position.
"""

from kedge.domain.control import Quoted
from kedge.domain.decided import Routed
from kedge.engine.trading.desk import NEVER, Desk
from kedge.execution.router import Option, RouteTerms, route
from kedge.risk.gate import GateRules


def key_of(desk: Desk, n: int) -> int:
    """The key under which an instrument is ordered: where it is held, else where it is routed."""
    routed = desk.routes[n]
    if desk.single or desk.positions[routed]:
        return routed
    return next((key for key in desk.universe.venues(n) if desk.positions[key]), routed)


def rerouted(
    desk: Desk, n: int, lots: int, rules: tuple[GateRules, ...], terms: RouteTerms
) -> Routed | None:
    """What changes with a wish for signed lots of an instrument; None for nothing."""
    if desk.single or desk.by_instrument[n]:
        return None
    keys = desk.universe.venues(n)
    if any(desk.positions[key] or desk.by_key[key] for key in keys):
        return None
    current, side = desk.routes[n], 1 if lots > 0 else -1
    options = [_option(desk, rank, key, abs(lots), rules[key]) for rank, key in enumerate(keys)]
    found = route(options, side, current, desk.at, terms)
    if found.key is None or found.key == current:
        return None
    return Routed(desk.at, n, found.key, found.why)


def _option(desk: Desk, rank: int, key: int, lots: int, rules: GateRules) -> Option:
    quote = desk.quotes[key]
    since = desk.healthy_since[key]
    return Option(
        key=key,
        rank=rank,
        link=desk.up[key],
        banned=False,
        since=desk.at if since == NEVER else since,
        age=_age(desk, quote),
        bid=quote.bid,
        ask=quote.ask,
        bid_lots=quote.bid_lots,
        ask_lots=quote.ask_lots,
        lots=lots,
        taker_bps=1e4 * rules.fee,
    )


def _age(desk: Desk, quote: Quoted) -> int:
    return -1 if quote.age < 0 else quote.age + desk.at - desk.quoted_at


def fold_routed(desk: Desk, record: Routed) -> None:
    """An instrument is traded elsewhere from here on."""
    desk.routes[record.instrument] = record.key


def note_health(desk: Desk) -> None:
    """Since when each venue of several has had a link and a quote."""
    if desk.single:
        return
    for key, quote in enumerate(desk.quotes):
        if not desk.up[key] or quote.age < 0:
            desk.healthy_since[key] = NEVER
        elif desk.healthy_since[key] == NEVER:
            desk.healthy_since[key] = desk.at
