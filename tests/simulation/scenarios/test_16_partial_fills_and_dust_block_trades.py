"""Complaint 16: a rest that is too small to sell stays, and the instrument never trades again."""

import pytest

from kedge.domain.decided import Intent, OrderApproved
from kedge.testing.simulation.scene import Views, gate_rules
from stages import assert_whole, booked, of_kind, staged

FICKLE = Views(edges_bps=(-60.0, 50.0, 120.0), confidences=(0.9, 1.0), stops=(0.05, 0.5, 1.0))
THIN = 0.45
"""Share of the crowd's actions that trade: so many that books are thin and fills partial."""


def traded(world, share: float) -> int:
    """Orders of intents that were approved in the last share of the world."""
    last = world.end - share * (world.end - world.records()[0].at)
    return sum(not r.order.protective and r.at > last for r in of_kind(world, OrderApproved))


@pytest.mark.parametrize("style", ["whole", "iceberg", "twap", "pov"])
@pytest.mark.parametrize("seed", [60, 62])
def test_thin_books_and_crumbs_never_end_trading(seed: int, style: str):
    world = staged(seed, views=FICKLE, takers=THIN, style=style, rows=80)
    assert_whole(world)
    partial = [k for k in world.venue.truth().orders if 0 < k.filled < k.order.lots]
    assert partial, "every order filled whole: no trap"
    assert traded(world, 0.4) > 0
    assert len(of_kind(world, Intent)) > 10


def test_no_order_is_smaller_than_the_venue_takes_and_none_larger_than_its_wish():
    world = staged(62, views=FICKLE, takers=THIN, style="iceberg", rows=80)
    assert_whole(world)
    (rules,) = gate_rules(world.scene)
    wanted = {r.number: abs(r.lots) for r in of_kind(world, Intent)}
    for order in (r.order for r in of_kind(world, OrderApproved)):
        price = order.limit or order.trigger or 20_000
        assert order.lots * price * rules.num >= rules.min_notional * rules.den
        assert order.protective or order.lots <= wanted[order.intent]
    assert booked(world) is not None
