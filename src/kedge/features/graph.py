"""Expressions to a graph of kernel calls, each shared sub-expression once."""

from collections.abc import Sequence
from dataclasses import dataclass

from kedge.domain import micro
from kedge.domain.errors import ExpressionError
from kedge.features.expression import Environment, parse, unknown
from kedge.features.frames import bars_per_frame
from kedge.features.kernels.arithmetic import OPERATORS
from kedge.features.kernels.cross_section import PICK
from kedge.features.kernels.micro_input import INPUT
from kedge.features.kernels.timeframe import FRAME_BARS, HOLD
from kedge.features.registry import FEATURES
from kedge.features.spec import Formula, KernelSpec, Params
from kedge.features.tree import At, Binary, Call, Expression, Field, Number, Of

CLOCK_FIELDS = ("ts", "session", "session_open", "session_length")
_MIRRORED = {"<": ">", "<=": ">="}


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a series is: output ``output`` of node ``node``, or a field of the bar."""

    node: int = -1
    output: int = 0
    field: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One kernel call; ``spec`` None is a constant series of value ``params[0]``."""

    spec: KernelSpec | None
    inputs: tuple[Ref, ...]
    params: Params


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a series looks, in rows (bars, inside a higher frame)."""

    warmup: float = 0.0
    memory: float = 1.0

    def join(self, other: "Reach") -> "Reach":
        """The longer of two."""
        return Reach(max(self.warmup, other.warmup), max(self.memory, other.memory))


class GraphBuilder:
    """Grows the list of nodes while expressions are added.

    Args:
        interval_ns: nominal length of a row.
        symbols: instruments, in column order, for ``of``.
    """

    def __init__(self, interval_ns: int, symbols: Sequence[str]) -> None:
        self.interval_ns, self.symbols = interval_ns, tuple(symbols)
        self.nodes: list[Node] = []
        self._index: dict[Node, int] = {}
        self._reach: list[Reach] = []
        self._known: dict[tuple[Expression, int], tuple[Ref, Reach]] = {}

    def add(self, expression: Expression, frame: int = 0) -> tuple[Ref, Reach]:
        """Nodes for an expression; ``frame`` is the higher frame's length, 0 for rows."""
        found = self._known.get((expression, frame))
        if found is None:
            found = self._known[expression, frame] = self._build(expression, frame)
        return found

    def _build(self, expression: Expression, frame: int) -> tuple[Ref, Reach]:
        match expression:
            case Number(value):
                return self._node(None, (), (value,), Reach())
            case Field(name):
                return self._bar(name, frame)
            case Binary(op, left, right):
                first, second = (right, left) if op in _MIRRORED else (left, right)
                spec = OPERATORS[_MIRRORED.get(op, op)]
                return self._kernel(spec, (first, second), (), frame)
            case Of(symbol, inner):
                if symbol not in self.symbols:
                    raise unknown(symbol, self.symbols)
                return self._kernel(PICK, (inner,), (float(self.symbols.index(symbol)),), frame)
            case At(length, inner):
                return self._at(length, inner, frame)
            case Call():
                return self._call(expression, frame)

    def _call(self, call: Call, frame: int) -> tuple[Ref, Reach]:
        feature = FEATURES[call.function]
        output = feature.outputs.index(call.output)
        if isinstance(feature, Formula):
            return self.add(expand(feature, call, output), frame)
        ref, reach = self._kernel(feature, call.inputs, call.params, frame)
        return Ref(ref.node, output), reach

    def _kernel(
        self, spec: KernelSpec, inputs: tuple[Expression, ...], params: Params, frame: int
    ) -> tuple[Ref, Reach]:
        clock = [f for f in spec.fields if f in CLOCK_FIELDS]
        if frame and clock:
            raise ExpressionError(
                f"{spec.name} reads the clock of a row", remedy="use it outside of at(...)"
            )
        parts = [self.add(i, frame) for i in inputs]
        parts += [self._bar(f, frame) for f in spec.fields]
        before = Reach(0, 1)
        for _, reach in parts:
            before = before.join(reach)
        after = Reach(before.warmup + spec.warmup(params), before.memory + spec.memory(params) - 1)
        return self._node(spec, tuple(r for r, _ in parts), params, after)

    def _bar(self, name: str, frame: int) -> tuple[Ref, Reach]:
        if name in micro.NAMES:
            return self._input(name, frame)
        if not frame:
            return Ref(field=name), Reach()
        inputs = tuple(Ref(field=f) for f in FRAME_BARS.fields)
        ref, reach = self._node(FRAME_BARS, inputs, (float(frame),), Reach())
        return Ref(ref.node, FRAME_BARS.outputs.index(name)), reach

    def _input(self, name: str, frame: int) -> tuple[Ref, Reach]:
        if frame:
            raise ExpressionError(
                f"{name} comes from the trades and books of a row",
                remedy="use it outside of at(...)",
            )
        place = (float(micro.NAMES.index(name)),)
        return self._node(INPUT, (Ref(field="micro"),), place, Reach())

    def _at(self, length: int, inner: Expression, frame: int) -> tuple[Ref, Reach]:
        if frame:
            raise ExpressionError("at inside at", remedy="name the higher frame only once")
        rows = bars_per_frame(length, self.interval_ns)
        if rows == 1:
            return self.add(inner)
        ref, reach = self.add(inner, length)
        late = Reach((reach.warmup + 2) * rows, (reach.memory + 2) * rows)
        return self._node(HOLD, (ref, Ref(field="close")), (), late)

    def _node(
        self, spec: KernelSpec | None, inputs: tuple[Ref, ...], params: Params, reach: Reach
    ) -> tuple[Ref, Reach]:
        node = Node(spec, inputs, params)
        if node not in self._index:
            self._index[node] = len(self.nodes)
            self.nodes.append(node)
            self._reach.append(reach)
        number = self._index[node]
        return Ref(number), self._reach[number]


def expand(formula: Formula, call: Call, output: int) -> Expression:
    """The expression a formula stands for, its parameters and series filled in."""
    names: dict[str, Expression] = {
        p.name: Number(v) for p, v in zip(formula.params, call.params, strict=True)
    }
    names |= {s.name: i for s, i in zip(formula.series, call.inputs, strict=True)}
    environment: Environment = names
    return parse(formula.texts[output], environment)
