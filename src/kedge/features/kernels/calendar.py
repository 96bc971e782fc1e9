"""The row's own clock: hour, weekday, weekend and how far the session has run.

All describe the row's instant, the close of its bar, in UTC; they are known
for masked cells too.
"""

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64, I64
from kedge.features.block import DAY_NS, HOUR_NS
from kedge.features.spec import Formula, KernelSpec


def hour(ts: I64, state: F64, params: F64, out: F64) -> None:
    """Hour of the day, 0 to 23."""
    out[0] = ts // HOUR_NS % 24


def day_of_week(ts: I64, state: F64, params: F64, out: F64) -> None:
    """Monday 0 to Sunday 6; 1970-01-01 was a Thursday."""
    out[0] = (ts // DAY_NS + 3) % 7


@kernel
def session_phase(
    ts: I64, session_open: I64, session_length: I64, state: F64, params: F64, out: F64
) -> None:
    """Share of the session's nominal length that has elapsed, 0 to 1."""
    for i in range(len(ts)):
        share = (ts[i] - session_open[i]) / session_length[i]
        out[0, :, i] = min(max(share, 0.0), 1.0)


_UTC = "UTC calendar"

FEATURES: tuple[KernelSpec | Formula, ...] = (
    KernelSpec("hour", hour, "hour of the row's instant, UTC", _UTC, fields=("ts",)),
    KernelSpec("day_of_week", day_of_week, "Monday 0 to Sunday 6, UTC", _UTC, fields=("ts",)),
    KernelSpec(
        "session_phase",
        session_phase,
        "elapsed share of the session (around the clock: of the UTC day)",
        "(ts - session open) / nominal length",
        fields=("ts", "session_open", "session_length"),
    ),
    Formula("weekend", "1 on Saturday and Sunday, UTC", _UTC, ("day_of_week() >= 5",)),
)
