"""What ``kedge simulate --json`` says, for the page."""

import json

from benchmarks.soak.campaign import Told


def as_worlds_say(output: str) -> Told:
    """Counters, and the share of worlds that each kind of fault struck."""
    try:
        found = json.loads(output)
    except ValueError:
        return Told("no result")
    each, rate = found["seeds"], found["worlds_per_second"]
    speed = "" if rate is None else f", {rate:,.1f} worlds a second of processor time"
    summary = f"{each:,} seeds, {found['failures']:,} failures{speed}"
    sums = ("events", "orders", "fills", "crashes")
    rows = ["| counted | in all | a world |", "|---|---|---|"]
    rows += [f"| {name} | {found[name]:,} | {found[name] / each:,.1f} |" for name in sums]
    rows += [f"| worlds below the least of events, orders or crashes | {found['thin']:,} | |"]
    struck = sorted(found["struck"].items(), key=lambda item: -item[1])
    rows += ["", "| struck | worlds |", "|---|---|"]
    rows += [f"| {name} | {share:.1%} |" for name, share in struck]
    failed = [f"- `kedge simulate --seed {f['seed']}`: {f['why']}" for f in found["failed"]]
    return Told(summary, "\n".join([*rows, "", *failed]).strip())
