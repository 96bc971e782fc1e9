"""Our orders against everything that rests at the venue."""

from collections.abc import Iterator, Mapping

from kedge.domain.report import OpenOrders
from kedge.execution.reconcile.findings import (
    Adopt,
    CancelAgain,
    FetchFills,
    Finding,
    Halt,
    Ignored,
    Query,
    Strangers,
)
from kedge.execution.tracked import NEVER, Done, Placed, State, Working

Row = tuple[str, str, int, int, int, int]
"""(client id, venue id, key, side, lots, filled), as `OpenOrders` has them."""


def compare_orders(
    ours: Mapping[str, State], report: OpenOrders, lineage: str, policy: Strangers
) -> list[Finding]:
    """What differs, order by order.

    What is on its way, being cancelled or in doubt already has its own deadline and
    gives no finding: the two sides may differ by what is in flight.

    Args:
        ours: states of the account's orders by client id, those lately done among them.
        report: everything that rests at the venue.
        lineage: of the journal; ids that carry it were made by it.
        policy: for orders that nobody here has sent.
    """
    found: list[Finding] = []
    listed = set()
    for row in report.orders:
        listed.add(row[0])
        known = ours.get(row[0]) if row[0] else None
        if known is None:
            found.append(_stranger(row, lineage, policy))
        else:
            found.extend(_resting(row, known))
    found.extend(
        Query(name, "it does not rest at the venue")
        for name, state in ours.items()
        if isinstance(state, Working) and name not in listed and state.at < report.at
    )
    return found


def _resting(row: Row, state: State) -> Iterator[Finding]:
    client, _, key, side, lots, filled = row
    order = state.order
    if (key, side, lots) != (order.key, order.side, order.lots):
        yield Halt(f"order {client} rests as side {side}, {lots} lots under key {key}")
    elif isinstance(state, Done):
        if state.why in NEVER:
            yield Query(client, f"it rests there and was taken for {state.why.name.lower()}")
        else:
            yield CancelAgain(client, key)
    elif not isinstance(state, Placed) and filled > state.filled:
        yield FetchFills(key, f"order {client}: {filled - state.filled} lots were not seen")


def _stranger(row: Row, lineage: str, policy: Strangers) -> Finding:
    """An order that is not known here; one of our own making is never ignored."""
    client, venue_id, key, side, lots, filled = row
    if client.startswith(f"k{lineage}-") and policy is Strangers.IGNORE:
        return Halt(f"order {client} rests there, is of this journal, and is not in it")
    if policy is Strangers.ADOPT:
        return Adopt(client, venue_id, key, side, lots, filled)
    if policy is Strangers.IGNORE:
        return Ignored(venue_id, key)
    return Halt(f"order {client or venue_id} of {lots} lots rests there and is not ours")
