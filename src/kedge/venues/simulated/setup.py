"""What a simulated venue starts from."""

from collections.abc import Callable, Mapping
from random import Random

import msgspec

from kedge.venues.simulated.latency import Latency
from kedge.venues.simulated.listing import Listing
from kedge.venues.simulated.market import Market
from kedge.venues.simulated.matching import Matcher

MakeMarket = Callable[[Mapping[int, Matcher]], Market]
"""Hands a market the books that it drives."""


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """A venue before its first instant; with a seed and a log it is the whole of it.

    Attributes:
        listings: what is traded.
        cash: the account's minor units by currency.
        lots: the account's positions by key.
        opening: ticks of the last trade before the start, by key.
        start: ns UTC.
        seed: of every delay.
        latency: how long things are on their way.
        window: ns after which a request that had not arrived is refused.
        history: ended orders and fills that are remembered.
    """

    listings: tuple[Listing, ...]
    cash: dict[str, int]
    opening: dict[int, int]
    lots: dict[int, int] = {}
    start: int = 0
    seed: int = 0
    latency: Latency = Latency()
    window: int = 5_000_000_000
    history: int = 10_000

    def random(self, concern: str) -> Random:
        """A generator for one concern; they do not disturb each other."""
        return Random(f"{self.seed}/{concern}")
