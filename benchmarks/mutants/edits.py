"""Small faults of one line, made from a source text: each differs from it in one place.

Kinds: a comparison turned or moved by its boundary, plus and minus, and and or swapped, a
number one more, a flag turned, a sign or a negation dropped, a condition negated, a statement
dropped, a return before its time. Only what functions do is touched: no texts, no annotations,
no arguments of an error that is raised.
"""

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_COMPUTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.Mod: ast.Mult,
}  # fmt: skip
_DROPPED: Final = (ast.Expr, ast.AugAssign, ast.Raise, ast.Delete)
_LEFT: Final = (ast.Expr, ast.Assign, ast.AugAssign, ast.If, ast.For, ast.While, ast.With)


class Edit(NamedTuple):
    """One place of a source text, and what stands there instead.

    Attributes:
        kind: of the fault.
        line: number of the first line that changes.
        start, end: bytes of the text that are replaced.
        new: what by.
    """

    kind: str
    line: int
    start: int
    end: int
    new: str


class Spots:
    """Where the nodes of a source text lie in its bytes."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        for line in text.encode().splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def edit(self, kind: str, node: ast.expr | ast.stmt, new: str) -> Edit:
        """A node replaced."""
        start = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        return Edit(kind, node.lineno, start, end, new)


def edits(text: str) -> list[Edit]:
    """Every fault that can be made of a source text, in its order."""
    spots, found = Spots(text), []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            found += [spots.edit(*each) for each in _of_statements(node)]
            found += [spots.edit(*each) for inner in _inside(node) for each in _of(inner)]
    return sorted(set(found), key=lambda each: (each.start, each.end, each.kind, each.new))


def applied(text: str, edit: Edit) -> str:
    """The source text with one fault."""
    raw = text.encode()
    return (raw[: edit.start] + edit.new.encode() + raw[edit.end :]).decode()


Fault = tuple[str, ast.expr | ast.stmt, str]
"""Kind, node, and what stands there instead."""


def _inside(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Everything in a function's body that does something."""
    left: list[ast.AST] = list(function.body)
    while left:
        node = left.pop()
        yield node
        left += [child for child in ast.iter_child_nodes(node) if not _idle(node, child)]


def _idle(node: ast.AST, child: ast.AST) -> bool:
    if isinstance(child, ast.FunctionDef | ast.Raise | ast.JoinedStr | ast.pattern):
        return True
    return isinstance(node, ast.AnnAssign) and child is node.annotation


def _of_statements(function: ast.FunctionDef) -> Iterator[Fault]:
    """Statements dropped, and returns before their time."""
    documented = ast.get_docstring(function) is not None
    for at, node in enumerate(function.body):
        if at > documented and isinstance(node, _LEFT):
            yield "early return", node, "return"
    for inner in _inside(function):
        for name in ("body", "orelse"):
            for node in getattr(inner, name, ()) if isinstance(inner, ast.stmt) else ():
                if _can_go(node):
                    yield "dropped", node, "pass"
    for node in function.body[documented:]:
        if _can_go(node):
            yield "dropped", node, "pass"


def _can_go(node: ast.stmt) -> bool:
    """Whether a text without a statement still has every name that it reads."""
    if isinstance(node, ast.Assign):
        return all(isinstance(each, ast.Attribute | ast.Subscript) for each in node.targets)
    return isinstance(node, _DROPPED)


def _of(node: ast.AST) -> Iterator[Fault]:
    """Faults of one expression, or of the condition of a statement."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARED:
            turned = ast.Compare(node.left, [_COMPARED[type(op)]()], node.comparators)
            yield "compared", node, f"({ast.unparse(turned)})"
        case ast.BinOp(op=op) if type(op) in _COMPUTED:
            other = ast.BinOp(node.left, _COMPUTED[type(op)](), node.right)
            yield "computed", node, f"({ast.unparse(other)})"
        case ast.BoolOp(op=op):
            swapped = ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values)
            yield "joined", node, f"({ast.unparse(swapped)})"
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield "sign", node, f"({ast.unparse(operand)})"
        case ast.Constant(value=bool() as flag):
            yield "flag", node, str(not flag)
        case ast.Constant(value=int() | float() as number):
            yield "number", node, repr(number + 1)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield "negated", test, f"(not ({ast.unparse(test)}))"
        case _:
            pass
