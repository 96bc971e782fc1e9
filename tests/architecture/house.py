"""The house rules, as functions from a source text to what breaks them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "kedge"

AMBIENT = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
    "datetime.date.today", "time.time", "time.time_ns", "time.localtime", "time.gmtime",
    "uuid.uuid1", "uuid.uuid4", "os.urandom",
}  # fmt: skip
"""The ambient clock and entropy: time, seeds and ids are passed in."""

SEEDED = {
    "random.Random", "numpy.random.Generator", "numpy.random.PCG64", "numpy.random.Philox",
    "numpy.random.SeedSequence", "numpy.random.BitGenerator", "numpy.random.default_rng",
}  # fmt: skip
"""Generators that carry their own state, allowed when they are given a seed."""


def sources() -> list[Path]:
    """Every Python file of the package."""
    return sorted(SRC.rglob("*.py"))


def broken(text: str, *, may_print: bool = False) -> list[str]:
    """House rules that a source text breaks, each with its line."""
    tree = ast.parse(text)
    names = _imported(tree)
    found: list[str] = []
    for node in ast.walk(tree):
        found += [f"line {node.lineno}: {rule}" for rule in _breaks(node, names, may_print)]
    return found


def undocumented(text: str) -> list[str]:
    """Public functions, methods and classes without a docstring."""
    return [node.name for node in _public(ast.parse(text)) if ast.get_docstring(node) is None]


def functions(text: str) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function, its docstring not counted."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = ast.get_docstring(node) is not None
            inside = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - inside


def _imported(tree: ast.Module) -> dict[str, str]:
    """Local names of imported things, with their full dotted names."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.partition(".")[0]
                names[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value, names)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def _breaks(node: ast.AST, names: dict[str, str], may_print: bool) -> Iterator[str]:
    if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
        dotted = _dotted(node, names)
        if dotted in AMBIENT:
            yield f"{dotted}: time and ids are passed in"
        if dotted.startswith(("random.", "numpy.random.")) and dotted not in SEEDED:
            yield f"{dotted}: global random state"
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield "NotImplementedError: nothing half done"
    if isinstance(node, ast.Call):
        if _dotted(node.func, names) in SEEDED and not node.args and not node.keywords:
            yield "a random generator without a seed"
        if isinstance(node.func, ast.Name) and node.func.id == "print" and not may_print:
            yield "print outside the interfaces"
        for keyword in node.keywords:
            on = not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
            if keyword.arg in ("fastmath", "parallel") and on:
                yield f"{keyword.arg}: breaks the bits"
    if isinstance(node, ast.ExceptHandler) and _swallows(node):
        yield "a swallowed error"


def _swallows(node: ast.ExceptHandler) -> bool:
    kind = node.type.id if isinstance(node.type, ast.Name) else None
    broad = node.type is None or kind in ("Exception", "BaseException")
    return broad and all(isinstance(part, ast.Pass | ast.Continue) for part in node.body)


Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _public(node: ast.Module | ast.ClassDef) -> Iterator[Documented]:
    for child in node.body:
        if isinstance(child, Documented) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from _public(child)
