"""The parameter tree of a session as its journal keeps it, and what it stands for.

Every figure that a decision rests on stands in it, resolved: the settings, and what was
made of them and of the venue (instruments, gate rules, time-outs). So a journal can be
replayed where neither the configuration nor the venue is there any more.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import yaml

from kedge.domain.account import Key
from kedge.domain.errors import ConfigError, JournalError
from kedge.domain.instrument import Instrument
from kedge.domain.panel import EVENT, Panel
from kedge.engine.pipeline import build_decision
from kedge.engine.program import build_program
from kedge.engine.rules_of import rules_of
from kedge.engine.trading.decide import Way
from kedge.engine.trading.desk import Universe
from kedge.engine.trading.setup import Setup
from kedge.engine.trading.styles import BarStyle, SlicedStyle, SliceShape, Style
from kedge.execution.deadlines import Terms
from kedge.execution.reconcile.findings import Differences, Strangers
from kedge.execution.slicing.catalogue import style as planner
from kedge.risk.gate import GateRules
from kedge.settings import Settings
from kedge.settings.yaml_file import read_scalar
from kedge.strategies.artifacts import artifacts
from kedge.strategies.binding import BoundStrategy

BAR: Final = "bar"
BAR_LIMIT: Final = "bar limit"
"""Styles of the bar contract: one order that meets one bar, at its market or at a limit."""


class SessionTree(msgspec.Struct, frozen=True, kw_only=True):
    """Everything beside code and files that decisions of a session rest on.

    Attributes:
        settings: the whole tree of settings, in JSON's types; secrets have names there only.
        instruments: N, in the order of every array.
        keys: table that ``key`` fields point into; ``primary`` (N,) and ``instrument`` (keys,)
            as `kedge.engine.trading.desk.Universe` has them.
        interval_ns: nominal length of a row.
        sessions_per_year: by the calendar.
        currency: that is reported in.
        gate: rules of each key.
        terms: time-outs of orders.
        style: name of a style of slicing, or `BAR` or `BAR_LIMIT`.
        shape: of the slices.
        compare_ns: between two comparisons with the venue.
        absence_ns: after which an order that was placed can no longer arrive.
        strangers, differences: what to do about orders and holdings that are not ours.
    """

    settings: dict[str, Any]
    instruments: tuple[Instrument, ...]
    keys: tuple[Key, ...]
    primary: tuple[int, ...]
    instrument: tuple[int, ...]
    interval_ns: int
    sessions_per_year: float
    currency: str
    gate: tuple[GateRules, ...]
    terms: Terms
    style: str
    shape: SliceShape
    compare_ns: int
    absence_ns: int
    strangers: Strangers = Strangers.HALT
    differences: Differences = Differences.HALT


def tree_text(tree: SessionTree) -> str:
    """YAML, from which `read_tree` makes the same tree, bit for bit."""
    plain = msgspec.to_builtins(tree)
    return str(yaml.dump(plain, Dumper=_dumper(), sort_keys=False, allow_unicode=True))


def read_tree(text: str) -> SessionTree:
    """The inverse of `tree_text`.

    Raises:
        JournalError: the text is no such tree.
    """
    try:
        return msgspec.convert(read_scalar(text), SessionTree)
    except (ValueError, ConfigError) as error:
        raise JournalError(
            f"the parameters cannot be read: {error}", "journal", "replay it with its own version"
        ) from error


def setup_of(tree: SessionTree, settings: Settings, strategies: Sequence[BoundStrategy]) -> Setup:
    """What a tree stands for.

    Args:
        tree: of the session.
        settings: of the tree, parsed.
        strategies: of the settings, bound.

    Raises:
        InputError: a style or feature that this version does not have.
    """
    universe = Universe(
        tree.instruments, tree.keys, tree.primary, tree.instrument, tree.interval_ns, "",
        tree.strangers, tree.differences,
    )  # fmt: skip
    nothing = _no_rows(tree)
    rules = rules_of(settings, nothing, [s.terms for s in strategies], tree.currency)
    program = build_program(tree.instruments, rules, tree.currency, tree.interval_ns)
    decision = build_decision(program, strategies, tree.instruments, tree.interval_ns)
    way = Way(tree.gate, tree.terms, _style(tree), tree.compare_ns, artifacts(strategies))
    return Setup(universe, decision, way, tree.absence_ns)


def _style(tree: SessionTree) -> Style:
    if tree.style in (BAR, BAR_LIMIT):
        return BarStyle(tree.style == BAR_LIMIT)
    return SlicedStyle(planner(tree.style), tree.gate, tree.shape, tree.interval_ns)


def _no_rows(tree: SessionTree) -> Panel:
    """A panel of the instruments before anything was observed."""
    n = len(tree.instruments)
    return Panel(
        instruments=tree.instruments,
        interval_ns=tree.interval_ns,
        ts=np.zeros(0, np.int64),
        session=np.zeros(0, np.int64),
        bars=np.zeros((0, 4, n), np.int64),
        volume=np.zeros((0, n)),
        flags=np.zeros((0, n), np.uint8),
        age_ns=np.zeros((0, n), np.int64),
        adjust=np.ones((0, n)),
        events=np.zeros(0, EVENT),
        point_in_time=True,
        fingerprint="",
        sessions_per_year=tree.sessions_per_year,
    )


def _dumper() -> Any:
    return getattr(yaml, "CSafeDumper", yaml.SafeDumper)
