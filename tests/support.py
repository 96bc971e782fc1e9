"""What several tests share: real data, where it lies, and what its absence means."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def required(part: str) -> bool:
    """Whether ``KEDGE_REQUIRE`` (comma-separated) says that ``part`` must be there."""
    return part in os.environ.get("KEDGE_REQUIRE", "").split(",")


def skip_or_fail(part: str, reason: str) -> None:
    """Skip the running test with a plain reason, or fail it where ``part`` is required."""
    if required(part):
        pytest.fail(f"{reason} (KEDGE_REQUIRE contains {part})")
    pytest.skip(reason)


def data_path(name: str) -> Path:
    """A recorded data file such as ``crypto/binance_spot_5m.parquet``.

    The folder is ``KEDGE_TEST_DATA``, by default ``../shared/data`` beside the
    project. Without the file the test is skipped, unless data is required.
    """
    folder = Path(os.environ.get("KEDGE_TEST_DATA") or ROOT.parent / "shared" / "data")
    path = folder / name
    if not path.exists():
        skip_or_fail("data", f"recorded data {name} is not on this machine")
    return path
