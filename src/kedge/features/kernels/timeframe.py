"""Higher frames built from completed bars only.

`frame_bars` gathers rows into buckets and gives a bar on the row that completes
one: the row whose instant reaches the bucket's end, or, where that row is
missing, the next row, which is then never part of the bar. `hold` carries an
inner value to the rows in between. Nothing sees a bucket that is still open.
"""

import math

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64, I64
from kedge.features.block import DAY_NS
from kedge.features.spec import KernelSpec, X

WEEK_NS = 7 * DAY_NS
_MONDAY = 4 * DAY_NS  # 1970-01-05


@kernel
def _bucket_end(ts: int, opened: int, length: int, frame: int) -> int:
    """End of the bucket that holds the row closing at ``ts``.

    Within a day buckets count from the session's opening and end with its
    close; a day is the session; a week begins on Monday.
    """
    if frame > DAY_NS:
        return (ts - 1 - _MONDAY) // WEEK_NS * WEEK_NS + _MONDAY + WEEK_NS
    closed = opened + length
    if frame == DAY_NS:
        return closed
    end = opened + (ts - opened + frame - 1) // frame * frame
    return closed if ts <= closed < end else end


@kernel
def frame_bars(
    open_: F64,
    high: F64,
    low: F64,
    close: F64,
    volume: F64,
    ts: I64,
    session: I64,
    session_open: I64,
    session_length: I64,
    state: F64,
    params: F64,
    out: F64,
) -> None:
    """Completed bars (5, N, B): open, high, low, close, volume; NaN on other rows.

    A row that ends its own bucket while it also brings a late one gives the
    late bar; its own follows on the next row. Rows outside of regular trading
    take no part in bars of a day or more.
    """
    frame = int(params[0])
    weekly = frame > DAY_NS
    for n in range(close.shape[0]):
        # [0] bucket end, [1] session, [2] rows in it, [3] a late bar waits, [4] begun
        clock = state[n].view(np.int64)
        bar, late = state[n, 5:10], state[n, 10:15]
        for i in range(close.shape[1]):
            for k in range(5):
                out[k, n, i] = np.nan
            given = clock[3] == 1
            if given:
                for k in range(5):
                    out[k, n, i] = late[k]
                clock[3] = 0
            over = ts[i] > clock[0] or (session[i] != clock[1] and not weekly)
            if over or clock[4] == 0:
                if clock[2] > 0:
                    given = True
                    for k in range(5):
                        out[k, n, i] = bar[k]
                clock[0] = _bucket_end(ts[i], session_open[i], session_length[i], frame)
                clock[1], clock[2], clock[4] = session[i], 0, 1
            c = close[n, i]
            into = ts[i] - session_open[i]
            if math.isfinite(c) and (frame < DAY_NS or 0 < into <= session_length[i]):
                if clock[2] == 0:
                    bar[0], bar[1], bar[2], bar[4] = open_[n, i], high[n, i], low[n, i], 0.0
                bar[1], bar[2] = max(bar[1], high[n, i]), min(bar[2], low[n, i])
                bar[3], bar[4] = c, bar[4] + volume[n, i]
                clock[2] += 1
            if ts[i] == clock[0] and clock[2] > 0:
                clock[2] = 0
                for k in range(5):
                    if given:
                        late[k] = bar[k]
                    else:
                        out[k, n, i] = bar[k]
                clock[3] = 1 if given else 0


@kernel
def hold(x: F64, close: F64, state: F64, params: F64, out: F64) -> None:
    """The last completed value of x, on rows where the instrument itself is fresh."""
    for n in range(x.shape[0]):
        have, value = state[n, 0], state[n, 1]
        for i in range(x.shape[1]):
            if math.isfinite(x[n, i]):
                have, value = 1.0, x[n, i]
            fresh = have > 0.0 and math.isfinite(close[n, i])
            out[0, n, i] = value if fresh else np.nan
        state[n, 0], state[n, 1] = have, value


FRAME_BARS = KernelSpec(
    "frame_bars",
    frame_bars,
    "completed bars of a higher frame",
    "buckets from the session's start; weeks from Monday",
    fields=(
        "open",
        "high",
        "low",
        "close",
        "volume",
        "ts",
        "session",
        "session_open",
        "session_length",
    ),
    outputs=("open", "high", "low", "close", "volume"),
    state_size=lambda p: 15,
)

HOLD = KernelSpec(
    "hold",
    hold,
    "the last completed value",
    "as-of join",
    series=(X,),
    fields=("close",),
    state_size=lambda p: 2,
)
