"""The reference page of features, made from the registry."""

import math

from kedge.domain import micro
from kedge.features.arguments import usage
from kedge.features.block import DAY_NS
from kedge.features.graph import Node, Ref
from kedge.features.plan import FeaturePlan
from kedge.features.registry import FAMILIES
from kedge.features.sets import SETS, FeatureSet
from kedge.features.spec import Feature

_HEAD = """# Features

*Made from the registry by `kedge.features.reference.page()`; a test keeps it current.*

A feature is written as an expression: `rsi(14)`, `macd(12, 26, 9).hist`,
`lag(returns(1), 5)`, `rsi(14) * volume_ratio(20)`, `at("1h", ema(50))`.

- Bar fields: `open`, `high`, `low`, `close`, `volume` (adjusted, as of the row).
- Inputs from trades and order books, such as `bid` and `ask`: see
  [below](#inputs-from-trades-and-books). Only rows closed from live or recorded trades
  and books have them; on bars, what reads them is NaN everywhere.
- Operators: `+ - * /`, and `< <= > >=`, which give 1 or 0. Division by zero is masked.
- A series that is left out is the default shown below; all windows count the
  instrument's own observations, so a masked row neither ages nor fills them.
- `at("1h", e)`: `e` over completed bars of a higher frame (a divisor of a day, `1d`
  or `1w`). Within a day bars count from the session's opening and end with its
  close; a day is the session; around the clock it is the UTC day.
- `of("SYM", e)`: `e` of another instrument, given to all.

*Warm-up*: observations before the first value, at the defaults. *Memory*:
observations that still matter, which is what an embargo has to cover; for a
recursion, until a weight is below a thousandth.
"""

_INPUTS = f"""A sampler adds them up from the events inside a row, at a constant cost an event.
Prices are adjusted like those of bars, sizes like volume. Means are weighted by time;
depth is what rests on the best {micro.LEVELS} levels of a side. A batch is a run of trades with no
change of the book between them; its move is the change of the mid from before it to
before the next batch or the close of the row. An input that is not known is NaN.
"""


def page() -> str:
    """The whole page, Markdown."""
    parts = [_HEAD]
    for family, features in FAMILIES.items():
        parts.append(_family(family, features))
    parts.append(_inputs())
    parts += [_set(each) for each in SETS.values()]
    return "\n".join(parts)


def _family(name: str, features: tuple[Feature, ...]) -> str:
    head = "| write | outputs | reads | warm-up | memory | what it is | definition |"
    lines = [f"## {name}\n", head, "|---|---|---|---:|---:|---|---|"]
    return "\n".join([*lines, *(_row(feature) for feature in features), ""])


def _row(feature: Feature) -> str:
    plan = FeaturePlan.build(_examples(feature), 1, DAY_NS, ("AAA",))
    memory = "all" if math.isinf(plan.memory) else f"{plan.memory:.0f}"
    outputs = "" if feature.outputs == ("value",) else ", ".join(feature.outputs)
    cells = (
        f"`{usage(feature)}`",
        outputs,
        ", ".join(_fields(plan)),
        str(plan.warmup),
        memory,
        feature.doc,
        feature.source,
    )
    return "| " + " | ".join(cells) + " |"


def _fields(plan: FeaturePlan) -> list[str]:
    read = [_field(node, ref) for node in plan.nodes for ref in node.inputs if ref.field]
    return list(dict.fromkeys(read))


def _field(node: Node, ref: Ref) -> str:
    return micro.NAMES[int(node.params[0])] if ref.field == "micro" else ref.field


def _examples(feature: Feature) -> list[str]:
    """An expression for each output at the defaults; ``close`` where a series is required."""
    shown = [s.default or "close" for s in feature.series]
    shown += ["01"[p.name == "high"] for p in feature.params if p.default is None and not p.integer]
    tails = [""] if feature.outputs == ("value",) else [f".{o}" for o in feature.outputs]
    return [f"{feature.name}({', '.join(shown)}){tail}" for tail in tails]


def _inputs() -> str:
    head = "| input | unit | what it is |"
    lines = ["## Inputs from trades and books\n", _INPUTS, head, "|---|---|---|"]
    lines += [f"| `{each.name}` | {_unit(each)} | {each.doc} |" for each in micro.INPUTS]
    return "\n".join([*lines, ""])


def _unit(each: micro.Input) -> str:
    size = {0.0: [], 0.5: ["root of base"], 1.0: ["base"], 2.0: ["base squared"]}[each.size]
    return " x ".join(["quote"] * each.price + size)


def _set(each: FeatureSet) -> str:
    lines = [f"## Set `{each.id}`\n", "| feature | expression |", "|---|---|"]
    lines += [f"| {name} | `{text}` |" for name, text in each.features]
    return "\n".join([*lines, ""])
