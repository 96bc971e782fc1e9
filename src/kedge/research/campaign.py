"""How often the verdict is right: many worlds whose truth is known, judged one by one.

Every judged world is one line of a checkpoint file, so a campaign that was
stopped goes on where it was; a file that belongs to other worlds, settings or
sources is refused and never mixed in.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from scipy.special import betaincinv

from kedge.domain.errors import DataError, RunError
from kedge.domain.panel import F64
from kedge.research.verdict import Verdict

Judge = Callable[[int], "WorldVerdict"]
"""Makes the world of a seed, runs it and judges it."""
Recorded = Callable[["WorldVerdict"], None]
Mapped = Callable[[Judge, Sequence[int]], Iterable["WorldVerdict"]]
"""Applies a judge to seeds: in this process, or in several."""


class WorldVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was said about one world.

    Attributes:
        seed: of the world and of its judgement.
        verdict: the grade.
        deflated_sharpe: of the daily residual return; None if not defined.
        noncentrality: root of days times daily Sharpe ratio of the residual at
            doubled costs; None if it never moves.
        trades: completed trades.
    """

    seed: int
    verdict: Verdict
    deflated_sharpe: float | None
    noncentrality: float | None
    trades: int


class _Header(msgspec.Struct, frozen=True):
    campaign: str


def noncentrality(residual: F64) -> float | None:
    """``sqrt(D) mean / deviation`` of (D,) daily residual returns; None without movement."""
    spread = float(residual.std()) if len(residual) else 0.0
    if not spread > 0.0:
        return None
    return float(residual.mean()) / spread * float(np.sqrt(len(residual)))


def run_campaign(
    key: str,
    judge: Judge,
    seeds: Sequence[int],
    checkpoint: Path | None,
    progress: Recorded = lambda judged: None,
    mapped: Mapped = map,
) -> tuple[WorldVerdict, ...]:
    """Judge every seed that the checkpoint does not hold yet.

    Args:
        key: hash of all that decides a verdict besides the seed.
        judge: from a seed to its verdict.
        seeds: distinct.
        checkpoint: JSON lines, made when missing; None keeps nothing.
        progress: told of every world judged now.
        mapped: how seeds are handed out.

    Returns:
        The verdicts in the order of the seeds.

    Raises:
        DataError: the checkpoint belongs to another campaign.
        RunError: it could not be written.
    """
    known = {} if checkpoint is None else _resume(checkpoint, key)
    missing = [seed for seed in seeds if seed not in known]
    for judged in mapped(judge, missing):
        if checkpoint is not None:
            _append(checkpoint, judged)
        known[judged.seed] = judged
        progress(judged)
    return tuple(known[seed] for seed in seeds)


def _resume(path: Path, key: str) -> dict[int, WorldVerdict]:
    """What the checkpoint holds; a line that a crash cut short is dropped."""
    if not path.exists():
        _create(path, key)
        return {}
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    lines = whole.splitlines()
    try:
        found = msgspec.json.decode(lines[0], type=_Header).campaign if lines else ""
        judged = [msgspec.json.decode(line, type=WorldVerdict) for line in lines[1:]]
    except msgspec.DecodeError as error:
        raise DataError("is not a checkpoint of a campaign", str(path), "remove it") from error
    if found != key:
        raise DataError(
            "holds verdicts of other worlds, settings or sources", str(path), "remove it"
        )
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    return {each.seed: each for each in judged}


def _create(path: Path, key: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(_Header(key)) + b"\n")
        part.replace(path)
    except OSError as error:
        raise RunError(f"{path}: the checkpoint cannot be written: {error.strerror}") from error


def _append(path: Path, judged: WorldVerdict) -> None:
    try:
        with path.open("ab") as file:
            file.write(msgspec.json.encode(judged) + b"\n")
    except OSError as error:
        raise RunError(f"{path}: the checkpoint cannot be written: {error.strerror}") from error


def count(judged: Iterable[WorldVerdict]) -> dict[str, int]:
    """How many worlds got each grade."""
    given = [each.verdict for each in judged]
    return {grade.value: given.count(grade) for grade in Verdict}


def exact_interval(successes: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a proportion (Clopper and Pearson 1934).

    Args:
        successes: how many.
        total: out of how many, above zero.
        level: coverage at least.
    """
    tail = (1.0 - level) / 2.0
    low = betaincinv(successes, total - successes + 1, tail) if successes else 0.0
    high = betaincinv(successes + 1, total - successes, 1.0 - tail) if successes < total else 1.0
    return float(low), float(high)
