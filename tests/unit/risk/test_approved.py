"""Nothing but the gate makes an approved order."""

import ast
import copy
import pickle
import tomllib
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from architecture.house import ROOT, SRC, sources
from gates import rules, view
from kedge.domain.order import Order
from kedge.risk.approved import Approved
from kedge.risk.gate import examine
from kedge.risk.mint import Token
from orders import order

GENUINE = examine(order(), rules(), view())
assert isinstance(GENUINE, Approved)


@pytest.mark.parametrize("token", [None, object(), Token, "token", SimpleNamespace()])
def test_it_cannot_be_constructed_without_the_token(token: Any) -> None:
    with pytest.raises(TypeError, match="gate"):
        Approved(order(), token)


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, *(lambda a, p=p: pickle.dumps(a, p) for p in range(6))],
)
def test_it_is_neither_copied_nor_stored(duplicate: Any) -> None:
    with pytest.raises(TypeError, match="copied"):
        duplicate(GENUINE)


def test_it_does_not_pass_through_files() -> None:
    for encode in (msgspec.msgpack.encode, msgspec.json.encode):
        with pytest.raises(TypeError):
            encode(GENUINE)
    stored = msgspec.msgpack.encode(order())
    with pytest.raises((msgspec.ValidationError, TypeError)):
        msgspec.msgpack.decode(stored, type=Approved)
    with pytest.raises((msgspec.ValidationError, TypeError)):
        msgspec.convert({"order": order()}, Approved)


def test_only_a_verified_reduction_says_so() -> None:
    assert not GENUINE.reduces
    sale = examine(order(side=-1, lots=3), rules(), view(held=5, net=5))
    assert isinstance(sale, Approved)
    assert sale.reduces


def test_it_is_frozen() -> None:
    for name in ("order", "_order", "_token", "reduces", "_reduces"):
        with pytest.raises(AttributeError):
            setattr(GENUINE, name, order(lots=99))
        with pytest.raises(AttributeError):
            delattr(GENUINE, name)
    assert GENUINE.order == order()
    with pytest.raises(AttributeError):
        GENUINE.order.lots = 99  # type: ignore[misc]


def test_neither_it_nor_the_token_has_subclasses() -> None:
    for parent in (Approved, Token):
        with pytest.raises(TypeError, match="subclasses"):
            type("Mine", (parent,), {})


def test_one_put_together_by_hand_gives_no_order() -> None:
    forged = object.__new__(Approved)
    with pytest.raises(TypeError, match="gate"):
        _ = forged.order
    object.__setattr__(forged, "_order", order())
    with pytest.raises(TypeError, match="gate"):
        _ = forged.order
    object.__setattr__(forged, "_token", object())
    with pytest.raises(TypeError, match="gate"):
        _ = forged.order


def test_another_class_does_not_become_one() -> None:
    class Alike:
        __slots__ = ("_order", "_token")

    alike: Any = Alike()
    alike._order, alike._token = order(), None
    try:
        alike.__class__ = Approved
    except TypeError:
        return
    with pytest.raises(TypeError, match="gate"):
        _ = alike.order


def test_only_the_gate_and_the_type_name_the_mint() -> None:
    named = {str(path.relative_to(SRC)) for path in sources() if mentions(path.read_text("utf-8"))}
    assert named == {"risk/approved.py", "risk/gate.py"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    held = [
        contract
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "protected" and "kedge.risk.mint" in contract["protected_modules"]
    ]
    assert [sorted(contract["allowed_importers"]) for contract in held] == [
        ["kedge.risk.approved", "kedge.risk.gate"]
    ]


def mentions(text: str) -> bool:
    """Whether code imports the mint or spells its name, as a dynamic import would."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module in ("kedge.risk.mint", "kedge.risk"):
            if node.module.endswith("mint") or any(alias.name == "mint" for alias in node.names):
                return True
        elif isinstance(node, ast.Import):
            if any(alias.name.startswith("kedge.risk.mint") for alias in node.names):
                return True
        elif isinstance(node, ast.Call):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and "risk.mint" in str(argument.value):
                    return True
    return False


@pytest.mark.parametrize(
    "text",
    [
        "from kedge.risk.mint import Token",
        "import kedge.risk.mint as m",
        "from kedge.risk import mint",
        "import importlib\nimportlib.import_module('kedge.risk.mint')",
    ],
)
def test_a_mention_of_the_mint_is_found(text: str) -> None:
    assert mentions(text)


def test_an_approved_order_names_its_order() -> None:
    assert isinstance(GENUINE.order, Order)
    assert repr(GENUINE) == f"Approved({order().id})"
