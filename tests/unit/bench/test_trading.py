"""The trading benchmarks on small sizes: they run, and say no when a floor is missed."""

from typing import Any

import pytest
from benchmarks.document import render
from benchmarks.trading import durable, endurance, events, orders, page, stages


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return {
        "events": events.measure(rows=30, runs=1),
        "orders": orders.measure(rows=60),
        "stages": stages.measure(rows=30),
        "durable": durable.measure(rows=30),
        "memory": endurance.measure(events=12_000, samples=20),
    }


def test_every_event_has_been_taken_and_rows_have_ordered(found: dict[str, Any]) -> None:
    assert found["events"]["order_a_row_events"] > 1_000
    assert found["orders"]["fills"] >= 15
    assert found["durable"]["orders"] >= 15
    assert found["memory"]["events"] >= 12_000
    assert found["memory"]["orders"] > 100


def test_the_path_of_an_order_is_made_of_all_its_stages(found: dict[str, Any]) -> None:
    assert tuple(found["stages"]) == tuple(stages.PATH)
    assert all(spent > 0.0 for spent in found["stages"].values())


def test_an_order_is_sent_after_its_records_are_synced(found: dict[str, Any]) -> None:
    assert found["durable"]["sent"]["p50"] > found["durable"]["fdatasync"]["p50"]


def test_page_has_floors_and_stages_of_the_run(found: dict[str, Any]) -> None:
    nautilus = {"bar": [10.0], "bar_with_order": [400.0], "submit_to_fill_p50": 300.0}
    run = {"worlds": {}, "runs": 1, "quick": True, "changed": False, "commit": "abc"}
    text = render(run | {"trading": found | {"nautilus": nautilus}})
    assert "| intent to booked fill, p50 | <= 60 µs |" in text
    assert "the exchange: checks, matching, account, reports" in text
    assert "| intent or submit to fill, p50 |" in text
    assert "not measured in this run" in render(run)


def test_floor_is_missed_when_memory_grows(found: dict[str, Any]) -> None:
    grown = found | {"memory": found["memory"] | {"furthest": 0.06}}
    (floor,) = [f for f in page.floors(grown) if f.what.startswith("memory")]
    assert floor.met == "no"
