"""Floors, limits that must bind, and the page they are printed on."""

from copy import deepcopy
from typing import Any

import pytest
from benchmarks.document import render
from benchmarks.floors import Floor, floors_of
from benchmarks.kedge_side import settings_of
from benchmarks.run import SIDES, check_limits
from benchmarks.worlds import PAIRS, SLACK, WORLDS

from kedge.domain.reason import Reason

LIMITS = [r.name for r in Reason if Reason.INPUT <= r <= Reason.CASH]
SIZES = {"imported": 100 * 2**20, "before": 200 * 2**20, "peak": 300 * 2**20}


def _counts(name: str) -> dict[str, int]:
    return {limit: int(limit not in WORLDS[name].unable) for limit in LIMITS}


def _found() -> dict[str, Any]:
    single = {
        "cells": 1_000_000,
        "rows": 1_000_000,
        "seconds": {
            "bare": [0.003], "kedge": [0.2, 0.1, 0.1], "vectorbt": [0.31], "backtesting": [9.0],
            "nautilus": [20.0],
        },
        "same_trades": dict.fromkeys(SIDES["single"], 1234),
        "bound": _counts("single"),
        "memory": {"kedge": SIZES, "vectorbt": {name: 4 * size for name, size in SIZES.items()}},
        "phases": {
            "stages": {"features": 0.02, "step": 0.05}, "apart": {"intervals": 0.4}, "step": [0.05],
        },
        "backtest": {"reading": 1.0},
    }  # fmt: skip
    start_up = {"cold_backtest": 50.0, "warm_backtest": 4.0, "first_row": 3.5, "help": 0.2}
    return {
        "worlds": {"single": single},
        "start_up": start_up,
        "runs": 3,
        "quick": True,
        "commit": "abc1234",
        "changed": False,
    }


def test_floors_are_ratios_of_medians_in_one_run() -> None:
    measured = {floor.what: (floor.measured, floor.met) for floor in floors_of(_found())}
    assert measured["single: kedge, whole call"] == (pytest.approx(10.0), "yes")
    assert measured["single: vectorbt's time over kedge's"] == (pytest.approx(3.1), "yes")
    assert measured["single: nautilus's time over kedge's"] == (pytest.approx(200.0), "yes")
    assert measured["single: the compiled step alone"] == (pytest.approx(20.0), "yes")
    assert measured["single: peak memory over vectorbt's"] == (pytest.approx(0.25), "yes")
    assert measured["warm start to first row"] == (3.5, "no")


@pytest.mark.parametrize(("sign", "met"), [(">=", "no"), ("<=", "yes")])
def test_a_floor_and_a_ceiling_are_read_the_right_way(sign: str, met: str) -> None:
    assert Floor("speed", sign, 8.0, 7.9).met == met


def test_page_shows_what_was_missed_and_that_a_quick_run_meets_nothing() -> None:
    page = render(_found())
    assert "| warm start to first row | <= 3 s | 3.5 | no |" in page
    assert "it meets no figure" in page
    assert "| 1 symbol x 1,000,000 bars | bare |" in page
    assert "{" not in page


def test_page_names_the_commit_of_the_run_and_says_when_sources_changed_under_it() -> None:
    page = render(_found() | {"changed": True})
    assert "commit abc1234" in page
    assert "belong to no one commit" in page
    assert "belong to no one commit" not in render(_found())


def test_page_says_what_was_not_measured() -> None:
    found = deepcopy(_found())
    del found["start_up"]
    assert "not measured in this run" in render(found)


@pytest.mark.parametrize("name", WORLDS)
def test_a_limit_that_is_silent_and_not_listed_fails_the_run(name: str) -> None:
    check_limits(WORLDS[name], _counts(name))
    with pytest.raises(ValueError, match="POSITION"):
        check_limits(WORLDS[name], _counts(name) | {"POSITION": 0})


@pytest.mark.parametrize("name", WORLDS)
def test_a_limit_that_binds_although_listed_as_unable_fails_the_run(name: str) -> None:
    with pytest.raises(ValueError, match="OPEN_ORDERS"):
        check_limits(WORLDS[name], _counts(name) | {"OPEN_ORDERS": 1})


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("slack", [True, False])
def test_settings_of_every_world_are_valid_and_obeyed(name: str, slack: bool) -> None:
    settings = settings_of(WORLDS[name], slack)
    wanted = SLACK if slack else WORLDS[name].bound
    assert settings.limits.position == wanted["limits.position"]
    assert settings.limits.drawdown_stop == wanted["limits.drawdown_stop"]
    assert set(WORLDS[name].unable) <= set(LIMITS)


def test_the_search_is_of_one_hundred_pairs() -> None:
    assert len(set(PAIRS)) == 100
    assert all(fast < slow for fast, slow in PAIRS)
