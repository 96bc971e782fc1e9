"""What ``kedge bench`` says: a table for people, JSON for programs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kedge.domain.errors import InputError
from kedge.interfaces.cli.output import write_table


def show(found: Mapping[str, Any]) -> None:
    """The figures as a table."""
    rows = [
        (
            f"{each['instruments']} x {each['rows']:,} rows, {each['strategies']}",
            f"{each['cells_per_second'] / 1e6:,.2f} M cells/s",
            f"{each['fastest_s']:.3f} to {each['slowest_s']:.3f} s",
        )
        for each in found["throughput"]
    ]
    rows += [
        (
            f"one row of {each['instruments']}, {each['strategies']}",
            f"{each['p50_us']:,.1f} us",
            f"p99 {each['p99_us']:,.1f} us",
        )
        for each in found["latency"]
    ]
    write_table(("what", "median", "spread"), rows)


def write(target: Path, found: Mapping[str, Any]) -> None:
    """The figures as a JSON file.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        target.write_text(json.dumps(found, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}", str(target), "name a file in a folder of yours"
        ) from error
