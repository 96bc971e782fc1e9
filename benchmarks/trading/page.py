"""The trading part of the benchmark page: floors, peers, and where the time goes."""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

from benchmarks.floors import Floor
from benchmarks.trading.stages import PATH

Raw = Mapping[str, Any]
FULL_EVENTS, FULL_ORDERS = 10_000_000, 100_000


def floors(found: Raw) -> list[Floor]:
    """Every floor that this run can speak of."""
    return [*_engine(found), *_feeds(found), *_memory(found)]


def _engine(found: Raw) -> Iterator[Floor]:
    events, fill = found["events"], found["orders"]["intent_to_fill"]["p50"]
    yield Floor("market event, no order", "<=", 5.0, median(events["no_order"]), "µs")
    both = median(events["order_a_row"])
    yield Floor("market event, orders in every row of 100", "<=", 5.0, both, "µs")
    yield Floor("intent to booked fill, p50", "<=", 60.0, fill, "µs")
    sent, raw = found["durable"]["sent"]["p99"], found["durable"]["fdatasync"]["p99"]
    most = max(1_000.0, 3.0 * raw)
    what = "event to order durable and sent, p99; 1 ms or 3 x raw fdatasync"
    yield Floor(what, "<=", round(most), sent, "µs")


def _feeds(found: Raw) -> Iterator[Floor]:
    if feeds := found.get("feeds"):
        rate, socket = feeds["in_memory_messages_per_s"], feeds["socket_messages_per_s"]
        yield Floor("depth messages to a trusted book, in memory", ">=", 50_000, rate, "/s")
        yield Floor("the same through a local socket", ">=", 20_000, socket, "/s")


def _memory(found: Raw) -> Iterator[Floor]:
    if memory := found.get("memory"):
        percent = 100.0 * memory["furthest"]
        what = f"memory around its median over {memory['events']:,} events"
        yield Floor(what, "<=", 5.0, percent, "%")
        if memory["events"] >= FULL_EVENTS:
            yield Floor("orders among them", ">=", FULL_ORDERS, memory["orders"])


def beside(found: Raw) -> list[tuple[str, str, str, str]]:
    """(what, kedge, NautilusTrader, times) in µs."""
    peer = found.get("nautilus")
    if peer is None:
        return []
    own = found["orders"]
    rows = (
        ("event that leads to nothing", median(found["events"]["no_order"]), median(peer["bar"])),
        ("intent or submit to fill, p50", own["intent_to_fill"]["p50"], peer["submit_to_fill_p50"]),
        ("row or bar with an order", own["row"]["p50"], median(peer["bar_with_order"])),
    )
    return [(what, f"{a:.3g}", f"{b:.3g}", f"{b / a:.2g}") for what, a, b in rows]


def path(found: Raw) -> list[tuple[str, str]]:
    """(stage, µs) from the row that closes to its booked fill."""
    return [(PATH[name], f"{spent:.1f}") for name, spent in found["stages"].items()]
