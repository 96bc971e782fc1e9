"""Text to expression: ``lag(returns(1), 5)``, ``macd(12, 26, 9).hist``, ``at("1h", ema(50))``.

Python's grammar does the parsing; only numbers, bar fields, features, ``at``,
``of``, attribute access and ``+ - * / < <= > >=`` are understood. No form of
an expression reaches forward in time.
"""

import ast
import math
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from threading import Lock

from kedge.domain.errors import ExpressionError
from kedge.features.arguments import bind
from kedge.features.frames import frame_ns
from kedge.features.registry import FEATURES
from kedge.features.tree import SERIES_FIELDS, At, Binary, Call, Expression, Field, Number, Of

_MAX_TEXT = 2000
_MAX_DEPTH = 24
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_FOLD: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else math.nan,
}

_parsing = Lock()
"""Python 3.11 counts the depth of a tree for all threads together: where a collection of garbage
lets another thread parse meanwhile, `ast.parse` fails (python/cpython#106905)."""

Environment = Mapping[str, Expression]


def parse(text: str, names: Environment | None = None) -> Expression:
    """An expression from its text.

    Args:
        text: the expression.
        names: extra names and what they stand for (the parameters of a formula).

    Raises:
        ExpressionError: with the text, what is wrong and how to mend it.
    """
    try:
        if len(text) > _MAX_TEXT:
            raise ExpressionError(f"longer than {_MAX_TEXT} characters")
        with _parsing:
            body = ast.parse(text.strip(), mode="eval").body
        return _Reader(names or {}).read(body)
    except ExpressionError as error:
        raise ExpressionError(error.what, error.where or _shown(text), error.remedy) from None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or type(error).__name__
        raise ExpressionError(f"does not parse: {reason}", _shown(text)) from None


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return f"'{line if len(line) <= 120 else line[:117] + '...'}'"


class _Reader:
    """Walks Python's syntax tree; whatever is not listed here is refused."""

    def __init__(self, names: Environment) -> None:
        self.names = names
        self.depth = 0

    def read(self, node: ast.expr) -> Expression:
        """The expression a node stands for."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise ExpressionError(f"nested more than {_MAX_DEPTH} deep")
        expression = self._read(node)
        self.depth -= 1
        return expression

    def _read(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float() as value):
                return _number(float(value))
            case ast.Name(id=name):
                return self._name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return fold("*", Number(-1.0), self.read(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return fold(_OPERATORS[type(op)], self.read(left), self.read(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
                return Binary(_OPERATORS[type(op)], self.read(left), self.read(right))
            case ast.Attribute(value=ast.Call() as call, attr=output):
                return self._call(call, output)
            case ast.Call():
                return self._call(node, "")
        raise ExpressionError(
            f"'{ast.unparse(node)}' is not part of the expression language",
            remedy="use numbers, bar fields, features, at, of and + - * / < <= > >=",
        )

    def _name(self, name: str) -> Expression:
        if name in self.names:
            return self.names[name]
        if name in SERIES_FIELDS:
            return Field(name)
        if name in FEATURES:
            raise ExpressionError(f"{name} needs brackets", remedy=f"write {name}(...)")
        raise unknown(name, (*SERIES_FIELDS, *self.names))

    def _call(self, node: ast.Call, output: str) -> Expression:
        if not isinstance(node.func, ast.Name):
            raise ExpressionError(f"'{ast.unparse(node.func)}' is not a feature")
        name = node.func.id
        if name in ("at", "of"):
            return self._placed(name, node, output)
        if name not in FEATURES:
            raise unknown(name, (*FEATURES, "at", "of"))
        if any(k.arg is None for k in node.keywords):
            raise ExpressionError(f"{name} takes no **keywords")
        inputs = [self.read(a) for a in node.args]
        named = {str(k.arg): self.read(k.value) for k in node.keywords}
        series, params = bind(FEATURES[name], inputs, named)
        return Call(name, series, params, _output(name, output))

    def _placed(self, name: str, node: ast.Call, output: str) -> Expression:
        match node.args:
            case [ast.Constant(value=str() as place), inner] if not node.keywords and not output:
                expression = self.read(inner)
                return At(frame_ns(place), expression) if name == "at" else Of(place, expression)
        example = 'at("1h", ema(50))' if name == "at" else 'of("AAA", returns(1))'
        raise ExpressionError(f"{name} takes a quoted name and an expression", remedy=example)


def fold(op: str, left: Expression, right: Expression) -> Expression:
    """An operation, carried out at once where both sides are numbers."""
    if isinstance(left, Number) and isinstance(right, Number) and op in _FOLD:
        return _number(_FOLD[op](left.value, right.value))
    return Binary(op, left, right)


def _number(value: float) -> Number:
    if not math.isfinite(value):
        raise ExpressionError("a number is infinite or undefined")
    return Number(value + 0.0)  # no negative zero


def _output(name: str, output: str) -> str:
    outputs = FEATURES[name].outputs
    if outputs == ("value",) and not output:
        return "value"
    if outputs == ("value",):
        raise ExpressionError(f"{name} has one output", remedy=f"leave out .{output}")
    if not output:
        listed = ", ".join(outputs)
        raise ExpressionError(
            f"{name} has {listed}", remedy=f"choose one: {name}(...).{outputs[0]}"
        )
    if output not in outputs:
        raise unknown(output, outputs)
    return output


def unknown(name: str, known: tuple[str, ...]) -> ExpressionError:
    """An error for a name nobody knows, with the nearest known one."""
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    remedy = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
    return ExpressionError(f"{name} is unknown", remedy=remedy)
