"""From raw figures to ``docs/benchmarks.md``."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.envs import PEERS, version_of
from benchmarks.floors import Floor, floors_of
from benchmarks.machine import facts, today
from benchmarks.trading import page as trading
from benchmarks.worlds import WORLDS

HERE = Path(__file__).parent
NOT_MEASURED = "not measured in this run"
Raw = Mapping[str, Any]


def title(name: str, world: Raw) -> str:
    """What a world is: its symbols or pairs, and its bars."""
    known = WORLDS[name]
    pairs = len(known.pairs)
    who = f"{pairs} pairs" if pairs > 1 else f"{known.instruments} symbols"
    return f"{who if who != '1 symbols' else '1 symbol'} x {world['rows']:,} bars"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a line that says so where there is nothing to show."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    if not lines:
        return NOT_MEASURED
    return "\n".join(["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *lines])


def render(found: Raw) -> str:
    """The page."""
    worlds = found["worlds"]
    warning = "".join(f"**{line}**\n\n" for line in _warnings(found))
    fast, slow = WORLDS["single"].pairs[0]
    return (HERE / "template.md").read_text(encoding="utf-8").format(
        warning=warning,
        date=today(),
        commit=found["commit"],
        facts=facts(),
        peers=", ".join(version_of(peer) for peer in PEERS),
        fast=fast,
        slow=slow,
        runs=found["runs"],
        floors=_floors(found),
        times=_times(worlds),
        parity=_parity(worlds),
        limits=_limits(worlds),
        unable=_unable(worlds),
        memory=_memory(worlds),
        stages=_stages(worlds),
        apart=_apart(worlds),
        backtest=_backtest(worlds),
        gap=(HERE / "gap.md").read_text(encoding="utf-8").strip(),
        start_up=_start_up(found),
        trading_floors=_floor_table(trading.floors(found["trading"]) if "trading" in found else []),
        trading_peer=_beside(found),
        trading_path=_path(found),
        trading_counts=_counts(found.get("trading", {})),
    )  # fmt: skip


def _warnings(found: Raw) -> list[str]:
    """What keeps the page from being a measurement."""
    lines = []
    if not found["worlds"]:
        lines.append("Nothing has been measured yet: run `make bench`.")
    if found["quick"]:
        lines.append("A quick run on small worlds: it meets no figure.")
    if found["changed"]:
        lines.append("Sources changed during the run: its figures belong to no one commit.")
    return lines


def _floors(found: Raw) -> str:
    return _floor_table(floors_of(found))


def _floor_table(floors: Sequence[Floor]) -> str:
    rows = [
        (f.what, f"{f.sign} {f.wanted:g} {f.unit}".strip(), f"{f.measured:.3g}", f.met)
        for f in floors
    ]
    return table(("figure", "wanted", "measured", "met"), rows)


def _beside(found: Raw) -> str:
    rows = trading.beside(found["trading"]) if "trading" in found else []
    return table(("µs", "kedge", "NautilusTrader", "times kedge's"), rows)


def _path(found: Raw) -> str:
    rows = trading.path(found["trading"]) if "trading" in found else []
    return table(("from a row to its fill, medians", "µs"), rows)


def _counts(found: Raw) -> str:
    """What the figures were counted over, in one sentence a part."""
    if not found:
        return NOT_MEASURED
    lines = [
        f"Of one-fill orders {found['orders']['fills']:,} were measured, of durable ones "
        f"{found['durable']['orders']:,}: p50 {found['durable']['sent']['p50']:.0f} µs where the "
        f"raw sync took {found['durable']['fdatasync']['p50']:.0f} µs."
    ]
    if memory := found.get("memory"):
        lines.append(
            f"The memory run took {memory['events']:,} events with {memory['orders']:,} orders and "
            f"{memory['records']:,} records; its median was {memory['median_mib']:.0f} MiB."
        )
    return " ".join(lines)


def _times(worlds: Raw) -> str:
    rows = []
    for name, world in worlds.items():
        own = median(world["seconds"]["kedge"])
        for side, seconds in world["seconds"].items():
            middle, cells = median(seconds), world["cells"]
            spread = f"{max(seconds):.3g} to {min(seconds):.3g}"
            rate = f"{cells / middle / 1e6:,.3g}"
            rows.append(
                (title(name, world), side, f"{middle:.3g} ({spread})", rate, f"{middle / own:.3g}")
            )
    heads = ("world", "side", "seconds", "million cells a second", "times kedge's time")
    return table(heads, rows)


def _parity(worlds: Raw) -> str:
    rows = [
        (title(name, world), side, f"{count:,}")
        for name, world in worlds.items()
        for side, count in world["same_trades"].items()
    ]
    return table(("world", "side", "trades, all equal to the bare loop's"), rows)


def _limits(worlds: Raw) -> str:
    names = list(dict.fromkeys(n for world in worlds.values() for n in world["bound"]))
    rows = [
        (f"`{limit}`", *(f"{world['bound'][limit]:,}" for world in worlds.values()))
        for limit in names
    ]
    return table(("limit", *(title(name, world) for name, world in worlds.items())), rows)


def _unable(worlds: Raw) -> str:
    rows = [
        (title(name, world), f"`{limit}`", why)
        for name, world in worlds.items()
        for limit, why in WORLDS[name].unable.items()
    ]
    return table(("world", "limit", "why"), rows)


def _memory(worlds: Raw) -> str:
    rows = []
    for name, world in worlds.items():
        for side, sizes in world["memory"].items():
            peak, imported, before = (sizes[k] / 2**20 for k in ("peak", "imported", "before"))
            row = (f"{peak:,.0f}", f"{peak - imported:,.0f}", f"{peak - before:,.0f}")
            rows.append((title(name, world), side, *row))
    heads = ("world", "side", "peak, MiB", "above its imports", "above the moment before the call")
    return table(heads, rows)


def _stages(worlds: Raw) -> str:
    timed = {name: world for name, world in worlds.items() if "phases" in world}
    names = list(dict.fromkeys(n for w in timed.values() for n in w["phases"]["stages"]))
    rows = [
        [stage, *(_ns(w, w["phases"]["stages"][stage]) for w in timed.values())] for stage in names
    ]
    sums = [_ns(w, sum(w["phases"]["stages"].values())) for w in timed.values()]
    whole = [_ns(w, median(w["seconds"]["kedge"])) for w in timed.values()]
    alone = [_ns(w, median(w["phases"]["step"])) for w in timed.values()]
    bare = [_ns(w, median(w["seconds"]["bare"])) for w in timed.values()]
    rows += [
        ["sum", *sums],
        ["the whole call", *whole],
        ["the step alone", *alone],
        ["the bare loop", *bare],
    ]
    return table(
        ("stage", *(title(name, world) for name, world in timed.items())), rows if timed else []
    )


def _ns(world: Raw, seconds: float) -> str:
    return f"{seconds / world['cells'] * 1e9:.1f}"


def _apart(worlds: Raw) -> str:
    rows = [
        (title(name, world), what, f"{seconds:.3g}")
        for name, world in worlds.items()
        for what, seconds in world.get("phases", {"apart": {}})["apart"].items()
    ]
    return table(("world", "what", "seconds"), rows)


def _backtest(worlds: Raw) -> str:
    phases = worlds.get("single", {}).get("backtest", {})
    return table(("stage", "seconds"), [(name, f"{s:.3g}") for name, s in phases.items()])


def _start_up(found: Raw) -> str:
    titles = {
        "cold_backtest": "`kedge backtest kedge.yaml`, nothing compiled yet",
        "warm_backtest": "`kedge backtest kedge.yaml`, again",
        "warm_quick": "`kedge backtest kedge.yaml --quick`, compiled before",
        "first_row": "of that, start to the first row",
        "help": "`kedge --help`",
    }
    seconds = found.get("start_up", {})
    return table(("command", "seconds"), [(titles[n], f"{s:.2f}") for n, s in seconds.items()])
